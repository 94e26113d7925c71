"""Text that people type: normalised (NFC), and without characters that forge headers, logs or reading direction."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

_DECEPTIVE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories: controls, formats (bidi, zero width), surrogates, private use, unassigned, line ends."""

_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa"
    "\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2604\u260e\u2611\u2614\u2615\u2618\u261d\u2620\u2622\u2623"
    "\u2626\u262a\u262e\u262f\u2638-\u263a\u2640\u2642\u2648-\u2653\u265f\u2660\u2663\u2665\u2666\u2668\u267b\u267e"
    "\u267f\u2692-\u2697\u2699\u269b\u269c\u26a0\u26a1\u26a7\u26aa\u26ab\u26b0\u26b1\u26bd\u26be\u26c4\u26c5\u26c8"
    "\u26ce\u26cf\u26d1\u26d3\u26d4\u26e9\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702\u2705\u2708-\u270d\u270f\u2712"
    "\u2714\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757\u2763\u2764\u2795-\u2797"
    "\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_ELEMENT = f"{_PICTURE}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
EMOJI = re.compile(f"[0-9#*]\ufe0f\u20e3|{_ELEMENT}(?:\u200d{_ELEMENT})*")
"""A keycap, or pictures that joiners make one of, each shown so or in a tone of skin (Unicode UTS 51, ED-15a to 16).

Only within one are its selector and joiner seen; elsewhere nobody sees them.
"""


def _clean(text: str, allowed: str) -> str:
    """Normalised first: what is checked is what is kept."""
    text = unicodedata.normalize("NFC", text)
    # Whatever is printable has none of these categories, and Python's own test for it is a hundred times as fast.
    if not text.isprintable() and any(
        unicodedata.category(c) in _DECEPTIVE and c not in allowed for c in EMOJI.sub("", text)
    ):
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
    """Whoever types a text has to type one that can be read, with nothing in it that cannot; blanks around it are none
    of it.
    """
    if info.context != AS_TYPED:
        return text
    if _UNSEEN.search(EMOJI.sub("", text)):
        raise ValueError("the text contains an invisible character")
    if REPLACEMENT in text:
        raise ValueError("the text has lost a character on its way")
    if not any(unicodedata.category(c)[0] in "LNPS" and c != _BLANK_PATTERN for c in text):
        raise ValueError("the text says nothing")
    return text.strip()


def single_line(text: str) -> str:
    return _clean(text, "")


def several_lines(text: str) -> str:
    return _clean(text, "\n\t")


LONGEST_LINE = 300
"""Characters of a name, a title or whatever else is one line."""

Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_LINE),
    AfterValidator(single_line),
    AfterValidator(seen),
    Field(max_length=LONGEST_LINE, description="Text in einer Zeile, ohne Steuerzeichen und unsichtbare Zeichen"),
]
"""Bounded twice: a text may grow when it is normalised."""

Prose = Annotated[
    str,
    StringConstraints(min_length=1, max_length=8000),
    AfterValidator(several_lines),
    AfterValidator(seen),
    Field(max_length=8000, description="Text in mehreren Zeilen, ohne Steuerzeichen und unsichtbare Zeichen"),
]
