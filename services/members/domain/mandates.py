"""A mandate: a nominated delegate or a standing deputy has a seat, from a day to a day or until further notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, assert_never

from services.members.domain.leavings import LATEST_FAREWELL, Leaving, leavings
from services.members.domain.periods import begun_by, must_be_possible
from services.members.domain.person import PersonUnknown
from services.members.domain.seat_group_state import (
    AboutGroup,
    SeatGroup,
    must_be_delegated,
    must_be_open,
    must_have,
)
from services.members.domain.vacancies import Vacancy, vacancies
from shared.contracts.members import (
    DelegateAppointed,
    DeputyAppointed,
    DeputyEnded,
    EndReason,
    HolderLeft,
    MandateEnded,
    Role,
    SeatVacated,
)
from shared.contracts.occupancies import Occupancy, Seat
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import Day, german_day, local_day
from shared.kernel.values import Supplied

# Events

MandateEvent = DelegateAppointed | DeputyAppointed | MandateEnded | DeputyEnded | SeatVacated | HolderLeft

# Commands


class Appointing(AboutGroup):
    """``until`` is the last day; without it the mandate lasts until further notice."""

    seat: Slug
    person: PersonId
    since: Day
    until: Day | None = None
    person_known: Supplied[bool]


class AppointDelegate(Appointing):
    """Fill a seat with a nominated person, from a day on or from a day to a day. Both days may be past or future."""


class AppointDeputy(Appointing):
    """Name a seat's standing deputy, from a day on or from a day to a day."""


class EndMandate(AboutGroup):
    """Say which day is the last of a mandate. It may be a future day, and may be moved as long as it is one.

    The mandate is that of ``person``, else the newest one that has begun by then, on the seat or as its deputy.
    """

    seat: Slug
    until: Day
    reason: EndReason
    role: Role = "principal"
    person: PersonId | None = None


class AnnounceVacancy(AboutGroup):
    """Announce, on the day itself, that a seat is vacant: its holder's time has ended and nobody follows."""

    given_by: ClassVar[GivenBy] = "service"

    seat: Slug
    since: Day


class AnnounceLeaving(AboutGroup):
    """Announce, on the day after somebody's last day on a seat, that they have left it."""

    given_by: ClassVar[GivenBy] = "service"

    seat: Slug
    person: PersonId
    until: Day


MandateCommand = AppointDelegate | AppointDeputy | EndMandate | AnnounceVacancy | AnnounceLeaving

# Rejections


class SeatIsVacant(Rejected):
    """Der Sitz „{seat}“ ist dann nicht besetzt."""


class NotNominated(Rejected):
    """Die Person ist für die Gruppe „{group}“ nicht vorgeschlagen; ein Vorschlag gilt für ein Mandat."""


class MandateEndsBeforeItBegan(Rejected):
    """Das Mandat begann am {since} und kann nicht vorher enden."""

    kind = Kind.INVALID


class DeathLiesAhead(Rejected):
    """Der {until} liegt in der Zukunft; dass jemand verstorben ist, kann erst danach erfasst werden."""

    kind = Kind.INVALID


class MandateIsOver(Rejected):
    """Das Mandat endete am {until}. Was vergangen ist, ändert nur eine Berichtigung („CorrectMandate“ mit Grund)."""


# decide


def decide(group: SeatGroup, command: MandateCommand) -> Sequence[MandateEvent]:
    match command:
        case AppointDelegate():
            return _appoint(group, command)
        case AppointDeputy():
            return _appoint_deputy(group, command)
        case EndMandate():
            return _end(group, command)
        case AnnounceVacancy():
            return _announce(group, command)
        case AnnounceLeaving():
            return _leave(group, command)
        case _:
            assert_never(command)


