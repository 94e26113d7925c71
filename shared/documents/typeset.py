"""Sets documents that read aloud well (PDF/UA-1, ISO 14289-1) with Typst, and the same as pages.

What somebody typed goes to Typst as data and is never read as markup; fonts are those of the compiler.
What none of them can show is marked in its place, an emoji by its name: PDF/UA-1 allows no empty box.
The same input gives the same bytes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.kernel.text import EMOJI

_FOLDER = Path(__file__).parent
_PAGES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)

NOT_SHOWN = "\ufffd"
"""U+FFFD, as readers of text know it."""
JOINING = "\u200d\ufe0f\u20e3"
"""Signs of an emoji that have no picture of their own."""
_WITHOUT_GLYPH = re.compile(r'the text `"(.*?)"` could not be displayed')
_BLANK = "\u200b"
_PART = 100
"""The compiler panics at more than 256 signs that are shaped as one, as consonants of Devanagari joined by viramas."""
_LONG_WORD = re.compile(rf"[^\s{_BLANK}]{{{_PART + 1},}}")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def paragraphs(*texts: str | None) -> list[str]:
    """Of what somebody typed: each line is one, and lines without a word are none."""
    return [part.strip() for text in texts for part in (text or "").split("\n") if part.strip()]


def rendered(template: str, told: Mapping[str, object]) -> str:
    """``template`` is a file of this folder; what somebody typed is escaped."""
    return _PAGES.get_template(template).render(told)


def typeset(template: str, told: Mapping[str, object]) -> bytes:
    """``template`` is a file of this folder; it finds each value of ``told`` as JSON under its name."""
    told = {name: _worded(_in_parts(value), set()) for name, value in told.items()}
    try:
        return _compiled(template, told)
    except typst.TypstError as error:
        missing = _without_glyph(error)
        marked = _all_marked(told, missing)
        if marked == told:
            raise
    return typeset(template, marked)


def _all_marked(told: Mapping[str, object], missing: set[str]) -> Mapping[str, object]:
    """Of a sign that none can show the compiler names its parts, too, as a keycap's digit: those stay elsewhere.

    The same as ``told`` where nothing of ``missing`` stands in it.
    """
    rare = {one for one in missing if not one.isascii()}
    marked = {name: _marked(_worded(value, missing), rare) for name, value in told.items()}
    return marked if marked != told else {name: _marked(value, missing) for name, value in told.items()}


def _compiled(template: str, told: Mapping[str, object]) -> bytes:
    return typst.compile(
        _FOLDER / template,
        root=_FOLDER,
        format="pdf",
        sys_inputs={name: json.dumps(value) for name, value in told.items()},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=0,
    )


def _without_glyph(error: typst.TypstError) -> set[str]:
    """The compiler names all of them at once, as Rust writes texts."""
    named = _WITHOUT_GLYPH.findall(error.diagnostic)
    return {_ESCAPED.sub(lambda found: chr(int(found[1], 16)), one) for one in named} - {NOT_SHOWN}


def _in_parts(value: Any) -> Any:
    """Words of such length are none of a language: between two parts stands an invisible blank (U+200B).

    What is in parts stays as it is, when it is set once more.
    """
    return _each(value, lambda text: _LONG_WORD.sub(lambda word: _divided(word[0]), text))


def _divided(word: str) -> str:
    if not any(map(_shapes, word)):
        return word
    return _BLANK.join(word[at : at + _PART] for at in range(0, len(word), _PART))


def _shapes(sign: str) -> bool:
    """A vowel sign or a virama (combining class 9): it makes one shape with its neighbours."""
    return unicodedata.category(sign).startswith("M") and unicodedata.combining(sign) in (0, 9)


def _worded(value: Any, missing: set[str]) -> Any:
    return _each(value, lambda text: EMOJI.sub(lambda emoji: _in_words(emoji[0], missing), text))


def _marked(value: Any, missing: set[str]) -> Any:
    """The longest first: what is part of another leaves nothing of it, in whichever order the set has them."""
    longest_first = sorted(missing, key=lambda one: (-len(one), one))

    def marked(text: str) -> str:
        for one in longest_first:
            text = text.replace(one, NOT_SHOWN)
        return text

    return _each(value, marked)


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """Every text in a value of JSON."""
    match value:
        case str():
            return change(value)
        case list() | tuple():
            return [_each(one, change) for one in value]
        case dict():
            return {name: _each(one, change) for name, one in value.items()}
        case _:
            return value


def _in_words(emoji: str, missing: set[str]) -> str:
    """What a picture that no font has is called in Unicode; as it is where a font has it. None has one of several."""
    pictures = [sign for sign in emoji if sign not in JOINING]
    match pictures:
        case [one] if not one.isascii() and not missing & {one, emoji}:
            return emoji
    return f"[{', '.join(sign if sign.isascii() else unicodedata.name(sign, 'Emoji').lower() for sign in pictures)}]"
