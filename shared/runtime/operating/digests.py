"""Digests of events, packed: as objects of their own a million of them would take ten times the memory."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator

from shared.runtime.commands.commit import Place

DIGEST = 16
NUMBER = 8
NOWHERE = range(0)
UNMARKED = 0


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:DIGEST]


class Digests:
    """One for each place. All have the same width, in bytes; each has a mark, ``UNMARKED`` at first.

    A stream's places are added in order. Fast and small if it is one stream after the other.
    """

    def __init__(self, width: int = DIGEST) -> None:
        self._size = NUMBER + width
        self._packed = bytearray()
        self._marks = bytearray()
        self._streams: dict[str, range] = {}

    def add(self, stream: str, number: int, content: bytes) -> None:
        """A place that is known stays as it is."""
        known = self._streams.get(stream, NOWHERE)
        if known and number <= self._number(known[-1]):
            return
        if known.stop != len(self._marks):
            known = self._moved(known)
        self._packed += number.to_bytes(NUMBER) + content
        self._marks.append(UNMARKED)
        self._streams[stream] = range(known.start, len(self._marks))

    def find(self, stream: str, number: int) -> int | None:
        """Where the place is; good until something is added."""
        known = self._streams.get(stream, NOWHERE)
        if not known:
            return None
        at = known.start + number - self._number(known.start)
        if at in known and self._number(at) == number:
            return at
        at = known.start + bisect_left(known, number, key=self._number)
        return at if at < known.stop and self._number(at) == number else None

    def __getitem__(self, at: int) -> bytes:
        return bytes(self._packed[at * self._size + NUMBER : (at + 1) * self._size])

    def mark(self, at: int, mark: int) -> None:
        self._marks[at] = mark

    def marked(self, at: int) -> int:
        return self._marks[at]

    def numbers(self, stream: str) -> list[int]:
        return [self._number(at) for at in self._streams.get(stream, NOWHERE)]

    def streams(self) -> list[str]:
        return list(self._streams)

    def with_mark(self, mark: int) -> Iterator[Place]:
        for stream, known in self._streams.items():
            yield from ((stream, self._number(at)) for at in known if self._marks[at] == mark)

    def count(self, mark: int) -> int:
        return sum(self._marks[known.start : known.stop].count(mark) for known in self._streams.values())

    def _number(self, at: int) -> int:
        return int.from_bytes(self._packed[at * self._size : at * self._size + NUMBER])

    def _moved(self, known: range) -> range:
        """To the end, where it can grow."""
        start = len(self._marks)
        self._packed += self._packed[known.start * self._size : known.stop * self._size]
        self._marks += self._marks[known.start : known.stop]
        return range(start, start + len(known))
