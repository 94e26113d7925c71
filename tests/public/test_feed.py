"""The feed on a real broker: page by page the same ids as the topic, while it grows, and from the beginning again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from deploy.embedded.kafka import Kafka
from services.members.service import SERVICE
from shared.contracts.topics import Topic, public_of
from shared.runtime.http.access import access
from shared.runtime.http.app import new_app
from shared.runtime.http.callers import Account, Caller, Callers, hash_of
from shared.runtime.kafka.topics import administering, apply_topics
from shared.runtime.observing.metrics import Counters
from shared.runtime.publishing.feed import CursorUnknown, Feed, cursor_of, read_cursor
from shared.runtime.publishing.feed_route import feed_router
from shared.runtime.publishing.public import Told, said
from shared.runtime.publishing.relay import Outgoing
from tests.kit.eventually import eventually
from tests.public.test_layer import chained, new_stream

pytestmark = pytest.mark.infra

CORRECTED = "kpk.members.public.SeatGroupCorrected.v1"


def public_records(number: int = 1) -> list[Outgoing]:
    """Three of each of so many streams."""
    [layer] = [one for one in SERVICE.public if one.decider.kind == "seat-group"]
    records: list[Outgoing] = []
    for _ in range(number):
        told = Told(layer.decider.initial)
        for commit in chained(new_stream()):
            now, told = said(layer, told, commit, "members")
            records += [one for one in now if one.topic == public_of("members").name]
    return records


@pytest.fixture
async def topic(kafka: Kafka) -> Topic:
    own = replace(public_of("members"), name=f"feed.{uuid4().hex[:8]}")
    await apply_topics(kafka.access, [own])
    return own


async def write(kafka: Kafka, topic: Topic, records: list[Outgoing]) -> list[str]:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=True) as producer:
        for one in records:
            await producer.send_and_wait(topic.name, one.value, one.key, headers=list(one.headers))
    return [dict(one.headers)["ce_id"].decode() for one in records]


ARCHIVE, ULM = (
    Account(name=name, role="subscriber", sha256=hash_of(name), conferences=frozenset({conference}))
    for name, conference in (("archive", "stuttgart"), ("ulm", "ulm"))
)


class Changing:
    """As the file of callers: who is known changes while somebody waits."""

    def __init__(self) -> None:
        self.now = Callers([ARCHIVE, ULM])

    def who(self, token: str) -> Caller | None:
        return self.now.who(token)


@pytest.fixture
def callers() -> Changing:
    return Changing()


@pytest.fixture
async def client(kafka: Kafka, topic: Topic, callers: Changing) -> AsyncIterator[AsyncClient]:
    app: FastAPI = new_app("members", callers, access(None, 1000), Counters("members"))
    app.include_router(feed_router(Feed(kafka.access, topic)))
    headers = {"Authorization": "Bearer archive"}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://members", headers=headers) as client:
        yield client


def with_header(record: Outgoing, name: str, value: bytes) -> Outgoing:
    return record._replace(headers=tuple({**dict(record.headers), name: value}.items()))


async def ask(client: AsyncClient, **asked: Any) -> Response:
    return await client.get("/feed", params={"conference": "stuttgart", **asked}, timeout=60)


async def read_all(client: AsyncClient, **asked: Any) -> tuple[list[str], str]:
    """Every id up to now, and where to go on."""
    told, after = await read_whole(client, **asked)
    return [one["id"] for one in told], after


async def read_whole(client: AsyncClient, **asked: Any) -> tuple[list[dict[str, Any]], str]:
    """A page may be empty while there is more: a broker that is slow has told nothing yet."""
    told: list[dict[str, Any]] = []
    while True:
        answer = await ask(client, **asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        told += page["items"]
        asked["after"] = page["next"]
        if not page["more"]:
            return told, page["next"]


async def test_every_public_event_comes_once_in_its_stream_s_order(
    client: AsyncClient, kafka: Kafka, topic: Topic
) -> None:
    written = await write(kafka, topic, public_records(5))
    ids, after = await read_all(client, limit=4)
    assert sorted(ids) == sorted(written)
    for place in range(0, len(written), 3):
        assert [one for one in ids if one in written[place : place + 3]] == written[place : place + 3]
    more = await write(kafka, topic, public_records())
    assert (await read_all(client, after=after))[0] == more
    first = next(one for one in (await read_whole(client))[0] if one["id"] == written[0])
    assert (first["specversion"], first["previous"], first["sequence"]) == ("1.0", "0", "1")
    assert first["data"]["name"] == "Kliniken"


async def test_only_what_was_asked_for_and_what_the_account_may_see(
    client: AsyncClient, kafka: Kafka, topic: Topic
) -> None:
    written = await write(kafka, topic, public_records(2))
    assert sorted((await read_all(client, types=CORRECTED))[0]) == sorted([written[1], written[4]])
    other = {"Authorization": "Bearer ulm"}
    assert (await client.get("/feed", params={"conference": "stuttgart"}, headers=other)).status_code == 403
    nothing = await client.get("/feed", params={"conference": "ulm"}, headers=other, timeout=60)
    assert nothing.json()["items"] == []
    assert (await ask(client, types="SeatGroupCorrected")).status_code == 422
    assert (await ask(client, wait=26)).status_code == 422


async def test_a_reader_that_waits_is_answered_when_something_comes(
    client: AsyncClient, kafka: Kafka, topic: Topic
) -> None:
    _, after = await read_all(client)
    waiting = asyncio.create_task(ask(client, after=after, wait=25))
    await asyncio.sleep(0.2)
    written = await write(kafka, topic, public_records()[:1])
    assert [one["id"] for one in (await waiting).json()["items"]] == written


@pytest.mark.parametrize("ended", ["revoked", "until"])
async def test_whose_token_ends_while_they_wait_is_told_so_and_nothing_else(
    client: AsyncClient, callers: Changing, kafka: Kafka, topic: Topic, ended: str
) -> None:
    _, after = await read_all(client)
    waiting = asyncio.create_task(ask(client, after=after, wait=25))
    await asyncio.sleep(0.2)
    callers.now = Callers([ARCHIVE.model_copy(update={ended: datetime.now(UTC)})])
    await write(kafka, topic, public_records()[:1])
    answer = await waiting
    assert (answer.status_code, answer.json()["type"]) == (401, "TokenMissing")


async def test_who_acts_for_the_conference_no_more_behind_the_wait_is_told_nothing_of_it(
    client: AsyncClient, callers: Changing, kafka: Kafka, topic: Topic
) -> None:
    waiting = asyncio.create_task(ask(client, wait=1))
    await asyncio.sleep(0.2)
    callers.now = Callers([ARCHIVE.model_copy(update={"conferences": frozenset({"ulm"})})])
    assert (await waiting).status_code == 403


async def test_what_has_not_changed_is_not_sent_again(client: AsyncClient, kafka: Kafka, topic: Topic) -> None:
    await write(kafka, topic, public_records())
    _, after = await read_all(client)
    tag = (await ask(client, after=after)).headers["ETag"]
    same = await client.get(
        "/feed", params={"conference": "stuttgart", "after": after}, headers={"If-None-Match": tag}, timeout=60
    )
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("value", [b"", b"{", b"null", b"[]", b"\xff", b'{"name": NaN}'])
async def test_what_is_no_event_holds_up_no_reader(
    client: AsyncClient, kafka: Kafka, topic: Topic, value: bytes
) -> None:
    first, truncated, last = public_records()
    written = await write(kafka, topic, [first, truncated._replace(value=value), last])
    assert (await read_all(client))[0] == [written[0], written[2]]


async def test_nobody_speaks_for_another_service_or_conference(client: AsyncClient, kafka: Kafka, topic: Topic) -> None:
    first, other, last = public_records()
    forged = [
        with_header(other, "ce_source", b"urn:kpk:meetings"),
        with_header(other, "ce_type", b"kpk.meetings.public.SessionScheduled.v1"),
        with_header(other, "ce_type", b"kpk.members.SeatGroupCorrected.v1"),
        with_header(other._replace(key=b"ulm/seat-group/clinics"), "ce_subject", b"ulm/seat-group/clinics"),
        other._replace(key=b"stuttgart/seat-group/other"),
    ]
    written = await write(kafka, topic, [first, *forged, last])
    assert sorted((await read_all(client))[0]) == sorted([written[0], written[-1]])


async def test_a_topic_that_was_made_anew_is_another_one(client: AsyncClient, kafka: Kafka, topic: Topic) -> None:
    await write(kafka, topic, public_records(3))
    _, after = await read_all(client)
    async with administering(kafka.access) as admin:
        await admin.delete_topics([topic.name])

        async def is_gone() -> bool:
            return topic.name not in await admin.list_topics()

        await eventually(is_gone, "the topic is gone", 20)
    await apply_topics(kafka.access, [topic])
    written = await write(kafka, topic, public_records(4))
    gone = await ask(client, after=after)
    assert (gone.status_code, gone.json()["type"]) == (410, "FeedBeganAnew")
    assert "ohne „after“" in gone.json()["detail"]
    assert sorted((await read_all(client))[0]) == sorted(written)


@pytest.mark.parametrize("after", ["x", "bnVsbA", "e30", "WyJ4Il0", "%%%", "W10"])
async def test_a_cursor_that_nobody_was_given_is_refused(client: AsyncClient, after: str) -> None:
    answer = await ask(client, after=after)
    assert (answer.status_code, answer.json()["type"]) == (422, "CursorUnknown")


async def test_a_cursor_beyond_the_end_is_of_another_topic(client: AsyncClient, topic: Topic) -> None:
    _, after = await read_all(client)
    own, offsets = read_cursor(after, topic.partitions)
    assert (await ask(client, after=cursor_of(own, {**offsets, 3: offsets[3] + 1}))).status_code == 410
    with pytest.raises(CursorUnknown):
        read_cursor(cursor_of(own, {**offsets, 3: -1}), topic.partitions)


async def test_without_a_broker_it_is_busy_and_says_so_soon(kafka: Kafka) -> None:
    away = Feed(replace(kafka.access, bootstrap="127.0.0.1:1"), public_of("members"))
    app = new_app(
        "members",
        Callers([Account(name="a", role="office", sha256=hash_of("a"))]),
        access(None, 1000),
        Counters("members"),
    )
    app.include_router(feed_router(away))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://members") as client:
        answer = await client.get(
            "/feed", params={"conference": "stuttgart"}, headers={"Authorization": "Bearer a"}, timeout=60
        )
    assert (answer.status_code, answer.json()["type"]) == (503, "Busy")
    assert answer.headers["Retry-After"]
