"""Reads: who sits where on a day, as known now or on an earlier day; which seats are vacant; who has to be erased."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.members.domain.conference import CONFERENCE, Conference
from services.members.domain.person import PersonUnknown
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.seat_group_state import SeatGroupNotOpen, SeatUnknown
from services.members.erasable import first_day_to_erase, last_days, with_a_part
from services.members.people import People
from services.members.projections import ERASED, GUEST_POOLS, SEATS, WORKING_GROUPS
from shared.contracts.occupancies import Occupancy, Seat, Seats, deaths, group_of, seat_of, seats_in, seats_on
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId, stream_name
from shared.kernel.time import local_day
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.stores import ProjectionStore

FORMER = "ehemaliges Mitglied"
ABOUT = ("group", "number", "name", "kind")

Names = dict[str, Document | None]
Deaths = Mapping[PersonId, date]


@dataclass(frozen=True, slots=True)
class Register:
    """Answers from the projection for what is known now, from the journal for what was known on a day."""

    projections: ProjectionStore
    journal: Journal
    people: People

    async def roster(self, conference: str, on: date, known_on: date | None) -> list[Document]:
        """Every seat in the council paper's order with its holder on that day; an erased person is a former member."""
        seats, died = await self._seats(conference, on, known_on)
        sitting = [(about, seat.holder(on), seat.holder(on, "deputy")) for about, seat in seats]
        names = await self._names(conference, [one for _, *both in sitting for one in both])
        return [
            {
                **about,
                **_still_sits(holder, names, died),
                "deputy": _still_sits(deputy, names, died) if deputy else None,
            }
            for about, holder, deputy in sitting
        ]

    async def vacancies(self, conference: str, on: date, known_on: date | None) -> list[Document]:
        seats, _ = await self._seats(conference, on, known_on)
        return [{**about, **_vacancy(seat, on)} for about, seat in seats if not seat.holder(on)]

    async def history(self, conference: str, name: str, known_on: date | None) -> list[Document]:
        """Every holder and deputy of the seat: past, present, future. Raises ``SeatUnknown``, ``SeatGroupNotOpen``."""
        group = await self.projections.get(SEATS, stream_name(conference, "seat-group", group_of(name)))
        if group is None:
            raise SeatGroupNotOpen(group=group_of(name))
        _, seats = await self._as_known(group, known_on)
        seat = seat_of(seats, name)
        if seat is None:
            raise SeatUnknown(group=group["group"], seat=name)
        names = await self._names(conference, seat.times)
        return [{"role": one.role, **_sits(one, names), "reason": one.reason} for one in seat.times]

    async def rules(self, conference: str) -> list[Document]:
        """Every version of the rules of procedure, from the journal; the first one has no first day."""
        state = await self._conference(conference)
        if state.established is None:
            return []
        first = {"rules_version": 1, "rules": state.established.rules.model_dump(mode="json")}
        changes = [one.model_dump(mode="json") for one in state.changes]
        return [{**first, "since": None, "reason": None}, *changes]

    async def earlier_conferences(self, conference: str) -> list[Document]:
        """What is recorded of the conferences before this one, the earliest first."""
        earlier = (await self._conference(conference)).earlier.values()
        return [one.model_dump(mode="json") for one in sorted(earlier, key=lambda one: (one.since, one.earlier))]

    async def _conference(self, conference: str) -> Conference:
        commits = await self.journal.read(stream_name(conference, CONFERENCE.kind, conference))
        events: list[Any] = [told.event() for one in commits for told in one.events]
        return CONFERENCE.fold(events)

    async def nominations(self, conference: str) -> list[Document]:
        """The nominations that no appointment has used up and nobody has returned."""
        groups = await self._groups(conference)
        open_ones = [
            (group, person, by) for group in groups if seats_in(group) for person, by in group["nominated"].items()
        ]
        names = await self.people.details(conference, [person for _, person, _ in open_ones])
        return [
            {"group": group["group"], "person": person, "person_name": _name(names, person), **by}
            for group, person, by in open_ones
        ]

    async def guest_pools(self, conference: str) -> list[Document]:
        """The list of each pool; an erased person who is not yet taken off it is a former member."""
        pools = await self.projections.find(GUEST_POOLS, {"conference": conference}, sort="pool")
        names = await self.people.details(conference, [person for pool in pools for person in pool["people"]])
        return [
            {**pool, "people": [{"person": one, "person_name": _name(names, one)} for one in pool["people"]]}
            for pool in pools
        ]

    async def to_erase(self, conference: str, on: date) -> list[Document]:
        """Whose contact data are to be erased by that day, the earliest leavers first."""
        groups, working, pools, state = await asyncio.gather(
            self._groups(conference),
            self.projections.find(WORKING_GROUPS, {"conference": conference}),
            self.projections.find(GUEST_POOLS, {"conference": conference}),
            self._conference(conference),
        )
        needed, rules = with_a_part(groups, working, pools), state.rules_on(on)
        left = sorted((last, person) for person, last in last_days(groups).items() if person not in needed)
        over = [(last, person) for last, person in left if first_day_to_erase(last, rules) <= on]
        names = await self.people.details(conference, [person for _, person in over])
        return [
            {"person": person, "person_name": known["name"], "last_day": last.isoformat()}
            for last, person in over
            if (known := names.get(person))
        ]

    async def called(self, conference: str, people: Sequence[str]) -> list[Document]:
        """The names of those people who are recorded there; an erased person is a former member."""
        names = await self.people.details(conference, people)
        return [{"person": one, "person_name": _name(names, one)} for one in names]

    async def person(self, conference: str, person: str) -> Document:
        """Raises ``PersonUnknown``, also for an erased person."""
        found = await self.people.recorded(conference, person)
        if found is None:
            raise PersonUnknown
        return {"person": person, **found}

    async def organisations(self, conference: str) -> dict[tuple[str, str], str]:
        """The present names of organisations, by group and short name."""
        groups = await self._groups(conference)
        return {(one["group"], slug): name for one in groups for slug, name in one["organisations"].items()}

    async def _groups(self, conference: str) -> list[Document]:
        return await self.projections.find(SEATS, {"conference": conference}, sort="number")

    async def _seats(
        self, conference: str, on: date, known_on: date | None
    ) -> tuple[list[tuple[Document, Seat]], Deaths]:
        """The seats that exist on that day, each with what its line says; and who has died."""
        groups = await self._groups(conference)
        known = await asyncio.gather(*(self._as_known(group, known_on) for group in groups))
        lines = [({"seat": seat.seat, **about}, seat) for about, seats in known for seat in seats_on(seats, on)]
        return lines, deaths(seat for _, seats in known for seat in seats)

    async def _as_known(self, group: Document, known_on: date | None) -> tuple[Document, Seats]:
        """The group's name and seats, as known now or at the end of a day."""
        if known_on is None:
            return {key: group[key] for key in ABOUT}, seats_in(group)
        commits = [one for one in await self.journal.read(group["stream"]) if local_day(one.at) <= known_on]
        events: list[Any] = [told.event() for one in commits for told in one.events]
        state = SEAT_GROUP.fold(events)
        return state.opened.model_dump(include=set(ABOUT)) if state.opened else {}, state.seats

    async def _names(self, conference: str, sitting: Iterable[Occupancy | None]) -> Names:
        return await self.people.details(conference, [one.person for one in sitting if one and one.person])


