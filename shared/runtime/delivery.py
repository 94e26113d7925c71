"""Delivery: what arrives is applied exactly once and in order, or parked; nothing is skipped.

For each stream: old events are dropped, the next is applied, a gap, a fork or a poisoned event parks the stream from
there while other streams go on. The order of effects is the promise: views, then reactions, then parked rows, then
positions, and only afterwards the caller commits offsets. Each step may be repeated after a crash.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import structlog

from shared.contracts.subscriptions import Delivered, Reaction
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Rejected
from shared.runtime.arrivals import Arrival, PersonArrival, read_all, read_event
from shared.runtime.crashpoints import crashpoint
from shared.runtime.execute import Busy, Cause, Executor, Request
from shared.runtime.folding import Folding
from shared.runtime.metrics import Counters
from shared.runtime.mongo import MongoUnavailable
from shared.runtime.parked import BEHIND, FORK, POISON, REACTION, STUCK, Parked, ParkedRow, RawRecord
from shared.runtime.people import HearsOfPeople
from shared.runtime.plan import Plan, is_over, plan
from shared.runtime.standing import Standing
from shared.runtime.views import Superseded, ViewStore

log = structlog.get_logger()

COMMANDS_AT_ONCE = 16


class Delivery:
    """One service's deliveries. ``process`` may be called by one caller at a time; others wait."""

    def __init__(
        self,
        store: ViewStore,
        parked: Parked,
        reactions: Sequence[Reaction],
        executor: Executor,
        counters: Counters,
        contacts: HearsOfPeople | None = None,
    ) -> None:
        self._store = store
        self._parked = parked
        self._reactions: defaultdict[type[Event | None], list[Reaction]] = defaultdict(list)
        for reaction in reactions:
            for event in reaction.events:
                self._reactions[event].append(reaction)
        self._executor = executor
        self._counters = counters
        self._contacts = contacts
        self._standing = Standing(store.positions)
        self._folding = Folding(store)
        self._released: list[str] = []
        self._missed = False
        self._room = asyncio.Semaphore(COMMANDS_AT_ONCE)
        self.wanted: frozenset[type[Event]] = frozenset().union(
            *(view.events for view in store.views), *(reaction.events for reaction in reactions)
        )
        self._lock = asyncio.Lock()

    async def process(self, records: Sequence[RawRecord], settle: bool = True) -> None:
        """Majority-durable when it returns: then, and only then, the records' offsets may be committed.

        With ``settle`` False it is so after a later call, or after ``settle``: while more is waiting, a position is
        written once for many batches. Raises ``Superseded``, ``Busy`` or ``MongoUnavailable``: then nothing may be
        committed, and everything since the last commit has to come again.
        """
        async with self._turn():
            self._must_not_have_missed()
            arrived = read_all(records, self.wanted)
            await self._remember_people(arrived.people)
            await self._quarantine(arrived.quarantined)
            await self._deliver(arrived.events)
            if settle:
                await self._settle()

    async def settle(self) -> None:
        """Everything processed so far is majority-durable when it returns. Raises as ``process``."""
        async with self._turn():
            self._must_not_have_missed()
            await self._settle()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Everything is settled, nothing is delivered meanwhile, and nothing remembered from before."""
        async with self._turn():
            await self._settle()
            self._forget()
            try:
                yield
            finally:
                self._forget()

    async def sweep(self) -> None:
        """Removes parked rows whose events were applied meanwhile: a worker parked them when it had been superseded."""
        async with self._turn():
            rows = await self._parked.of_streams(await self._parked.streams())
            positions = await self._store.positions.load(list(rows))
            over = [
                row.id
                for stream, position in positions.items()
                for row in rows[stream]
                if row.reason != FORK and is_over(row, position["last"], position["event"])
            ]
            await self._parked.remove(over)

    async def forget(self) -> None:
        """All since the last commit comes again, or partitions have gone to somebody else."""
        async with self._turn():
            self._forget()
            self._missed = False

    async def retry(self, row: ParkedRow) -> None:
        """Tries a parked record again, and what queues behind it; it stays parked when it still can not be taken."""
        async with self.paused():
            if row.stream is None:
                arrived = read_all([row.record], self.wanted)
                await self._remember_people(arrived.people)
                await self._deliver(arrived.events)
                await self._parked.remove([] if arrived.quarantined else [row.id])
            else:
                await self._deliver({row.stream: []}, retry=True)
            await self._settle()

    async def drop(self, row: ParkedRow, by: str, why: str) -> None:
        """Gives a record up for ever, leaving a trace, and goes on behind it."""
        async with self.paused():
            if row.stream is not None and row.reason != FORK:
                await self._step_over(row)
            await self._parked.drop(row, by, why)
            log.warning("parked record dropped", stream=row.stream, sequence=row.sequence, by=by)
            if row.stream is not None:
                await self._deliver({row.stream: []})
                await self._settle()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One at a time. After a failure nothing that was remembered can be trusted."""
        async with self._lock:
            try:
                yield
            except BaseException:
                self._missed = self._missed or self._standing.is_ahead
                self._forget()
                raise

    def _must_not_have_missed(self) -> None:
        """A sweep or an operator's retry failed between two batches: what was not settled has to come again first."""
        if self._missed:
            raise Superseded

    def _forget(self) -> None:
        self._standing.forget()
        self._folding.forget()
        self._released.clear()

    async def _settle(self) -> None:
        await self._standing.settle()
        crashpoint("delivery.positioned")
        await self._parked.remove(self._released)
        self._released.clear()

    async def _step_over(self, row: ParkedRow) -> None:
        assert row.stream is not None
        assert row.sequence is not None
        position = (await self._store.positions.load([row.stream])).get(row.stream)
        last = position["last"] if position else 0
        if row.reason not in STUCK or row.sequence != last + 1:
            raise OnlyTheFirstIsDropped(first=last + 1)
        over = {"_id": row.stream, "last": row.sequence, "event": row.event, "held": True}
        await self._store.positions.advance([(over, position["turn"] if position else None)])

    async def _quarantine(self, rows: Sequence[ParkedRow]) -> None:
        for row in rows:
            log.error("record quarantined", topic=row.record.topic, offset=row.record.offset, problem=row.problem)
        await self._parked.keep(rows)

    async def _remember_people(self, people: Sequence[PersonArrival]) -> None:
        if people and self._contacts is not None:
            await self._contacts.apply([(one.person, one.version, one.details) for one in people])
            for person in (one.person for one in people if one.details is None):
                await self._parked.forget_person(person)

    async def _deliver(self, events: Mapping[str, list[Arrival]], retry: bool = False) -> None:
        if not events:
            return
        positions = await self._standing.of(list(events))
        held = [stream for stream in events if retry or positions.get(stream, {}).get("held")]
        kept = await self._parked.of_streams(held) if held else {}
        plans = [
            plan(
                stream,
                positions.get(stream),
                self._with_kept(arrivals, kept.get(stream, [])),
                kept.get(stream, []),
                retry,
            )
            for stream, arrivals in events.items()
        ]
        await self._carry_out(plans)
        self._standing.move((made.position() for made in plans if made.moved()), positions)
        self._released += [row_id for made in plans for row_id in made.release]
        if any(made.park or made.release for made in plans):
            await self._settle()
        self._count(plans)

    def _with_kept(self, arrivals: Sequence[Arrival], kept: Sequence[ParkedRow]) -> list[Arrival]:
        if not kept:
            return list(arrivals)
        reread = (read_event(row.record, self.wanted) for row in kept)
        known = {arrival.envelope.id: arrival for arrival in arrivals}
        return list({**known, **{one.envelope.id: one for one in reread if isinstance(one, Arrival)}}.values())

    async def _carry_out(self, plans: Sequence[Plan]) -> None:
        for made in plans:
            self._foresee(made)
        crashpoint("delivery.read")
        await self._folding.fold(plans)
        crashpoint("delivery.folded")
        await asyncio.gather(*(self._react(made) for made in plans if made.commands))
        crashpoint("delivery.reacted")
        for made in plans:
            _report(made)
        await self._parked.keep([row for made in plans for row in made.park])
        crashpoint("delivery.parked")

    def _foresee(self, made: Plan) -> None:
        """Asks every reaction before anything is written, so that one that raises parks its event untouched."""
        for place, arrival in enumerate(made.apply):
            if type(arrival.event) not in self._reactions:
                continue
            try:
                commands = list(self._commands(arrival))
            except Exception as error:
                made.cut(place, POISON, f"reaction: {type(error).__name__}")
                return
            if commands:
                made.commands[arrival.envelope.id] = commands

    def _commands(self, arrival: Arrival) -> Iterable[tuple[Reaction, Command]]:
        event = arrival.event
        assert event is not None
        for reaction in self._reactions[type(event)]:
            for command in reaction.react(Delivered(arrival.envelope, event)):
                yield reaction, command

    async def _react(self, made: Plan) -> None:
        for place, arrival in enumerate(made.apply):
            outcomes = await asyncio.gather(
                *(
                    self._execute(arrival, reaction, command)
                    for reaction, command in made.commands.get(arrival.envelope.id, ())
                )
            )
            if faults := [fault for fault in outcomes if fault]:
                made.cut(place, REACTION, f"reaction: {faults[0]}")
                return

    async def _execute(self, arrival: Arrival, reaction: Reaction, command: Command) -> str | None:
        """None when it is settled, else the name of the fault that will come back every time."""
        envelope = arrival.envelope
        command_id = derived_id(envelope.id, reaction.name, command.stream, type(command).__name__)
        request = Request(f"reaction:{command_id}", cause=Cause(envelope.correlation, envelope.id))
        async with self._room:
            try:
                await self._executor.execute(command, request)
            except Rejected as no:
                self._counters.refused(reaction.name)
                log.info("reaction refused", reaction=reaction.name, rule=no.rule, **_named(arrival))
            except (MongoUnavailable, Busy, OSError):
                raise
            except Exception as error:
                return type(error).__name__
        return None

    def _count(self, plans: Sequence[Plan]) -> None:
        self._counters.delivered(
            applied=sum(len(made.apply) for made in plans),
            dropped=sum(made.dropped for made in plans),
            parked=sum(len(made.park) for made in plans),
        )


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


def _named(arrival: Arrival) -> dict[str, str | int]:
    """By what a log line about an event is found."""
    envelope = arrival.envelope
    return {
        "conference": envelope.conference,
        "stream": envelope.stream,
        "sequence": envelope.sequence,
        "correlation": envelope.correlation,
        "causation": envelope.id,
    }


class OnlyTheFirstIsDropped(Rejected):
    """Verworfen werden kann nur das Ereignis, das den Strom aufhält (Nummer {first})."""
