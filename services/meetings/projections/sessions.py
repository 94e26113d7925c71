"""What the office looks at before, during and after a session."""

from __future__ import annotations

from typing import assert_never

from services.meetings.domain.session_events import Decided, SessionEvent, as_decided
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    AgendaChanged,
    AgendaSupplemented,
    AnswersMissing,
    ApprovedMinutesSent,
    ArrivalRecorded,
    AttendanceCorrected,
    AttendanceWithdrawn,
    ConsensusRecorded,
    DeadlineStageReached,
    DecisionCorrected,
    DepartureRecorded,
    DeputyInvited,
    GuestAdmitted,
    GuestInvited,
    InvitationAnswered,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    MinutesApproved,
    MinutesCorrected,
    MinutesDraftDue,
    MinutesDrafted,
    MinutesObjected,
    MinutesSent,
    ObjectionRejected,
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
    "deputies": [],
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
        case InvitationExtended() | GuestInvited():
            return _recipients([*before["recipients"], *_places(event)])
        case DeputyInvited():
            return {
                **_recipients([*before["recipients"], *_places(event)]),
                "deputies": [*before["deputies"], *_places(event)],
            }
        case InvitationWithdrawn():
            return _withdrawn(before, event)
        case AgendaSupplemented():
            return {"agenda": _agenda(event)}
        case SessionRescheduled():
            return {**_when(event), "answers": [{**answer, "counts": False} for answer in before["answers"]]}
        case SessionCancelled():
            return {"state": "cancelled", "cancelled_because": event.reason}
        case InvitationAnswered():
            return {"answers": [*_other_answers(before, event), _answer(before, event)]}
        case DeadlineStageReached():
            return {"reminded": at}
        case ArrivalRecorded() | DepartureRecorded() | AttendanceCorrected() | AttendanceWithdrawn():
            return _present(_attended(before["attendance"], event, at))
        case SessionOpened():
            return {"state": "open"}
        case QuorumEstablished() | QuorumMissed():
            established = isinstance(event, QuorumEstablished)
            return {"quorum": {"established": established, **_without_session(event)}}
        case ConsensusRecorded() | VoteRecorded():
            return {"decisions": [*before["decisions"], _decision(event)]}
        case DecisionCorrected():
            now = _decision(as_decided(event))
            return {"decisions": [now if one["item"] == event.item else one for one in before["decisions"]]}
        case SessionClosed():
            return {"state": "closed", **_without_session(event)}
        case MinutesDrafted():
            return {"minutes": {"state": "drafted", "document": event.document}}
        case MinutesDraftDue() | AnswersMissing():
            return {}
        case MinutesCorrected() | MinutesObjected() | ObjectionRejected() | ApprovedMinutesSent():
            return {}
        case MinutesSent():
            return {"minutes": {**before["minutes"], "state": "sent"}}
        case MinutesApproved():
            return {"minutes": {**before["minutes"], "state": "approved"}}
        case _:
            assert_never(event)


def _decision(event: Decided) -> Document:
    return {"by": "vote" if isinstance(event, VoteRecorded) else "consensus", **_without_session(event)}


def _without_session(event: Event, *others: str) -> Document:
    return event.model_dump(mode="json", exclude={"session", *others})


def _when(event: SessionScheduled | SessionRescheduled) -> Document:
    return event.appointment.model_dump(mode="json")


def _agenda(event: AgendaSupplemented) -> list[Document]:
    return [item.model_dump() for item in event.agenda]


def _invited(before: Document, event: InvitationIssued) -> Document:
    """In old events a copy of the same issue went to a guest who was admitted later."""
    is_copy = event.issue == before["issue"]
    recipients = [*(before["recipients"] if is_copy else ()), *_places(event)]
    deputies = before["deputies"] if is_copy else []
    return {"issue": event.issue, "quorum_needed": event.quorum, "deputies": deputies, **_recipients(recipients)}


def _withdrawn(before: Document, event: InvitationWithdrawn) -> Document:
    """A person who is not invited any more has no answer and no attendance."""
    recipients = [place for place in before["recipients"] if place not in _places(event)]
    people = {place["person"] for place in recipients}
    return {
        **_recipients(recipients),
        "deputies": [place for place in before["deputies"] if place not in _places(event)],
        **_present([stay for stay in before["attendance"] if _place(stay) not in _places(event)]),
        "answers": [answer for answer in before["answers"] if answer["person"] in people],
    }


def _recipients(recipients: list[Document]) -> Document:
    return {"recipients": recipients, "invited": len(recipients)}


def _places(
    event: InvitationIssued | InvitationExtended | InvitationWithdrawn | GuestInvited | DeputyInvited,
) -> list[Document]:
    places = event.places if isinstance(event, InvitationExtended | InvitationWithdrawn) else event.recipients
    return [place.model_dump() for place in places]


def _place(stay: Document) -> Document:
    return {"person": stay["person"], "seat": stay["seat"]}


def _answer(before: Document, event: InvitationAnswered) -> Document:
    """Old answers do not name their appointment: it was the one at that time."""
    revision = before["revision"] if event.revision is None else event.revision
    return {**_without_session(event), "revision": revision, "counts": True}


def _other_answers(before: Document, event: InvitationAnswered) -> list[Document]:
    """An answer replaces the one before to the same appointment; answers to earlier appointments are kept."""
    same = (event.person, event.seat, True)
    return [one for one in before["answers"] if (one["person"], one["seat"], one["counts"]) != same]


Attends = ArrivalRecorded | DepartureRecorded | AttendanceCorrected | AttendanceWithdrawn


def _attended(known: list[Document], event: Attends, at: str) -> list[Document]:
    """Old arrivals and departures do not say their time: it was the time of recording."""
    who = {"person": event.person, "seat": event.seat}
    others = [stay for stay in known if _place(stay) != who]
    match event:
        case ArrivalRecorded():
            return [*known, {**who, "arrived": iso(event.arrived_at) if event.arrived_at else at, "left": None}]
        case DepartureRecorded():
            return [_left(stay, who, iso(event.left_at) if event.left_at else at) for stay in known]
        case AttendanceCorrected():
            left = iso(event.left_at) if event.left_at else None
            return [*others, {**who, "arrived": iso(event.arrived_at), "left": left}]
        case AttendanceWithdrawn():
            return others
        case _:
            assert_never(event)


def _left(stay: Document, who: Document, at: str) -> Document:
    return {**stay, "left": at} if stay == {**stay, **who, "left": None} else stay


def _present(attendance: list[Document]) -> Document:
    return {"attendance": attendance, "present": _seats_present(attendance)}


def _seats_present(attendance: list[Document]) -> int:
    return len({stay["seat"] for stay in attendance if stay["seat"] and stay["left"] is None})


SESSIONS = projection("sessions", fold_session, version=4, indexes=("state ends",))
