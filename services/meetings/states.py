"""What the public events of meetings leave: sessions, recommendations and council papers as they are now."""

from __future__ import annotations

from operator import attrgetter
from typing import assert_never

from shared.contracts.public import meetings as public
from shared.contracts.states.meetings import (
    Paper,
    PaperDecision,
    Recommendation,
    Report,
    Session,
    SessionDecision,
)

Decided = public.ConsensusRecorded | public.VoteRecorded
Planned = public.SessionRescheduled | public.SessionCancelled | public.AgendaPublished
Held = (
    public.SessionOpened
    | public.QuorumEstablished
    | public.QuorumMissed
    | public.SessionClosed
    | public.MinutesApproved
)
SessionSaid = public.SessionScheduled | Planned | Decided | Held
RecommendationSaid = public.RecommendationAdopted | public.AdoptionTakenBack | public.RecommendationReported
PaperSaid = public.PaperIssued | public.PaperDecided


def session(before: Session | None, event: SessionSaid) -> Session | None:
    if isinstance(event, public.SessionScheduled):
        return Session.begun_by(event, state="scheduled", decisions=())
    if before is None:
        return None
    if isinstance(event, Decided):
        return _decided(before, event)
    return _planned(before, event) if isinstance(event, Planned) else _held(before, event)


def _planned(before: Session, event: Planned) -> Session | None:
    match event:
        case public.SessionRescheduled() | public.AgendaPublished():
            return before.after(event)
        case public.SessionCancelled():
            return None
        case _:
            assert_never(event)


def _decided(before: Session, event: Decided) -> Session:
    """An item that is decided again has its last decision."""
    decision = SessionDecision(
        item=event.item,
        subject=event.subject,
        recommendation=event.recommendation,
        by="vote" if isinstance(event, public.VoteRecorded) else "consensus",
        carried=event.carried if isinstance(event, public.VoteRecorded) else True,
    )
    others = [one for one in before.decisions if one.item != event.item]
    return before.but(decisions=tuple(sorted([*others, decision], key=attrgetter("item"))))


def _held(before: Session, event: Held) -> Session:
    match event:
        case public.SessionOpened():
            return before.but(state="open")
        case public.QuorumEstablished():
            return before.but(quorum="established")
        case public.QuorumMissed():
            return before.but(quorum="missed")
        case public.SessionClosed():
            return before.but(state="closed")
        case public.MinutesApproved():
            return before.but(minutes=event.document)
        case _:
            assert_never(event)


def recommendation(before: Recommendation | None, event: RecommendationSaid) -> Recommendation | None:
    match event:
        case public.RecommendationAdopted():
            return Recommendation.begun_by(event, reports=())
        case public.AdoptionTakenBack():
            return None
        case public.RecommendationReported():
            report = Report(committee=event.committee, on=event.on)
            return before and before.but(reports=(*before.reports, report))
        case _:
            assert_never(event)


def paper(before: Paper | None, event: PaperSaid) -> Paper | None:
    match event:
        case public.PaperIssued():
            return Paper.begun_by(event, issued_on=event.on, decisions=())
        case public.PaperDecided():
            decision = PaperDecision(committee=event.committee, decision=event.decision, on=event.on)
            return before and before.but(decisions=(*before.decisions, decision))
        case _:
            assert_never(event)
