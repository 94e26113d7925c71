"""The appointment for the recipient's own calendar (iTIP, RFC 5546), with this one attendee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Literal

from icalendar import Calendar, Event, vCalAddress

from services.notifications.letters.office import Office
from shared.contracts.notifications import Cancellation, Invitation, NotificationQueued, Update
from shared.contracts.people import PersonDetails

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """``method`` stands in the MIME header and inside the calendar; both must say the same (RFC 6047)."""

    method: Method
    text: str


def calendar_part(queued: NotificationQueued, to: PersonDetails, email: str, office: Office) -> CalendarPart | None:
    """Invitations, updates and cancellations change a calendar; nothing else does."""
    match queued.content:
        case Invitation() | Update() as content:
            method: Method = "REQUEST"
        case Cancellation() as content:
            method = "CANCEL"
        case _:
            return None
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Pflegekonferenz//Einladungen//DE")
    calendar.add("method", method)
    calendar.add_component(_event(queued, content, _address(email, to.name), office))
    return CalendarPart(method, calendar.to_ical().decode())


def _event(
    queued: NotificationQueued,
    content: Invitation | Update | Cancellation,
    attendee: vCalAddress,
    office: Office,
) -> Event:
    appointment = content.appointment
    event = Event()
    event.add("uid", f"{content.session}@{office.domain}")
    event.add("sequence", appointment.revision)
    event.add("dtstamp", queued.queued_at.astimezone(UTC))
    event.add("dtstart", appointment.starts.astimezone(UTC))
    event.add("dtend", appointment.ends.astimezone(UTC))
    event.add("summary", appointment.title)
    event.add("location", appointment.place)
    event.add("status", "CANCELLED" if isinstance(content, Cancellation) else "CONFIRMED")
    event.add("organizer", _address(office.email, office.name))
    event.add("attendee", attendee)
    return event


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = name
    return address
