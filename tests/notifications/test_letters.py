"""What people read, and what their mail programs make of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar, Component
from jinja2 import UndefinedError

from services.notifications.domain.correspondence import Background
from services.notifications.domain.course import Letter, Occasion
from services.notifications.domain.office import contact_of_office
from services.notifications.letters import page
from services.notifications.letters.message import message
from services.notifications.letters.office import AnswerLinks, Office, own_domain
from services.notifications.letters.phrases import MONTHS, sentence
from services.notifications.letters.versions import VERSIONS
from shared.contracts.meetings import AgendaItem, Appointment
from shared.contracts.notifications import Content, HeldUp, Invitation, Minutes, NotificationQueued, Reminder, Update
from shared.contracts.people import PersonDetails
from shared.documents.minutes import as_pdf, status_of
from shared.kernel.personal_links import Invitee, LinkKeys
from tests.kit.when import NOW, person
from tests.notifications.letterbox import (
    APPOINTMENT,
    APPROVED,
    AS_DEPUTY,
    CANCELLATION,
    CONTENTS,
    CORRECTED,
    CORRECTED_CONTACT,
    DIGEST,
    FAREWELL,
    INVITATION,
    MINUTES,
    MISSING,
    OFFICE,
    PROTOCOL,
    RELEASED,
    REMINDER,
    SECOND,
    SUPPLEMENT,
    UPDATE,
    WELCOME,
    WITHDRAWAL,
    WRITTEN,
    details,
    queued,
)

EMAIL = "eva.mueller@example.org"
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
GOLDEN = Path(__file__).with_name("golden")


def background(event: NotificationQueued, **told: Any) -> Background:
    occasion = Occasion(
        order=5,
        cause=event.cause,
        at=event.queued_at,
        content=event.content,
        recipients={event.person: event.seat},
        until=told.pop("until", None),
    )
    letter = Letter(event.mail, occasion, event.queued_at, dropped=told.pop("dropped", False))
    return Background(letter, **{"invitation": INVITATION, "reminder_days": 7, "calendar_sequence": 2, **told})


def bytes_of(event: NotificationQueued, to: PersonDetails | None = None, **told: Any) -> bytes:
    office = told.pop("office", OFFICE)
    return message(event, to or details(), EMAIL, office, background(event, **told))


def read(
    content: Content = INVITATION, to: PersonDetails | None = None, seat: str | None = "x-1", **told: Any
) -> EmailMessage:
    return message_from_bytes(bytes_of(queued(content, seat=seat), to, **told), policy=default)


def words(content: Content = INVITATION, **told: Any) -> str:
    body = read(content, **told).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def running(content: Content = INVITATION, **told: Any) -> str:
    """The words as one line."""
    return " ".join(words(content, **told).split())


def calendar_of(mail: EmailMessage) -> tuple[EmailMessage, Component] | None:
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            return part, Calendar.from_ical(part.get_content())
    return None


def invitation(**fields: Any) -> Invitation:
    return INVITATION.model_copy(update=fields)


def moved(**fields: Any) -> Appointment:
    return APPOINTMENT.model_copy(update=fields)


@pytest.mark.parametrize("content", CONTENTS)
def test_the_same_mail_is_the_same_to_the_byte(content: Content) -> None:
    assert bytes_of(queued(content)) == bytes_of(queued(content))


@pytest.mark.parametrize("content", CONTENTS)
def test_a_mail_goes_to_one_person_and_says_that_it_is_automatic(content: Content) -> None:
    event, mail = queued(content), read(content)
    assert mail.keys() == HEADERS
    assert [(one.display_name, one.addr_spec) for one in mail["To"].addresses] == [("Eva Müller", EMAIL)]
    assert [one.addr_spec for one in mail["From"].addresses] == [OFFICE.email]
    assert mail["From"].addresses[0].display_name == "Geschäftsstelle Kommunale Pflegekonferenz Stuttgart"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{event.mail}@stuttgart.example.org>"
    assert parsedate_to_datetime(mail["Date"]) == NOW


ELSEWHERE = moved(place="Rathaus, Kleiner Saal")
EARLIER = moved(starts=APPOINTMENT.starts - timedelta(days=7), ends=APPOINTMENT.ends - timedelta(days=7))


@pytest.mark.parametrize(
    ("content", "told", "subject"),
    [
        (WELCOME, {}, "Willkommen: Kommunale Pflegekonferenz Stuttgart"),
        (FAREWELL, {}, "Abschied und Dank: Kommunale Pflegekonferenz Stuttgart"),
        (CORRECTED_CONTACT, {}, "Ihre Kontaktdaten sind geändert: Kommunale Pflegekonferenz Stuttgart"),
        (MISSING, {}, "Antworten fehlen: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (DIGEST, {}, "Was offen ist, 22.04.2024: Kommunale Pflegekonferenz Stuttgart"),
        (INVITATION, {}, "Einladung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (SECOND, {}, "Einladung zur zweiten Sitzung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (AS_DEPUTY, {}, "Einladung in Vertretung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (UPDATE, {"known": EARLIER}, "Neuer Termin: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (UPDATE, {"known": ELSEWHERE}, "Neuer Ort: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (UPDATE, {"known": APPOINTMENT}, "Termin bestätigt: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (UPDATE, {}, "Einladung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (CANCELLATION, {}, "Absage: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (WITHDRAWAL, {}, "Einladung zurückgenommen: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (SUPPLEMENT, {"known": APPOINTMENT}, "Ergänzte Tagesordnung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (SUPPLEMENT, {}, "Einladung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (REMINDER, {}, "Erinnerung: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (CORRECTED, {}, "Berichtigte Niederschrift: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (APPROVED, {}, "Genehmigte Niederschrift: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
        (MINUTES, {}, "Niederschrift: 5. Sitzung der Pflegekonferenz am 23.04.2024"),
    ],
)
def test_the_subject_says_what_it_is(content: Content, told: dict[str, Any], subject: str) -> None:
    assert read(content, **told)["Subject"] == subject


GOLDEN_LETTERS: dict[str, tuple[Content, dict[str, Any]]] = {
    "welcome": (WELCOME, {}),
    "welcome-until": (WELCOME, {"until": date(2025, 12, 31)}),
    "farewell": (FAREWELL, {}),
    "contact": (CORRECTED_CONTACT, {}),
    "answers": (MISSING, {}),
    "digest": (DIGEST, {}),
    "invitation": (INVITATION, {}),
    "second": (SECOND, {}),
    "deputy": (AS_DEPUTY, {}),
    "deputy-released": (RELEASED, {"known": APPOINTMENT}),
    "update": (UPDATE, {"known": moved(place="Rathaus, Kleiner Saal", starts=EARLIER.starts, ends=EARLIER.ends)}),
    "update-moved-back": (UPDATE, {"known": APPOINTMENT.model_copy(update={"revision": 0})}),
    "cancellation": (CANCELLATION, {"known": APPOINTMENT}),
    "withdrawal": (WITHDRAWAL, {"known": APPOINTMENT}),
    "supplement": (SUPPLEMENT, {"known": APPOINTMENT}),
    "supplement-moved": (SUPPLEMENT, {"known": EARLIER}),
    "reminder": (REMINDER, {"known": APPOINTMENT}),
    "minutes": (MINUTES, {}),
    "minutes-written": (WRITTEN, {}),
    "minutes-corrected": (CORRECTED, {}),
    "minutes-approved": (APPROVED, {}),
}


@pytest.mark.parametrize("name", GOLDEN_LETTERS)
def test_a_letter_reads_as_it_was_approved(name: str) -> None:
    content, told = GOLDEN_LETTERS[name]
    assert words(content, **told) == (GOLDEN / f"{name}.txt").read_text()


def test_a_text_that_changes_gets_another_version() -> None:
    """Raise the kind's number in ``letters/versions.py`` and add a line; no line changes."""
    texts: dict[str, list[str]] = {}
    for content, told in GOLDEN_LETTERS.values():
        texts.setdefault(content.kind, []).append(bytes_of(queued(content), **told).decode())
    told_of = {name: sha256("".join(written).encode()).hexdigest()[:16] for name, written in texts.items()}
    approved = json.loads((GOLDEN / "versions.json").read_text())
    assert {f"{name} {VERSIONS[name]}": sign for name, sign in told_of.items()}.items() <= approved.items()
    assert VERSIONS.keys() == texts.keys()


