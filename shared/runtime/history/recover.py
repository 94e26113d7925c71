"""Updates a journal that is older than its topic from that topic, after a backup was restored.

Missing events become commits with their original ids, so a repeated command is still recognised and answered as before.
Commits decided on the old state meanwhile can contradict what was published. These are moved to
``journal_conflicts``; there somebody can read who wanted what, and send the command again.

Only a database that is older than its topics takes events. Everywhere else the journal is the truth, and an event
that it lacks is a fork. An event that was found to be a fork before the backup is never taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import dropwhile

import structlog

from shared.runtime.commands.commit import GENESIS, CommandMark, Commit, Recorded
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.bookmarks import Trust
from shared.runtime.delivery.own_topic import as_fork
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.records import Received, ReceivedState, read_event, read_state
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.publishing.state_topics import StateTopic

log = structlog.get_logger()

BY = "recovery"

Events = Mapping[int, Received]
"""One stream's events by sequence."""


@dataclass
class Recovered:
    """The result: events taken from the topic, commits set aside, people brought forward."""

    events: int = 0
    conflicts: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a stream's journal lacks and its topic has: sequences ``first`` to ``last``, and when they were decided."""

    stream: str
    events: int
    first: int
    last: int
    earliest: datetime
    latest: datetime


@dataclass(frozen=True)
class Recovery:
    """For one service's journal and the states that it owns. Harmless if nothing is missing."""

    kafka: KafkaAccess
    topic: str
    journal: Journal
    states: Sequence[StateTopic]
    parked: Parked
    gate: Trust

    async def lacking(self) -> list[Lacking]:
        """What ``bring_forward`` would take, by stream."""
        missing = await self._missing(await self.journal.unpublished_by_stream())
        return [_lacking(stream, list(events.values())) for stream, events in sorted(missing.items())]

    async def bring_forward(self) -> dict[str, int]:
        """Only while nothing is delivered. Afterwards the topics have to be read again from their beginning."""
        done = Recovered()
        waiting = await self.journal.unpublished_by_stream()
        for stream, events in (await self._missing(waiting)).items():
            against = _contradicting(waiting.get(stream, []), events)
            await self.journal.set_aside(against)
            done.conflicts += len(against)
            done.events += await _append(self.journal, stream, events)
        for state in self.states:
            done.people += await self._bring_states_forward(state)
        log.warning("journal recovered from its topic", **asdict(done))
        return asdict(done)

    async def _missing(self, waiting: Mapping[str, Sequence[Commit]]) -> dict[str, dict[int, Received]]:
        """The topic's events after each stream's last published commit, if the database is older than the topic."""
        heads: dict[str, int] = {}
        missing: dict[str, dict[int, Received]] = {}
        if not await self.gate.is_behind():
            return missing
        forged = await self.parked.forged()
        async for records in read_to_end(self.kafka, [self.topic]):
            read = (read_event(record, frozenset()) for record in records)
            events = [one for one in read if isinstance(one, Received) and one.problem is None]
            incoming = [one for one in events if as_fork(one).id not in forged]
            unknown = {one.envelope.stream for one in incoming} - heads.keys()
            heads.update(await self.journal.heads(list(unknown)))
            for one in incoming:
                stream, sequence = one.envelope.stream, one.envelope.sequence
                published = waiting[stream][0].first - 1 if stream in waiting else heads[stream]
                if sequence > published:
                    missing.setdefault(stream, {}).setdefault(sequence, one)
        return missing

    async def _bring_states_forward(self, state: StateTopic) -> int:
        forward = 0
        async for records in read_to_end(self.kafka, [state.state.topic.name]):
            for record in records:
                match read_state(record):
                    case ReceivedState() as one:
                        forward += await state.bring_forward(one.envelope, one.details)
                    case _:
                        continue
        return forward


def _lacking(stream: str, events: Sequence[Received]) -> Lacking:
    numbers = [one.envelope.sequence for one in events]
    times = [one.envelope.time for one in events]
    return Lacking(stream, len(events), min(numbers), max(numbers), min(times), max(times))


def _contradicting(decided: Sequence[Commit], events: Events) -> list[Commit]:
    """From the first commit that contradicts the topic on: later ones were decided on a state that never existed."""
    return list(dropwhile(lambda commit: not _contradicts(commit, events), decided))


def _contradicts(commit: Commit, events: Events) -> bool:
    """Whether the topic has another event under its number."""
    known = [events.get(commit.first + index) for index in range(len(commit.events))]
    return any(one and one.envelope.id != event.id for one, event in zip(known, commit.events, strict=True))


async def _append(journal: Journal, stream: str, events: Events) -> int:
    """Appends the events that follow the journal's last one without a gap; returns their number."""
    commits = await journal.read(stream)
    last, previous = (commits[-1].last, commits[-1].hash()) if commits else (0, GENESIS)
    number = 0
    while together := _of_one_command(events, last + 1):
        commit = _commit(together, previous)
        await journal.append_published(commit)
        last, previous, number = commit.last, commit.hash(), number + len(together)
    return number


def _of_one_command(events: Events, first: int) -> list[Received]:
    """The event with this number and those that the same command left behind it.

    Only the story of a caller's own command is its alone. An event that followed from another one stands alone: two
    commands may have followed from that one.
    """
    together: list[Received] = []
    while (one := events.get(first + len(together))) and (not together or _same_story(together[0], one)):
        together.append(one)
    return together


def _same_story(first: Received, one: Received) -> bool:
    own = first.envelope.causation == first.envelope.correlation
    return own and one.envelope.causation == first.envelope.causation


def _commit(together: Sequence[Received], previous: str) -> Commit:
    envelope = together[0].envelope
    return Commit(
        stream=envelope.stream,
        first=envelope.sequence,
        conference=envelope.conference,
        command=CommandMark(f"{BY}:{envelope.id}", "Recovered", BY, ""),
        at=envelope.time,
        correlation=envelope.correlation,
        causation=envelope.causation,
        events=tuple(map(_recorded, together)),
        previous=previous,
    )


def _recorded(received: Received) -> Recorded:
    assert received.record.value is not None
    return Recorded(received.envelope.id, received.envelope.type, received.record.value.decode())
