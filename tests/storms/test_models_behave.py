"""The models behave as the real parts: one suite, run on both.

Besides what is here, the suites of journal, delivery and people, written for the real mongod, run on the model too:
see ``test_real_suites_on_models.py``. A single mongod cannot show a rollback; that is the model's own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast
from uuid import uuid4

import aiokafka
import pytest
from faststream.kafka import KafkaRouter

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from services.notifications.mailserver.outcomes import Later, Never, Outcome, Sent, Unanswered
from services.notifications.mailserver.smtp import SmtpSender
from shared.contracts.topics import TOPICS, events_of
from shared.runtime.delivery.bookmarks import Bookmarks
from shared.runtime.delivery.delivery import Delivery
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.progress import Progress
from shared.runtime.delivery.stores import Positions
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo import driver as mongo
from shared.runtime.mongo.driver import BulkWriteError, DuplicateKeyError, InsertOne, ReplaceOne, UpdateOne, connect
from shared.runtime.publishing import publisher as runtime_kafka
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import Outgoing
from tests.kit.eventually import eventually
from tests.kit.gate import Open
from tests.notifications.mailserver import HOST, Letterbox, listening
from tests.storms.world.cluster import Cluster
from tests.storms.world.database import ModelClient
from tests.storms.world.group import Member
from tests.storms.world.surroundings import Postbox, WallClock, in_place
from tests.storms.world.topic import Broker, Producer
from tests.storms.world.wire import Wire

MODEL_AND_REAL = ["model", pytest.param("real", marks=pytest.mark.infra)]


def quiet_wire() -> Wire:
    """Without faults, in the test's own loop and in real time."""
    return Wire(asyncio.get_running_loop(), 0)


# The database


def model_database() -> Any:
    with in_place([(mongo, "AsyncIOMotorClient", partial(ModelClient, Cluster(quiet_wire())))]):
        return connect("mongodb://localhost", "test").database


@pytest.fixture(params=MODEL_AND_REAL)
async def table(request: pytest.FixtureRequest, servers: Servers) -> AsyncIterator[Any]:
    if request.param == "model":
        yield model_database()["table"]
        return
    session = connect(servers.mongod().uri, f"test_{uuid4().hex[:12]}")
    yield session.database["table"]
    await session.close()


@dataclass(frozen=True)
class Servers:
    """Real servers, started by the first who asks."""

    request: pytest.FixtureRequest

    def mongod(self) -> Mongod:
        found: Mongod = self.request.getfixturevalue("mongod")
        return found

    def kafka(self) -> Kafka:
        found: Kafka = self.request.getfixturevalue("kafka")
        return found


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> Servers:
    """Asks in a fixture that is not async, because starting a server runs a loop of its own."""
    chosen = Servers(request)
    if "real" in request.node.name:
        (chosen.kafka if "topics" in request.fixturenames else chosen.mongod)()
    return chosen


async def contents(table: Any) -> list[dict[str, Any]]:
    return [document async for document in table.find().sort("_id", 1)]


async def test_a_taken_key_is_named(table: Any) -> None:
    await mongo.add_index(table, ["events.0.id"], unique=True)
    await table.insert_one({"_id": "a:1", "events": [{"id": "e1"}, {"id": "e2"}]})
    await table.insert_one({"_id": "a:2", "events": [{"id": "e3"}, {"id": "e1"}]})
    for document, pattern in (
        ({"_id": "a:1", "events": [{"id": "e9"}]}, "_id"),
        ({"_id": "a:3", "events": [{"id": "e1"}]}, "events.0.id"),
    ):
        with pytest.raises(DuplicateKeyError) as taken:
            await table.insert_one(document)
        assert list((taken.value.details or {})["keyPattern"]) == [pattern]
    assert [one["_id"] for one in await contents(table)] == ["a:1", "a:2"]


