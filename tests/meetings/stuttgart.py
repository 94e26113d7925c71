"""A session of the conference in Stuttgart, told in events; commands and deliveries for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from services.meetings.domain.session_invitation import sealed
from services.meetings.domain.session_roster import Roster
from shared.contracts.meetings import (
    AgendaChanged,
    AgendaItem,
    AgendaSupplemented,
    Appointment,
    ArrivalRecorded,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    QuorumEstablished,
    Recipient,
    SessionClosed,
    SessionOpened,
    SessionRescheduled,
    SessionScheduled,
)
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import stream_name
from tests.kit.delivered import folded
from tests.kit.when import CONFERENCE, NOW, edge, person

C = TypeVar("C", bound=Command)

NAME = "spring-2024"
STREAM = stream_name(CONFERENCE, "session", NAME)
STARTS = datetime(2024, 4, 23, 12, 0, tzinfo=UTC)
ENDS = datetime(2024, 4, 23, 15, 0, tzinfo=UTC)
LATER = {"starts": datetime(2024, 5, 7, 12, 0, tzinfo=UTC), "ends": datetime(2024, 5, 7, 15, 0, tzinfo=UTC)}
WHEN = Appointment(title="Frühjahrssitzung", starts=STARTS, ends=ENDS, place="Rathaus, Raum 301", revision=0)
MOVED_TO = WHEN.model_copy(update={**LATER, "revision": 1})
AGENDA = (
    AgendaItem(number=1, title="Begrüßung", public=True),
    AgendaItem(number=2, title="Personalwohnen", public=True),
)
GUEST = Recipient(person=person(90), seat=None)


def seated(number: int) -> Recipient:
    return Recipient(person=person(number), seat=f"hospitals-{number}")


EVERYBODY = tuple(seated(number) for number in (1, 2, 3))
SCHEDULED = SessionScheduled(session=NAME, kind="plenary", working_group=None, appointment=WHEN)
OF_GROUP = SCHEDULED.model_copy(update={"kind": "working_group", "working_group": "staff"})
AGREED = AgendaChanged(session=NAME, agenda=AGENDA)
PLANNED = (SCHEDULED, AGREED)


def roster(**fields: Any) -> Roster:
    told = {
        "voting_seats": 4,
        "recipients": EVERYBODY,
        "notice_days": 14,
        "shortest_notice_days": 10,
        "reminder_days": 7,
        "quorum_percent": 50,
    }
    return Roster(**{**told, **fields})


def invited(*recipients: Recipient, **fields: Any) -> InvitationIssued:
    told = {
        "session": NAME,
        "issue": 1,
        "kind": "plenary",
        "appointment": WHEN,
        "agenda": AGENDA,
        "voting_seats": 4,
        "recipients": recipients or EVERYBODY,
        "snapshot": "",
        "quorum": 2,
        "reminder_days": 7,
        "reason": None,
        "told_at": NOW,
        "notice_days": 14,
        "shortest_notice_days": 10,
    }
    return sealed(InvitationIssued(**{**told, **fields}))


def extended(*places: Recipient, **fields: Any) -> InvitationExtended:
    told = {
        "session": NAME,
        "issue": 1,
        "kind": "plenary",
        "appointment": WHEN,
        "agenda": AGENDA,
        "voting_seats": 4,
        "places": places,
        "recipients": places,
        "quorum": 2,
        "reminder_days": 7,
        "told_at": NOW,
    }
    return InvitationExtended(**{**told, **fields})


def withdrawn(*places: Recipient, **fields: Any) -> InvitationWithdrawn:
    told = {"session": NAME, "issue": 1, "appointment": WHEN, "places": places, "recipients": places}
    return InvitationWithdrawn(**{**told, **fields})


def arrived(number: int) -> ArrivalRecorded:
    return ArrivalRecorded(session=NAME, person=person(number), seat=f"hospitals-{number}", arrived_at=STARTS)


INVITED = (*PLANNED, invited())
MOVED = SessionRescheduled(session=NAME, appointment=MOVED_TO, recipients=EVERYBODY, told_at=NOW)
FURTHER = (AgendaItem(number=3, title="Verschiedenes", public=True),)
SUPPLEMENTED = AgendaSupplemented(
    session=NAME, agenda=(*AGENDA, *FURTHER), added=FURTHER, appointment=WHEN, recipients=EVERYBODY
)
OPENED = SessionOpened(session=NAME, opened_at=STARTS)
ENOUGH = QuorumEstablished(session=NAME, present=2, voting_seats=4, needed=2)
OPEN = (*INVITED, arrived(1), arrived(2), OPENED, ENOUGH)
CLOSED = (*OPEN, SessionClosed(session=NAME))


def tell(command: type[C], /, **fields: Any) -> C:
    """A command about the session, unless its fields name something else."""
    about = {"session": NAME} if "session" in command.model_fields else {}
    return command.model_validate(edge(**{**about, **fields}))


def shown(projection: Projection, history: Iterable[Event], stream: str = STREAM, at: datetime = NOW) -> Document:
    """The one document that a stream's history makes."""
    (document,) = folded(projection, history, stream, at).values()
    return document
