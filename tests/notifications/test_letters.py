"""What people read, and what their mail programs make of it."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from icalendar import Calendar, Component
from jinja2 import UndefinedError

from services.notifications.letters import headers, text
from services.notifications.letters.message import message
from services.notifications.letters.text import on_paper
from shared.contracts.notifications import Content, Invitation, NotificationQueued
from shared.contracts.people import PersonDetails
from tests.kit.when import NOW
from tests.notifications.letterbox import (
    CANCELLATION,
    CONTENTS,
    INVITATION,
    MINUTES,
    OFFICE,
    REMINDER,
    UPDATE,
    WELCOME,
    details,
    queued,
)

EMAIL = "eva.mueller@example.org"
GROUP_NAME = "Krankenhäuser und Kliniken"
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]


def bytes_of(event: NotificationQueued, to: PersonDetails | None = None) -> bytes:
    return message(event, to or details(), EMAIL, OFFICE, GROUP_NAME)


def read(content: Content = INVITATION, to: PersonDetails | None = None, **fields: Any) -> EmailMessage:
    return message_from_bytes(bytes_of(queued(content, **fields), to), policy=default)


def words(content: Content = INVITATION, **fields: Any) -> str:
    body = read(content, **fields).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def calendar_of(mail: EmailMessage) -> tuple[EmailMessage, Component] | None:
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            return part, Calendar.from_ical(part.get_content())
    return None


@pytest.mark.parametrize("content", CONTENTS)
def test_the_same_mail_is_the_same_to_the_byte(content: Content) -> None:
    assert bytes_of(queued(content)) == bytes_of(queued(content))


@pytest.mark.parametrize("content", CONTENTS)
def test_a_mail_goes_to_one_person_and_says_that_it_is_automatic(content: Content) -> None:
    event, mail = queued(content), read(content)
    assert [str(address) for address in mail["To"].addresses] == [f"Eva Müller <{EMAIL}>"]
    assert mail["Cc"] is None and mail["Bcc"] is None
    assert mail["From"].addresses[0].addr_spec == OFFICE.email
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{event.mail}@stuttgart.example.org>"
    assert parsedate_to_datetime(mail["Date"]) == NOW


@pytest.mark.parametrize(
    ("content", "subject"),
    [
        (WELCOME, "Willkommen: Kommunale Pflegekonferenz Stuttgart"),
        (INVITATION, "Einladung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (UPDATE, "Neuer Termin: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (CANCELLATION, "Absage: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (REMINDER, "Erinnerung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (MINUTES, "Niederschrift: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
    ],
)
def test_the_subject_says_what_it_is(content: Content, subject: str) -> None:
    assert read(content)["Subject"] == subject


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (WELCOME, "ab dem 01.11.2023 einen\nSitz der Gruppe „Krankenhäuser und Kliniken“ wahr.\n"),
        (INVITATION, "Beginn: 23.04.2024, 14:00 Uhr\nEnde:   23.04.2024, 17:00 Uhr\nOrt:    Rathaus, Großer"),
        (INVITATION, "Tagesordnung:\n 1. Begrüßung\n 2. Personalwohnen (nicht öffentlich)\n"),
        (INVITATION, "mindestens 25 von 49 Sitzen"),
        (UPDATE, "gilt nun eine andere Zeit oder ein anderer Ort"),
        (CANCELLATION, "findet nicht statt"),
        (CANCELLATION, "Grund: Unwetter"),
        (REMINDER, "wir erinnern an die bevorstehende Sitzung"),
        (MINUTES, "Niederschrift 5/2024"),
    ],
)
def test_the_text_is_plain_german(content: Content, says: str) -> None:
    body = words(content)
    assert body.startswith("Sehr geehrte Frau Müller,\n\n")
    assert says in body
    assert body.endswith("Mit freundlichen Grüßen\n" + OFFICE.name + "\n" + OFFICE.conference + "\n")


def test_a_group_whose_name_is_not_known_is_called_by_its_slug() -> None:
    assert "Sitz der Gruppe „hospitals“" in on_paper(queued(), details(), OFFICE, None)


@pytest.mark.parametrize("content", CONTENTS)
def test_paragraphs_are_one_line_apart(content: Content) -> None:
    assert "\n\n\n" not in words(content)


def invitation(**fields: Any) -> Invitation:
    return INVITATION.model_copy(update=fields)


def test_a_guest_is_invited_as_one() -> None:
    assert "als Gast" in words(seat=None)
    assert "als Gast" not in words()


def test_an_invitation_that_is_repeated_says_so() -> None:
    assert "diese 2. Einladung ersetzt die vorige" in words(invitation(issue=2))
    assert "ersetzt" not in words()


def test_what_an_invitation_does_not_have_it_leaves_out() -> None:
    bare = words(invitation(agenda=(), quorum=0))
    assert "Tagesordnung" not in bare and "Beschlussfähig" not in bare
    assert "\n\n\n" not in bare
    assert "Grund der kurzen Frist: Sturm" in words(invitation(short_notice="Sturm"))
    assert "kurzen Frist" not in words()


@pytest.mark.parametrize(
    ("content", "method", "status"),
    [
        (INVITATION, "REQUEST", "CONFIRMED"),
        (UPDATE, "REQUEST", "CONFIRMED"),
        (CANCELLATION, "CANCEL", "CANCELLED"),
    ],
)
def test_a_calendar_learns_of_the_session(content: Content, method: str, status: str) -> None:
    found = calendar_of(read(content))
    assert found is not None
    part, calendar = found
    (event,) = calendar.walk("VEVENT")
    assert part["Content-Type"].params["method"] == calendar["METHOD"] == method
    assert part["Content-Type"].params["charset"] == "utf-8"
    assert (event["STATUS"], event["UID"]) == (status, "plenary-5@stuttgart.example.org")
    assert event["SEQUENCE"] == 2
    assert event.decoded("DTSTART") == INVITATION.appointment.starts
    assert event.decoded("DTEND") == INVITATION.appointment.ends
    assert event.decoded("DTSTAMP") == NOW
    assert event["ATTENDEE"] == f"mailto:{EMAIL}"
    assert event["ORGANIZER"] == f"mailto:{OFFICE.email}"


@pytest.mark.parametrize("content", [WELCOME, REMINDER, MINUTES])
def test_nothing_else_touches_a_calendar(content: Content) -> None:
    assert calendar_of(read(content)) is None


@pytest.mark.parametrize("content", CONTENTS)
def test_every_line_fits_the_wire(content: Content) -> None:
    written = bytes_of(queued(content))
    assert written.isascii()
    assert max(map(len, written.split(b"\r\n"))) <= 998
    assert b"\n" not in written.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "name",
    [
        "Müller, Eva <all@example.org>",
        "Eva Bcc: all@example.org",
        'Eva "die Gute", Dr.',
        "all@example.org, Eva",
        "Eva " * 70 + ", all@example.org",
    ],
)
def test_a_strange_name_stays_a_name(name: str) -> None:
    mail = read(WELCOME, details(name=name))
    assert [address.addr_spec for address in mail["To"].addresses] == [EMAIL]
    assert mail.keys() == [*HEADERS[:6], "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]


REFUSED = "control or invisible character|encoded word"
FORGERY = "=?utf-8?q?a=0D=0ABcc=3A_all=40example.org?="


@pytest.mark.parametrize("forged", [FORGERY, "Eva\x0bBcc: all@example.org", "Eva\r\nBcc: all@example.org"])
def test_what_came_past_the_edge_is_refused_once_more(forged: str) -> None:
    """Python 3.11 would write the forged header: the message is not made at all."""
    with pytest.raises(ValueError, match=REFUSED):
        read(WELCOME, details().model_copy(update={"name": forged}))
    appointment = INVITATION.appointment.model_copy(update={"title": forged})
    with pytest.raises(ValueError, match=REFUSED):
        read(invitation(appointment=appointment))
    with pytest.raises(ValueError, match=REFUSED):
        message(queued(), details(), f"eva@example.org{forged}", OFFICE, GROUP_NAME)


def test_a_template_that_asks_for_too_much_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = text._TEMPLATES.from_string("Guten Tag {{ to.nickname }}")
    monkeypatch.setattr(text._TEMPLATES, "get_template", lambda _: broken)
    with pytest.raises(UndefinedError):
        read(WELCOME)


@pytest.mark.parametrize("content", CONTENTS)
def test_on_paper_stands_the_same_text(content: Content) -> None:
    paper = on_paper(queued(content), details(email=None), OFFICE, GROUP_NAME)
    assert paper.startswith(f"{OFFICE.name}\n\nEva Müller\nHauptstraße 1, 70173 Stuttgart\n\n15.01.2024\n\n")
    assert paper.endswith(words(content))
    assert str(read(content)["Subject"]) in paper


def test_a_letter_without_an_address_is_handed_over() -> None:
    paper = on_paper(queued(), details(postal_address=None), OFFICE, GROUP_NAME)
    assert "Eva Müller\n\n15.01.2024" in paper


def test_what_is_remembered_of_headers_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mail with Python's own policy, then twice with ours: the second time from memory."""
    mails = [(queued(content), details(name=name)) for content in CONTENTS for name in ("Eva Müller", "Dr. Tom Long")]

    def written() -> list[bytes]:
        return [message(about, to, "eva@example.org", OFFICE, "Kliniken") for about, to in mails]

    with monkeypatch.context() as patched:
        patched.setattr("services.notifications.letters.message.WIRE", SMTP)
        plain = written()
    assert written() == plain
    assert written() == plain


@pytest.mark.parametrize(("memory", "own"), [("_parsed", SMTP.header_store_parse), ("_folded", SMTP.fold_binary)])
def test_a_recipient_is_never_remembered(monkeypatch: pytest.MonkeyPatch, memory: str, own: Callable[..., Any]) -> None:
    remembered = list[str]()

    def remembering(name: str, value: str) -> Any:
        remembered.append(f"{name}: {value}")
        return own(name, value)

    monkeypatch.setattr(headers, memory, remembering)
    message(queued(INVITATION), details(name="Eva Müller"), "eva@example.org", OFFICE, "Kliniken")
    assert any(line.startswith("Subject") for line in remembered)
    assert not any("Eva" in line or "eva" in line for line in remembered)
