"""Minutes as a page and as an accessible document: the same each time, and what was typed is text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from shared.contracts.meetings import AgendaItem, Appointment, MinutesItem, Protocol
from shared.documents.minutes import as_page, as_pdf, status_of

WHEN = Appointment(
    title="5. Sitzung",
    starts=datetime(2024, 4, 23, 12, 0, tzinfo=UTC),
    ends=datetime(2024, 4, 23, 15, 0, tzinfo=UTC),
    place="Rathaus #301",
    revision=0,
)
NASTY = '#panic("x") $x$ *fett* <script>alert(1)</script> // \\ @y `z` [a](b) = Titel'


def minutes(text: str | None = "Die Sitzung wird eröffnet.\n\nEs gibt Kaffee.") -> Protocol:
    return Protocol(
        conference_name="Kommunale Pflegekonferenz",
        appointment=WHEN,
        seats_present=31,
        voting_seats=49,
        quorum=25,
        items=(
            MinutesItem(item=AgendaItem(number=1, title="Begrüßung", public=True), text=text, outcome=None),
            MinutesItem(
                item=AgendaItem(number=2, title="Personalwohnen", public=False),
                text=None,
                outcome="carried",
                votes=(20, 5, 6),
            ),
        ),
    )


def test_the_document_is_the_same_to_the_byte_and_says_that_it_is_accessible() -> None:
    first = as_pdf(minutes(), "Niederschrift 1/2024", "Entwurf")
    as_pdf.cache_clear()
    assert as_pdf(minutes(), "Niederschrift 1/2024", "Entwurf") == first
    assert b"<pdfuaid:part>1</pdfuaid:part>" in first
    assert b"/MarkInfo" in first and b"/Lang" in first
    assert len(first) < 100_000, "small enough for every mail"
    assert as_pdf(minutes("Anders."), "Niederschrift 1/2024", "Entwurf") != first


def test_what_needs_no_quorum_says_none() -> None:
    with_one, without = minutes(), minutes().model_copy(update={"quorum": None})
    assert "31 von 49 Sitzen; für Beschlüsse nötig: 25" in as_page(with_one, "N", "Entwurf")
    page = as_page(without, "N", "Entwurf")
    assert "31 von 49 Sitzen" in page and "nötig" not in page


def test_what_was_typed_is_text_and_no_markup() -> None:
    assert as_pdf(minutes(NASTY), NASTY, NASTY).startswith(b"%PDF-")
    page = as_page(minutes(NASTY), NASTY, NASTY)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_page_tells_what_there_is_and_loads_nothing() -> None:
    page = as_page(minutes(), "Niederschrift 1/2024", "Fassung 1, genehmigt")
    words = " ".join(re.sub(r"<[^>]+>", " ", page.split("</style>")[1]).split())
    assert words == (
        "Niederschrift 1/2024 5. Sitzung Konferenz Kommunale Pflegekonferenz Beginn 23.04.2024, 14:00 Uhr "
        "Ende 23.04.2024, 17:00 Uhr Ort Rathaus #301 Anwesend 31 von 49 Sitzen; für Beschlüsse nötig: 25 "
        "Stand Fassung 1, genehmigt 1. Begrüßung Die Sitzung wird eröffnet. Es gibt Kaffee. "
        "2. Personalwohnen (nicht öffentlich) Beschluss: angenommen (Ja: 20, Nein: 5, Enthaltungen: 6)."
    )
    assert not re.search(r"\b(src|href|url)\b", page)


@pytest.mark.parametrize(
    ("edition", "until", "approved", "status"),
    [
        (None, None, False, "Entwurf"),
        (1, None, False, "Fassung 1, noch nicht genehmigt"),
        (2, date(2024, 5, 7), False, "Fassung 2, noch nicht genehmigt, Einwendungen bis zum 07.05.2024"),
        (2, date(2024, 5, 7), True, "Fassung 2, genehmigt"),
    ],
)
def test_a_status_says_whether_it_can_still_change(
    edition: int | None, until: date | None, approved: bool, status: str
) -> None:
    assert status_of(edition, until, is_approved=approved) == status
