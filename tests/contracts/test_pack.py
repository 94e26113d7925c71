"""What others test their readers with: whole, true to the contract, and replayed as it stands on our topics."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from jsonschema_rs import Draft202012Validator

from deploy.contract.pack import CONFERENCE, REPLAY, main, states
from deploy.embedded.kafka import Kafka
from shared.contracts.envelope import read_headers
from shared.contracts.registry import PUBLIC
from shared.contracts.schemas import MODELS, schema_of
from shared.contracts.topics import PUBLIC_TOPICS
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.topics import apply_topics
from tests.kit.patience import PROCESS_SECONDS

RECORDS: list[dict[str, Any]] = [json.loads(line) for line in CONFERENCE.read_text().split("\n")[:-1]]


def test_the_pack_has_everything_and_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        assert main(tmp_path / name) == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    names = {name.removeprefix("contract-pack/") for name in ZipFile(tmp_path / "one.zip").namelist()}
    assert {"README.md", "asyncapi.json", "conference.jsonl", "states.jsonl", "replay.py"} <= names
    for kind in ("schemas", "records"):
        assert {f"{kind}/{type_name}.json" for type_name in MODELS} <= names | accounted(names, kind)


def accounted(names: set[str], kind: str) -> set[str]:
    """Of a type whose records all have a word more in their names."""
    return {f"{kind}/{one}.json" for one in MODELS if any(name.startswith(f"{kind}/{one}.") for name in names)}


def test_the_conference_keeps_the_contract() -> None:
    for record in RECORDS:
        envelope = read_headers((name, text.encode()) for name, text in record["headers"].items())
        assert (record["key"], record["topic"]) == (
            envelope.stream,
            f"{envelope.type.rpartition('.public.')[0]}.public.v1",
        )
        assert (
            list(Draft202012Validator(schema_of(envelope.type), validate_formats=True).iter_errors(record["value"]))
            == []
        )
    ids = [record["headers"]["ce_id"] for record in RECORDS]
    assert len(ids) == len(set(ids)) > 50
    assert len({record["headers"]["ce_type"] for record in RECORDS}) > len(PUBLIC) // 2


def test_each_of_its_streams_is_whole() -> None:
    last: dict[str, str] = defaultdict(lambda: "0")
    for record in RECORDS:
        assert record["headers"]["ce_previous"] == last[record["key"]], record["headers"]["ce_id"]
        last[record["key"]] = record["headers"]["ce_sequence"]


def test_the_last_state_of_each_object_has_the_number_of_its_last_event() -> None:
    told = list(states())
    last = {one["key"]: one["headers"]["ce_sequence"] for one in told}
    assert last == {one["key"]: one["headers"]["ce_sequence"] for one in RECORDS}
    for record in told:
        envelope = read_headers((name, text.encode()) for name, text in record["headers"].items())
        assert record["topic"] == f"{envelope.type.rpartition('.state.')[0]}.state.v1"
        if record["value"] is not None:  # else it is gone
            assert list(Draft202012Validator(schema_of(envelope.type)).iter_errors(record["value"])) == []


@pytest.mark.infra
async def test_it_is_replayed_as_it_stands_on_our_topics(kafka: Kafka) -> None:
    prefix = f"replayed.{uuid4().hex[:8]}."
    topics = [replace(topic, name=prefix + topic.name) for topic in PUBLIC_TOPICS]
    await apply_topics(kafka.access, topics)
    subprocess.run([sys.executable, REPLAY, CONFERENCE, kafka.bootstrap, prefix], check=True, timeout=PROCESS_SECONDS)  # noqa: ASYNC221
    read = [record async for batch in read_to_end(kafka.access, [one.name for one in topics]) for record in batch]
    told = [
        {
            "topic": record.topic.removeprefix(prefix),
            "key": (record.key or b"").decode(),
            "headers": {name: (value or b"").decode() for name, value in record.headers},
            "value": json.loads(record.value or b""),
        }
        for record in read
    ]
    order = [record["headers"]["ce_id"] for record in RECORDS]
    assert sorted(told, key=lambda one: order.index(one["headers"]["ce_id"])) == RECORDS