async def test_a_unique_key_may_lie_in_an_array_and_be_missing(table: Any) -> None:
    await mongo.add_index(table, ["commands.id"], unique=True, only_where={"commands.id": {"$exists": True}})
    await table.insert_one({"_id": 1})
    await table.insert_one({"_id": 2})
    await table.update_one({"_id": 1}, {"$push": {"commands": {"id": "c1"}}})
    await table.update_one({"_id": 1}, {"$push": {"commands": {"id": "c2"}}})
    with pytest.raises(DuplicateKeyError):
        await table.update_one({"_id": 2}, {"$push": {"commands": {"id": "c2"}}})
    assert (await table.find_one({"commands.id": "c2"}))["_id"] == 1
    shown = await table.find_one({"_id": 1}, {"commands": {"$elemMatch": {"id": "c2"}}})
    assert shown == {"_id": 1, "commands": [{"id": "c2"}]}
    counted = await table.find_one({"_id": 2}, {"given": {"$size": {"$ifNull": ["$commands", []]}}})
    assert counted == {"_id": 2, "given": 0}


async def test_a_guarded_write_that_misses_changes_nothing(table: Any) -> None:
    await table.insert_one({"_id": "x", "sequence": 3})
    missed = await table.bulk_write(
        [ReplaceOne({"_id": "x", "sequence": 2}, {"_id": "x", "sequence": 9})], ordered=False
    )
    assert (missed.matched_count, missed.inserted_count) == (0, 0)
    hit = await table.bulk_write([ReplaceOne({"_id": "x", "sequence": 3}, {"_id": "x", "sequence": 4})], ordered=False)
    assert hit.matched_count == 1
    assert await contents(table) == [{"_id": "x", "sequence": 4}]


async def test_an_upsert_whose_guard_misses_is_a_taken_key(table: Any) -> None:
    newer = UpdateOne({"_id": "x", "version": {"$lt": 2}}, {"$set": {"version": 2}}, upsert=True)
    await table.bulk_write([newer], ordered=False)
    with pytest.raises(BulkWriteError) as error:
        await table.bulk_write([newer], ordered=False)
    assert mongo.duplicates_only(error.value)


async def test_of_a_bulk_only_what_fails_is_left_out(table: Any) -> None:
    await table.insert_one({"_id": 2})
    writes = [
        InsertOne({"_id": 1, "last": 1}),
        InsertOne({"_id": 2, "last": 1}),
        UpdateOne({"_id": 3}, {"$max": {"next": 5}}, upsert=True),
        InsertOne({"_id": 4}),
    ]
    with pytest.raises(BulkWriteError) as error:
        await table.bulk_write(writes, ordered=False)
    assert mongo.duplicates_only(error.value)
    assert [one["_id"] for one in await contents(table)] == [1, 2, 3, 4]


async def test_the_server_numbers_what_is_inserted(table: Any) -> None:
    for name in ("z", "a", "m"):
        await table.insert_one({"_id": name, "recorded": mongo.assigned_by_server(), "published": name == "a"})
    found = [one["_id"] async for one in table.find({"published": False}).sort("recorded", 1).limit(5)]
    assert found == ["z", "m"]
    assert await table.count_documents({"published": False}) == 2


async def test_filters_compare_values_of_one_type(table: Any) -> None:
    for number, due in enumerate(["2024-01-01", "2024-03-01", None, 7]):
        await table.insert_one({"_id": number, "due": due})
    await table.insert_one({"_id": 4})

    async def ids(where: dict[str, Any]) -> list[int]:
        return [one["_id"] async for one in table.find(where).sort([("_id", 1)])]

    assert await ids({"due": {"$lte": "2024-02-01"}}) == [0]
    assert await ids({"due": {"$gt": "2024-01-01"}}) == [1]
    assert await ids({"due": None}) == [2, 4]
    assert await ids({"due": {"$ne": None}}) == [0, 1, 3]
    assert await ids({"due": {"$in": ["2024-01-01", 7]}}) == [0, 3]
    assert await ids({"due": {"$exists": False}}) == [4]


KEYS, VALUES = ("a", "b", "c"), (1, 2, 3, None)


