"""The mail as it goes over the wire: one recipient; plain text, a page, and a calendar part where it belongs."""

from __future__ import annotations

from email.utils import format_datetime

from services.notifications.domain.correspondence import Background
from services.notifications.letters import wire
from services.notifications.letters.calendar import calendar_part
from services.notifications.letters.office import Office
from services.notifications.letters.page import page
from services.notifications.letters.plain import plain
from services.notifications.letters.words import write
from shared.contracts.notifications import Content, Minutes, NotificationQueued
from shared.contracts.people import PersonDetails
from shared.documents.minutes import as_pdf, status_of
from shared.kernel.text import single_line
from shared.kernel.time import BERLIN


def message(queued: NotificationQueued, to: PersonDetails, email: str, office: Office, background: Background) -> bytes:
    """The same arguments give the same bytes. Raises ``ValueError`` rather than let a value forge a header."""
    letter = write(queued, to, office, background)
    headers = (
        wire.header("From", wire.mailbox(single_line(office.name), office.email)),
        wire.header("To", wire.mailbox(single_line(to.name), single_line(email))),
        wire.header("Subject", wire.unstructured(single_line(letter.subject))),
        f"Date: {format_datetime(queued.queued_at.astimezone(BERLIN))}",
        f"Message-ID: <{queued.mail}@{office.domain}>",
        "Auto-Submitted: auto-generated",
    )
    parts = [
        wire.Part("text/plain; charset=utf-8", plain(letter)),
        wire.Part("text/html; charset=utf-8", page(letter)),
    ]
    if calendar := calendar_part(queued, to, email, office, background):
        kind = f"text/calendar; charset=utf-8; method={calendar.method}"
        parts.append(wire.Part(kind, calendar.text, "base64"))
    written = wire.message(headers, parts, f"=_{queued.mail}")
    attached = _minutes(background.content)
    return wire.with_attachment(written, attached, f"=_mixed-{queued.mail}") if attached else written


def _minutes(content: Content) -> wire.Attachment | None:
    if not isinstance(content, Minutes) or content.protocol is None:
        return None
    status = status_of(content.edition, content.objections_until, is_approved=bool(content.approved))
    pdf = as_pdf(content.protocol, content.document, status)
    return wire.Attachment(f"niederschrift-{content.session}.pdf", "application/pdf", pdf)