@pytest.mark.parametrize("content", CONTENTS)
def test_every_letter_begins_and_ends_alike(content: Content) -> None:
    body = words(content)
    assert body.startswith("Sehr geehrte Frau Müller,\n\n")
    assert body.count(OFFICE.conference) == 1
    assert body.endswith(
        "\n\nMit freundlichen Grüßen\nGeschäftsstelle\nKommunale Pflegekonferenz Stuttgart\nSozialamt\n"
        "Telefon 0711 216-0\noffice@example.org\n"
    )
    assert "\n\n\n" not in body


@pytest.mark.parametrize("content", CONTENTS)
def test_plain_text_stays_within_its_width(content: Content) -> None:
    assert max(map(len, words(content).split("\n"))) <= 72


@pytest.mark.parametrize("content", CONTENTS)
def test_no_line_ends_inside_a_day_an_hour_an_amount_or_a_telephone_number(content: Content) -> None:
    months = "|".join(MONTHS)
    assert re.findall(rf"\d\.\n(?:{months})|(?:{months})\n\d|\d\n(?:Uhr|EUR)|0711\n", words(content)) == []


def agenda_of(*numbers: int) -> tuple[AgendaItem, ...]:
    return tuple(AgendaItem(number=number, title=f"Punkt {number}", public=True) for number in numbers)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (SUPPLEMENT.model_copy(update={"added": agenda_of(3)}), "hat einen weiteren Punkt; Zeit"),
        (SUPPLEMENT.model_copy(update={"added": agenda_of(3, 4)}), "hat 2 weitere Punkte; Zeit"),
        (MISSING.model_copy(update={"seats": ("hospitals-1",)}), "Für einen Sitz fehlt noch die Antwort auf"),
        (MISSING, "Für 2 Sitze fehlen noch Antworten auf"),
        (DIGEST.model_copy(update={"suspended": (HeldUp(seat=None, waiting=1),)}), "Gast: 1 Schreiben wartet"),
        (DIGEST.model_copy(update={"suspended": (HeldUp(seat=None, waiting=2),)}), "Gast: 2 Schreiben warten"),
    ],
)
def test_one_is_said_as_one_and_several_as_several(content: Content, says: str) -> None:
    assert says in running(content, known=APPOINTMENT)


