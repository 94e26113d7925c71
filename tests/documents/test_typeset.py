"""Whatever a rule lets somebody type, a document carries: what no font can show is marked, and nothing fails."""

from __future__ import annotations

import io
import unicodedata

import pytest
import typst
from hypothesis import given as examples
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pypdf import PdfReader

from shared.documents.minutes import told
from shared.documents.typeset import NOT_SHOWN, paragraphs, typeset
from shared.kernel.text import Prose
from tests.documents.test_minutes import minutes

PROSE = TypeAdapter[str](Prose)


def is_accepted(text: str) -> bool:
    try:
        return PROSE.validate_python(text) == text
    except ValidationError:
        return False


def written(text: str) -> bytes:
    return typeset("minutes.typ", {"minutes": told(minutes(text), "Niederschrift", "Entwurf")})


def test_each_line_with_a_word_is_a_paragraph() -> None:
    assert paragraphs(" Eins \n\n \t\nZwei", None, "", "Drei\n") == ["Eins", "Zwei", "Drei"]


@examples(st.text(min_size=1).filter(is_accepted))
def test_whatever_is_typed_becomes_a_document(text: str) -> None:
    assert written(text) == written(text)


def test_what_no_font_shows_is_marked_where_it_stood_and_all_else_stays() -> None:
    many = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 2000) if unicodedata.category(chr(code)) == "Lo")
    for unknown in ("帮", "\u0656", '帮"\\帮', many):
        words = "".join(
            page.extract_text() for page in PdfReader(io.BytesIO(written(f"Vorher {unknown} nachher"))).pages
        )
        assert "Vorher" in words and "nachher" in words and NOT_SHOWN in words


@pytest.mark.parametrize(
    ("emoji", "words"),
    [
        ("😀", "[grinning face]"),
        ("👩\u200d🦰", "[woman, emoji component red hair]"),
        ("🏳\ufe0f", "[waving white flag]"),
    ],
)
def test_an_emoji_that_no_font_has_is_said_by_its_name(emoji: str, words: str) -> None:
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(written(f"Vorher {emoji} nachher"))).pages)
    assert f"Vorher {words} nachher" in " ".join(told.split()) and "1. " in told and NOT_SHOWN not in told


@pytest.mark.parametrize("emoji", ["❤\ufe0f", "1\ufe0f\u20e3", "☎\ufe0f", "⚠\ufe0f", "👩🏽\u200d⚕\ufe0f", "🇩🇪"])
def test_every_emoji_becomes_a_document(emoji: str) -> None:
    assert is_accepted(emoji)
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(written(f"Vorher {emoji} nachher"))).pages)
    assert "Vorher" in told and "nachher" in told


def test_another_fault_of_a_document_is_no_missing_glyph() -> None:
    with pytest.raises(typst.TypstError):
        typeset("minutes.typ", {"minutes": {}})
