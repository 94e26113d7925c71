"""A letter, before it is set as plain text or as a page: what is said, in which order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value, one below the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A numbered list, from ``first`` on."""

    title: str
    items: tuple[str, ...]
    first: int = 1


@dataclass(frozen=True, slots=True)
class Link:
    """``text`` is what it says where it need not be read."""

    text: str
    url: str


Block = Paragraph | Facts | Points | Link


@dataclass(frozen=True, slots=True)
class Letter:
    """``signature`` are the lines below the greeting."""

    subject: str
    salutation: str
    blocks: tuple[Block, ...]
    signature: tuple[str, ...]