def _sits(sits: Occupancy | None, names: Names) -> Document:
    if sits is None or sits.person is None:
        return {"person": None}
    told = sits.model_dump(mode="json", include={"person", "organisation", "since", "until"})
    return {**told, "person_name": _name(names, sits.person)}


def _still_sits(sits: Occupancy | None, names: Names, died: Deaths) -> Document:
    """``died_on`` only where this time goes on after it: somebody has to end it, too."""
    last = died.get(sits.person) if sits and sits.person else None
    goes_on = sits and last and (sits.until is None or sits.until > last)
    return {**_sits(sits, names), **({"died_on": last.isoformat()} if last and goes_on else {})}


def _name(names: Names, person: str) -> str:
    details = names.get(person)
    return str(details["name"]) if details else FORMER


def _vacancy(seat: Seat, on: date) -> Document:
    """Since when and why the seat is vacant, as far as it is recorded."""
    since, ended = seat.vacant_since(on), seat.begun(on)
    return {"vacant_since": since.isoformat() if since else None, "reason": ended.reason if ended else None}


async def to_be_erased(projections: ProjectionStore, people: People) -> list[Document]:
    """Everybody whose erasure was announced and who is not erased yet, even if nothing is recorded of them."""
    announced = await projections.find(ERASED, {})
    done = await people.not_to_be_erased([(gone["_id"], gone["conference"]) for gone in announced])
    return [gone for gone in announced if gone["_id"] not in done]
