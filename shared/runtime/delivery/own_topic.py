"""Checks a service's own topic against its own journal: only the journal knows what the service has decided.

If the journal does not have an event at its place, with its id, type and data, the event is a fork. It is parked under
its offset, and neither folded nor reacted to; its stream continues without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.runtime.commands.commit import Recorded
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.bookmarks import Trust
from shared.runtime.delivery.parked import FORK, ParkedRow
from shared.runtime.delivery.records import Received


@dataclass(frozen=True)
class OwnTopic:
    """``name`` is the topic's."""

    name: str
    journal: Journal
    gate: Trust

    async def forks(self, received: Iterable[Received]) -> list[Received]:
        """The events that the journal does not know. Raises ``HistoriesDiffer`` if the database is older than its
        topics.

        Then the journal proves nothing, so this is checked again before any fork is reported.
        """
        found = await not_in(self.journal, [one for one in received if one.record.topic == self.name])
        if found:
            await self.gate.require_anew()
        return found


async def not_in(journal: Journal, own: Sequence[Received]) -> list[Received]:
    """The events of a topic that are not exactly so in its owner's journal."""
    if not own:
        return []
    known = await journal.events_at({one.place for one in own})
    return [one for one in own if not _is(one, known.get(one.place))]


def as_fork(received: Received) -> ParkedRow:
    """Without a stream, so that it holds up nothing."""
    return ParkedRow(FORK, "the journal does not know this event", received.record)


def _is(received: Received, recorded: Recorded | None) -> bool:
    if recorded is None:
        return False
    envelope, value = received.envelope, received.record.value
    return (envelope.id, envelope.type, value) == (recorded.id, recorded.type, recorded.data.encode())
