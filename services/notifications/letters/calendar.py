"""The appointment for the recipient's own calendar (iTIP, RFC 5546), with this one attendee."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

from services.notifications.domain.correspondence import Background
from services.notifications.domain.course import Ends, OnCalendar
from services.notifications.letters.office import Office
from shared.contracts.notifications import NotificationQueued
from shared.contracts.people import PersonDetails

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """``method`` stands in the MIME header and inside the calendar; both must say the same (RFC 6047)."""

    method: Method
    text: str


class Text(vText):
    """A line by RFC 5545 (3.3.11). The library takes a backslash and an N that somebody typed for a new line."""

    def to_ical(self) -> bytes:
        return re.sub(r"([\\;,])", r"\\\1", self).encode()


def calendar_part(
    queued: NotificationQueued, to: PersonDetails, email: str, office: Office, background: Background
) -> CalendarPart | None:
    """Invitations, updates and cancellations change a calendar; nothing else does."""
    content = background.content
    if not isinstance(content, OnCalendar):
        return None
    method: Method = "CANCEL" if isinstance(content, Ends) else "REQUEST"
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Pflegekonferenz//Einladungen//DE")
    calendar.add("method", method)
    calendar.add_component(_event(content, _attendee(queued, to, email, method), office, background))
    return CalendarPart(method, calendar.to_ical().decode())


def _event(content: OnCalendar, attendee: vCalAddress, office: Office, background: Background) -> Event:
    appointment = content.appointment
    domain = office.domain if background.is_counted else office.domain_before
    event = Event()
    event.add("uid", f"{content.session}@{domain}")
    event.add("sequence", background.calendar_sequence)
    event.add("dtstamp", background.letter.stamp.astimezone(UTC))
    event.add("dtstart", appointment.starts.astimezone(UTC))
    event.add("dtend", appointment.ends.astimezone(UTC))
    event.add("summary", Text(appointment.title))
    event.add("location", Text(appointment.place))
    if status := _status(content, background):
        event.add("status", status)
    event.add("organizer", _address(office.email, office.name))
    event.add("attendee", attendee)
    return event


def _status(content: OnCalendar, background: Background) -> str | None:
    """RFC 5546 (3.2.5): who is no more invited is told so without a STATUS."""
    if isinstance(content, Ends):
        return None if background.letter.dropped else "CANCELLED"
    return "CONFIRMED"


def _attendee(queued: NotificationQueued, to: PersonDetails, email: str, method: Method) -> vCalAddress:
    attendee = _address(email, to.name)
    attendee.params["ROLE"] = "REQ-PARTICIPANT" if queued.seat else "OPT-PARTICIPANT"
    if method == "REQUEST":
        attendee.params["PARTSTAT"] = "NEEDS-ACTION"
        attendee.params["RSVP"] = "TRUE"
    return attendee


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = name
    return address
