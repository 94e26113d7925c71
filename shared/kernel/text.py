"""Text that people type: normalised (NFC) and free of characters that forge headers, logs or reading direction."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

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


AS_TYPED: Final = {"typed": True}
"""Pydantic's context where somebody says it now. Without it, what was recorded before such a rule stays readable."""

_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters, marks and selectors that nobody sees (Unicode, Default_Ignorable_Code_Point): they make twins of a name."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What a program writes where it could not read: an umlaut that is gone."""

_BLANK_PATTERN = "\N{BRAILLE PATTERN BLANK}"


def seen(text: str, info: ValidationInfo) -> str:
    """Whoever types a text has to type one that can be read, with nothing in it that cannot."""
    if info.context != AS_TYPED:
        return text
    if _UNSEEN.search(text):
        raise ValueError("the text contains an invisible character")
    if REPLACEMENT in text:
        raise ValueError("the text has lost a character on its way")
    if not any(unicodedata.category(c)[0] in "LNPS" and c != _BLANK_PATTERN for c in text):
        raise ValueError("the text says nothing")
    return text


def single_line(text: str) -> str:
    return _clean(text, "")


def several_lines(text: str) -> str:
    return _clean(text, "\n\t")


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    AfterValidator(single_line),
    AfterValidator(seen),
    Field(max_length=300, description="Text in einer Zeile, ohne Steuerzeichen und unsichtbare Zeichen"),
]
"""Bounded twice: a text may grow when it is normalised."""

Prose = Annotated[
    str,
    StringConstraints(min_length=1, max_length=8000),
    AfterValidator(several_lines),
    AfterValidator(seen),
    Field(max_length=8000, description="Text in mehreren Zeilen, ohne Steuerzeichen und unsichtbare Zeichen"),
]
