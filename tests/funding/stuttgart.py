"""Stuttgart's grant: 40,000.00 EUR for 14 months, in the plan lines of the demo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from services.funding.domain.commitments import CancelCommitment, CorrectCommitment, RegisterCommitment
from services.funding.domain.drawdowns import RecordPayout, RequestDrawdown
from services.funding.domain.expenses import ApproveExpense, BookExpense
from services.funding.domain.grant import GRANT
from services.funding.domain.notice import AmendAward, ApplyForGrant, RecordAward
from services.funding.domain.own_contribution import RecordStaffHours, ReverseStaffHours
from services.funding.domain.payouts import CorrectPayout
from services.funding.domain.proof import FreezeProofOfUse, RecordAudit, ReopenProofOfUse, SubmitProofOfUse
from services.funding.domain.reversals import ApproveReversal, CorrectExpense
from services.funding.domain.settlement import CloseGrant, RecordRepayment
from shared.contracts.funding import (
    BudgetLineWarned,
    CommitmentRegistered,
    Conditions,
    DrawdownRequested,
    ExpenseApproved,
    ExpenseBooked,
    ExpenseReversalRequested,
    ExpenseReversed,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    OwnContributionRecorded,
    PaymentDue,
    PayoutRecorded,
    PayoutReversed,
    Period,
    PlanLine,
)
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import stream_name
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, edge

C = TypeVar("C", bound=Command)

given = given_of(GRANT)

GRANT_NAME = "state-grant"
STREAM = stream_name(CONFERENCE, "grant", GRANT_NAME)
PERIOD = Period(start=date(2023, 11, 1), until=date(2024, 12, 31))
AFTER_PERIOD = datetime(2025, 1, 2, 9, 0, tzinfo=UTC)
LONG_AFTER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SPRING = date(2024, 3, 20)

FACILITATION = PlanLine(line="facilitation", purpose="facilitation", name="Externe Begleitung", amount=3_000_000)
WORKSHOP = PlanLine(line="workshop", purpose="workshop", name="Workshop", amount=700_000)
MATERIAL = PlanLine(line="material", purpose="material", name="Material", amount=300_000)
PLAN = (FACILITATION, WORKSHOP, MATERIAL)

APPLIED = GrantApplied(
    grant=GRANT_NAME,
    title="Kommunale Pflegekonferenzen BW",
    grantor="Ministerium für Soziales, Gesundheit und Integration",
    amount=4_000_000,
    purposes=("facilitation", "workshop", "material"),
    period=PERIOD,
    own_share_percent=20,
    paper="GRDrs 905/2023",
)
AWARDED = GrantAwarded(
    grant=GRANT_NAME,
    amount=4_000_000,
    period=PERIOD,
    lines=PLAN,
    conditions=Conditions(),
    notice_on=date(2023, 10, 20),
    own_contribution_due=1_000_000,
    proof_due=date(2025, 6, 30),
    title=APPLIED.title,
    grantor=APPLIED.grantor,
)
GRANTED = (APPLIED, AWARDED)


def told(kind: type[C], **fields: Any) -> C:
    """On the first working day after the period, unless told otherwise: everything lies behind by then."""
    return kind.model_validate({**edge(at=AFTER_PERIOD), "grant": GRANT_NAME, **fields})


def apply(**fields: Any) -> ApplyForGrant:
    return told(ApplyForGrant, **{**dict(APPLIED), **fields})


def award(**fields: Any) -> RecordAward:
    asked = ("amount", "period", "lines", "conditions", "notice_on")
    return told(RecordAward, **{**{name: getattr(AWARDED, name) for name in asked}, **fields})


def awarded(**conditions: Any) -> GrantAwarded:
    return AWARDED.model_copy(update={"conditions": Conditions(**conditions)})


def amendment(number: int = 1, **fields: Any) -> GrantAmended:
    """By a second notice the grant runs half a year longer."""
    usual = {
        **{name: getattr(AWARDED, name) for name in GrantAwarded.model_fields},
        "period": Period(start=PERIOD.start, until=date(2025, 6, 30)),
        "notice_on": date(2024, 2, 1),
        "proof_due": date(2025, 12, 30),
        "reason": "Verlängerung",
    }
    return GrantAmended.model_validate({**usual, "amendment": number, **fields})


def amend(**fields: Any) -> AmendAward:
    asked = ("amount", "period", "lines", "conditions", "notice_on", "reason")
    return told(AmendAward, **{**{name: getattr(amendment(), name) for name in asked}, **fields})


def committed(name: str = "contract-1", **fields: Any) -> CommitmentRegistered:
    fields = {"line": "facilitation", "amount": 500_000, "on": SPRING, **fields}
    return CommitmentRegistered(grant=GRANT_NAME, commitment=name, **fields)


def commit(name: str = "contract-1", **fields: Any) -> RegisterCommitment:
    edge = {name: fields.pop(name) for name in ("at", "by") if name in fields}
    return told(RegisterCommitment, **dict(committed(name, **fields)), **edge)


def correct_commitment(amount: int, name: str = "contract-1", reason: str = "Nachtrag") -> CorrectCommitment:
    return told(CorrectCommitment, commitment=name, amount=amount, reason=reason)


def cancel_commitment(name: str = "contract-1", reason: str = "gekündigt") -> CancelCommitment:
    return told(CancelCommitment, commitment=name, reason=reason)


def booked(name: str = "expense-1", line: PlanLine = WORKSHOP, **fields: Any) -> ExpenseBooked:
    usual = {
        "line": line.line,
        "purpose": line.purpose,
        "amount": 100_000,
        "service_on": SPRING,
        "paid_on": SPRING,
        "payee": "payee-7",
        "receipt_number": f"2024/{name}",
        "booked_by": "office",
    }
    return ExpenseBooked(grant=GRANT_NAME, expense=name, **{**usual, **fields})


def book(name: str = "expense-1", line: PlanLine = WORKSHOP, by: str = "office", **fields: Any) -> BookExpense:
    edge = {name: fields.pop(name) for name in ("at",) if name in fields}
    said = dict(booked(name, line, **fields))
    del said["booked_by"]
    return told(BookExpense, **said, by=by, **edge)


def approved(of: ExpenseBooked, by: str = "approver") -> ExpenseApproved:
    copied = ("grant", "expense", "line", "amount", "payee", "receipt_number", "paid_on")
    return ExpenseApproved(approved_by=by, **{name: getattr(of, name) for name in copied})


def approve(name: str = "expense-1", by: str = "approver") -> ApproveExpense:
    return told(ApproveExpense, expense=name, by=by)


def reversed_(of: ExpenseBooked, was_approved: bool = False) -> ExpenseReversed:
    return ExpenseReversed(
        grant=GRANT_NAME,
        expense=of.expense,
        line=of.line,
        amount=of.amount,
        was_approved=was_approved,
        reason="Betrag falsch erfasst",
        approved_by="approver" if was_approved else None,
    )


def correct(name: str = "expense-1", reason: str = "Betrag falsch erfasst", by: str = "office") -> CorrectExpense:
    return told(CorrectExpense, expense=name, reason=reason, by=by)


def reversal_requested(reason: str = "Betrag falsch erfasst", by: str = "office") -> ExpenseReversalRequested:
    return ExpenseReversalRequested(grant=GRANT_NAME, expense="expense-1", reason=reason, requested_by=by)


def approve_reversal(name: str = "expense-1", by: str = "approver") -> ApproveReversal:
    return told(ApproveReversal, expense=name, by=by)


def warned(line: PlanLine, spent: int) -> BudgetLineWarned:
    return BudgetLineWarned(
        grant=GRANT_NAME,
        line=line.line,
        planned=line.amount,
        spent=spent,
        name=line.name,
        warn_percent=Conditions().warn_percent,
    )


def rendered(name: str = "hours-1", **fields: Any) -> OwnContributionRecorded:
    usual = {
        "role": "social-planner",
        "on": SPRING,
        "quarter_hours": 6,
        "activity": "Vorbereitung der Arbeitsgruppen",
        "rate": 6_275,
        "rate_source": "VwV-Kostenfestlegung 2024",
        "amount": 9_413,
    }
    return OwnContributionRecorded(grant=GRANT_NAME, entry=name, **{**usual, **fields})


def work(name: str = "hours-1", **fields: Any) -> RecordStaffHours:
    edge = {name: fields.pop(name) for name in ("at",) if name in fields}
    said = dict(rendered(name, **fields))
    del said["amount"]
    return told(RecordStaffHours, **said, **edge)


def reverse_hours(name: str = "hours-1", reason: str = "falscher Tag") -> ReverseStaffHours:
    return told(ReverseStaffHours, entry=name, reason=reason)


def due(amount: int, on: date = date(2025, 2, 28), line: str = "facilitation") -> PaymentDue:
    return PaymentDue(line=line, amount=amount, on=on)


SOON = (due(10_000_000),)
"""More than the whole grant, within the notice's two months."""


