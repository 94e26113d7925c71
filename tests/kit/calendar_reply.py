"""A mail as a calendar program answers an invitation."""

from __future__ import annotations

from email.message import EmailMessage

from icalendar import Calendar


def replied(request: str, partstat: str, /, **changed: str) -> bytes:
    """To the calendar part of an invitation. ``changed`` replaces what stands in a line of the answer, by its name."""
    calendar = Calendar.from_ical(request)
    calendar["method"] = "REPLY"
    [event] = calendar.walk("VEVENT")
    attendee = event["attendee"]
    attendee.params.clear()
    attendee.params["PARTSTAT"] = partstat
    lines = [
        f"{name}:{changed[name.lower()]}" if name.lower() in changed else line
        for line in calendar.to_ical().decode().replace("\r\n ", "").splitlines()
        for name in (line.partition(":")[0].partition(";")[0],)
    ]
    return mail_with("\r\n".join(lines))


def mail_with(calendar: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "someone@example.org", "office@example.org", "Zugesagt"
    message.set_content("Zugesagt.")
    message.add_alternative(calendar, subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()
