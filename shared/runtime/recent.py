"""A bounded cache of the most recently used entries."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """At most ``room`` entries; the least recently used ones are removed."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._entries: OrderedDict[K, V] = OrderedDict()

    def known(self, keys: Iterable[K]) -> dict[K, V]:
        """The remembered ones among them; they count as used."""
        found = {key: self._entries[key] for key in keys if key in self._entries}
        for key in found:
            self._entries.move_to_end(key)
        return found

    def get(self, key: K) -> V | None:
        return self._entries.get(key)

    def update(self, entries: Mapping[K, V]) -> None:
        for key, value in entries.items():
            self._entries[key] = value
            self._entries.move_to_end(key)
        while len(self._entries) > self._room:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        self._entries.clear()
