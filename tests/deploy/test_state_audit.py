"""Each way in which what is said to be so now can disagree with the journal is told, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from deploy.embedded.kafka import Kafka
from shared.contracts.topics import state_of
from shared.kernel.identifiers import derived_id
from shared.runtime.commands.commit import Commit
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo.driver import Database
from shared.runtime.operating import public_audit, state_audit
from shared.runtime.operating.audit import Findings
from shared.runtime.publishing.public import Told, said
from shared.runtime.publishing.relay import Outgoing
from tests.deploy.test_public_audit import LAYER, City
from tests.public.test_layer import append, chained, new_stream, publish

pytestmark = pytest.mark.infra


class Present(City):
    async def sentences(self) -> list[str]:
        findings = Findings("members")
        await self.compare(findings, state_audit.Present(findings))
        return findings.sentences()


def now(commits: Sequence[Commit]) -> list[Outgoing]:
    """As of 1, 3 and 5."""
    records, told = list[Outgoing](), Told(LAYER.decider.initial)
    for commit in commits:
        said_now, told = said(LAYER, told, commit, "members")
        records += [one for one in said_now if one.topic == state_of("members").name]
    return records


@pytest.fixture
async def city(kafka: Kafka, database: Database) -> Present:
    """Whose journal is published, and whose topic is marked as filled: nothing is in it."""
    city = Present(kafka, database)
    await apply_topics(kafka.access, [city.topic])
    await city.journal.prepare()
    await append(city.journal, *city.commits)
    await publish(city.journal, *city.commits)
    await city.note(filled=True)
    return city


async def test_the_last_record_under_a_key_counts_however_often_and_whatever_was_before(city: Present) -> None:
    first, second, third = now(city.commits)
    await city.write(first, second, third, first, third)
    assert await city.sentences() == []


async def test_what_is_missing(city: Present) -> None:
    assert await city.sentences() == [f"members: the present state is missing in the topic: {city.stream}"]


async def test_what_is_older_than_what_is_published(city: Present) -> None:
    first, second, third = now(city.commits)
    await city.write(first, third, second)
    assert await city.sentences() == [f"members: the present state is older than what is published: {city.stream}:3"]


@pytest.mark.parametrize("value", [b"{}", None])
async def test_what_is_forged(city: Present, value: bytes | None) -> None:
    *_, last = now(city.commits)
    unknown = tuple((dict(last.headers) | {"ce_id": derived_id("stranger").encode()}).items())
    differs = f"members: the present state says something else than follows from the journal: {city.stream}:5"
    await city.write(last._replace(value=value))
    assert await city.sentences() == [differs]
    await city.write(last._replace(headers=unknown))
    assert await city.sentences() == [differs]
    await city.write(last)
    assert await city.sentences() == []


async def test_what_follows_from_nothing(city: Present) -> None:
    await city.write(now(city.commits)[-1], *now(chained("stuttgart/seat-group/strangers"))[-1:])
    told = "members: a present state follows from nothing in the journal: stuttgart/seat-group/strangers:5"
    assert await city.sentences() == [told]


async def test_what_is_no_state_at_all(city: Present) -> None:
    await city.write(now(city.commits)[-1], Outgoing("", city.stream.encode(), b"?", ()))
    [told] = await city.sentences()
    assert told.startswith("members: a record is no present state: ")


@pytest.mark.parametrize("said_already", [0, 1, 3])
async def test_what_is_not_published_yet_may_be_so_already_or_not(city: Present, said_already: int) -> None:
    waiting = chained(new_stream())
    await append(city.journal, *waiting)
    await city.write(now(city.commits)[-1], *now(waiting)[:said_already])
    assert await city.sentences() == []


async def test_a_topic_that_is_still_filled_or_not_there_is_called_so(
    city: Present, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_audit, "LOOKED", 1)
    await city.note(filled=False)
    assert await city.sentences() == [f"members: the public topic is not filled from the journal yet: {city.stream}"]
    city.topic = replace(city.topic, name=f"{city.topic.name}.elsewhere")
    assert await city.sentences() == [f"members: there is no topic: {city.topic.name}"]


async def test_what_is_decided_and_published_meanwhile_is_no_difference(
    city: Present, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = chained(new_stream())

    async def read(kafka: Any, topics: Sequence[str]) -> AsyncIterator[list[KafkaRecord]]:
        await append(city.journal, *later)
        await city.write(*now(later))
        await publish(city.journal, *later)
        async for batch in read_to_end(kafka, topics):
            yield batch

    monkeypatch.setattr(public_audit, "read_to_end", read)
    await city.write(now(city.commits)[-1])
    assert await city.sentences() == []
