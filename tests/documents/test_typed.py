"""What somebody types stands in every document as it was typed, and makes nothing but text of itself."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import typst
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from shared.documents import typeset as setting
from shared.documents.typeset import rendered, typeset
from tests.documents.test_long_words import letter
from tests.documents.test_typeset import is_accepted


def minutes(text: str) -> dict[str, Any]:
    item = {"heading": f"1. {text}", "paragraphs": [text], "decision": text}
    return {"title": text, "about": text, "facts": [("Ort", text)], "items": [item]}


def paper(text: str) -> dict[str, Any]:
    return {
        "reference": text,
        "title": text,
        "kind": "Beschlussvorlage",
        "facts": [("Stand", text)],
        "path": [(text, "Vorberatung", "öffentlich", "1.1.2024")],
        "sections": [{"heading": "Begründung", "paragraphs": [text], "numbered": [text, text]}],
        "signed_as": text,
        "annexes": [text],
        "decisions": [{"heading": text, "items": [text]}],
    }


def report(text: str) -> dict[str, Any]:
    block = {"title": text, "paragraphs": [text], "points": [text, text]}
    return {"about": text, "facts": [("Ausschuss", text)], "sections": [{"heading": "1", "blocks": [block]}]}


def a_letter(text: str) -> dict[str, Any]:
    blocks = [{"text": text}, {"rows": [("Ort", text)]}, {"title": text, "items": [text, text], "first": 2}]
    said = {"sender": text, "contact": [text, text], "subject": text, "salutation": f"{text},", "blocks": blocks}
    return letter(text, text, **said, signature=[text])


def invitations(text: str) -> dict[str, Any]:
    return {"conference": "k", "session": "s", "headings": ["Sitz", "Person", "Grund"], "rows": [[text] * 3] * 2}


DOCUMENTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "minutes.typ": lambda text: {"minutes": minutes(text)},
    "paper.typ": lambda text: {"paper": paper(text)},
    "report.typ": lambda text: {"report": report(text)},
    "letter.typ": lambda text: {**a_letter(text), "minutes": minutes(text)},
    "invitation_proof.typ": lambda text: {"proof": invitations(text)},
}
MARKUP = (
    "= Titel",
    "- Punkt",
    "+ Punkt",
    "/ Wort: Sinn",
    "1. Punkt",
    "#pagebreak()",
    '#image("/etc/passwd")',
    "*fett* _schräg_ `Code` $x^2$ <of-A1> @of-A1",
    "// nichts /* gar nichts */",
    "[Inhalt] {Code} \\ \\n \\u{41} ~ -- --- ...",
    "{{ 7 * 7 }} {% raw %} {# nichts #}",
    "</h1><script>alert(1)</script>&amp;",
    "https://example.org/?a=1#b",
)


def tags(document: bytes) -> list[str]:
    """The tags of its structure, as a screen reader goes through them."""
    return list(_tags(PdfReader(io.BytesIO(document)).root_object["/StructTreeRoot"]))


def _tags(node: Any) -> Iterator[str]:
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for one in node:
            yield from _tags(one)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node:
            yield from _tags(node["/K"])


@cache
def tags_of_plain(template: str) -> list[str]:
    return tags(typeset(template, DOCUMENTS[template]("x")))


@pytest.mark.parametrize("text", MARKUP)
@pytest.mark.parametrize("template", DOCUMENTS)
def test_markup_that_somebody_types_is_text(template: str, text: str) -> None:
    document = typeset(template, DOCUMENTS[template](text))
    assert tags(document) == tags_of_plain(template)
    said = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages).split())
    assert "".join(text.split()) in said.replace("\u200b", "")


@pytest.mark.parametrize("text", MARKUP)
@pytest.mark.parametrize(
    ("template", "told"),
    [("minutes", minutes), ("paper", paper), ("report", report)],
    ids=["minutes", "paper", "report"],
)
def test_a_page_has_the_same_elements_whatever_somebody_types(
    template: str, told: Callable[[str], dict[str, Any]], text: str
) -> None:
    page, other = (rendered(f"{template}.html.j2", {template: told(one)}) for one in (text, "x"))
    assert page.count("<") == other.count("<") and page.count(">") == other.count(">")


SIGNS = st.sampled_from(list("\"\\'`#$@*_[]<>~-=+/1A ")) | st.characters(categories=["Mn", "Mc", "Me", "Lo", "So"])


@pytest.mark.parametrize("template", DOCUMENTS)
@examples(text=st.text(SIGNS, min_size=1, max_size=12).filter(is_accepted))
@settings(max_examples=25, deadline=None)
def test_a_sign_that_no_font_has_fails_no_document_wherever_it_stands(template: str, text: str) -> None:
    """Also at the beginning of a value, where it joins what the template has before it."""
    assert typeset(template, DOCUMENTS[template](text))


@pytest.mark.parametrize(
    "text",
    [
        *("a" + "\u0301" * 299, "\u0e01" * 300, "🎉" * 100),
        *("\u0915\u094d" * 150, "\u0915" + "\u093f" * 299, "\u0915\u094d\u0930\u093f" * 75),
    ],
)
@pytest.mark.parametrize("template", DOCUMENTS)
def test_a_word_of_many_signs_in_few_letters_becomes_a_document(template: str, text: str) -> None:
    assert typeset(template, DOCUMENTS[template](text))


def test_a_long_word_is_divided_once_however_often_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign without glyph has the document set anew, from texts that are in parts already."""
    compiled: list[Any] = []
    really = setting._compiled

    def noted(template: str, told: Any) -> bytes:
        compiled.append(told["minutes"]["title"])
        return really(template, told)

    monkeypatch.setattr(setting, "_compiled", noted)
    typeset("minutes.typ", {"minutes": {**minutes("x"), "title": "\u0915\u094d" * 120 + " \u0e01"}})
    assert len(compiled) > 1
    assert [title.count("\u200b") for title in compiled] == [2] * len(compiled)


def test_a_sign_that_stands_nowhere_is_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the compiler names is not always what was typed: then it is a fault, at once."""

    def names_another(*_: object) -> bytes:
        tried.append(1)
        error = typst.TypstError.__new__(typst.TypstError)
        error.diagnostic = 'the text `"\\u{656}"` could not be displayed'
        raise error

    tried: list[int] = []
    monkeypatch.setattr(setting, "_compiled", names_another)
    with pytest.raises(typst.TypstError):
        typeset("minutes.typ", {"minutes": minutes("x")})
    assert len(tried) == 1