def requested(
    name: str = "call-1", amount: int = 1_000_000, payments_due: tuple[PaymentDue, ...] | None = SOON
) -> DrawdownRequested:
    return DrawdownRequested(grant=GRANT_NAME, drawdown=name, amount=amount, payments_due=payments_due)


def request(
    name: str = "call-1", amount: int = 1_000_000, payments_due: tuple[PaymentDue, ...] = SOON, **said: Any
) -> RequestDrawdown:
    return told(RequestDrawdown, drawdown=name, amount=amount, payments_due=payments_due, **said)


def paid(name: str = "call-1", amount: int = 1_000_000, **fields: Any) -> PayoutRecorded:
    fields = {"on": SPRING, "use_by": date(2024, 5, 20), **fields}
    return PayoutRecorded(grant=GRANT_NAME, drawdown=name, amount=amount, **fields)


def record_payout(name: str = "call-1", amount: int = 1_000_000, on: date = SPRING, **said: Any) -> RecordPayout:
    return told(RecordPayout, drawdown=name, amount=amount, on=on, **said)


def unpaid(payout: PayoutRecorded, reason: str = "verschrieben") -> PayoutReversed:
    return PayoutReversed(**payout.model_dump(), reason=reason)


def correct_payout(name: str = "call-1", amount: int = 1_000_000, on: date = SPRING, **said: Any) -> CorrectPayout:
    return told(CorrectPayout, **{"drawdown": name, "amount": amount, "on": on, "reason": "verschrieben", **said})


def freeze(at: datetime = AFTER_PERIOD) -> FreezeProofOfUse:
    return told(FreezeProofOfUse, at=at)


def submit(at: datetime = AFTER_PERIOD) -> SubmitProofOfUse:
    return told(SubmitProofOfUse, at=at)


def reopen(reason: str = "Belege nachgefordert") -> ReopenProofOfUse:
    return told(ReopenProofOfUse, reason=reason)


def audit(on: date, reduced_by: int = 0, reason: str | None = None, at: datetime = LONG_AFTER) -> RecordAudit:
    return told(RecordAudit, on=on, reduced_by=reduced_by, reason=reason, at=at)


def repay(name: str, amount: int, on: date, at: datetime = LONG_AFTER) -> RecordRepayment:
    return told(RecordRepayment, repayment=name, amount=amount, on=on, at=at)


def close(at: datetime = LONG_AFTER) -> CloseGrant:
    return told(CloseGrant, at=at)


def shown(projection: Projection, history: Iterable[Event]) -> dict[str, Document]:
    """The projection's documents after a history of the grant, by key."""
    return folded(projection, history, STREAM)
