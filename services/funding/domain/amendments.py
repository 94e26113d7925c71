"""A further notice stands in place of the one before. What was spent, worked and contracted under it has to fit."""

from __future__ import annotations

from collections.abc import Sequence

from services.funding.domain.commitments import Commitments, paid_for
from services.funding.domain.expenses import Book
from services.funding.domain.notice import (
    AmendAward,
    Notice,
    Noticed,
    applied_in,
    awarded_in,
    granted_by,
    must_be_sound,
)
from services.funding.domain.own_contribution import OwnContribution
from services.funding.domain.terms import first_commitment, limit_of
from shared.contracts.funding import GrantAmended, GrantApplied, GrantAwarded
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.time import german_day

# Rejections


class AmendmentBeforeNotice(Rejected):
    """Ein Änderungsbescheid kann nicht vor dem Bescheid vom {notice_on} liegen."""


class AmendmentBelowSpending(Rejected):
    """Ausgegeben sind bereits {spent}; darunter kann die Zuwendung nicht sinken."""


class AmendedPlanLacksLine(Rejected):
    """Der neue Finanzierungsplan lässt den Ansatz „{line}“ aus; auf ihn ist gebucht, oder es gibt einen Auftrag."""


class AmendedLineBelowSpending(Rejected):
    """Auf dem Ansatz „{line}“ sind bereits {spent} ausgegeben; das trägt der neue Finanzierungsplan nicht."""


class AmendedPeriodLeavesOut(Rejected):
    """Der neue Zeitraum ließe aus, was am {day} schon erfasst ist."""


class AmendedLineServesOther(Rejected):
    """Auf den Ansatz „{line}“ ist für „{purpose}“ gebucht; der neue Finanzierungsplan bestimmt ihn für anderes."""


class AmendedStartLeavesOut(Rejected):
    """Der früheste Vorhabenbeginn wäre der {earliest}; der Auftrag „{commitment}“ ist schon vom {day}."""


# decide


def decide(
    notice: Notice, book: Book, commitments: Commitments, own: OwnContribution, amend: AmendAward
) -> Sequence[GrantAmended]:
    applied, awarded = applied_in(notice, amend.grant), awarded_in(notice, amend.grant)
    last = notice.amendments[-1] if notice.amendments else None
    if last and last == _amended(applied, amend, last.amendment):
        return []
    _must_be_in_force(last, amend)
    must_be_sound(applied, amend)
    if amend.notice_on < (said_on := (last or awarded).notice_on):
        raise AmendmentBeforeNotice(notice_on=german_day(said_on))
    _must_keep_lines({booked.line for booked in book.standing} | commitments.lines, amend)
    _must_keep_purposes(book, amend)
    _must_carry_what_was_spent(book, awarded, amend)
    _must_keep_every_day(book, own, amend)
    _must_keep_contracts(commitments, book, awarded, amend)
    return [_amended(applied, amend, last.amendment + 1 if last else 1)]


def _amended(applied: GrantApplied, amend: AmendAward, number: int) -> GrantAmended:
    return GrantAmended(amendment=number, reason=amend.reason, **granted_by(applied, amend))


def _must_be_in_force(last: GrantAmended | None, amend: AmendAward) -> None:
    said = f"der Änderungsbescheid vom {german_day(last.notice_on)} über {euros(last.amount)}" if last else ""
    must_stand(amend.replaces, Noticed(amendment=last.amendment if last else 0), said)


def _must_keep_lines(used: set[Slug], amend: AmendAward) -> None:
    if gone := sorted(used - {line.line for line in amend.lines}):
        raise AmendedPlanLacksLine(line=gone[0])


def _must_keep_purposes(book: Book, amend: AmendAward) -> None:
    purposes = {line.line: line.purpose for line in amend.lines}
    for booked in book.standing:
        if booked.purpose != purposes[booked.line]:
            raise AmendedLineServesOther(line=booked.line, purpose=booked.purpose)


def _must_carry_what_was_spent(book: Book, awarded: GrantAwarded, amend: AmendAward) -> None:
    """A line that may reach no less than before keeps also what was spent on it by permission."""
    if book.spent > amend.amount:
        raise AmendmentBelowSpending(spent=euros(book.spent))
    before = {line.line: limit_of(line, awarded.conditions) for line in awarded.lines}
    for line in amend.lines:
        spent, limit = book.spent_on(line.line), limit_of(line, amend.conditions)
        if spent > limit and limit < before.get(line.line, 0):
            raise AmendedLineBelowSpending(line=line.line, spent=euros(spent))


def _must_keep_every_day(book: Book, own: OwnContribution, amend: AmendAward) -> None:
    days = [day for booked in book.standing for day in (booked.service_on, booked.paid_on)]
    for day in sorted([*days, *(entry.on for entry in own.standing)]):
        if day not in amend.period:
            raise AmendedPeriodLeavesOut(day=german_day(day))


def _must_keep_contracts(commitments: Commitments, book: Book, awarded: GrantAwarded, amend: AmendAward) -> None:
    """An early contract stays allowed by the notice, unless it was cancelled without a payment."""
    earliest = first_commitment(awarded.model_copy(update={"conditions": amend.conditions}))
    for name, known in commitments.known.items():
        counts = not known.cancelled or paid_for(book.standing, name)
        if counts and known.registered.on < earliest:
            day = german_day(known.registered.on)
            raise AmendedStartLeavesOut(commitment=name, day=day, earliest=german_day(earliest))