@pytest.mark.parametrize(("seats", "first"), [(9, "1. Kliniken"), (10, "1.  Kliniken")])
def test_numbered_lines_begin_below_one_another(seats: int, first: str) -> None:
    many = tuple(f"hospitals-{number}" for number in range(1, seats + 1))
    assert f"Ohne Antwort:\n{first}" in words(MISSING.model_copy(update={"seats": many}))


def test_what_the_office_gets_is_addressed_to_it_and_leaves_out_what_there_is_not() -> None:
    quiet = DIGEST.model_copy(update={"vacant": (), "without_deputy": (), "absent_twice": (), "owed": None})
    body = words(quiet, to=contact_of_office(OFFICE.email))
    assert body.startswith("Guten Tag in der Geschäftsstelle,\n\n")
    assert "Sitze" not in body and "Zuwendungen" not in body


def test_a_welcome_says_until_when_a_seat_is_somebodys() -> None:
    last, by_post = date(2025, 12, 31), replace(OFFICE, group="Amtsleitung Sozialamt", by_post=True)
    assert "Ihr Mandat gilt, bis die entsendende Stelle jemand anderen benennt" in running(WELCOME)
    assert "Ihr Mandat gilt bis zum 31. Dezember 2025. Es endet vorher, wenn" in running(WELCOME, until=last)
    assert "solange Sie es innehaben. " in running(WELCOME, office=by_post)
    assert "innehaben, längstens bis zum 31. Dezember 2025. " in running(WELCOME, office=by_post, until=last)


def test_a_farewell_to_the_holder_of_a_post_says_so() -> None:
    by_post = replace(OFFICE, group="Amtsleitung Sozialamt", by_post=True)
    told = running(FAREWELL, office=by_post)
    assert "endete Ihr Amt und damit Ihr Sitz in der Pflegekonferenz: Amtsleitung Sozialamt." in told
    assert "Mandat" not in told


def test_a_correction_tells_the_contact_as_it_is() -> None:
    told = running(CORRECTED_CONTACT, to=details(email="neu@example.org", postal_address="Weg 1\n70173 Stuttgart"))
    assert "E-Mail: neu@example.org" in told and "Anschrift: Weg 1, 70173 Stuttgart" in told
    assert "E-Mail: nicht hinterlegt" in running(CORRECTED_CONTACT, to=details(email=None))