async def anything(chance: random.Random, table: Any) -> Any:
    """A call of the kinds that shared/runtime makes, and what came of it."""
    key, value, other = chance.choice(KEYS), chance.choice(VALUES), chance.choice(VALUES)
    match chance.randrange(8):
        case 0:
            await table.insert_one({"_id": key, "n": value, "tags": [value]})
            return None
        case 1:
            sets = {"$set": {"n": other}}
            done = await table.update_one({"_id": key, "n": value}, sets, upsert=chance.random() < 0.5)
        case 2:
            done = await table.update_many({"n": value}, {"$set": {"m": other}, "$push": {"tags": other}})
        case 3:
            await table.delete_many({"_id": {"$in": [key]}, "n": value})
            return None
        case 4:
            moves = {"$inc": {"i": 1}, "$max": {"x": 3}, "$setOnInsert": {"n": 9}}
            done = await table.update_one({"_id": key}, moves, upsert=True)
        case 5:
            replaces = ReplaceOne({"_id": key, "n": value}, {"_id": key, "n": other})
            bulk = await table.bulk_write([replaces, InsertOne({"_id": chance.choice(KEYS)})], ordered=False)
            return bulk.matched_count, bulk.inserted_count
        case 6:
            return [one async for one in table.find({"tags": value}, {"tags": False}).sort("_id", 1)]
        case _:
            return await table.count_documents({"n": {"$gt": 1}})
    return done.matched_count, done.modified_count, done.upserted_id


async def outcome_of(chance: random.Random, table: Any) -> Any:
    try:
        return await anything(chance, table)
    except (DuplicateKeyError, BulkWriteError) as error:
        return type(error)


@pytest.mark.infra
async def test_any_calls_have_the_same_outcome_on_both(mongod: Mongod) -> None:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    real, model = session.database["table"], model_database()["table"]
    same, again = random.Random(1), random.Random(1)
    for _ in range(100):
        assert await outcome_of(same, real) == await outcome_of(again, model)
        assert await contents(real) == await contents(model)
    await session.close()


# Topics


class Topics:
    """A publisher, and members of a consumer group, on the model or on a real broker."""

    TOPIC = events_of("members").name

    def __init__(self, broker: Broker | None, kafka: KafkaAccess) -> None:
        self._broker = broker
        self._kafka = kafka
        self.publisher = KafkaPublisher(kafka)

    async def values(self, key: bytes) -> list[bytes | None]:
        if self._broker is not None:
            found: list[Any] = [one for partition in self._broker.partitions.values() for one in partition.log]
        else:
            found = [one async for batch in read_to_end(self._kafka, [self.TOPIC]) for one in batch]
        return [one.value for one in found if one.key == key]

    @asynccontextmanager
    async def consuming(self, group: str, taker: Taker) -> AsyncIterator[None]:
        """A member for a while, which leaves in good order."""

        def subscribers(deliver: Deliver) -> KafkaRouter:
            router = KafkaRouter()

            @router.subscriber(self.TOPIC, group_id=group, **AT_LEAST_ONCE)
            async def hear(records: Records) -> None:
                await deliver(records)

            return router

        listener = Listener(self._kafka, [self.TOPIC], subscribers, cast("Delivery", taker), Open())
        task = asyncio.create_task(listener.run())
        yield
        await eventually(listener._idle.is_set, "the batch is over", 10)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await listener.stop()


