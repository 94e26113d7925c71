"""What the office looks at before, during and after a session."""

from __future__ import annotations

from typing import assert_never

from services.meetings.domain.session_state import SessionEvent
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    AgendaChanged,
    ArrivalRecorded,
    ConsensusRecorded,
    DeadlineStageReached,
    DepartureRecorded,
    GuestAdmitted,
    InvitationAnswered,
    InvitationIssued,
    MinutesApproved,
    MinutesDrafted,
    MinutesSent,
    QuorumEstablished,
    QuorumMissed,
    SessionCancelled,
    SessionClosed,
    SessionOpened,
    SessionRescheduled,
    SessionScheduled,
    VoteRecorded,
)
from shared.declarations.projection import Document, projection
from shared.kernel.decider import Event
from shared.kernel.time import iso

_UNHELD: Document = {
    "state": "planned",
    "agenda": [],
    "guests": [],
    "issue": 0,
    "invited": 0,
    "recipients": [],
    "answers": [],
    "reminded": None,
    "attendance": [],
    "present": 0,
    "quorum_needed": None,
    "quorum": None,
    "decisions": [],
    "minutes": None,
    "cancelled_because": None,
}


def fold_session(document: Document | None, event: SessionEvent, envelope: Envelope) -> Document:
    before = document or {}
    return {**before, **_session(before, event, iso(envelope.time))}


def _session(before: Document, event: SessionEvent, at: str) -> Document:
    match event:
        case SessionScheduled():
            return {
                **_UNHELD,
                **_without_session(event, "appointment"),
                **_when(event),
                "session": event.session,
            }
        case AgendaChanged():
            return _without_session(event)
        case GuestAdmitted():
            return {"guests": [*before["guests"], event.person]}
        case InvitationIssued():
            return _invited(before, event)
        case SessionRescheduled():
            return _when(event)
        case SessionCancelled():
            return {"state": "cancelled", "cancelled_because": event.reason}
        case InvitationAnswered():
            return {"answers": [*_other_answers(before, event), _without_session(event)]}
        case DeadlineStageReached():
            return {"reminded": at}
        case ArrivalRecorded() | DepartureRecorded():
            return _attended(before, event, at)
        case SessionOpened():
            return {"state": "open"}
        case QuorumEstablished() | QuorumMissed():
            established = isinstance(event, QuorumEstablished)
            return {"quorum": {"established": established, **_without_session(event)}}
        case ConsensusRecorded():
            return {"decisions": [*before["decisions"], {"by": "consensus", **_without_session(event)}]}
        case VoteRecorded():
            return {"decisions": [*before["decisions"], {"by": "vote", **_without_session(event)}]}
        case SessionClosed():
            return {"state": "closed"}
        case MinutesDrafted():
            return {"minutes": {"state": "drafted", "document": event.document}}
        case MinutesSent():
            return {"minutes": {**before["minutes"], "state": "sent"}}
        case MinutesApproved():
            return {"minutes": {**before["minutes"], "state": "approved"}}
        case _:
            assert_never(event)


def _without_session(event: Event, *others: str) -> Document:
    return event.model_dump(mode="json", exclude={"session", *others})


def _when(event: SessionScheduled | SessionRescheduled) -> Document:
    return event.appointment.model_dump(mode="json")


def _invited(before: Document, event: InvitationIssued) -> Document:
    recipients = [recipient.model_dump() for recipient in event.recipients]
    if event.issue == before["issue"]:
        recipients = [*before["recipients"], *recipients]
    return {
        "issue": event.issue,
        "recipients": recipients,
        "invited": len(recipients),
        "quorum_needed": event.quorum,
    }


def _other_answers(before: Document, event: InvitationAnswered) -> list[Document]:
    return [answer for answer in before["answers"] if (answer["person"], answer["seat"]) != (event.person, event.seat)]


def _attended(before: Document, event: ArrivalRecorded | DepartureRecorded, at: str) -> Document:
    who = {"person": event.person, "seat": event.seat}
    if isinstance(event, ArrivalRecorded):
        attendance = [*before["attendance"], {**who, "arrived": at, "left": None}]
    else:
        attendance = [_left(stay, who, at) for stay in before["attendance"]]
    return {"attendance": attendance, "present": _seats_present(attendance)}


def _left(stay: Document, who: Document, at: str) -> Document:
    return {**stay, "left": at} if stay == {**stay, **who, "left": None} else stay


def _seats_present(attendance: list[Document]) -> int:
    return len({stay["seat"] for stay in attendance if stay["seat"] and stay["left"] is None})


SESSIONS = projection("sessions", fold_session, version=2)
