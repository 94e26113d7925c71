"""A small service around seat groups, made of the real parts: what journal, relay and delivery are tested with."""

from __future__ import annotations

from typing import Any

from services.members.domain.seat_group import SEAT_GROUP, OpenSeatGroup, RegisterOrganisation
from shared.contracts.members import OrganisationRegistered, SeatGroupOpened
from shared.contracts.registry import encode, type_name
from shared.contracts.subscriptions import Delivered, Document, View
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.runtime.execute import Deciders, Executor
from shared.runtime.journal import CommandMark, Commit, Journal, Recorded, event_id
from shared.runtime.mongo import Database
from shared.runtime.parked import KeptRecord
from shared.runtime.relay import records_of
from tests.kit.when import NOW, edge

DECIDERS: Deciders = {OpenSeatGroup: SEAT_GROUP, RegisterOrganisation: SEAT_GROUP}
STREAM = "stuttgart/seat-group/hospitals"


def executor(database: Database) -> Executor:
    return Executor(Journal(database["journal"]), DECIDERS, lambda: None)


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


def record(sequence: int, event: Event, stream: str = STREAM, salt: str = "", **other: Any) -> KeptRecord:
    """As it would arrive from Kafka; ``other`` replaces what the record says."""
    sent = records_of(commit(sequence, event, stream, salt), "members")[0]
    told = {"topic": sent.topic, "key": sent.key, "value": sent.value, "headers": sent.headers, **other}
    return KeptRecord(partition=0, offset=sequence - 1, **told)


def history_of(delivered: Delivered) -> list[str]:
    return [delivered.envelope.stream]


def fold_history(document: Document | None, delivered: Delivered) -> Document:
    """Every sequence that was folded, in the order in which it was."""
    told = (document or {"told": []})["told"]
    return {"told": [*told, delivered.envelope.sequence]}


HISTORY = View("history", frozenset({SeatGroupOpened, OrganisationRegistered}), history_of, fold_history)