@pytest.mark.parametrize("content", CONTENTS)
def test_a_link_is_named_where_there_is_one_and_only_there(content: Content) -> None:
    links = AnswerLinks("stuttgart", "https://antwort.example.org/answers", LinkKeys((b"k" * 32,)))
    body = words(content, office=replace(OFFICE, links=links), known=APPOINTMENT)
    assert ("persönlichen Link" in body) == ("https://antwort.example.org/answers/" in body)


def test_what_an_office_does_not_have_it_leaves_out() -> None:
    bare = Office("stuttgart", "office@example.org", "stuttgart.example.org")
    body = words(INVITATION, office=bare)
    assert body.endswith("Mit freundlichen Grüßen\nGeschäftsstelle\nstuttgart\noffice@example.org\n")
    assert "Telefon" not in body


@pytest.mark.parametrize(
    ("salutation", "greeted"),
    [
        ("Sehr geehrte Frau Müller", "Sehr geehrte Frau Müller,"),
        ("Guten Tag Eva Müller", "Guten Tag Eva Müller,"),
        ("Guten Tag", "Guten Tag Eva Müller,"),
        ("Sehr geehrte Damen und Herren", "Guten Tag Eva Müller,"),
    ],
)
def test_everybody_is_greeted_by_name(salutation: str, greeted: str) -> None:
    assert words(to=details(salutation=salutation)).startswith(greeted)


def test_who_holds_a_post_sits_by_it() -> None:
    by_post = Office("Konferenz", "office@example.org", "x.org", group="Amtsleitung Sozialamt", by_post=True)
    told = running(WELCOME, office=by_post)
    assert (
        "Ab dem 1. November 2023 gehören Sie kraft Ihres Amtes der Pflegekonferenz an: Amtsleitung Sozialamt." in told
    )
    assert "solange Sie es innehaben" in told
    assert "Gruppe" not in told


@pytest.mark.parametrize(
    "says", ["Anschrift oder E-Mail-Adresse", "wer Sie vertritt", "Datenschutz", "Ihr Mandat gilt"]
)
def test_a_welcome_says_what_one_has_to_know(says: str) -> None:
    assert says in running(WELCOME)


def test_a_guest_is_invited_as_one_and_has_no_deputy() -> None:
    assert "als Gast" in running(seat=None) and "vertritt" not in running(seat=None)
    assert "als Gast" not in running() and "nennen Sie uns bitte, wer Sie vertritt" in running()


def test_an_invitation_that_is_repeated_says_so() -> None:
    again = invitation(issue=2)
    assert "diese Einladung ersetzt die vorige" in running(again, known=APPOINTMENT)
    assert "ersetzt" not in running(again)
    assert "ersetzt" not in running()


def test_what_an_invitation_does_not_have_it_leaves_out() -> None:
    bare = words(invitation(agenda=(), quorum=0, session_kind="workshop"))
    assert "Mindestzahl" not in bare and "Mindestzahl" not in running(invitation(quorum=25))
    assert "nicht vorgeschrieben" in running(invitation(quorum=0))
    assert "Tagesordnung" not in bare and "Beschlussfähig" not in bare
    assert "Grund der kurzen Frist: Sturm." in running(invitation(short_notice="Sturm"))
    assert "kurzen Frist" not in running()


@pytest.mark.parametrize(
    ("days", "asks"),
    [
        (7, "Bitte sagen Sie uns bis Dienstag, 16. April 2024, ob Sie teilnehmen"),
        (1, "Bitte sagen Sie uns bis Montag, 22. April 2024, ob Sie teilnehmen"),
        (0, "Bitte sagen Sie uns möglichst bald, ob Sie teilnehmen"),
        (99, "Bitte sagen Sie uns möglichst bald, ob Sie teilnehmen"),
    ],
)
def test_an_invitation_says_how_and_until_when_to_answer(days: int, asks: str) -> None:
    told = running(reminder_days=days)
    assert f"{asks}: per E-Mail an office@example.org oder unter Telefon 0711 216-0." in told


