"""Each way in which a public topic can disagree with the journal that it follows from is told, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from deploy.embedded.kafka import Kafka
from services.members.service import SERVICE
from shared.contracts.topics import public_of
from shared.kernel.identifiers import derived_id
from shared.runtime.commands.commit import Commit
from shared.runtime.commands.journal import Journal
from shared.runtime.history.drift import BEGINNINGS
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.driver import Database
from shared.runtime.operating import public_audit
from shared.runtime.operating.audit import Findings
from shared.runtime.operating.public_audit import InPublic, PublicAudit, Side
from shared.runtime.publishing.public import Told, said
from shared.runtime.publishing.relay import Outgoing
from tests.public.test_layer import append, chained, new_stream, publish

pytestmark = pytest.mark.infra

[LAYER] = [one for one in SERVICE.public if one.decider.kind == "seat-group"]


class City:
    """A journal, and a topic of its own that is written to by hand."""

    def __init__(self, kafka: Kafka, database: Database) -> None:
        self.topic = replace(public_of("members"), name=f"audit.{uuid4().hex[:8]}")
        self.kafka, self.database = kafka, database
        self.journal = Journal(database["journal"])
        self.commits = chained(new_stream())
        self.stream = self.commits[0].stream

    async def write(self, *records: Outgoing) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap, enable_idempotence=True) as producer:
            for one in records:
                await producer.send_and_wait(self.topic.name, one.value, one.key, headers=list(one.headers))

    async def told(self) -> tuple[list[str], InPublic]:
        findings = Findings("members")
        found = InPublic("members", findings)
        await self.compare(findings, found)
        return findings.sentences(), found

    async def compare(self, findings: Findings, side: Side) -> None:
        audit = PublicAudit(self.kafka.access, SERVICE, self.database, findings)
        await audit.listen({self.topic.name: side})
        async for commit, _ in self.journal.commits():
            audit.expect(commit)
        await audit.compare()

    async def note(self, *, filled: bool) -> None:
        mark = {"$set": {"filled": filled}}
        await self.database[BEGINNINGS].update_one({"_id": self.topic.name}, mark, upsert=True)


def in_public(commits: Sequence[Commit]) -> list[Outgoing]:
    records, told = list[Outgoing](), Told(LAYER.decider.initial)
    for commit in commits:
        now, told = said(LAYER, told, commit, "members")
        records += [one for one in now if one.topic == public_of("members").name]
    return records


@pytest.fixture
async def city(kafka: Kafka, database: Database) -> City:
    """Whose journal is published, and whose topic is marked as filled: nothing is in it."""
    city = City(kafka, database)
    await apply_topics(kafka.access, [city.topic])
    await city.journal.prepare()
    await append(city.journal, *city.commits)
    await publish(city.journal, *city.commits)
    await city.note(filled=True)
    return city


async def test_what_follows_is_silent_and_repeated_records_are_only_counted(city: City) -> None:
    records = in_public(city.commits)
    await city.write(*records, records[1], *records)
    sentences, found = await city.told()
    assert (sentences, found.events, found.repeated) == ([], 3, 4)


async def test_what_is_missing(city: City) -> None:
    first, _, last = in_public(city.commits)
    await city.write(first, last)
    assert (await city.told())[0] == [f"members: a public event is missing in the topic: {city.stream}:3"]


def elsewhere(stream: str) -> Outgoing:
    [_, corrected, _] = in_public(chained(stream))
    return corrected


async def test_what_follows_from_nothing(city: City) -> None:
    records = in_public(city.commits)
    unknown = dict(records[1].headers) | {"ce_id": derived_id("stranger").encode()}
    await city.write(*records, elsewhere("stuttgart/seat-group/strangers"))
    await city.write(records[1]._replace(headers=tuple(unknown.items())), records[1]._replace(key=b"another/key/here"))
    places = f"{city.stream}:3, {city.stream}:3, stuttgart/seat-group/strangers:3"
    assert (await city.told())[0] == [f"members: a public event follows from nothing in the journal: {places}"]


@pytest.mark.parametrize("value", [b"{}", None])
async def test_the_same_id_with_other_content_until_the_right_one_is_said_again(
    city: City, value: bytes | None
) -> None:
    records = in_public(city.commits)
    await city.write(*records, records[2]._replace(value=value))
    differs = f"members: a public event says something else than follows from the journal: {city.stream}:5"
    assert (await city.told())[0] == [differs]
    await city.write(*records)
    assert (await city.told())[0] == []


async def test_another_place_before_it_is_other_content(city: City) -> None:
    records = in_public(city.commits)
    headers = dict(records[2].headers) | {"ce_previous": b"1"}
    await city.write(*records[:2], records[2]._replace(headers=tuple(headers.items())))
    differs = f"members: a public event says something else than follows from the journal: {city.stream}:5"
    assert (await city.told())[0] == [differs]


async def test_what_is_no_event_at_all(city: City) -> None:
    await city.write(*in_public(city.commits), Outgoing("", city.stream.encode(), b"?", ()))
    [told] = (await city.told())[0]
    assert told.startswith("members: a record is no public event: ")


async def test_what_is_not_published_yet_may_be_missing_or_there(city: City) -> None:
    waiting = chained(new_stream())
    await append(city.journal, *waiting)
    await city.write(*in_public(city.commits), in_public(waiting)[0])
    assert (await city.told())[0] == []


async def test_a_topic_that_is_still_filled_is_called_so(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_audit, "LOOKED", 1)
    await city.note(filled=False)
    await city.write(in_public(city.commits)[0])
    assert (await city.told())[0] == [
        f"members: the public topic is not filled from the journal yet: {city.stream}:3, {city.stream}:5"
    ]
    await city.write(*in_public(city.commits))
    assert (await city.told())[0] == []


async def test_a_topic_that_is_not_there_is_called_so(city: City) -> None:
    city.topic = replace(city.topic, name=f"{city.topic.name}.elsewhere")
    await city.note(filled=True)
    assert (await city.told())[0] == [f"members: there is no topic: {city.topic.name}"]


async def test_what_is_decided_and_published_meanwhile_is_no_difference(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = chained(new_stream())

    async def read(kafka: Any, topics: Sequence[str]) -> AsyncIterator[list[KafkaRecord]]:
        await append(city.journal, *later)
        await city.write(*in_public(later))
        await publish(city.journal, *later)
        async for batch in read_to_end(kafka, topics):
            yield batch

    monkeypatch.setattr(public_audit, "read_to_end", read)
    await city.write(*in_public(city.commits))
    assert (await city.told())[0] == []
