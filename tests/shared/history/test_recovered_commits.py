"""What one command has decided becomes one commit again, so that its repetition is answered as it was at first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from shared.kernel.identifiers import derived_id
from shared.runtime.commands.commit import GENESIS, Commit
from shared.runtime.history.recover import _append
from tests.kit.delivered import delivered
from tests.shared.seat_groups import registered

STREAM = "stuttgart/seat-group/hospitals"


class Journal:
    def __init__(self) -> None:
        self.commits: list[Commit] = []

    async def read(self, _stream: str) -> list[Commit]:
        return self.commits

    async def append_published(self, commit: Commit) -> None:
        self.commits = [*self.commits, commit]


async def recovered(*stories: tuple[str, str]) -> list[list[int]]:
    """The numbers of each commit, from the correlation and causation of each event."""
    events: dict[int, Any] = {}
    for number, (correlation, causation) in enumerate(stories, start=1):
        _, envelope = delivered(registered(number), STREAM, number)
        envelope = envelope._replace(correlation=derived_id(correlation), causation=derived_id(causation))
        events[number] = SimpleNamespace(envelope=envelope, record=SimpleNamespace(value=b"{}"))
    journal: Any = Journal()
    assert await _append(journal, STREAM, events) == len(stories)
    hashes = [GENESIS, *(commit.hash() for commit in journal.commits)]
    assert [commit.previous for commit in journal.commits] == hashes[:-1]
    return [[*range(commit.first, commit.last + 1)] for commit in journal.commits]


async def test_the_events_of_a_callers_command_stay_together() -> None:
    assert await recovered(("a", "a"), ("a", "a"), ("b", "b"), ("a", "a")) == [[1, 2], [3], [4]]


async def test_what_followed_from_an_event_stands_alone() -> None:
    """Of two that followed from one event nobody can tell whether one command or two decided them."""
    assert await recovered(("a", "e"), ("a", "e"), ("a", "a"), ("a", "a")) == [[1], [2], [3, 4]]