def test_a_reminder_of_a_session_that_nobody_was_invited_to_by_us_has_no_agenda() -> None:
    assert "Tagesordnung" in words(REMINDER)
    assert "Tagesordnung" not in words(REMINDER, invitation=None)


def test_where_there_is_no_telephone_none_is_named() -> None:
    silent = replace(OFFICE, phone=None)
    for content in CONTENTS:
        assert "Telefon" not in words(content, office=silent)
    assert "per E-Mail an office@example.org oder unter Telefon 0711 216-0" in running(WELCOME)


@pytest.mark.parametrize("end", [".", "!", "?", "…"])
def test_a_sentence_that_somebody_typed_keeps_its_end(end: str) -> None:
    assert (sentence(f"Warum{end}"), sentence("Sturm")) == (f"Warum{end}", "Sturm.")


def test_minutes_of_a_session_that_nobody_was_invited_to_by_us_are_of_a_session() -> None:
    assert "die Niederschrift der Sitzung „5. Sitzung der Pflegekonferenz“" in running(MINUTES, invitation=None)


@pytest.mark.parametrize(
    ("known", "says", "rows"),
    [
        (ELSEWHERE, "findet an einem anderen Ort statt; die Zeit bleibt", ["Zeit:", "Ort neu:", "Ort bisher:"]),
        (EARLIER, "findet zu einer anderen Zeit statt; der Ort bleibt", ["Zeit neu:", "Zeit bisher:", "Ort:"]),
        (
            EARLIER.model_copy(update={"place": "Kleiner Saal"}),
            "Zeit und Ort der Sitzung „5. Sitzung der Pflegekonferenz“ haben sich geändert",
            ["Zeit neu:", "Zeit bisher:", "Ort neu:", "Ort bisher:"],
        ),
        (APPOINTMENT, "bleibt es bei Zeit und Ort, die Sie kennen.", ["Zeit:", "Ort:"]),
    ],
)
def test_an_update_says_what_changed_from_what_to_what(known: Appointment, says: str, rows: list[str]) -> None:
    assert says in running(UPDATE, known=known)
    assert re.findall(r"^(?:Zeit|Ort)[a-z ]*:", words(UPDATE, known=known), re.MULTILINE) == rows


@pytest.mark.parametrize(
    ("known", "says"),
    [(APPOINTMENT, "Zeit und Ort bleiben, wie Sie sie kennen:"), (ELSEWHERE, "Zeit und Ort sind nun:")],
)
def test_a_supplement_says_that_time_and_place_stay_only_to_who_knows_them(known: Appointment, says: str) -> None:
    assert says in running(SUPPLEMENT, known=known)


def test_an_update_to_who_knows_nothing_else_says_what_is_true() -> None:
    assert "für die Sitzung „5. Sitzung der Pflegekonferenz“ gilt nun" in running(UPDATE, invitation=None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (UPDATE, "der Workshop „5. Sitzung"),
        (CANCELLATION, "den Workshop absagen, zu dem wir Sie eingeladen hatten"),
        (REMINDER, "wir erinnern Sie an den Workshop"),
        (MINUTES, "die Niederschrift des Workshops"),
        (INVITATION.model_copy(update={"session_kind": "workshop"}), "Workshop: 5. Sitzung"),
        (AS_DEPUTY.model_copy(update={"session_kind": "workshop"}), "kann zum Workshop nicht kommen"),
        (WITHDRAWAL, "der Workshop, zu dem wir Sie eingeladen hatten"),
        (SUPPLEMENT, "die Tagesordnung des Workshops hat"),
    ],
)
def test_a_workshop_is_a_workshop(content: Content, says: str) -> None:
    told = running(content, invitation=invitation(session_kind="workshop"), known=ELSEWHERE)
    assert says in told


def test_a_cancellation_regrets_and_says_what_follows() -> None:
    told = running(CANCELLATION)
    assert "leider müssen wir die Sitzung absagen" in told
    assert "Grund: Unwetter." in told
    assert "gibt es einen Ersatztermin, erhalten Sie dazu eine neue Einladung" in told
    assert "Sturm! " in running(CANCELLATION.model_copy(update={"reason": "Sturm!"}))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("accept", "Sie haben zugesagt; wir freuen uns auf Sie."),
        ("deputy", "Sie lassen sich vertreten."),
        (None, "Ihre Antwort fehlt uns noch. Bitte sagen Sie uns bis"),
        ("decline", "Ihre Antwort fehlt uns noch."),
    ],
)
def test_a_reminder_knows_who_has_answered(answer: str | None, says: str) -> None:
    told = running(REMINDER, answer=answer)
    assert says in told
    assert "Tagesordnung: 1. Begrüßung 2. Personalwohnen (nicht öffentlich)" in told


