"""The mail as it goes over the wire: one recipient, plain text always, a calendar part where it belongs."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage

from services.notifications.letters.calendar import CalendarPart, calendar_part
from services.notifications.letters.headers import WIRE
from services.notifications.letters.office import Office
from services.notifications.letters.text import write
from shared.contracts.notifications import NotificationQueued
from shared.contracts.people import PersonDetails
from shared.kernel.text import single_line
from shared.kernel.time import BERLIN

NEEDS_QUOTES = frozenset('()<>[]@,:;\\"')
LONGEST_UNBROKEN = 70


def message(queued: NotificationQueued, to: PersonDetails, email: str, office: Office, group_name: str | None) -> bytes:
    """Raises ``ValueError`` rather than let a value forge a header."""
    letter = write(queued, to, office, group_name)
    mail = EmailMessage(policy=WIRE)
    mail["From"] = _address(office.name, office.email)
    mail["To"] = _address(to.name, email)
    mail["Subject"] = single_line(letter.subject)
    mail["Date"] = queued.queued_at.astimezone(BERLIN)
    mail["Message-ID"] = f"<{queued.mail}@{office.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body, cte="quoted-printable")
    if part := calendar_part(queued, to, email, office):
        _attach(mail, part, queued)
    return mail.as_bytes()


def _address(name: str, email: str) -> Address:
    """Python 3.11 lets encoded words and some controls through a display name: they are refused here again.

    It also drops the quotes of a name that it breaks over lines, so that a comma in it would begin another
    recipient: such a name is left out.
    """
    named = Address(display_name=single_line(name), addr_spec=single_line(email))
    torn = len(str(named)) > LONGEST_UNBROKEN and NEEDS_QUOTES & set(name)
    return Address(addr_spec=email) if torn else named


def _attach(mail: EmailMessage, part: CalendarPart, queued: NotificationQueued) -> None:
    mail.add_alternative(part.text, subtype="calendar", params={"method": part.method}, cte="base64")
    mail.set_boundary(f"=_{queued.mail}")
