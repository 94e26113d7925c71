"""A letter as plain text: lines of at most 72 characters, and columns that stand below one another."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from typing import assert_never

from services.notifications.letters.letter import Block, Facts, Letter, Link, Paragraph, Points
from services.notifications.letters.phrases import together

WIDTH = 72
KEPT = "\x1f"
"""A blank at which no line ends, as long as lines are made: nobody may write it in a text."""

GREETING = "Mit freundlichen Grüßen"


def plain(letter: Letter) -> str:
    blocks = (_set(block) for block in letter.blocks)
    signature = "\n".join((GREETING, *letter.signature))
    return "\n\n".join((letter.salutation, *blocks, signature)) + "\n"


def _set(block: Block) -> str:
    match block:
        case Paragraph() | Points():
            return _set_once(block)
        case Facts():
            width = max(len(label) for label, _ in block.rows) + 2
            return "\n".join(_wrapped(value, f"{label}:".ljust(width), " " * width) for label, value in block.rows)
        case Link():
            return block.url
        case _:
            assert_never(block)


@lru_cache(maxsize=256)
def _set_once(block: Paragraph | Points) -> str:
    """The letters of one event have it in common. Facts may be about the recipient, so they are not kept."""
    if isinstance(block, Paragraph):
        return _wrapped(block.text)
    width = len(str(block.first + len(block.items) - 1)) + 2
    numbered = enumerate(block.items, block.first)
    items = (_wrapped(item, f"{n}.".ljust(width), " " * width) for n, item in numbered)
    return "\n".join((f"{block.title}:", *items))


def _wrapped(text: str, first: str = "", further: str = "") -> str:
    filled = textwrap.fill(
        together(text, KEPT),
        WIDTH,
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(KEPT, " ")