def test_minutes_say_to_whom_to_object_and_until_when() -> None:
    told = running(MINUTES)
    assert "vom Dienstag, 23. April 2024, 14:00 Uhr, liegt vor" in told
    assert "richten Sie bitte bis zur nächsten Sitzung an die Geschäftsstelle: per E-Mail an office@example.org" in told


def test_a_session_that_ends_on_another_day_says_both() -> None:
    long = invitation(appointment=moved(ends=APPOINTMENT.starts + timedelta(days=1)))
    assert "Dienstag, 23. April 2024, 14:00 Uhr, bis Mittwoch, 24. April 2024, 14:00 Uhr" in running(long)


@pytest.mark.parametrize(
    ("content", "method", "status"),
    [
        (INVITATION, "REQUEST", "CONFIRMED"),
        (UPDATE, "REQUEST", "CONFIRMED"),
        (CANCELLATION, "CANCEL", "CANCELLED"),
        (WITHDRAWAL, "CANCEL", None),
    ],
)
def test_a_calendar_learns_of_the_session(content: Content, method: str, status: str | None) -> None:
    """Whom it does not concern any more: RFC 5546 (3.2.5), as the session itself takes place."""
    found = calendar_of(read(content, calendar_sequence=4, dropped=content is WITHDRAWAL))
    assert found is not None
    part, calendar = found
    (event,) = calendar.walk("VEVENT")
    assert part["Content-Type"].params["method"] == calendar["METHOD"] == method
    assert part["Content-Type"].params["charset"] == "utf-8"
    assert (event.get("STATUS"), event["UID"]) == (status, "plenary-5@stuttgart.example.org")
    assert event["SEQUENCE"] == 4
    assert event.decoded("DTSTART") == INVITATION.appointment.starts
    assert event.decoded("DTEND") == INVITATION.appointment.ends
    assert event.decoded("DTSTAMP") == NOW
    assert event["ORGANIZER"] == f"mailto:{OFFICE.email}"


