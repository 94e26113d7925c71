"""Delivery: what arrives is applied exactly once and in order, or parked; nothing is skipped.

In each stream old events are dropped and the next one is applied. A gap, a fork or a poisoned event parks the stream
from there; other streams continue. The order of effects is the promise: projections, then reactions, then parked
rows. Then ``Progress.settle`` writes positions, and only afterwards offsets are committed. Each step may be repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from shared.contracts.registry import STATES
from shared.kernel.decider import Event
from shared.kernel.rejections import Rejected
from shared.runtime.delivery.folding import Folding
from shared.runtime.delivery.own_topic import OwnTopic, as_fork
from shared.runtime.delivery.parked import BEHIND, FORK, STUCK, Parked, ParkedRow
from shared.runtime.delivery.plan import Plan, is_over, plan
from shared.runtime.delivery.progress import Progress
from shared.runtime.delivery.reactions import Reactions
from shared.runtime.delivery.records import Received, ReceivedState, read_all, read_event
from shared.runtime.delivery.state_copy import HearsStates
from shared.runtime.delivery.stores import Positions
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.observing.crashpoints import crashpoint
from shared.runtime.observing.metrics import Counters

log = structlog.get_logger()


class OnlyTheFirstIsDropped(Rejected):
    """Verworfen werden kann nur das Ereignis, das den Strom aufhält (Nummer {first})."""


class NoLongerParked(Rejected):
    """Der Datensatz ist nicht mehr geparkt: Er ist inzwischen angenommen oder verworfen."""


class StatesAreNotKept(Rejected):
    """Angaben zu Personen werden nicht aufbewahrt und so nicht erneut angenommen: verwerfen, dann kpk verify."""


@dataclass(frozen=True)
class Delivery:
    """One service's deliveries. ``states`` are its readers of state topics, by topic."""

    wanted: AbstractSet[type[Event]]
    own: OwnTopic
    folding: Folding
    reactions: Reactions
    parked: Parked
    positions: Positions
    progress: Progress
    states: Mapping[str, HearsStates]
    counters: Counters

    async def process(self, records: Sequence[KafkaRecord]) -> None:
        """Within a turn of the progress, which settles it. Raises ``Superseded``, ``Busy`` or ``MongoUnavailable``:
        then nothing may be committed, and everything since the last commit comes again.
        """
        batch = read_all(records, self.wanted)
        await self._hear_states(batch.states)
        await self._quarantine(batch.quarantined)
        await self._deliver(await self._without_forks(batch.events))

    def forget(self) -> None:
        """Partitions have gone to another member, or something failed: what is remembered may be wrong."""
        self.progress.forget()
        self.folding.forget()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One at a time. After a failure everything that was remembered is dropped."""
        try:
            async with self.progress.turn():
                yield
        except BaseException:
            self.folding.forget()
            raise

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Everything is settled, nothing is delivered meanwhile, and nothing is remembered from before."""
        async with self.turn():
            await self.progress.settle()
            self.forget()
            try:
                yield
            finally:
                self.forget()

    async def sweep(self) -> None:
        """Removes parked rows whose events were applied meanwhile: a superseded worker has parked them."""
        async with self.turn():
            rows = await self.parked.of_streams(await self.parked.streams())
            positions = await self.positions.load(list(rows))
            over = [
                row.id
                for stream, position in positions.items()
                for row in rows[stream]
                if row.reason != FORK and is_over(row, position["last"], position["event"])
            ]
            await self.parked.remove(over)

    async def retry(self, row: ParkedRow) -> None:
        """Tries a parked record again, and the records that queue behind it. It stays parked if it still fails.

        Raises ``StatesAreNotKept``: without its value a state would count as a null, and erase. Raises
        ``NoLongerParked`` if it was dropped or applied meanwhile.
        """
        if row.record.topic in STATES:
            raise StatesAreNotKept
        async with self.paused():
            await self._must_be_parked(row)
            if row.stream is None:
                batch = read_all([row.record], self.wanted)
                events = await self._without_forks(batch.events)
                await self._deliver(events)
                await self.parked.remove([] if batch.quarantined or events != batch.events else [row.id])
            else:
                await self._deliver({row.stream: []}, retry=True)
            await self.progress.settle_positions()

    async def drop(self, row: ParkedRow, by: str, why: str) -> None:
        """Drops a record for ever, leaves a trace, and continues behind it. Raises ``NoLongerParked``."""
        async with self.paused():
            await self._must_be_parked(row)
            if row.stream is not None and row.reason != FORK:
                await self._step_over(row)
            await self.parked.drop(row, by, why)
            log.warning("parked record dropped", stream=row.stream, sequence=row.sequence, by=by)
            if row.stream is not None:
                await self._deliver({row.stream: []})
                await self.progress.settle_positions()

    async def _must_be_parked(self, row: ParkedRow) -> None:
        """Checked again during the pause: of two admins at once, only one drops or retries it."""
        if await self.parked.get(row.id) is None:
            raise NoLongerParked

    async def _step_over(self, row: ParkedRow) -> None:
        assert row.stream is not None
        assert row.sequence is not None
        position = (await self.positions.load([row.stream])).get(row.stream)
        last = position["last"] if position else 0
        if row.reason not in STUCK or row.sequence != last + 1:
            raise OnlyTheFirstIsDropped(first=last + 1)
        over = {"_id": row.stream, "last": row.sequence, "event": row.event, "held": True}
        await self.positions.advance([(over, position["turn"] if position else None)])

    async def _quarantine(self, rows: Sequence[ParkedRow]) -> None:
        for row in rows:
            log.error("record quarantined", topic=row.record.topic, offset=row.record.offset, problem=row.problem)
        await self.parked.keep(rows)

    async def _hear_states(self, states: Mapping[str, Sequence[ReceivedState]]) -> None:
        for topic, heard in states.items():
            if topic in self.states:
                await self._hear_topic(topic, heard)

    async def _hear_topic(self, topic: str, heard: Sequence[ReceivedState]) -> None:
        refused = frozenset(await self.states[topic].refused([one.state for one in heard]))
        taken = [one for index, one in enumerate(heard) if index not in refused]
        strange = [heard[index] for index in sorted(refused)]
        if strange:
            await self.own.gate.require_anew()
            for one in strange:
                log.error("state is not its owner's", topic=topic, offset=one.record.offset)
            await self.parked.keep([ParkedRow(FORK, "its owner has not said so", one.record) for one in strange])
        await self.states[topic].hear([one.state for one in taken], [one.state for one in strange])
        for one in taken:
            if one.details is None:
                await self.parked.forget_state(topic, one.key)

    async def _deliver(self, events: Mapping[str, list[Received]], retry: bool = False) -> None:
        if not events:
            return
        positions = await self.progress.positions(list(events))
        held = [stream for stream in events if retry or positions.get(stream, {}).get("held")]
        kept = await self._kept(held) if held else {}
        plans = [
            plan(
                stream,
                positions.get(stream),
                self._with_kept(incoming, kept.get(stream, [])),
                kept.get(stream, []),
                retry,
            )
            for stream, incoming in events.items()
        ]
        await self._carry_out(plans)
        self.progress.move((made.position() for made in plans if made.moved()), positions)
        self.progress.release(row_id for made in plans for row_id in made.release)
        if any(made.park or made.release for made in plans):
            await self.progress.settle_positions()
        self._count(plans)

    async def _without_forks(self, events: Mapping[str, list[Received]]) -> Mapping[str, list[Received]]:
        forks = await self._park_forks([one for incoming in events.values() for one in incoming])
        if not forks:
            return events
        return {stream: [one for one in incoming if id(one) not in forks] for stream, incoming in events.items()}

    async def _kept(self, streams: Sequence[str]) -> dict[str, list[ParkedRow]]:
        """Their parked records. A record that turns out to be a fork leaves its stream's queue."""
        kept = await self.parked.of_streams(streams)
        read = {row.id: read_event(row.record, self.wanted) for rows in kept.values() for row in rows}
        forks = await self._park_forks([one for one in read.values() if isinstance(one, Received)])
        over = {row_id for row_id, one in read.items() if id(one) in forks}
        self.progress.release(over)
        return {stream: [row for row in rows if row.id not in over] for stream, rows in kept.items()}

    async def _park_forks(self, received: Sequence[Received]) -> AbstractSet[int]:
        """The forks among them: those that the own journal does not know."""
        forks = await self.own.forks(received)
        for one in forks:
            stream, sequence = one.place
            log.error("event is not in the journal", stream=stream, sequence=sequence, event_id=one.envelope.id)
        await self.parked.keep([as_fork(one) for one in forks])
        return frozenset(map(id, forks))

    def _with_kept(self, incoming: Sequence[Received], kept: Sequence[ParkedRow]) -> list[Received]:
        if not kept:
            return list(incoming)
        reread = (read_event(row.record, self.wanted) for row in kept)
        known = {received.envelope.id: received for received in incoming}
        return list({**known, **{one.envelope.id: one for one in reread if isinstance(one, Received)}}.values())

    async def _carry_out(self, plans: Sequence[Plan]) -> None:
        for made in plans:
            self.reactions.foresee(made)
        crashpoint("delivery.read")
        await self.folding.fold(plans)
        crashpoint("delivery.folded")
        await asyncio.gather(*(self.reactions.carry_out(made) for made in plans if made.commands))
        crashpoint("delivery.reacted")
        for made in plans:
            _report(made)
        await self.parked.keep([row for made in plans for row in made.park])
        crashpoint("delivery.parked")

    def _count(self, plans: Sequence[Plan]) -> None:
        number = {
            "applied": sum(len(made.apply) for made in plans),
            "dropped": sum(made.dropped for made in plans),
            "parked": sum(len(made.park) for made in plans),
        }
        self.counters.delivered(**number)
        log.debug("batch applied", streams=len(plans), **number)


def _report(made: Plan) -> None:
    for row in made.park:
        if row.reason != BEHIND:
            log.error(
                "event parked",
                reason=row.reason,
                problem=row.problem,
                stream=row.stream,
                sequence=row.sequence,
                event_id=row.event,
            )
