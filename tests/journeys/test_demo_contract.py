"""Every record of the demo keeps the contract, read from the topics that it left by a broker of our own."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from deploy.contract.__main__ import FOLDER
from deploy.embedded.guard import Guard
from deploy.embedded.kafka import Kafka
from deploy.kpk.stories.sentences import Teller
from shared.contracts.envelope import read_headers
from shared.contracts.registry import PUBLIC
from shared.contracts.schemas import UNNAMED
from shared.contracts.topics import EVENT_TOPICS, PEOPLE, PUBLIC_TOPICS, STATE_TOPICS
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from tests.journeys.conftest import Played
from tests.kit.servers import running

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

TOPICS = (*EVENT_TOPICS, *PUBLIC_TOPICS, *STATE_TOPICS, PEOPLE)


@pytest.fixture(scope="module")
def records(played: Played, own_folder: Path) -> list[KafkaRecord]:
    shutil.copytree(played.folder / "kafka", own_folder / "kafka")
    shutil.copytree(played.folder / "secrets" / "kafka", own_folder / "secrets")
    broker = Kafka(own_folder / "kafka", guard=Guard(own_folder / "secrets"))
    with running(broker):
        return asyncio.run(everything(broker))


async def everything(broker: Kafka) -> list[KafkaRecord]:
    batches = [batch async for batch in read_to_end(broker.access, [topic.name for topic in TOPICS])]
    return [record for batch in batches for record in batch]


def type_of(record: KafkaRecord) -> str:
    return read_headers(record.headers).type


def validator(type_name: str) -> Draft202012Validator:
    """Of the file that readers are given."""
    schema = json.loads((FOLDER / "schemas" / f"{type_name}.json").read_text())
    return Draft202012Validator(schema, validate_formats=True)


def test_every_topic_that_says_anything_has_records(records: list[KafkaRecord]) -> None:
    there = {record.topic for record in records}
    assert {topic.name for topic in TOPICS} - there <= {"kpk.office.v1"}, "the office's pages decide nothing"
    assert len({type_of(record) for record in records if record.topic in PUBLIC_NAMES}) > len(PUBLIC) // 2


PUBLIC_NAMES = {topic.name for topic in PUBLIC_TOPICS}


def test_every_record_is_valid_by_the_schema_of_its_type(records: list[KafkaRecord]) -> None:
    validators = {name: validator(name) for name in {type_of(record) for record in records if record.value}}
    wrong = [
        (type_of(record), [error.message for error in errors])
        for record in records
        if record.value and (errors := list(validators[type_of(record)].iter_errors(json.loads(record.value))))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_public_event_is_a_sentence_from_itself_alone(records: list[KafkaRecord], language: Any) -> None:
    """Told by somebody who has read nothing else. That it calls nothing by a key, a test of the sentences holds."""
    told = [sentence(record, language) for record in records if record.topic in PUBLIC_NAMES]
    assert told
    assert [line for line in told if UNNAMED in line or "{" in line or not line.endswith(".")] == []


def sentence(record: KafkaRecord, language: Any) -> str:
    return Teller(language).event(type_of(record), json.loads(record.value or b""), "stuttgart")
