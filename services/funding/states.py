"""What the public events of funding leave: grants as they are now."""

from __future__ import annotations

from typing import assert_never

from shared.contracts.public import funding as public
from shared.contracts.states.funding import Grant, ProofOfUse

Answered = public.GrantAwarded | public.GrantAmended | public.GrantRefused
Paid = public.PayoutRecorded | public.PayoutReversed | public.RepaymentRecorded | public.GrantClosed
Proved = public.ProofOfUseFrozen | public.ProofOfUseSubmitted | public.ProofOfUseReopened | public.ProofOfUseAudited
GrantSaid = public.GrantApplied | Answered | Paid | Proved


def grant(before: Grant | None, event: GrantSaid) -> Grant | None:
    if isinstance(event, public.GrantApplied):
        return Grant.begun_by(event, state="applied", paid_out=0, paid_back=0)
    if before is None:
        return None
    if isinstance(event, Proved):
        return before.but(proof=_proof(before.proof, event))
    return _answered(before, event) if isinstance(event, Answered) else _paid(before, event)


def _answered(before: Grant, event: Answered) -> Grant:
    match event:
        case public.GrantAwarded() | public.GrantAmended():
            return before.after(event).but(state="awarded")
        case public.GrantRefused():
            return before.but(state="refused", notice_on=event.notice_on)
        case _:
            assert_never(event)


def _paid(before: Grant, event: Paid) -> Grant:
    match event:
        case public.PayoutRecorded():
            return before.but(paid_out=before.paid_out + event.amount)
        case public.PayoutReversed():
            return before.but(paid_out=before.paid_out - event.amount)
        case public.RepaymentRecorded():
            return before.but(paid_back=before.paid_back + event.amount)
        case public.GrantClosed():
            return before.but(state="closed", paid=event.paid)
        case _:
            assert_never(event)


def _proof(before: ProofOfUse | None, event: Proved) -> ProofOfUse | None:
    match event:
        case public.ProofOfUseFrozen():
            return ProofOfUse(state="frozen", spent=event.spent, unspent=event.unspent)
        case public.ProofOfUseSubmitted():
            return before and before.model_copy(update={"state": "submitted", "submitted_on": event.on})
        case public.ProofOfUseReopened():
            return None
        case public.ProofOfUseAudited():
            answer = {"state": "audited", "audited_on": event.on, "recognised": event.recognised}
            return before and before.model_copy(update=answer)
        case _:
            assert_never(event)
