"""A roster is read in: all of it is decided against the journal before its first command is given, and refused as a
whole where one row is.

What stops it later (a database that goes away, somebody else who is faster) leaves whole commands behind. The same
file again finds them recorded and gives the rest: whoever is recorded is known by name and address.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from services.members.domain.conference import CONFERENCE, ConferenceNotEstablished
from services.members.domain.mandates import AppointDelegate, AppointDeputy
from services.members.domain.nominations import NominateDelegate, RegisterOrganisation
from services.members.domain.person import RecordPerson
from services.members.domain.posts import ChangePostHolder
from services.members.domain.seat_group import SEAT_GROUP
from services.members.people import People
from services.members.roster.columns import Columns, split_heading
from services.members.roster.entries import Entry, Fault, Reading
from services.members.roster.known_people import KnownPeople
from services.members.roster.plan import COLUMN_OF, Plan
from services.members.roster.sheet import File, Row, read_sheet
from shared.contracts.people import PersonDetails
from shared.kernel.decider import Command
from shared.kernel.identifiers import Slug, derived_id, stream_name
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.commands.execute import Cause, CommandIdReused, Executor, Request
from shared.runtime.commands.routes import Execute
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

DOES: dict[type[Command], str] = {
    RecordPerson: "Angaben zur Person erfassen",
    RegisterOrganisation: "entsendende Stelle eintragen",
    NominateDelegate: "vorschlagen",
    AppointDelegate: "Sitz besetzen",
    ChangePostHolder: "Sitz kraft Amtes besetzen",
    AppointDeputy: "Stellvertretung eintragen",
}

Outcome = Literal["change", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its commands, or with its faults."""

    row: int
    commands: Sequence[Command] = ()
    faults: Sequence[Fault] = ()

    @property
    def outcome(self) -> Outcome:
        return "refused" if self.faults else "change" if self.commands else "unchanged"

    @property
    def detail(self) -> str:
        if self.faults:
            return " ".join(f"{fault.cell}: {fault.detail}" for fault in self.faults)
        return "; ".join(DOES[type(one)] for one in self.commands) or "nichts zu tun"


class ImportInterrupted(Busy):
    """Das Einlesen brach in Zeile {row} ab; was davor steht, ist erfasst. Dieselbe Datei noch einmal setzt es fort."""

    def __init__(self, row: int, cause: Exception) -> None:
        self.row, self.cause = row, cause
        super().__init__(type(self).__name__)

    @property
    def detail(self) -> str:
        why = f" Der Grund: {self.cause.detail}" if isinstance(self.cause, Rejected) else ""
        return (type(self).__doc__ or "").format(row=self.row) + why


class RowReadInBefore(Rejected):
    """Zeile {row} ist mit diesem Schlüssel schon eingelesen, die Person seither geändert oder gelöscht."""


@dataclass(slots=True)
class Intake:
    """``execute`` records people too. One import at a time: two of the same file would record a new person twice."""

    executor: Executor
    execute: Execute
    people: People
    clock: Clock
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def judge(self, conference: Slug, by: str, file: File) -> list[Judged]:
        """What each row would change. Raises ``ConferenceNotEstablished``, or ``RosterFile`` if it is no roster."""
        columns, rows = await asyncio.to_thread(_rows, file)
        readings = [_read(columns, row) for row in rows]
        told = [entry.about for _, entry in readings if entry.about]
        people = KnownPeople(await self._people(conference), told, lambda: str(uuid4()))
        edge = {"conference": conference, "at": self.clock.now(), "by": by}
        plan = Plan(await self._groups(conference), people, edge)
        return [_judged(plan, reading, entry) for reading, entry in readings]

    async def take_in(self, conference: Slug, by: str, key: str, file: File) -> list[Judged]:
        """Takes in all rows, or none if a row is refused. Raises ``ImportInterrupted``, and what ``judge`` raises.

        Raises ``RowReadInBefore`` for whoever it has recorded under this key, and is not known by the file any more.
        """
        async with self._turn:
            judged = await self.judge(conference, by, file)
            if not any(one.faults for one in judged):
                await self._carry_out(f"roster:{key}:{_mark(conference, file)}", judged)
        return judged

    async def _carry_out(self, mark: str, judged: Sequence[Judged]) -> None:
        """All commands share one correlation id."""
        story = derived_id("roster", mark)
        for one in judged:
            for command in one.commands:
                request = Request(f"{mark}:{one.row}:{type(command).__name__}", cause=Cause(story, story))
                try:
                    await self.execute(command, request)
                except CommandIdReused:
                    raise RowReadInBefore(row=one.row) from None
                except (Rejected, Busy, MongoUnavailable) as no:
                    raise ImportInterrupted(one.row, no) from no

    async def _groups(self, conference: Slug) -> dict[Slug, Any]:
        own = await self.executor.state(CONFERENCE, stream_name(conference, "conference", conference))
        if own.established is None:
            raise ConferenceNotEstablished(conference=conference)
        streams = await self.executor.streams(conference, SEAT_GROUP.kind)
        return {stream.rpartition("/")[2]: await self.executor.state(SEAT_GROUP, stream) for stream in streams}

    async def _people(self, conference: Slug) -> dict[str, PersonDetails]:
        return {
            person: PersonDetails.model_validate(details)
            for person, details in (await self.people.of_conference(conference)).items()
        }


def _mark(conference: Slug, file: File) -> str:
    """What the idempotency key stands for: this file, read in this way, in this conference."""
    return derived_id("roster-file", conference, file.format, file.encoding, hashlib.sha256(file.content).hexdigest())


def _rows(file: File) -> tuple[Columns, Sequence[Row]]:
    return split_heading(read_sheet(file))


def _read(columns: Columns, row: Row) -> tuple[Reading, Entry]:
    reading = Reading(columns, row)
    return reading, reading.entry()


def _judged(plan: Plan, reading: Reading, entry: Entry) -> Judged:
    number = reading.row.number
    if not reading.faults:
        try:
            return Judged(number, plan.commands(number, entry))
        except Rejected as no:
            reading.refuse(COLUMN_OF.get(type(no), "name"), no.detail)
    return Judged(number, faults=reading.faults)