def _appoint(group: SeatGroup, appoint: AppointDelegate) -> Sequence[MandateEvent]:
    must_be_delegated(group, appoint.group)
    if is_recorded(must_have(group, appoint.group, appoint.seat), "principal", appoint):
        return []
    if not appoint.person_known:
        raise PersonUnknown
    must_be_possible(group, appoint.group, appoint.seat, occupancy("principal", appoint))
    if appoint.person not in group.nominated:
        raise NotNominated(group=appoint.group)
    return [
        DelegateAppointed(
            group=appoint.group,
            seat=appoint.seat,
            person=appoint.person,
            organisation=group.nominated[appoint.person].organisation,
            since=appoint.since,
            until=appoint.until,
            group_name=group.name,
        )
    ]


def _appoint_deputy(group: SeatGroup, appoint: AppointDeputy) -> Sequence[MandateEvent]:
    must_be_open(group, appoint.group)
    if is_recorded(must_have(group, appoint.group, appoint.seat), "deputy", appoint):
        return []
    if not appoint.person_known:
        raise PersonUnknown
    must_be_possible(group, appoint.group, appoint.seat, occupancy("deputy", appoint))
    return [
        DeputyAppointed(
            group=appoint.group, seat=appoint.seat, person=appoint.person, since=appoint.since, until=appoint.until
        )
    ]


def _end(group: SeatGroup, end: EndMandate) -> Sequence[MandateEvent]:
    must_be_open(group, end.group)
    if end.reason == "deceased" and end.until > local_day(end.at):
        raise DeathLiesAhead(until=german_day(end.until))
    seat = must_have(group, end.group, end.seat)
    sits = begun_by(seat, end.role, end.until, end.person)
    if sits is None or sits.person is None:
        raise _nobody(seat, end)
    if (sits.until, sits.reason) == (end.until, end.reason):
        return []
    if sits.until is not None:
        _must_not_be_over(group, end, sits, sits.until)
    told: dict[str, Any] = {"group": end.group, "seat": end.seat, "person": sits.person}
    told |= {"until": end.until, "reason": end.reason}
    if end.role == "deputy":
        return [DeputyEnded(**told)]
    return [MandateEnded(**told, group_name=group.name)]


def _announce(group: SeatGroup, announce: AnnounceVacancy) -> Sequence[MandateEvent]:
    vacancy = Vacancy(announce.seat, announce.since)
    if vacancy in group.vacated or vacancy not in vacancies(group.seats):
        return []
    return [SeatVacated(group=announce.group, seat=announce.seat, since=announce.since)]


def _leave(group: SeatGroup, announce: AnnounceLeaving) -> Sequence[MandateEvent]:
    leaving = Leaving(announce.seat, announce.person, announce.until)
    if leaving in group.left or leaving not in leavings(group.seats):
        return []
    late = local_day(announce.at) - announce.until > LATEST_FAREWELL
    return [HolderLeft(group=announce.group, **leaving._asdict(), long_ago=True if late else None)]


def is_recorded(seat: Seat, role: Role, appoint: Appointing) -> bool:
    """Whether exactly this is recorded already."""
    told = (role, appoint.person, appoint.since, appoint.until)
    return any((one.role, one.person, one.since, one.until) == told for one in seat.recorded)


def occupancy(role: Role, appoint: Appointing) -> Occupancy:
    return Occupancy(person=appoint.person, role=role, organisation=None, since=appoint.since, until=appoint.until)


def _nobody(seat: Seat, end: EndMandate) -> Rejected:
    later = [one for one in seat.periods(end.role) if one.since > end.until and end.person in (None, one.person)]
    return MandateEndsBeforeItBegan(since=german_day(later[0].since)) if later else SeatIsVacant(seat=seat.seat)


def _must_not_be_over(group: SeatGroup, end: EndMandate, sits: Occupancy, last: date) -> None:
    """A mandate that has ended stays ended. A future end may be moved: to a later day as if appointed for it."""
    longer = sits.model_copy(update={"until": end.until})
    if last < local_day(end.at):
        raise SeatIsVacant(seat=end.seat) if last < end.until else MandateIsOver(until=german_day(last))
    if last < end.until:
        must_be_possible(group, end.group, end.seat, longer, besides=sits)
