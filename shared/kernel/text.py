"""Text that people type: normalised (NFC) and free of characters that forge headers, logs or reading direction."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

_DECEPTIVE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories: controls, formats (bidi, zero width), surrogates, private use, unassigned, line ends."""


def _clean(text: str, allowed: str) -> str:
    """Normalised first: what is checked is what is kept."""
    text = unicodedata.normalize("NFC", text)
    # Whatever is printable has none of these categories, and Python's own test for it is a hundred times as fast.
    if not text.isprintable() and any(unicodedata.category(c) in _DECEPTIVE and c not in allowed for c in text):
        raise ValueError("the text contains a control or invisible character")
    if "=?" in text:
        raise ValueError("the text contains an encoded word (RFC 2047)")
    return text


def single_line(text: str) -> str:
    return _clean(text, "")


def several_lines(text: str) -> str:
    return _clean(text, "\n\t")


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    AfterValidator(single_line),
    Field(max_length=300, description="Text in einer Zeile, ohne Steuerzeichen und unsichtbare Zeichen"),
]
"""Bounded twice: a text may grow when it is normalised."""

Prose = Annotated[
    str,
    StringConstraints(min_length=1, max_length=8000),
    AfterValidator(several_lines),
    Field(max_length=8000, description="Text in mehreren Zeilen, ohne Steuerzeichen und unsichtbare Zeichen"),
]
