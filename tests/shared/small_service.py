"""A small service in whole processes on real servers: what it declares may be another at its next start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaRouter
from pydantic import SecretStr
from structlog.typing import EventDict

from shared.contracts.envelope import Envelope
from shared.contracts.members import OrganisationRegistered, SeatGroupOpened
from shared.contracts.topics import Topic, events_of
from shared.declarations.projection import Document, Projection, projection
from shared.declarations.reaction import Reaction
from shared.declarations.service import Service
from shared.kernel.decider import Decider
from shared.runtime.delivery.state_copy import StateCopy
from shared.runtime.delivery.stores import POSITIONS
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records, Subscribers
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Database
from shared.runtime.operating.versions import VERSIONS
from shared.runtime.process import Process, open_session
from shared.runtime.settings import ServiceSettings
from tests.kit.eventually import eventually
from tests.shared.seat_groups import commit, opened, record, registered

AGES_AGO = datetime.fromtimestamp(0, UTC)
MEMBERS, MEETINGS = events_of("members"), events_of("meetings")


def history(version: int = 1, name: str = "history") -> Projection:
    """Each document tells which version of the fold has made it, and of which events."""

    def fold(
        document: Document | None, event: SeatGroupOpened | OrganisationRegistered, envelope: Envelope
    ) -> Document:
        return {"by": version, "told": [*(document or {"told": []})["told"], envelope.sequence]}

    return projection(name, fold, version=version, indexes=("by",))


def new_kind() -> str:
    """All streams of a kind that nothing else in the topic is of."""
    return f"stuttgart/kind-{uuid4().hex[:12]}/"


def new_stream(kind: str = "stuttgart/seat-group/") -> str:
    return f"{kind}{uuid4().hex[:12]}"


def events(stream: str, *sequences: int) -> list[KafkaRecord]:
    return [record(one, opened() if one == 1 else registered(one), stream) for one in sequences]


@dataclass
class Place:
    """Where one service is installed. ``name`` is its consumer group as well."""

    mongo_uri: str
    bootstrap: str
    database: Database
    name: str = field(default_factory=lambda: f"small-{uuid4().hex[:8]}")

    def process(
        self,
        *projections: Projection,
        reactions: Sequence[Reaction] = (),
        hears: Sequence[Topic] = (MEMBERS,),
        deciders: Sequence[Decider[Any, Any, Any]] = (),
        callers_file: Path = Path("none"),
        copies: Mapping[str, StateCopy] | None = None,
    ) -> Process:
        service = Service(self.name, tuple(hears), tuple(deciders), projections, tuple(reactions))
        settings = ServiceSettings(
            mongo_uri=SecretStr(self.mongo_uri),
            mongo_database=self.database.name,
            kafka_bootstrap=self.bootstrap,
            http_port=0,
            callers_file=callers_file,
        )
        session = open_session(service, settings)
        return Process(service, settings, "worker", session, _subscribers(service), copies=copies)

    async def publish(self, *records: KafkaRecord, **options: Any) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        for one in records:
            await producer.send_and_wait(one.topic, one.value, one.key, headers=list(one.headers), **options)
        await producer.stop()

    async def has_taken(self, stream: str, last: int, *by: Projection) -> None:
        """The stream's events lie in the topic, and what a worker made of them in the database."""
        await self.publish(*events(stream, *range(1, last + 1)))
        event = commit(last, registered(last), stream).events[0].id
        await self.database[POSITIONS].insert_one(
            {"_id": stream, "last": last, "event": event, "held": False, "turn": 1}
        )
        for one in by:
            told = {"by": one.version, "told": list(range(1, last + 1)), "stream": stream, "sequence": last}
            await self.database[f"view_{one.name}"].insert_one({"_id": stream, "conference": "stuttgart", **told})

    async def noted(self, **versions: int) -> None:
        for name, version in versions.items():
            free = {"version": version, "leased_until": AGES_AGO, "leased_by": None}
            await self.database[VERSIONS].update_one({"_id": name}, {"$set": free}, upsert=True)

    async def versions(self) -> dict[str, int]:
        return {one["_id"]: one["version"] async for one in self.database[VERSIONS].find()}

    async def told(self, stream: str, name: str = "history") -> tuple[int, list[int]] | None:
        """By which version of the fold, and of which events."""
        found = await self.database[f"view_{name}"].find_one({"_id": stream})
        return (found["by"], found["told"]) if found else None

    async def tells(self, stream: str, by: int, *told: int, name: str = "history") -> None:
        async def does() -> bool:
            return await self.told(stream, name) == (by, list(told))

        await eventually(does, f"{name} tells of {told} by version {by}", 30)


class Held:
    """A rebuild that has begun, and reads the topics when it is let go on."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.begun = 0

    async def read(self, *where: Any) -> AsyncIterator[Any]:
        self.begun += 1
        await self.goes_on.wait()
        async for batch in read_to_end(*where):
            yield batch

    async def has_begun(self, times: int = 1) -> None:
        await eventually(lambda: self.begun == times, f"rebuild {times} has begun", 30)


@asynccontextmanager
async def working(process: Process) -> AsyncIterator[Process]:
    """Raises what a loop of it died of."""
    work = asyncio.create_task(process.work())
    try:
        yield process
    finally:
        work.cancel()
        [end] = await asyncio.gather(work, return_exceptions=True)
        await process.close()
    if isinstance(end, Exception):
        raise end


def said(lines: Iterable[EventDict], event: str) -> list[EventDict]:
    return [line for line in lines if line["event"] == event]


async def listens(process: Process) -> None:
    """It belongs to its group, and was given partitions."""
    await eventually(lambda: process.listener.connected and process.listener.consumer.assignment(), "it listens", 30)


def _subscribers(service: Service) -> Subscribers:
    def subscribers(deliver: Deliver) -> KafkaRouter:
        router = KafkaRouter()

        @router.subscriber(*service.topics, group_id=service.name, **AT_LEAST_ONCE)
        async def hear(records: Records) -> None:
            await deliver(records)

        return router

    return subscribers
