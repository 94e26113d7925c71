"""What of meetings anybody in the city may read. Who is invited, answers, attends or votes how is closed."""

from __future__ import annotations

from typing import Any, assert_never

from services.meetings import states
from services.meetings.domain.paper import PAPER
from services.meetings.domain.paper_state import Paper
from services.meetings.domain.recommendation import RECOMMENDATION
from services.meetings.domain.recommendation_state import Recommendation
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_events import Decided, as_decided
from services.meetings.domain.session_state import Session
from shared.contracts import meetings
from shared.contracts.public import meetings as public
from shared.contracts.public.event import PublicEvent
from shared.declarations.public import published
from shared.kernel.text import Line

Planned = (
    meetings.SessionScheduled
    | meetings.SessionRescheduled
    | meetings.SessionCancelled
    | meetings.InvitationIssued
    | meetings.AgendaSupplemented
)
Decision = meetings.ConsensusRecorded | meetings.VoteRecorded | meetings.DecisionCorrected
Held = (
    meetings.SessionOpened
    | meetings.QuorumEstablished
    | meetings.QuorumMissed
    | meetings.SessionClosed
    | meetings.MinutesApproved
)
SessionTold = Planned | Decision | Held
RecommendationTold = meetings.RecommendationAdopted | meetings.AdoptionTakenBack | meetings.RecommendationReported
PaperTold = meetings.PaperIssued | meetings.PaperDecided


def session(before: Session, event: SessionTold) -> PublicEvent | None:
    if isinstance(event, Decision):
        return _decided(before, event)
    return _planned(before, event) if isinstance(event, Planned) else _held(before, event)


def _planned(before: Session, event: Planned) -> PublicEvent | None:
    match event:
        case meetings.SessionScheduled():
            return public.SessionScheduled(
                session=event.session, kind=event.kind, working_group=event.working_group, **_when(event.appointment)
            )
        case meetings.SessionRescheduled():
            return public.SessionRescheduled(session=event.session, **_when(event.appointment))
        case meetings.SessionCancelled():
            title, starts = event.appointment.title, event.appointment.starts
            return public.SessionCancelled(session=event.session, title=title, starts=starts)
        case meetings.InvitationIssued():
            return None if _is_copy(before, event) else _agenda(event)
        case meetings.AgendaSupplemented():
            return _agenda(event)
        case _:
            assert_never(event)


def _when(appointment: meetings.Appointment) -> dict[str, Any]:
    return appointment.model_dump(include={"title", "starts", "ends", "place"})


def _is_copy(before: Session, event: meetings.InvitationIssued) -> bool:
    """An old copy of the same issue, for a guest who was admitted later: it does not concern the public."""
    return before.invitation is not None and before.invitation.issue == event.issue


def _agenda(event: meetings.InvitationIssued | meetings.AgendaSupplemented) -> public.AgendaPublished:
    return public.AgendaPublished(
        session=event.session,
        title=event.appointment.title,
        starts=event.appointment.starts,
        agenda=tuple(
            public.PublicItem(number=item.number, title=item.title if item.public else None) for item in event.agenda
        ),
    )


def _decided(before: Session, event: Decision) -> PublicEvent | None:
    """Only for an item that is public on the agenda; old events do not say so themselves."""
    item = next((item for item in before.agenda if item.number == event.item), None)
    if item is None or not item.public or event.public is False:
        return None
    if not isinstance(event, meetings.DecisionCorrected):
        return _outcome(before, item, event)
    was, now = before.decided.get(event.item), _outcome(before, item, as_decided(event))
    return None if was and _outcome(before, item, was) == now else now


def _outcome(before: Session, item: meetings.AgendaItem, decided: Decided) -> PublicEvent:
    told: dict[str, Any] = {
        "session": decided.session,
        "title": _title(before),
        "item": decided.item,
        "subject": item.title,
        "recommendation": decided.recommendation,
    }
    if isinstance(decided, meetings.VoteRecorded):
        return public.VoteRecorded(**told, carried=decided.carried)
    return public.ConsensusRecorded(**told)


def _held(before: Session, event: Held) -> PublicEvent:
    title = _title(before)
    match event:
        case meetings.SessionOpened():
            return public.SessionOpened(session=event.session, title=title)
        case meetings.QuorumEstablished():
            return public.QuorumEstablished(session=event.session, title=title, **_seats(event))
        case meetings.QuorumMissed():
            return public.QuorumMissed(session=event.session, title=title, **_seats(event))
        case meetings.SessionClosed():
            return public.SessionClosed(session=event.session, title=title)
        case meetings.MinutesApproved():
            document = before.document or event.session
            return public.MinutesApproved(session=event.session, title=title, document=document)
        case _:
            assert_never(event)


def _seats(event: meetings.QuorumEstablished | meetings.QuorumMissed) -> dict[str, int]:
    return {"needed": event.needed, "voting_seats": event.voting_seats}


def _title(before: Session) -> Line:
    assert before.appointment, "what is held was scheduled"
    return before.appointment.title


def recommendation(before: Recommendation, event: RecommendationTold) -> PublicEvent | None:
    """Its title may be that of a non-public item, so only recommendations that were adopted in public are told."""
    if before.draft is None:
        return None
    match event:
        case meetings.RecommendationAdopted():
            return _adopted(before.draft, event) if event.public else None
        case meetings.AdoptionTakenBack():
            return _taken_back(before.draft, event) if before.adopted_in_public else None
        case meetings.RecommendationReported():
            return _reported(before.draft, event) if before.adopted_in_public else None
        case _:
            assert_never(event)


def _adopted(
    draft: meetings.RecommendationDrafted, event: meetings.RecommendationAdopted
) -> public.RecommendationAdopted:
    return public.RecommendationAdopted(
        recommendation=event.recommendation,
        title=draft.title,
        session=event.session,
        by=event.by,
        working_group=draft.working_group,
    )


def _taken_back(draft: meetings.RecommendationDrafted, event: meetings.AdoptionTakenBack) -> public.AdoptionTakenBack:
    return public.AdoptionTakenBack(recommendation=event.recommendation, title=draft.title, session=event.session)


def _reported(
    draft: meetings.RecommendationDrafted, event: meetings.RecommendationReported
) -> public.RecommendationReported:
    return public.RecommendationReported(
        recommendation=event.recommendation, title=draft.title, committee=event.committee, on=event.on
    )


def paper(before: Paper, event: PaperTold) -> PublicEvent | None:
    if before.draft is None:
        return None
    told: dict[str, Any] = {**before.draft.model_dump(include={"paper", "reference", "title"}), "on": event.on}
    match event:
        case meetings.PaperIssued():
            return public.PaperIssued(**told, kind=before.draft.kind)
        case meetings.PaperDecided():
            return public.PaperDecided(**told, committee=event.committee, decision=event.decision)
        case _:
            assert_never(event)


PUBLIC = (
    published(SESSION, session, states.session),
    published(RECOMMENDATION, recommendation, states.recommendation),
    published(PAPER, paper, states.paper),
)
