"""What the grants of a conference oblige to, and who owes it: proofs of use, and drawn money's use in time."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime
from typing import assert_never

from services.funding.domain.interim import asked_by
from services.funding.domain.obligations import AnnounceGrantObligations
from shared.contracts.envelope import Envelope
from shared.contracts.funding import (
    DrawnMoneyDue,
    ExpenseBooked,
    ExpenseReversed,
    GrantAmended,
    GrantAwarded,
    GrantClosed,
    InterimProofDue,
    InterimProofSubmitted,
    PayoutRecorded,
    PayoutReversed,
    ProofOfUseDue,
    ProofOfUseReopened,
    ProofOfUseSubmitted,
    RepaymentRecorded,
)
from shared.declarations.obligations import (
    PROJECTION,
    Owed,
    all_done,
    done,
    due_in,
    is_done,
    name_of,
    owe,
    said,
    with_due,
)
from shared.declarations.projection import Document, projection
from shared.declarations.reaction import Deadline

MoneyUsed = ExpenseBooked | ExpenseReversed | RepaymentRecorded
ProofTold = ProofOfUseSubmitted | ProofOfUseReopened | InterimProofSubmitted
ObligingEvent = GrantAwarded | GrantAmended | ProofTold | PayoutRecorded | PayoutReversed | MoneyUsed | GrantClosed
FoldedEvent = ObligingEvent | ProofOfUseDue | InterimProofDue | DrawnMoneyDue

PROOF, OFFICE = name_of(ProofOfUseDue), "office"


def fold_obligations(document: Document | None, event: FoldedEvent, envelope: Envelope) -> Document:
    before = document or {
        "grant": event.grant,
        "title": "",
        "proof_due": None,
        "drawn": 0,
        "used": 0,
        "payouts": [],
        "owed": {},
    }
    return _fold(before, event, envelope.time)


def _fold(before: Document, event: FoldedEvent, at: datetime) -> Document:
    match event:
        case GrantAwarded() | GrantAmended():
            title = event.title or before["title"] or event.grant
            noticed = _interim_owed({**before, "title": title, "proof_due": event.proof_due.isoformat()}, event, at)
            return noticed if is_done(before["owed"], PROOF) else _proof_owed(noticed, at)
        case ProofOfUseSubmitted():
            return with_due(before, _without_interim(done(before["owed"], PROOF), ()))
        case InterimProofSubmitted():
            submitted = {**before, "interim": sorted({*before.get("interim", ()), event.year})}
            return with_due(submitted, done(before["owed"], _interim(event.year)))
        case ProofOfUseReopened():
            return _proof_owed(before, at)
        case PayoutRecorded():
            return _drawn(before, event, at)
        case PayoutReversed():
            return _reversed(before, event, at)
        case ExpenseBooked() | ExpenseReversed() | RepaymentRecorded():
            amount = -event.amount if isinstance(event, ExpenseReversed) else event.amount
            return _money_owed({**before, "used": before["used"] + amount}, at)
        case GrantClosed():
            return with_due(before, all_done(before["owed"]))
        case ProofOfUseDue():
            return with_due(before, said(before["owed"], event))
        case InterimProofDue():
            return with_due(before, said(before["owed"], event, str(event.year)))
        case DrawnMoneyDue():
            return with_due(before, said(before["owed"], event, event.drawdown))
        case _:
            assert_never(event)


def _interim(year: int) -> str:
    return name_of(InterimProofDue, str(year))


def _interim_owed(before: Document, event: GrantAwarded | GrantAmended, at: datetime) -> Document:
    """If a later notice does not ask for a year's proof, it is not due any more."""
    asked = {year: due for year, due in asked_by(event).items() if year not in before.get("interim", ())}
    owed = _without_interim(before["owed"], [_interim(year) for year in asked])
    for year, due_on in asked.items():
        told = {"grant": before["grant"], "year": year, "title": before["title"]}
        owed = owe(owed, InterimProofDue, due_on, at, to=OFFICE, subject=str(year), **told)
    return with_due(before, owed)


def _without_interim(owed: Owed, kept: Container[str]) -> Owed:
    for name in [name for name, item in owed.items() if item["event"] == InterimProofDue.__name__]:
        owed = owed if name in kept else done(owed, name)
    return owed


def _proof_owed(before: Document, at: datetime) -> Document:
    due_on, told = date.fromisoformat(before["proof_due"]), {"grant": before["grant"], "title": before["title"]}
    return with_due(before, owe(before["owed"], ProofOfUseDue, due_on, at, to=OFFICE, **told))


def _drawn(before: Document, event: PayoutRecorded, at: datetime) -> Document:
    """Money is used in the order in which it arrived. A payout that is recorded anew keeps its place."""
    drawn, use_by = before["drawn"] + event.amount, event.use_by.isoformat()
    if event.drawdown in [one["drawdown"] for one in before["payouts"]]:
        payouts = _with_amount(before["payouts"], event.drawdown, event.amount, use_by)
    else:
        payouts = [*before["payouts"], {"drawdown": event.drawdown, "use_by": use_by, "drawn": drawn}]
    return _money_owed({**before, "drawn": drawn, "payouts": payouts}, at)


def _reversed(before: Document, event: PayoutReversed, at: datetime) -> Document:
    payouts = _with_amount(before["payouts"], event.drawdown, -event.amount, None)
    return _money_owed({**before, "drawn": before["drawn"] - event.amount, "payouts": payouts}, at)


def _with_amount(payouts: list[Document], drawdown: str, amount: int, use_by: str | None) -> list[Document]:
    """``amount`` is added from this payout on; its ``use_by`` is None while it does not count."""
    place = [one["drawdown"] for one in payouts].index(drawdown)
    later = [{**one, "drawn": one["drawn"] + amount} for one in payouts[place:]]
    return [*payouts[:place], {**later[0], "use_by": use_by}, *later[1:]]


def _money_owed(before: Document, at: datetime) -> Document:
    owed: Owed = before["owed"]
    for payout in before["payouts"]:
        drawdown = payout["drawdown"]
        if payout["use_by"] is None or before["used"] >= payout["drawn"]:
            owed = done(owed, name_of(DrawnMoneyDue, drawdown))
        else:
            told = {"grant": before["grant"], "drawdown": drawdown, "drawn": payout["drawn"]}
            day = date.fromisoformat(payout["use_by"])
            owed = owe(owed, DrawnMoneyDue, day, at, to=OFFICE, subject=drawdown, **told)
    return with_due(before, owed)


def announce(document: Document, now: datetime) -> AnnounceGrantObligations:
    says = due_in(document, (ProofOfUseDue, InterimProofDue, DrawnMoneyDue))
    return AnnounceGrantObligations(
        conference=document["conference"], grant=document["grant"], at=now, by="clock", says=says
    )


OBLIGATIONS = projection(PROJECTION, fold_obligations, version=2, indexes=("due",))
OBLIGED = Deadline(OBLIGATIONS, announce)