@pytest.mark.parametrize(("seat", "role"), [("x-1", "REQ-PARTICIPANT"), (None, "OPT-PARTICIPANT")])
def test_who_is_invited_is_asked_to_answer(seat: str | None, role: str) -> None:
    attendee = attendee_of(read(INVITATION, seat=seat))
    assert attendee == f"mailto:{EMAIL}"
    assert {**attendee.params, "CN": ""} == {"CN": "", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", "ROLE": role}


def test_nobody_is_asked_to_answer_a_cancellation() -> None:
    assert {**attendee_of(read(CANCELLATION)).params, "CN": ""} == {"CN": "", "ROLE": "REQ-PARTICIPANT"}


def attendee_of(mail: EmailMessage) -> Any:
    found = calendar_of(mail)
    assert found is not None
    (event,) = found[1].walk("VEVENT")
    return event["ATTENDEE"]


def test_who_was_dropped_before_is_uninvited_without_a_status() -> None:
    """RFC 5546, 3.2.5: a STATUS would say that nobody meets."""
    found = calendar_of(read(CANCELLATION, dropped=True))
    assert found is not None
    assert found[1]["METHOD"] == "CANCEL" and "STATUS" not in found[1].walk("VEVENT")[0]


def test_an_entry_from_before_is_found_under_its_old_name() -> None:
    office = Office(
        "K", "o@stuttgart.example.org", "stuttgart.example.org", domain_before="stuttgart.stuttgart.example.org"
    )
    found = calendar_of(read(CANCELLATION, office=office, is_counted=False))
    assert found is not None
    assert found[1].walk("VEVENT")[0]["UID"] == "plenary-5@stuttgart.stuttgart.example.org"


@pytest.mark.parametrize(
    ("domain", "own"),
    [("stuttgart.example.org", "stuttgart.example.org"), ("example.org", "stuttgart.example.org")],
)
def test_a_conference_has_a_domain_of_its_own_and_no_name_twice(domain: str, own: str) -> None:
    assert own_domain("stuttgart", domain) == own


@pytest.mark.parametrize("content", [WELCOME, SUPPLEMENT, REMINDER, MINUTES])
def test_nothing_else_touches_a_calendar(content: Content) -> None:
    assert calendar_of(read(content, known=APPOINTMENT)) is None


def page_of(content: Content = INVITATION, **told: Any) -> str:
    body = read(content, **told).get_body(("html",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("content", CONTENTS)
def test_the_page_says_the_same_as_the_text(content: Content) -> None:
    shown = re.sub(r"<style>.*?</style>|<title>.*?</title>|<h1>.*?</h1>", "", page_of(content), flags=re.DOTALL)
    shown = " ".join(re.sub(r"<[^>]+>", " ", shown).replace("&#34;", '"').split())
    said = re.sub(rf"(?<=\n)\d+\. +(?!{'|'.join(MONTHS)})", "", words(content))
    assert sorted(re.findall(r"\w+", shown)) == sorted(re.findall(r"\w+", said))


def test_a_page_is_escaped_and_names_its_language() -> None:
    shown = page_of(invitation(appointment=moved(title="<b>Pflege</b> & Recht")))
    assert '<html lang="de">' in shown
    assert "&lt;b&gt;Pflege&lt;/b&gt; &amp; Recht" in shown and "<b>" not in shown
    assert "http" not in shown and "<img" not in shown


def test_a_layout_that_asks_for_too_much_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = page._LAYOUT.from_string("Guten Tag {{ letter.nickname }}")
    monkeypatch.setattr(page._LAYOUT, "get_template", lambda _: broken)
    with pytest.raises(UndefinedError):
        read(WELCOME)


LINKED = replace(OFFICE, links=AnswerLinks("stuttgart", "https://antwort.example.org/a", LinkKeys((b"k" * 32,))))


def link_in(content: Content, **told: Any) -> list[str]:
    return re.findall(r"https://\S+", words(content, office=LINKED, **told))


@pytest.mark.parametrize("content", CONTENTS)
def test_whoever_is_asked_has_a_link_of_their_own(content: Content) -> None:
    """On the page of the mail too, and nobody else; the mail without links says the other ways."""
    is_asked = isinstance(content, Invitation | Update | Reminder)
    links = link_in(content, known=APPOINTMENT)
    assert len(links) == is_asked
    page = read(content, office=LINKED, known=APPOINTMENT).get_body(("html",))
    assert page is not None and page.get_content().count("https://") == is_asked
    assert "https://" not in words(content)
    for link in links:
        assert LINKED.links is not None
        assert isinstance(content, Invitation | Update | Reminder)
        told = LINKED.links.keys.read(link.rpartition("/")[2])
        assert told == Invitee(
            conference="stuttgart",
            session="plenary-5",
            person=person(1),
            revision=content.appointment.revision,
            until=content.appointment.starts,
        )


def test_whoever_has_accepted_may_still_change_it() -> None:
    assert len(link_in(REMINDER, answer="accept")) == 1
    assert "Ihrem persönlichen Link" in running(REMINDER, answer="accept", office=LINKED)
    assert link_in(REMINDER, answer="deputy") == []


def test_people_and_mails_are_named_by_nothing_but_ids() -> None:
    assert person(1) not in bytes_of(queued(INVITATION)).decode()


@pytest.mark.parametrize("content", [WRITTEN, CORRECTED, APPROVED])
def test_minutes_come_with_the_mail_as_one_document(content: Content) -> None:
    mail = read(content)
    assert mail.get_content_type() == "multipart/mixed"
    [attached] = mail.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", "niederschrift-plenary-5.pdf")
    assert attached.get_content() == as_pdf(PROTOCOL, MINUTES.document, _status(content))
    assert "liegt diesem Schreiben bei" in running(content)
    page = mail.get_body(("html",))
    assert page is not None
    assert "liegt diesem Schreiben bei" in page.get_content()
    assert max(map(len, bytes_of(queued(content)).split(b"\r\n"))) <= 78


def _status(content: Content) -> str:
    assert isinstance(content, Minutes)
    return status_of(content.edition, content.objections_until, is_approved=bool(content.approved))


def test_minutes_that_are_kept_elsewhere_are_not_attached() -> None:
    assert list(read(MINUTES).iter_attachments()) == []
