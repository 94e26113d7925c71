"""Proof of invitation: every step of every mail about a session, with its moment and what the servers said."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from pypdf import PdfReader

from services.notifications.domain.mail_state import MailEvent
from services.notifications.domain.told import TOLD
from services.notifications.mail_log import LINES
from services.notifications.proof import ASKING, GERMAN, HEADINGS, as_csv, as_pdf, line_of
from shared.contracts.german import WORDS
from shared.contracts.notifications import NotificationSent
from shared.kernel.time import iso
from tests.kit.when import NOW, person
from tests.notifications.letterbox import INVITATION, queued, remembered
from tests.notifications.test_mail import attempted, deferred

QUEUED = queued(INVITATION)
STREAM = f"stuttgart/mail/{QUEUED.mail}"
STEPS: list[MailEvent] = [
    QUEUED,
    attempted().model_copy(update={"mail": QUEUED.mail, "template": 3}),
    deferred().model_copy(update={"mail": QUEUED.mail}),
    NotificationSent(mail=QUEUED.mail, attempt=2),
]
LINE = line_of(remembered(STREAM, STEPS), [(NOW + timedelta(minutes=n), step) for n, step in enumerate(STEPS)])


def test_it_tells_who_was_asked_in_which_version_and_what_became_of_it() -> None:
    assert {name: told for name, told in LINE.items() if name != "steps"} == {
        "mail": QUEUED.mail,
        "kind": "invitation",
        "seat": "hospitals-1",
        "person": person(1),
        "issue": INVITATION.issue,
        "revision": INVITATION.appointment.revision,
        "starts": iso(INVITATION.appointment.starts),
        "state": "sent",
    }
    assert [(step["what"], step["reason"]) for step in LINE["steps"]] == [
        ("queued", None),
        ("attempted", None),
        ("deferred", deferred().reason),
        ("sent", None),
    ]
    assert [step["template"] for step in LINE["steps"]] == [None, 3, None, None]
    assert LINE["steps"][-1]["at"] == iso(NOW + timedelta(minutes=3))


def test_as_a_sheet_and_as_a_document_it_says_the_same() -> None:
    head, *rows = csv.reader(io.StringIO(as_csv([LINE]).decode("utf-8-sig")), delimiter=";")
    assert tuple(head) == HEADINGS and len(rows) == len(STEPS)
    assert {len(row) for row in rows} == {len(HEADINGS)}
    first = ["hospitals-1", person(1), "Einladung", "1", "", "23.04.2024, 14:00 Uhr", "15.01.2024, 10:00 Uhr"]
    assert rows[0] == [*first, "vorgemerkt", ""]
    assert [row[4] for row in rows] == ["", "3", "", ""]
    assert [row[6].rpartition(", ")[2] for row in rows] == [f"10:0{minute} Uhr" for minute in range(4)]
    assert [row[7] for row in rows] == ["vorgemerkt", "Versuch", "vertagt", "vom Mailserver angenommen"]
    assert [row[8] for row in rows] == ["", "", WORDS["try_later"], ""]
    pages = PdfReader(io.BytesIO(as_pdf("stuttgart", "plenary-5", [LINE]))).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert all("".join(cell.split()) in text for row in rows for cell in row)


def test_a_guest_has_no_seat_and_what_is_no_invitation_no_issue() -> None:
    bare = {**LINE, "seat": None, "issue": None}
    _, row, *_ = csv.reader(io.StringIO(as_csv([bare]).decode("utf-8-sig")), delimiter=";")
    assert (row[0], row[3]) == ("Gast", "")


def test_a_long_proof_goes_on_over_pages() -> None:
    assert len(PdfReader(io.BytesIO(as_pdf("stuttgart", "plenary-5", [LINE] * 60))).pages) > 3


def test_every_kind_and_every_step_has_a_german_word() -> None:
    assert {line.rpartition(" ")[2] for _, line in LINES.values()} | set(ASKING) == set(GERMAN)
    asks_nothing = {"welcome", "farewell", "contact", "reminder", "answers", "minutes"}
    assert set(ASKING) == {told.kind for told in TOLD.values()} - asks_nothing
