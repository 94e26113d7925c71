"""A journal that is older than its topic is brought forward from it, after a backup was restored.

Each missing event becomes a commit of its own with the id it always had, so that its command, repeated, is still
recognised. What was decided on the old state meanwhile contradicts what the world has heard: such commits are set aside
in ``journal_conflicts``, where somebody can read who wanted what, and give the order again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import dropwhile

import structlog

from shared.contracts.topics import PEOPLE, events_of
from shared.kernel.rejections import Rejected
from shared.runtime.arrivals import Arrival, PersonArrival, read_event, read_person
from shared.runtime.journal import GENESIS, CommandMark, Commit, Journal, Recorded
from shared.runtime.kafka_reader import read_to_end
from shared.runtime.parts import Parts
from shared.runtime.people import People

log = structlog.get_logger()

BY = "recovery"

Events = Mapping[int, Arrival]
"""One stream's events by sequence."""


class NotTheOnlyReader(Rejected):
    """Das geht nur, wenn genau ein Arbeitsprozess des Dienstes läuft."""


@dataclass
class Recovered:
    """What was done: events taken from the topic, commits set aside, people brought forward."""

    events: int = 0
    conflicts: int = 0
    people: int = 0


async def recover(parts: Parts) -> dict[str, int]:
    """Harmless when nothing is missing. Afterwards everything is read again from the beginning of the topics."""
    if not await parts.consumer.reads_alone():
        raise NotTheOnlyReader
    done = Recovered()
    async with parts.delivery.paused():
        await _bring_forward(parts, done)
        if parts.people is not None:
            await _recover_people(parts, parts.people, done)
        parts.executor.forget()
    await parts.read_again(parts.declaration.subscribes)
    log.warning("journal recovered from its topic", **asdict(done))
    return asdict(done)


async def _bring_forward(parts: Parts, done: Recovered) -> None:
    waiting = await parts.journal.unpublished_by_stream()
    for stream, events in (await _missing(parts, waiting)).items():
        against = _contradicting(waiting.get(stream, []), events)
        await parts.journal.set_aside(against)
        done.conflicts += len(against)
        done.events += await _append(parts.journal, stream, events)


async def _missing(parts: Parts, waiting: Mapping[str, Sequence[Commit]]) -> dict[str, dict[int, Arrival]]:
    """What the topic has beyond each stream's last published commit."""
    heads: dict[str, int] = {}
    missing: dict[str, dict[int, Arrival]] = {}
    topic = events_of(parts.service).name
    async for records in read_to_end(parts.settings.kafka_bootstrap, [topic]):
        read = (read_event(record, frozenset()) for record in records)
        arrivals = [one for one in read if isinstance(one, Arrival) and one.problem is None]
        unknown = {one.envelope.stream for one in arrivals} - heads.keys()
        heads.update(await parts.journal.heads(list(unknown)))
        for one in arrivals:
            stream, sequence = one.envelope.stream, one.envelope.sequence
            published = waiting[stream][0].first - 1 if stream in waiting else heads[stream]
            if sequence > published:
                missing.setdefault(stream, {}).setdefault(sequence, one)
    return missing


def _contradicting(decided: Sequence[Commit], events: Events) -> list[Commit]:
    """From the first on that contradicts the topic: what follows was decided on a state that never was."""
    return list(dropwhile(lambda commit: not _contradicts(commit, events), decided))


def _contradicts(commit: Commit, events: Events) -> bool:
    """Another event has its number in the topic."""
    known = [events.get(commit.first + place) for place in range(len(commit.events))]
    return any(one and one.envelope.id != event.id for one, event in zip(known, commit.events, strict=True))


async def _append(journal: Journal, stream: str, events: Events) -> int:
    """Those that follow the journal's last without a gap; returns how many."""
    commits = await journal.read(stream)
    last, previous = (commits[-1].last, commits[-1].hash()) if commits else (0, GENESIS)
    number = 0
    while (arrival := events.get(last + 1)) is not None:
        commit = _commit(arrival, previous)
        await journal.append(commit)
        await journal.mark_published([commit])
        last, previous, number = commit.last, commit.hash(), number + 1
    return number


def _commit(arrival: Arrival, previous: str) -> Commit:
    envelope, value = arrival.envelope, arrival.record.value
    assert value is not None
    return Commit(
        stream=envelope.stream,
        first=envelope.sequence,
        conference=envelope.conference,
        command=CommandMark(f"{BY}:{envelope.id}", "Recovered", BY, ""),
        at=envelope.time,
        correlation=envelope.correlation,
        causation=envelope.causation,
        events=(Recorded(envelope.id, envelope.type, value.decode()),),
        previous=previous,
    )


async def _recover_people(parts: Parts, people: People, done: Recovered) -> None:
    async for records in read_to_end(parts.settings.kafka_bootstrap, [PEOPLE.name]):
        for record in records:
            match read_person(record):
                case PersonArrival() as one:
                    done.people += await people.bring_forward(one.envelope, one.details)
                case _:
                    continue
