"""What a roster would change, decided row by row by the same rules as each command, before the first is given.

A roster adds: people, what is known of them, and who has a seat from when to when. It ends, moves and withdraws
nothing, and says so in the row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.members.domain.mandates import AppointDelegate, AppointDeputy
from services.members.domain.nominations import (
    NominateDelegate,
    OrganisationRegisteredDifferently,
    RegisterOrganisation,
)
from services.members.domain.periods import (
    EndsBeforeItBegins,
    SeatAlreadyFilled,
    SeatDoesNotExistThen,
    german_period,
    must_be_free,
)
from services.members.domain.person import PersonUnknown, RecordPerson
from services.members.domain.posts import ChangePostHolder, PastIsRecorded
from services.members.domain.seat_group import SEAT_GROUP, SeatGroupCommand
from services.members.domain.seat_group_state import SeatGroup
from services.members.roster.columns import Column
from services.members.roster.entries import Entry
from services.members.roster.known_people import KnownPeople
from shared.contracts.occupancies import Occupancy, Seat
from shared.kernel.decider import Command
from shared.kernel.identifiers import LONGEST_SLUG, PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import local_day

Groups = Mapping[Slug, SeatGroup]


class GroupNotFound(Rejected):
    """Eine Gruppe mit dieser Nummer oder Bezeichnung ist nicht eröffnet."""

    kind = Kind.NOT_FOUND


class GroupAmbiguous(Rejected):
    """Nummer und Bezeichnung passen zu verschiedenen Gruppen."""

    kind = Kind.INVALID


class SeatNotOfGroup(Rejected):
    """Diesen Sitz hat die Gruppe nicht. Erwartet wird einer von: {seats}."""

    kind = Kind.NOT_FOUND


class SeatNotNamed(Rejected):
    """Die Gruppe hat mehrere Sitze: Die Spalte „Sitz“ muss sagen, welcher vertreten wird."""

    kind = Kind.INVALID


class NoSeatIsFree(Rejected):
    """In dieser Zeit ist kein Sitz der Gruppe frei."""


class OrganisationNotNamed(Rejected):
    """Die entsendende Stelle fehlt; die Gruppe hat nicht genau eine."""

    kind = Kind.INVALID


class OrganisationNotNameable(Rejected):
    """Aus dieser Bezeichnung lässt sich kein Kurzname bilden; „RegisterOrganisation“ trägt die Stelle ein."""

    kind = Kind.INVALID


class RecordedWithOtherEnd(Rejected):
    """Verzeichnet ist die Person {period}. Ein Ende erfasst „EndMandate“, einen Fehler „CorrectMandate“."""


class SeatIsFilled(Rejected):
    """Der Sitz „{seat}“ ist besetzt. Dass ein Mandat endet, erfasst „EndMandate“, nicht die Liste."""


COLUMN_OF: Mapping[type[Rejected], Column] = {
    EndsBeforeItBegins: "until",
    GroupAmbiguous: "group",
    GroupNotFound: "number",
    NoSeatIsFree: "seat",
    OrganisationNotNameable: "organisation",
    OrganisationNotNamed: "organisation",
    OrganisationRegisteredDifferently: "organisation",
    PastIsRecorded: "since",
    PersonUnknown: "person",
    RecordedWithOtherEnd: "until",
    SeatAlreadyFilled: "since",
    SeatDoesNotExistThen: "since",
    SeatNotNamed: "seat",
    SeatNotOfGroup: "seat",
}
"""The column where a rejection is shown; for all others it is the name."""


@dataclass(slots=True)
class Plan:
    """``groups`` and ``people`` are as they will be after the rows so far. ``by`` has conference, time and caller."""

    groups: dict[Slug, SeatGroup]
    people: KnownPeople
    by: Mapping[str, Any]

    def commands(self, row: int, entry: Entry) -> Sequence[Command]:
        """The row's commands; none if everything is recorded already. Raises ``Rejected``."""
        name = group_meant(self.groups, entry)
        if entry.about is None:
            _must_be_vacant(self.groups[name], name, entry, local_day(self.by["at"]))
            return []
        person, details = self.people.meant(row, entry.about, entry.person)
        record = [RecordPerson(**self.by, person=person, details=details)] if details else []
        return [*record, *self._seated(name, entry, person)]

    def _seated(self, name: Slug, entry: Entry, person: PersonId) -> Sequence[Command]:
        group = self.groups[name]
        seat = seat_meant(group, name, entry, person)
        if _is_recorded(seat, entry, person):
            return []
        wanted = self._wanted(name, entry, {**self.by, "group": name, "person": person}, seat.seat)
        return [command for command in wanted if self._decided(name, command)]

    def _decided(self, name: Slug, command: SeatGroupCommand) -> bool:
        """Whether the command leads to an event. If so, later rows are planned as if it had happened."""
        events = SEAT_GROUP.decide(self.groups[name], command)
        self.groups[name] = SEAT_GROUP.fold(events, self.groups[name])
        return bool(events)

    def _wanted(self, name: Slug, entry: Entry, who: Mapping[str, Any], seat: Slug) -> Sequence[SeatGroupCommand]:
        sits = {**who, "seat": seat, "since": entry.since, "until": entry.until, "person_known": True}
        if entry.role == "deputy":
            return [AppointDeputy(**sits)]
        if self.groups[name].kind == "ex_officio":
            return [ChangePostHolder(**sits)]
        called = organisation_meant(self.groups[name], entry)
        organisation: Mapping[str, Any] = {"organisation": called[0]}
        register = RegisterOrganisation(**self.by, group=name, **organisation, name=called[1])
        nominate = NominateDelegate(**who, **organisation, person_known=True)
        return [register, nominate, AppointDelegate(**sits)]


