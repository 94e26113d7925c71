"""Whatever a rule lets somebody type stays on its page: long words break, an address stays in its window."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from pypdf import PdfReader, mult

from shared.documents.minutes import told
from shared.documents.typeset import typeset
from tests.documents.test_minutes import minutes

WORD = "Wm" * 150
"""As long as a line may be."""
POINTS = 72 / 25.4
"""In a millimetre."""
WINDOW = (842 - 90 * POINTS, 842 - 62.7 * POINTS)
"""DIN 5008, form B: the zone of the address, in points from the bottom of the page."""


def lines_of(document: bytes) -> Iterator[tuple[float, str]]:
    """How high each piece of text stands on its page, and what it says."""
    found: list[tuple[float, str]] = []

    def piece(text: str, within: list[float], at: list[float], *_: object) -> None:
        found.append((mult(at, within)[5], text.replace("\u200b", "")))

    for page in PdfReader(io.BytesIO(document)).pages:
        page.extract_text(visitor_text=piece)
    yield from ((height, text.strip()) for height, text in found if text.strip())


def letter(name: str, *address: str, **changed: object) -> dict[str, object]:
    about = {
        "sender": "Geschäftsstelle",
        "address": [name, *address],
        "contact": ["Geschäftsstelle"],
        "day": "23. April 2024",
        "subject": "Einladung",
        "salutation": "Guten Tag,",
        "blocks": [{"text": "Wir laden ein."}],
        "greeting": "Gruß",
        "signature": ["Amt"],
        **changed,
    }
    return {"letter": about, "minutes": None}


@pytest.mark.parametrize("word", [WORD, "ä" * 300])
def test_no_word_leaves_its_page(word: str) -> None:
    document = typeset("minutes.typ", {"minutes": told(minutes(word), word, word)})
    said = [text for _, text in lines_of(document) if set(text) <= set(word)]
    assert said and max(map(len, said)) < 120
    assert "".join(said).count(word[0]) == 3 * word.count(word[0]), "nothing of it is lost"


@pytest.mark.parametrize(
    ("name", "address"),
    [(WORD, [WORD]), ("Dr. " + "Eva-" * 70, ["Haus am Park " * 20]), ("Eva", ["a", "b", "c", "d", "70173 Stuttgart"])],
)
def test_an_address_stays_in_the_window_of_its_envelope(name: str, address: list[str]) -> None:
    lines = list(lines_of(typeset("letter.typ", letter(name, *address))))
    texts = [text for _, text in lines]
    heights = [height for height, _ in lines[1 : texts.index("Geschäftsstelle", 1)]]
    assert heights and WINDOW[0] < min(heights) and max(heights) < WINDOW[1]


NAMED = "Pflegekonferenz der Stadt " * 11 + "und des Landes"
"""As long as the name of a conference, and of a department, may be."""


@pytest.mark.parametrize("named", [NAMED, WORD])
def test_whoever_writes_has_room_beside_and_above_the_address(named: str) -> None:
    """The line of the sender stays in its zone, and names stay above the subject, however long they are."""
    said = {"sender": f"Geschäftsstelle {named} · {named}", "contact": ["Geschäftsstelle", named, named, "Telefon"]}
    lines = list(lines_of(typeset("letter.typ", letter("Eva", "70173 Stuttgart", **said))))
    texts = [text for _, text in lines]
    sender, address, subject = 0, texts.index("Eva"), texts.index("Einladung")
    assert min(height for height, _ in lines[sender:address]) > WINDOW[1] - 0.2, "A4 is 841.89 points high"
    assert max(height for height, _ in lines[sender:address]) < 842 - 45 * POINTS
    assert min(height for height, _ in lines[address + 1 : subject]) > 842 - 103.4 * POINTS
