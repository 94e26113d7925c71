"""A mail with which a calendar program answers an invitation."""

from __future__ import annotations

from email.message import EmailMessage

from icalendar import Calendar


def replied(request: str, partstat: str) -> bytes:
    """To the calendar part of an invitation."""
    return mail_with(reply_to(request, partstat))


def reply_to(request: str, partstat: str) -> str:
    """The calendar of the reply; each line is one, however long."""
    calendar = Calendar.from_ical(request)
    calendar["method"] = "REPLY"
    [event] = calendar.walk("VEVENT")
    attendee = event["attendee"]
    attendee.params.clear()
    attendee.params["PARTSTAT"] = partstat
    return str(calendar.to_ical().decode().replace("\r\n ", ""))


def mail_with(calendar: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "someone@example.org", "office@example.org", "Zugesagt"
    message.set_content("Zugesagt.")
    message.add_alternative(calendar, subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()