def group_meant(groups: Groups, entry: Entry) -> Slug:
    """By its number in the council paper, by its name, or by both, which then have to fit."""
    by_number = {name for name, group in groups.items() if group.opened and group.opened.number == entry.number}
    called = entry.group.casefold()
    by_name = {name for name, group in groups.items() if called in (name, (group.name or "").casefold())}
    meant = by_number & by_name if entry.number and called else by_number | by_name
    if not meant:
        raise (GroupAmbiguous if by_number and by_name else GroupNotFound)
    if len(meant) > 1:
        raise GroupAmbiguous
    return meant.pop()


def seat_meant(group: SeatGroup, name: Slug, entry: Entry, person: PersonId) -> Seat:
    """The named seat, else the only one, else the recorded one, else the first that is free at that time."""
    if entry.seat:
        return _seat_named(group, name, entry)
    there = [seat for seat in group.seats if entry.since and seat.exists(entry.since)]
    recorded = [seat for seat in there if (person, entry.since) in _beginnings(seat, entry)]
    if len(there) == 1 or recorded:
        return [*recorded, *there][0]
    if entry.role == "deputy":
        raise SeatNotNamed
    free = [seat for seat in there if _is_free(seat, _occupancy(entry, person))]
    if not free:
        raise NoSeatIsFree
    return free[0]


def organisation_meant(group: SeatGroup, entry: Entry) -> tuple[Slug, str]:
    """Short name and name of the organisation: a registered one, or one to register."""
    told = entry.organisation
    known = [
        (slug, name) for slug, name in group.organisations.items() if told.casefold() in ("", slug, name.casefold())
    ]
    if len(known) == 1:
        return known[0]
    if not told:
        raise OrganisationNotNamed
    if not (slug := slug_of(told)):
        raise OrganisationNotNameable
    return slug, told


def slug_of(text: str) -> Slug:
    """``Träger für Pflege e. V.`` → ``traeger-fuer-pflege-e-v``; empty if no letter is left."""
    german = text.casefold().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"})
    plain = unicodedata.normalize("NFKD", german).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")


def _must_be_vacant(group: SeatGroup, name: Slug, entry: Entry, today: date) -> None:
    """Nothing is known of a former member that could be compared."""
    if entry.seat and not entry.person:
        seat = _seat_named(group, name, entry)
        if seat.holder(today, entry.role):
            raise SeatIsFilled(seat=seat.seat)


def _seat_named(group: SeatGroup, name: Slug, entry: Entry) -> Seat:
    seat = group.seat(f"{name}-{entry.seat}") or group.seat(entry.seat)
    if seat is None:
        raise SeatNotOfGroup(seats=", ".join(one.seat for one in group.seats))
    return seat


def _beginnings(seat: Seat, entry: Entry) -> set[tuple[PersonId | None, Any]]:
    return {(one.person, one.since) for one in seat.recorded if one.role == entry.role}


def _is_recorded(seat: Seat, entry: Entry, person: PersonId) -> bool:
    """With that end or, if somebody follows, with the end that results. Raises ``RecordedWithOtherEnd``."""
    as_said = [one for one in seat.recorded if one.role == entry.role]
    times = [one for one in (*as_said, *seat.periods(entry.role)) if (one.person, one.since) == (person, entry.since)]
    if times and entry.until not in {one.until for one in times}:
        raise RecordedWithOtherEnd(period=german_period(times[-1]))
    return bool(times)


def _occupancy(entry: Entry, person: PersonId) -> Occupancy:
    assert entry.since is not None
    return Occupancy(person=person, role=entry.role, organisation=None, since=entry.since, until=entry.until)


def _is_free(seat: Seat, new: Occupancy) -> bool:
    try:
        must_be_free(seat, new, None)
    except SeatAlreadyFilled:
        return False
    return True
