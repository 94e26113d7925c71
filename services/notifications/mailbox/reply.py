"""A calendar's answer to an invitation (iTIP REPLY, RFC 5546, in a mail by RFC 6047), read without trusting it.

Whoever can send a mail can send this one. What is read says what the mail claims, and nothing of who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import structlog
from icalendar import Calendar
from pydantic import TypeAdapter, ValidationError

from services.notifications.mailbox.nesting import parts_of
from shared.contracts.meetings import Answer
from shared.contracts.people import EmailAddress

log = structlog.get_logger()

ANSWERS: dict[str, Answer] = {"ACCEPTED": "accept", "DECLINED": "decline", "DELEGATED": "deputy"}
"""Of PARTSTAT (RFC 5545, 3.2.12). TENTATIVE is none: there is no such answer."""
LARGEST_CALENDAR = 64 * 1024
LARGEST_NUMBER = 2**31 - 1
"""Of an INTEGER (RFC 5545, 3.3.8)."""
SCHEME = "mailto:"
ADDRESS = TypeAdapter[str](EmailAddress)


@dataclass(frozen=True, slots=True)
class Reply:
    """``starts`` is the beginning of the answered appointment, ``attendee`` the address that claims to answer.

    ``sequence`` is that of the answered request; a reply to the first one may leave it out (RFC 5546, 3.2.3).
    """

    uid: str
    attendee: str
    answer: Answer
    starts: datetime
    sequence: int = 0


def reply_in(mail: bytes) -> Reply | None:
    """None if the mail has no valid reply. Never raises, whatever the mail contains."""
    try:
        return next((reply for text in _calendars(mail) if (reply := _reply(text))), None)
    except Exception as error:  # noqa: BLE001 - a mail on which the libraries fail is no reply
        log.info("mail unreadable", error=type(error).__name__)
        return None


def _calendars(mail: bytes) -> Iterator[str]:
    for part in parts_of(mail).walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and len(content) <= LARGEST_CALENDAR:
                yield content.decode(part.get_content_charset("utf-8"))


def _reply(text: str) -> Reply | None:
    """A REPLY has one event and one attendee (RFC 5546, 3.2.3)."""
    calendar = Calendar.from_ical(text)
    events: list[Any] = calendar.walk("VEVENT")
    if str(calendar.get("method", "")).upper() != "REPLY" or len(events) != 1:
        return None
    [event] = events
    attendee, starts = event.get("attendee"), event.get("dtstart")
    if attendee is None or isinstance(attendee, list) or not isinstance(getattr(starts, "dt", None), datetime):
        return None
    answer = ANSWERS.get(str(attendee.params.get("partstat", "")).upper())
    url = str(attendee)
    if answer is None or starts.dt.tzinfo is None or not url.casefold().startswith(SCHEME):
        return None
    address, sequence = _address(unquote(url[len(SCHEME) :])), _sequence(event.get("sequence", 0))
    if address is None or sequence is None:
        return None
    return Reply(str(event.get("uid", "")), address, answer, starts.dt.astimezone(UTC), sequence)


def _address(claimed: str) -> str | None:
    """In the one form that is stored: a calendar may write the domain in Unicode or in punycode.

    Folded last: a folded „ß“ is another domain.
    """
    try:
        return str(ADDRESS.validate_python(claimed)).casefold()
    except ValidationError:
        return None


def _sequence(value: object) -> int | None:
    """None for what is no single number, or none that a request has."""
    return int(value) if isinstance(value, int) and 0 <= value <= LARGEST_NUMBER else None
