"""A row of the table: sides that are measured in turn, round by round, and what is claimed of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests.bench.connect_jars import NotToBeHad
from tests.bench.measured import Claim, Figures, RowResult

Say = Callable[[str], None]
Side = Callable[[str], Awaitable[Figures]]
"""Measures once. Its argument is a name that no other measurement has, for its database, group and logs."""

PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. ``quick`` leaves out what cannot be done within two minutes."""

    events: int = 200_000
    streams: int = 2_000
    rounds: int = 5
    quick: bool = False

    def part(self, share: float, least: int) -> int:
        """A number that belongs to 200,000 events, scaled to as many as are measured."""
        return max(least, int(self.events / 200_000 * share))


class Row(ABC):
    """``prepared`` sets up what all rounds share and gives the sides, the product first."""

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    claims: ClassVar[tuple[Claim, ...]]
    most_rounds: ClassVar[int | None] = None
    """Where a round takes minutes."""

    def __init__(self, size: Size, folder: Path, say: Say) -> None:
        self.size = size
        self.folder = folder / self.id
        self.say = say
        self.result = RowResult(self.id, self.title, self.about, self.claims)

    @property
    def rounds(self) -> int:
        return min(self.size.rounds, self.most_rounds or self.size.rounds)

    @contextmanager
    def absent(self, side: str) -> Iterator[None]:
        """A side whose jars cannot be brought is left out, and the table tells why."""
        try:
            yield
        except NotToBeHad as absent:
            self.result.notes.append(f"{side} was not measured: {absent}")

    @abstractmethod
    def prepared(self) -> AbstractAsyncContextManager[Mapping[str, Side]]: ...


async def measure(row: Row) -> RowResult:
    """Side by side within each round, so that whatever else the machine does meets all of them; whoever was first in
    one round is last in the next.
    """
    async with row.prepared() as sides:
        for number in range(1, row.rounds + 1):
            told: dict[str, Figures] = {}
            for name, side in list(sides.items())[:: 1 if number % 2 else -1]:
                told[name] = await side(f"{row.id}-{number}-{name}".lower().replace(" ", "-"))
                row.say(f"{row.id} round {number} {name}: {said(told[name])}")
            row.result.rounds.append(told)
    return row.result


def said(figures: Figures) -> str:
    return ", ".join(f"{value:,.1f} {name}" for name, value in figures.items())
