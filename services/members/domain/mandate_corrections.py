"""What was recorded of a mandate by mistake is corrected or withdrawn, with a reason: also of days that have passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from services.members.domain.periods import must_be_possible
from services.members.domain.seat_group_state import AboutGroup, SeatGroup, must_be_open, must_have
from shared.contracts.members import DelegateNominated, MandateCorrected, MandateWithdrawn, Role
from shared.contracts.occupancies import Occupancy, Seat, deaths
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day
from shared.kernel.values import Supplied, Value

# Events

CorrectionEvent = MandateCorrected | MandateWithdrawn | DelegateNominated

# Commands


class _AboutMandate(AboutGroup):
    """``person`` and the recorded first day name the mandate. ``reason`` must not say anything about a person."""

    seat: Slug
    role: Role = "principal"
    person: PersonId
    since: Day
    reason: Line


class Lasts(Value):
    until: Day | None = None


class CorrectMandate(_AboutMandate):
    """Correct the first or the last day of a mandate; without a last day it lasts until further notice."""

    correct_since: Day
    correct_until: Day | None
    replaces: Lasts | None = None
    """The last day as the caller saw it; null: not compared."""


class WithdrawMandate(_AboutMandate):
    """Take back a mandate that was recorded by mistake: the person never had it. The nomination for it stands again."""

    person_known: Supplied[bool]


CorrectionCommand = CorrectMandate | WithdrawMandate

# Rejections


class MandateUnknown(Rejected):
    """Auf dem Sitz „{seat}“ ist kein Mandat dieser Person seit dem {since} verzeichnet."""

    kind = Kind.NOT_FOUND


# decide


def decide(group: SeatGroup, command: CorrectionCommand) -> Sequence[CorrectionEvent]:
    must_be_open(group, command.group)
    seat = must_have(group, command.group, command.seat)
    meant = _meant(seat, command)
    match command:
        case CorrectMandate():
            return _correct(group, seat, command, meant)
        case WithdrawMandate():
            return [MandateWithdrawn(**_told(command)), *_nominated_again(group, command, meant)]
        case _:
            assert_never(command)


def _correct(group: SeatGroup, seat: Seat, correct: CorrectMandate, meant: Occupancy) -> Sequence[CorrectionEvent]:
    if (meant.since, meant.until) == (correct.correct_since, correct.correct_until):
        return []
    lasts = next(one for one in seat.periods(meant.role) if one.since == meant.since)
    must_stand(correct.replaces, Lasts(until=lasts.until))
    until = lasts.until if correct.correct_until == meant.until else correct.correct_until
    new = meant.model_copy(update={"since": correct.correct_since, "until": until})
    must_be_possible(group, correct.group, correct.seat, new, besides=meant)
    return [
        MandateCorrected(**_told(correct), correct_since=correct.correct_since, correct_until=correct.correct_until)
    ]


def _nominated_again(group: SeatGroup, withdraw: WithdrawMandate, meant: Occupancy) -> Sequence[DelegateNominated]:
    """The appointment used a nomination up. A newer one stays; the dead and the erased get none."""
    is_gone = not withdraw.person_known or withdraw.person in deaths(group.seats)
    if meant.organisation is None or withdraw.person in group.nominated or is_gone:
        return []
    return [DelegateNominated(group=withdraw.group, person=withdraw.person, organisation=meant.organisation)]


def _meant(seat: Seat, command: CorrectionCommand) -> Occupancy:
    named = (command.role, command.person, command.since)
    for one in seat.recorded:
        if (one.role, one.person, one.since) == named:
            return one
    raise MandateUnknown(seat=command.seat, since=german_day(command.since))


def _told(command: CorrectionCommand) -> dict[str, Any]:
    return command.model_dump(include={"group", "seat", "role", "person", "since", "reason"})