@dataclass
class Taker:
    """Takes what has a key, and fails at its first batch."""

    key: bytes
    taken: list[list[bytes | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What it settles is written to a model: here only the records' way to it is looked at."""
        database = model_database()
        self.progress = Progress(Positions(database["positions"]), Bookmarks(database["bookmarks"]), Parked(database))
        self.turn, self.forget = self.progress.turn, self.progress.forget

    async def process(self, records: Sequence[KafkaRecord]) -> None:
        if mine := [one.value for one in records if one.key == self.key]:
            self.taken.append(mine)
            if len(self.taken) == 1:
                raise ConnectionError

    def after_the_failure(self) -> list[bytes | None]:
        return [value for mine in self.taken[1:] for value in mine]


@pytest.fixture(params=MODEL_AND_REAL)
async def topics(request: pytest.FixtureRequest, servers: Servers) -> AsyncIterator[Topics]:
    if request.param == "model":
        broker = Broker(quiet_wire())
        broker.create([topic.name for topic in TOPICS])
        seams = [(runtime_kafka, "Producer", Producer), (aiokafka, "AIOKafkaConsumer", Member)]
        with in_place([(module, name, partial(model, broker)) for module, name, model in seams]):
            made = Topics(broker, KafkaAccess("127.0.0.1:1"))
            await made.publisher.connect()
            yield made
            await made.publisher.close()
        return
    kafka = servers.kafka().access
    await apply_topics(kafka)
    made = Topics(None, kafka)
    await made.publisher.connect()
    yield made
    await made.publisher.close()


def record(key: bytes, value: bytes) -> Outgoing:
    return Outgoing(Topics.TOPIC, key, value, (("ce_id", b"x"),))


async def test_one_key_keeps_its_order_over_many_batches(topics: Topics) -> None:
    keys = [uuid4().hex.encode() for _ in range(3)]
    records = [record(key, b"%d" % number) for number in range(20) for key in keys]
    assert await topics.publisher.publish(records) == [True] * 60
    for key in keys:
        assert await topics.values(key) == [b"%d" % number for number in range(20)]


async def test_behind_a_refusal_nothing_of_its_key_is_published(topics: Topics) -> None:
    key = uuid4().hex.encode()
    refused = record(key, b"x" * 1_100_000)
    assert await topics.publisher.publish([record(key, b"1"), refused, record(key, b"2")]) == [True, False, False]
    assert await topics.publisher.publish([record(key, b"2")]) == [False], "by a producer that is over"
    await topics.publisher.connect()
    assert await topics.publisher.publish([record(key, b"2")]) == [True]
    assert await topics.values(key) == [b"1", b"2"]


async def test_what_failed_comes_again_and_what_was_handled_does_not(topics: Topics) -> None:
    key, group = uuid4().hex.encode(), uuid4().hex
    taker = Taker(key)
    await topics.publisher.publish([record(key, b"0"), record(key, b"1")])
    async with topics.consuming(group, taker):
        await eventually(lambda: taker.after_the_failure() == [b"0", b"1"], "what failed comes again", 30)
    assert taker.taken[0] in ([b"0"], [b"0", b"1"])
    await topics.publisher.publish([record(key, b"2")])
    async with topics.consuming(group, taker):
        await eventually(lambda: taker.after_the_failure() == [b"0", b"1", b"2"], "only the new one comes", 30)


# The mail server


class Mails:
    """The model, or our real client before a real server that misbehaves as told."""

    def __init__(self, model: Postbox | None, box: Letterbox, sender: SmtpSender | None) -> None:
        self.model = model
        self.box = box
        self.sender = sender

    async def send(self, answer: str = "") -> Outcome:
        if self.model is not None:
            self.model.answers = {self.model.handed + 1: answer}
            return await self.model.send(b"Subject: x\r\n\r\ny\r\n", "office@example.org", "eva@example.org")
        assert self.sender is not None
        self.box.answers = {"later": {"RCPT": "450 later"}, "never": {"RCPT": "550 nobody"}}.get(answer, {})
        self.box.drop = answer == "broken off after"
        return await self.sender.send(b"Subject: x\r\n\r\ny\r\n", "office@example.org", "eva@example.org")

    def batch(self) -> int:
        return len(self.model.copies) if self.model is not None else len(self.box.arrived)


@pytest.fixture(params=["model", "real"])
async def mails(request: pytest.FixtureRequest) -> AsyncIterator[Mails]:
    box = Letterbox()
    if request.param == "model":
        yield Mails(Postbox(wire := quiet_wire(), WallClock(wire.loop)), box, None)
        return
    async with listening(box) as port:
        sender = SmtpSender(HOST, port, "none", content_seconds=5)
        yield Mails(None, box, sender)
        await sender.close()


@pytest.mark.parametrize(
    ("answer", "outcome", "copies"),
    [
        ("", Sent(), 1),
        ("later", Later("try_later"), 0),
        ("never", Never("rejected"), 0),
        ("broken off after", Unanswered(), 1),
    ],
)
async def test_a_mail_server_answers_and_keeps(mails: Mails, answer: str, outcome: Outcome, copies: int) -> None:
    assert await mails.send(answer) == outcome
    assert mails.batch() == copies
    assert await mails.send() == Sent()
    assert mails.batch() == copies + 1
