"""A letter on paper says what the mail says, and its address stands where the window of an envelope is."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from services.notifications.domain.correspondence import Background
from services.notifications.domain.course import alone
from services.notifications.letters.paper import on_paper
from services.notifications.letters.plain import GREETING
from services.notifications.letters.words import write
from shared.contracts.notifications import Content
from tests.notifications.letterbox import CONTENTS, INVITATION, OFFICE, WELCOME, WRITTEN, details, queued

POINTS = 72 / 25.4
"""Of a millimetre."""


def paper(content: Content, **about: Any) -> PdfReader:
    event = queued(content)
    return PdfReader(io.BytesIO(on_paper(event, details(email=None, **about), OFFICE, Background(alone(event)))))


def running(text: str) -> str:
    """Without regard to where lines and words are broken."""
    return "".join(text.split())


def read(found: PdfReader) -> str:
    return running("".join(page.extract_text() for page in found.pages))


@pytest.mark.parametrize("content", CONTENTS)
def test_on_paper_stands_the_same_text(content: Content) -> None:
    event = queued(content)
    letter = write(event, details(email=None), OFFICE, Background(alone(event)))
    text = read(paper(content))
    for block in letter.blocks:
        parts = getattr(block, "items", ()) or [part for row in getattr(block, "rows", ()) for part in row]
        for part in parts or [getattr(block, "text", "")]:
            assert running(part) in text
    assert running(f"{letter.subject}{letter.salutation}") in text


def test_a_letter_ends_with_the_office_of_the_conference_and_says_how_to_reach_it_at_its_head() -> None:
    office, conference, *reached = OFFICE.signature
    text = read(paper(WELCOME))
    assert text.count(running(f"{GREETING}{office}{conference}")) == 1
    assert reached and running(f"{GREETING}{''.join(OFFICE.signature)}") not in text


def placed(page: PageObject) -> list[tuple[str, float, float]]:
    """Each piece of text with the millimetres from the left and from the top of the sheet."""
    found: list[tuple[str, float, float]] = []

    def visit(text: str, outer: list[float], inner: list[float], *_: Any) -> None:
        if text.strip():
            x, y = inner[4] * outer[0] + outer[4], inner[5] * outer[3] + outer[5]
            found.append((text.strip(), x / POINTS, (float(page.mediabox.height) - y) / POINTS))

    page.extract_text(visitor_text=visit)
    return found


@pytest.mark.parametrize(
    "address", ["Hauptstraße 1, 70173 Stuttgart", "Haus A\nHinterhof\nHauptstraße 1\n70173 Stuttgart"]
)
def test_the_address_stands_in_the_window_of_an_envelope(address: str) -> None:
    """DIN 5008, form B: 20 to 105 mm from the left, 45 to 90 mm from the top, the address below 62.7 mm."""
    lines = ["Eva Müller", *(line.strip() for line in address.replace(",", "\n").split("\n"))]
    here = placed(paper(INVITATION, postal_address=address).pages[0])
    tops = [[(x, y) for text, x, y in here if text == line] for line in lines]
    for [(x, y)] in tops:
        assert 20 <= x <= 105 and 62.7 <= y <= 90
    assert [y for [(_, y)] in tops] == sorted(y for [(_, y)] in tops)
    assert not [text for text, x, y in here if x < 105 and 90 < y < 98]


def test_what_is_attached_to_the_mail_lies_behind_the_letter() -> None:
    text, pages = read(paper(WRITTEN)), paper(WRITTEN).pages
    assert len(pages) == 2 and running("Die Sitzung wird eröffnet.") in running(pages[1].extract_text())
    assert running("Einwendungen bis zum 21.05.2024") in text
    assert len(paper(WELCOME).pages) == 1


def test_what_was_typed_is_never_read_as_markup() -> None:
    hostile = '#panic("x") *fett* $x$ <a> @b \\ `c`'
    assert running(hostile) in read(paper(INVITATION, name=hostile))


def test_the_same_letter_is_the_same_to_the_byte_and_reads_aloud() -> None:
    event = queued(INVITATION)
    once, again = (on_paper(event, details(), OFFICE, Background(alone(event))) for _ in range(2))
    assert once == again
    root: Any = PdfReader(io.BytesIO(once)).trailer["/Root"]
    assert root["/Lang"] == "de-DE" and root["/MarkInfo"]["/Marked"] and b"pdfuaid" in once
