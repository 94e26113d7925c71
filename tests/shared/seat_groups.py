"""A small service around seat groups, made of the real parts: what journal, relay and delivery are tested with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from services.meetings.service import OPEN_POINTS
from services.members.domain.nominations import RegisterOrganisation
from services.members.domain.seat_group import SEAT_GROUP, OpenSeatGroup
from shared.contracts.envelope import Envelope
from shared.contracts.members import OrganisationRegistered, SeatGroupOpened
from shared.contracts.registry import encode, type_name
from shared.contracts.topics import EVENT_TOPICS
from shared.declarations.projection import Document, Projection, projection
from shared.declarations.reaction import Reaction
from shared.declarations.service import Deciders
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.runtime.commands.commit import CommandMark, Commit, Recorded, event_id
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.bookmarks import BOOKMARKS, Bookmarks
from shared.runtime.delivery.delivery import Delivery
from shared.runtime.delivery.folding import Folding
from shared.runtime.delivery.introductions import INTRODUCTIONS, Introductions
from shared.runtime.delivery.own_topic import OwnTopic
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.progress import Progress
from shared.runtime.delivery.reactions import Reactions
from shared.runtime.delivery.state_copy import HearsStates
from shared.runtime.delivery.stores import POSITIONS, Positions, ProjectionStore
from shared.runtime.kafka.record import KafkaRecord, KeptRecord
from shared.runtime.mongo.driver import Database
from shared.runtime.observing.metrics import Counters
from shared.runtime.publishing.relay import records_of
from tests.kit.gate import Open
from tests.kit.when import NOW, edge

DECIDERS: Deciders = {OpenSeatGroup: SEAT_GROUP, RegisterOrganisation: SEAT_GROUP}
STREAM = "stuttgart/seat-group/hospitals"
EVERYTHING = [topic.name for topic in EVENT_TOPICS]


REFUSED: Deciders = dict.fromkeys(OPEN_POINTS.decider.commands, OPEN_POINTS.decider)
"""Its events are of another service's contract: a journal does not mind."""


def executor(database: Database) -> Executor:
    return Executor(Journal(database["journal"]), {**DECIDERS, **REFUSED}, lambda: None)


def open_group(group: str = "hospitals", seats: int = 2) -> OpenSeatGroup:
    return OpenSeatGroup(**edge(group=group, number=9, name="Kliniken", kind="delegated", seats=seats))


def register(number: int, group: str = "hospitals") -> RegisterOrganisation:
    return RegisterOrganisation(**edge(group=group, organisation=f"hospital-{number}", name=f"Klinik {number}"))


def opened(group: str = "hospitals") -> SeatGroupOpened:
    seats = (f"{group}-1", f"{group}-2")
    return SeatGroupOpened(group=group, number=9, name="Kliniken", kind="delegated", seats=seats)


def registered(number: int, group: str = "hospitals") -> OrganisationRegistered:
    return OrganisationRegistered(organisation=f"hospital-{number}", name=f"Klinik {number}", group=group)


def commit(sequence: int, event: Event, stream: str = STREAM, salt: str = "") -> Commit:
    command = derived_id("test", stream, str(sequence), salt)
    return Commit(
        stream=stream,
        first=sequence,
        conference="stuttgart",
        command=CommandMark(command, "Test", "office", ""),
        at=NOW,
        correlation=command,
        causation=command,
        events=(Recorded(event_id(command, 0), type_name(event), encode(event)),),
        previous="",
    )


def record(
    sequence: int, event: Event, stream: str = STREAM, salt: str = "", owner: str = "members", **other: Any
) -> KeptRecord:
    """As it would arrive from Kafka; ``other`` replaces what the record says."""
    sent = records_of(commit(sequence, event, stream, salt), owner)[0]
    told = {"topic": sent.topic, "key": sent.key, "value": sent.value, "headers": sent.headers, **other}
    return KeptRecord(partition=0, offset=sequence - 1, **told)


def fold_history(
    document: Document | None, event: SeatGroupOpened | OrganisationRegistered, envelope: Envelope
) -> Document:
    """Every sequence that was folded, in the order in which it was."""
    told = (document or {"told": []})["told"]
    return {"told": [*told, envelope.sequence]}


HISTORY = projection("history", fold_history)


class Subject:
    """Delivery with one projection and perhaps a reaction, and what can be seen of it from outside."""

    def __init__(
        self,
        database: Database,
        projection: Projection = HISTORY,
        reactions: tuple[Reaction, ...] = (),
        heard: Sequence[str] = EVERYTHING,
        own: str = "",
        states: Mapping[str, HearsStates] = MappingProxyType({}),
    ) -> None:
        """``own`` is the topic of which the journal knows everything; what is on others is taken as it comes."""
        self.store = ProjectionStore(database, [projection])
        self.projection = projection
        self.positions = Positions(database[POSITIONS])
        self.bookmarks = Bookmarks(database[BOOKMARKS])
        self.parked = Parked(database)
        self.journal = Journal(database["journal"])
        self.introductions = Introductions(database[INTRODUCTIONS], reactions, heard)
        self.progress = Progress(self.positions, self.bookmarks, self.parked)
        counters = Counters("test")
        self.gate = Open()
        self.own = OwnTopic(own, self.journal, self.gate)
        self.delivery = Delivery(
            projection.events.union(*(one.events for one in reactions)),
            self.own,
            Folding(self.store),
            Reactions(reactions, self.introductions, executor(database), counters),
            self.parked,
            self.positions,
            self.progress,
            states,
            counters,
        )

    async def process(self, records: Sequence[KafkaRecord], settle: bool = True) -> None:
        """As the listener does it."""
        async with self.delivery.turn():
            self.progress.take(records)
            await self.delivery.process(records)
            if settle:
                await self.progress.settle()

    async def settle(self) -> None:
        async with self.delivery.turn():
            await self.progress.settle()

    async def told(self, stream: str = STREAM) -> list[int]:
        document = await self.store.get(self.projection, stream)
        return document["told"] if document else []

    async def last(self, stream: str = STREAM) -> int:
        position = (await self.positions.load([stream])).get(stream)
        return position["last"] if position else 0

    async def reasons(self) -> list[tuple[int | None, str]]:
        rows = await self.parked.overview()
        return sorted((row["sequence"], row["reason"]) for row in rows)
