"""The appointment for the recipient's own calendar (iTIP, RFC 5546), with this one attendee."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress, vText

from services.notifications.domain.correspondence import Background
from services.notifications.domain.course import Ends, OnCalendar
from services.notifications.letters.office import Office
from shared.contracts.meetings import Appointment
from shared.contracts.notifications import NotificationQueued
from shared.contracts.people import PersonDetails
from shared.kernel.identifiers import Slug

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
    about = _About(
        method,
        content.session,
        content.appointment,
        office.name,
        office.email,
        office.domain if background.is_counted else office.domain_before,
        background.calendar_sequence,
        background.letter.stamp,
        _status(content, background),
    )
    before, after = _around_attendee(about)
    attendee = Event().content_line("ATTENDEE", _attendee(queued, to, email, method)).to_ical().decode()
    return CalendarPart(method, f"{before}{attendee}{after}")


class _About(NamedTuple):
    """What all calendars of one event have in common."""

    method: Method
    session: Slug
    appointment: Appointment
    office: str
    email: str
    domain: str
    sequence: int | None
    stamp: datetime
    status: str | None


NOBODY = vCalAddress("mailto:")


@lru_cache(maxsize=64)
def _around_attendee(about: _About) -> tuple[str, str]:
    """The text before and behind the recipient's line: made once, as the recipients of an event have it in common."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Pflegekonferenz//Einladungen//DE")
    calendar.add("method", about.method)
    calendar.add_component(_event(about))
    before, line, after = calendar.to_ical().decode().partition("\r\nATTENDEE:mailto:\r\n")
    assert line, "a calendar has an attendee"
    return f"{before}\r\n", f"\r\n{after}"


def _event(about: _About) -> Event:
    event = Event()
    event.add("uid", f"{about.session}@{about.domain}")
    event.add("sequence", about.sequence)
    event.add("dtstamp", about.stamp.astimezone(UTC))
    event.add("dtstart", about.appointment.starts.astimezone(UTC))
    event.add("dtend", about.appointment.ends.astimezone(UTC))
    event.add("summary", Text(about.appointment.title))
    event.add("location", Text(about.appointment.place))
    if about.status:
        event.add("status", about.status)
    event.add("organizer", _address(about.email, about.office))
    event.add("attendee", NOBODY)
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


URL_SIGNS = "@!$'*+"
"""RFC 6068 (2): what else a local part may have would begin something of its own, or is no sign of a URL."""


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{quote(email, safe=URL_SIGNS)}")
    address.params["CN"] = name
    return address
