"""What only the office's digest asks of grants: which of their obligations are near or late. One document a grant.

What is owed by when, and how much, is said by funding's events; here is only added up what was done of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.funding import (
    ExpenseBooked,
    ExpenseReversed,
    GrantAmended,
    GrantAwarded,
    GrantClosed,
    OwnContributionRecorded,
    OwnContributionReversed,
    PayoutRecorded,
    PayoutReversed,
    ProofOfUseReopened,
    ProofOfUseSubmitted,
    RepaymentRecorded,
)
from shared.contracts.notifications import OwedOfGrant
from shared.declarations.projection import Document, projection

Noticed = GrantAwarded | GrantAmended
Used = ExpenseBooked | ExpenseReversed | RepaymentRecorded
Worked = OwnContributionRecorded | OwnContributionReversed
Drawn = PayoutRecorded | PayoutReversed
ObligingEvent = Noticed | Drawn | Used | Worked | ProofOfUseSubmitted | ProofOfUseReopened | GrantClosed

NOTHING_YET: Document = {"is_proven": False, "is_closed": False, "used": 0, "own": 0, "drawn": []}


def fold_owed(document: Document | None, event: ObligingEvent, envelope: Envelope) -> Document:
    known = document or NOTHING_YET
    return {**known, **_owed(known, event)}


def _owed(known: Document, event: ObligingEvent) -> Document:
    match event:
        case GrantAwarded() | GrantAmended():
            return _noticed(known, event)
        case PayoutRecorded():
            return {"drawn": _with(known["drawn"], event)}
        case PayoutReversed():
            return {"drawn": _without(known["drawn"], event)}
        case ExpenseBooked() | RepaymentRecorded():
            return {"used": known["used"] + event.amount}
        case ExpenseReversed():
            return {"used": known["used"] - event.amount}
        case OwnContributionRecorded():
            return {"own": known["own"] + event.amount}
        case OwnContributionReversed():
            return {"own": known["own"] - event.amount}
        case ProofOfUseSubmitted() | ProofOfUseReopened():
            return {"is_proven": isinstance(event, ProofOfUseSubmitted)}
        case GrantClosed():
            return {"is_closed": True}
        case _:
            assert_never(event)


def _with(drawn: list[Document], event: PayoutRecorded) -> list[Document]:
    """In the place of the one that was reversed just before, if one was."""
    place = next((at for at, one in enumerate(drawn) if not one["amount"]), len(drawn))
    return [*drawn[:place], _drawn(event), *drawn[place + 1 :]]


def _without(drawn: list[Document], event: PayoutReversed) -> list[Document]:
    """Its place stays for the right one, which follows at once."""
    place = drawn.index(_drawn(event))
    return [*drawn[:place], {**drawn[place], "amount": 0}, *drawn[place + 1 :]]


def _drawn(event: Drawn) -> Document:
    return {"amount": event.amount, "use_by": event.use_by.isoformat()}


def _noticed(known: Document, event: Noticed) -> Document:
    return {
        "title": event.title or known.get("title") or event.grant,
        "proof_due": event.proof_due.isoformat(),
        "until": event.period.until.isoformat(),
        "own_due": event.own_contribution_due,
    }


OWED = projection("owed", fold_owed)


def owed_by(last: date, grants: Iterable[Document]) -> list[OwedOfGrant]:
    """The earliest first."""
    found = [one for grant in grants for one in _owed_of(grant) if one.due_on <= last]
    return sorted(found, key=lambda one: (one.due_on, one.title, one.what))


def _owed_of(grant: Document) -> Iterator[OwedOfGrant]:
    """Own hours are due by the end of the grant's period."""
    if grant["is_closed"]:
        return
    for use_by in _unused(grant):
        yield OwedOfGrant(what="drawn_money", title=grant["title"], due_on=use_by)
    if not grant["is_proven"]:
        yield OwedOfGrant(what="proof_of_use", title=grant["title"], due_on=_day(grant["proof_due"]))
        if grant["own"] < grant["own_due"]:
            yield OwedOfGrant(what="own_contribution", title=grant["title"], due_on=_day(grant["until"]))


def _unused(grant: Document) -> Iterator[date]:
    """Money is used in the order in which it arrived."""
    drawn = 0
    for one in grant["drawn"]:
        drawn += one["amount"]
        if grant["used"] < drawn:
            yield _day(one["use_by"])


def _day(text: str) -> date:
    return date.fromisoformat(text)
