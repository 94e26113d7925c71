"""What of funding anybody in the city may read: whole grants. Receipts, payees and staff hours are closed."""

from __future__ import annotations

from typing import Any, assert_never

from services.funding import states
from services.funding.domain.grant import GRANT, Grant
from shared.contracts import funding
from shared.contracts.public import funding as public
from shared.contracts.public.event import PublicEvent
from shared.declarations.public import published

Answered = funding.GrantAwarded | funding.GrantAmended | funding.GrantRefused
PaidOut = funding.PayoutRecorded | funding.PayoutReversed
Used = PaidOut | funding.ProofOfUseFrozen | funding.ProofOfUseSubmitted | funding.ProofOfUseReopened
Ended = funding.ProofOfUseAudited | funding.RepaymentRecorded | funding.GrantClosed
GrantTold = funding.GrantApplied | Answered | Used | Ended


def grant(before: Grant, event: GrantTold) -> PublicEvent | None:
    if isinstance(event, funding.GrantApplied):
        return _applied(event)
    applied = before.notice.applied
    if applied is None:
        return None
    if isinstance(event, Answered):
        return _answered(applied, event)
    return _used(applied.title, event) if isinstance(event, Used) else _ended(applied.title, event)


def _applied(event: funding.GrantApplied) -> public.GrantApplied:
    return public.GrantApplied(
        grant=event.grant,
        title=event.title,
        grantor=event.grantor,
        amount=event.amount,
        start=event.period.start,
        until=event.period.until,
        reference=event.paper,
        paper=event.paper_key,
    )


def _answered(applied: funding.GrantApplied, event: Answered) -> PublicEvent:
    told: dict[str, Any] = {"title": applied.title, "grantor": applied.grantor}
    match event:
        case funding.GrantAwarded():
            return public.GrantAwarded(**told, **_terms(event))
        case funding.GrantAmended():
            return public.GrantAmended(**told, **_terms(event))
        case funding.GrantRefused():
            return public.GrantRefused(
                **told, grant=event.grant, amount=event.amount or applied.amount, notice_on=event.notice_on
            )
        case _:
            assert_never(event)


def _terms(event: funding.GrantAwarded | funding.GrantAmended) -> dict[str, Any]:
    told = event.model_dump(include={"grant", "amount", "notice_on", "own_contribution_due", "proof_due"})
    return {**told, "start": event.period.start, "until": event.period.until}


def _used(title: str, event: Used) -> PublicEvent:
    match event:
        case funding.PayoutRecorded():
            return public.PayoutRecorded(title=title, **event.model_dump(include={"grant", "amount", "on", "use_by"}))
        case funding.PayoutReversed():
            return public.PayoutReversed(title=title, **event.model_dump(include={"grant", "amount", "on"}))
        case funding.ProofOfUseFrozen():
            figures = event.model_dump(include={"grant", "awarded", "spent", "unspent", "due"})
            return public.ProofOfUseFrozen(title=title, **figures)
        case funding.ProofOfUseSubmitted():
            return public.ProofOfUseSubmitted(grant=event.grant, title=title, on=event.on)
        case funding.ProofOfUseReopened():
            return public.ProofOfUseReopened(grant=event.grant, title=title)
        case _:
            assert_never(event)


def _ended(title: str, event: Ended) -> PublicEvent:
    match event:
        case funding.ProofOfUseAudited():
            return public.ProofOfUseAudited(grant=event.grant, title=title, on=event.on, recognised=event.recognised)
        case funding.RepaymentRecorded():
            return public.RepaymentRecorded(grant=event.grant, title=title, amount=event.amount, on=event.on)
        case funding.GrantClosed():
            return public.GrantClosed(grant=event.grant, title=title, paid=event.paid)
        case _:
            assert_never(event)


PUBLIC = (published(GRANT, grant, states.grant),)
