"""Which seats a group has and who holds each on a day: the one way to read it from members' events, for all who listen.

The dates in the events decide, not when they were typed. A day of a seat belongs to one holder and one deputy at most:
who follows takes over on the first day of their own time, also where the one before was to stay longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, assert_never

from pydantic import TypeAdapter

from shared.contracts.members import (
    DelegateAppointed,
    DeputyAppointed,
    DeputyEnded,
    EntitlementChanged,
    MandateCorrected,
    MandateEnded,
    MandateWithdrawn,
    PostHolderChanged,
    PostVacated,
    Role,
    SeatGroupOpened,
)
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import NotUpToDate
from shared.kernel.time import day_after, day_before
from shared.kernel.values import Value

OccupancyEvent = (
    DelegateAppointed
    | PostHolderChanged
    | PostVacated
    | DeputyAppointed
    | MandateEnded
    | DeputyEnded
    | MandateCorrected
    | MandateWithdrawn
)
SeatEvent = SeatGroupOpened | EntitlementChanged | OccupancyEvent


class Occupancy(Value):
    """A time on a seat, both days included; ``until`` None: until further notice. ``person`` None: the post is vacant.

    ``reason``: why it ends, or why the post is vacant, where somebody said so.
    """

    person: PersonId | None
    role: Role
    organisation: Slug | None
    since: date
    until: date | None
    reason: str | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def meets(self, other: Occupancy) -> bool:
        """Whether they have a day in common."""
        return self.covers(other.since) or other.covers(self.since)


class Seat(Value):
    """``since`` and ``until`` bound its own existence: None is as long as there is the group.

    ``recorded`` is every occupancy as it was said, by role and first day; ``periods`` what follows from all of them.
    """

    seat: Slug
    since: date | None = None
    until: date | None = None
    recorded: tuple[Occupancy, ...] = ()

    def exists(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def periods(self, role: Role) -> tuple[Occupancy, ...]:
        """In their order and without a common day: each ends before the next begins."""
        of_role = [one for one in self.recorded if one.role == role]
        ended = [_ended_before(one, following.since) for one, following in pairwise(of_role)]
        return (*ended, *of_role[-1:])

    @property
    def times(self) -> tuple[Occupancy, ...]:
        """Of the holders, then of the deputies."""
        return (*self.periods("principal"), *self.periods("deputy"))

    def on(self, day: date, role: Role = "principal") -> Occupancy | None:
        """What is true of the seat on that day, be it that its post is vacant."""
        return next((one for one in self.periods(role) if one.covers(day)), None)

    def holder(self, day: date, role: Role = "principal") -> Occupancy | None:
        """Who has the seat on that day."""
        found = self.on(day, role)
        return found if found and found.person else None

    def is_of(self, person: PersonId, day: date) -> bool:
        """Whether the person has the seat on that day or will have it, or is or will be its deputy."""
        return any(one.person == person and (one.until is None or one.until >= day) for one in self.times)

    def begun(self, day: date, role: Role = "principal") -> Occupancy | None:
        """The newest that has begun by then, be it over or not."""
        begun = [one for one in self.periods(role) if one.since <= day]
        return begun[-1] if begun else None

    def vacant_since(self, day: date) -> date | None:
        """The first day of the vacancy that ``day`` belongs to; None where the seat was never filled before."""
        last = self.begun(day)
        if last is None or last.person is None:
            return last.since if last else None
        return day_after(last.until) if last.until else None


def group_of(seat: Slug) -> Slug:
    """A seat is called after its group, with its number behind it."""
    return seat.rpartition("-")[0]


Seats = tuple[Seat, ...]

_SEATS = TypeAdapter[Seats](Seats)


def as_documents(seats: Seats) -> list[dict[str, Any]]:
    """As a projection keeps them."""
    kept: list[dict[str, Any]] = _SEATS.dump_python(seats, mode="json")
    return kept


def from_documents(kept: Sequence[dict[str, Any]]) -> Seats:
    return _SEATS.validate_json(json.dumps(kept))


class SeatsAreReadAnew(NotUpToDate):
    """Die Sitze werden gerade neu eingelesen."""


def seats_in(document: Mapping[str, Any]) -> Seats:
    """Of a projection's document. Raises ``SeatsAreReadAnew`` for one as an earlier version of the projection wrote it:
    a worker is about to take its place.
    """
    kept = document.get("seats")
    if kept is None or any("recorded" not in one for one in kept):
        raise SeatsAreReadAnew
    return from_documents(kept)


def seat_of(seats: Seats, name: Slug) -> Seat | None:
    return next((one for one in seats if one.seat == name), None)


def seats_on(seats: Seats, day: date) -> Seats:
    """Those that there are on that day."""
    return tuple(one for one in seats if one.exists(day))


def deaths(seats: Iterable[Seat]) -> Mapping[PersonId, date]:
    """Who has died, as the end of one of their times says, with that last day. What is corrected is not said."""
    times = [one for seat in seats for one in seat.recorded if one.reason == "deceased"]
    return {one.person: one.until for one in times if one.person and one.until}


def seats_after(seats: Seats, event: SeatEvent) -> Seats:
    """Total: whatever was decided can be read. What is said of a seat that nobody knows is left out."""
    match event:
        case SeatGroupOpened():
            return tuple(Seat(seat=name) for name in event.seats)
        case EntitlementChanged():
            return _entitled(seats, event)
        case _:
            return tuple(_told(one, event) if one.seat == event.seat else one for one in seats)


def _entitled(seats: Seats, changed: EntitlementChanged) -> Seats:
    last = day_before(changed.since)
    known = {one.seat for one in seats}
    kept = tuple(
        one if one.seat in changed.seats or not one.exists(changed.since) else one.model_copy(update={"until": last})
        for one in seats
    )
    return (*kept, *(Seat(seat=name, since=changed.since) for name in changed.seats if name not in known))


def _told(seat: Seat, event: OccupancyEvent) -> Seat:
    recorded = sorted(_recorded(seat.recorded, event), key=lambda one: (one.role, one.since))
    return seat.model_copy(update={"recorded": tuple(recorded)})


def _recorded(known: Sequence[Occupancy], event: OccupancyEvent) -> Sequence[Occupancy]:
    match event:
        case DelegateAppointed():
            return _placed(known, _occupancy(event, "principal", event.organisation))
        case PostHolderChanged():
            return _placed(known, _occupancy(event, "principal", None))
        case DeputyAppointed():
            return _placed(known, _occupancy(event, "deputy", None))
        case PostVacated():
            return _placed(known, _vacant(event))
        case MandateEnded():
            return _ended(known, event, "principal")
        case DeputyEnded():
            return _ended(known, event, "deputy")
        case MandateCorrected():
            return [_corrected(one, event) if _is_meant(one, event) else one for one in known]
        case MandateWithdrawn():
            return [one for one in known if not _is_meant(one, event)]
        case _:
            assert_never(event)


def _occupancy(
    event: DelegateAppointed | PostHolderChanged | DeputyAppointed, role: Role, organisation: Slug | None
) -> Occupancy:
    return Occupancy(person=event.person, role=role, organisation=organisation, since=event.since, until=event.until)


def _vacant(event: PostVacated) -> Occupancy:
    return Occupancy(
        person=None, role="principal", organisation=None, since=event.since, until=None, reason=event.reason
    )


def _placed(known: Sequence[Occupancy], new: Occupancy) -> Sequence[Occupancy]:
    """Whoever is said to sit until further notice takes the place of all that was said of later days: so it was read
    of old, when nothing was refused for that. Today such an event is not decided any more.
    """
    until_further_notice = new.person is not None and new.until is None
    kept = [one for one in known if one.role != new.role or one.since < new.since or not until_further_notice]
    return [*kept, new]


def _ended(known: Sequence[Occupancy], event: MandateEnded | DeputyEnded, role: Role) -> Sequence[Occupancy]:
    """The newest time of that person on the seat that has begun by then."""
    begun = [one for one in known if (one.role, one.person) == (role, event.person) and one.since <= event.until]
    ended = {"until": event.until, "reason": event.reason}
    return [one.model_copy(update=ended) if begun and one == begun[-1] else one for one in known]


def _is_meant(one: Occupancy, event: MandateCorrected | MandateWithdrawn) -> bool:
    return (one.role, one.person, one.since) == (event.role, event.person, event.since)


def _corrected(one: Occupancy, event: MandateCorrected) -> Occupancy:
    return one.model_copy(update={"since": event.correct_since, "until": event.correct_until})


def _ended_before(one: Occupancy, following: date) -> Occupancy:
    last = day_before(following)
    return one if one.until is not None and one.until <= last else one.model_copy(update={"until": last})
