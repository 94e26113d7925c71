"""Delivery: what arrives is applied exactly once and in order, or parked; nothing is skipped.

For each stream: old events are dropped, the next is applied, a gap, a fork or a poisoned event parks the stream from
there while other streams go on. The order of effects is the promise: views, then reactions, then parked rows, then
positions, and only afterwards the caller commits offsets. Each step may be repeated after a crash.
"""

from __future__ import annotations

import asyncio
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from shared.contracts.subscriptions import Delivered, Document, Reaction, View
from shared.contracts.topics import PEOPLE
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Rejected
from shared.runtime.arrivals import Arrival, PersonArrival, read_event, read_person
from shared.runtime.crashpoints import crashpoint
from shared.runtime.execute import Busy, Cause, Executor, Request
from shared.runtime.metrics import Counters
from shared.runtime.mongo import MongoUnavailable
from shared.runtime.parked import BEHIND, FORK, GAP, POISON, REACTION, STUCK, Parked, ParkedRow, RawRecord
from shared.runtime.people import Contacts
from shared.runtime.views import ViewStore, fold

log = structlog.get_logger()

COMMANDS_AT_ONCE = 16

Key = tuple[str, str]
"""View name and document id."""


@dataclass
class Plan:
    """What one batch means for one stream: apply these, park those, release what had been parked before."""

    stream: str
    read: int | None
    last: int
    event: str
    held: bool
    apply: list[Arrival] = field(default_factory=list)
    park: list[ParkedRow] = field(default_factory=list)
    release: list[str] = field(default_factory=list)
    commands: dict[str, list[tuple[Reaction, Command]]] = field(default_factory=dict)
    dropped: int = 0

    def cut(self, place: int, reason: str, problem: str) -> None:
        """From the event at ``place`` on, nothing of this batch is applied; later events queue behind it."""
        stopped, *behind = self.apply[place:]
        self.park = [
            stopped.parked(reason, problem),
            *(arrival.parked(BEHIND, "behind a parked event") for arrival in behind),
            *self.park,
        ]
        self.apply = self.apply[:place]

    def position(self) -> Document:
        last = self.apply[-1].envelope if self.apply else None
        return {
            "_id": self.stream,
            "last": last.sequence if last else self.last,
            "event": last.id if last else self.event,
            "held": bool(self.park or self.release),
        }

    def moved(self) -> bool:
        return bool(self.apply or self.park or self.release) or self.held


def plan(
    stream: str,
    position: Document | None,
    arrivals: Sequence[Arrival],
    kept: Sequence[ParkedRow],
    retry: bool = False,
) -> Plan:
    """Pure: old, next, gap, fork or poison. ``arrivals`` may include what ``kept`` holds, in any order."""
    at = position or {"last": 0, "event": "", "held": False}
    made = Plan(stream, position["last"] if position else None, at["last"], at["event"], at["held"])
    last, event = made.last, made.event
    stuck = not retry and any(row.reason in STUCK for row in kept)
    reasons = {row.id: row for row in kept}
    for arrival in sorted(arrivals, key=lambda one: one.envelope.sequence):
        envelope, row_id = arrival.envelope, arrival.parked(GAP, "").id
        if envelope.sequence < last or envelope.id == event:
            made.dropped += 1
            made.release.append(row_id)
        elif row_id in reasons and stuck:
            made.park.append(reasons[row_id])
        elif envelope.sequence == last:
            made.park.append(arrival.parked(FORK, "the sequence is taken by another event"))
            stuck = True
        elif stuck:
            made.park.append(arrival.parked(BEHIND, "behind a parked event"))
        elif envelope.sequence > last + 1:
            made.park.append(arrival.parked(GAP, f"{last + 1} is missing"))
        elif arrival.problem:
            made.park.append(arrival.parked(POISON, arrival.problem))
            stuck = True
        else:
            made.apply.append(arrival)
            last, event = envelope.sequence, envelope.id
            made.release.append(row_id)
    made.release = [row_id for row_id in made.release if row_id in reasons]
    return made


class Delivery:
    """One service's deliveries. ``process`` may be called by one caller at a time; others wait."""

    def __init__(
        self,
        store: ViewStore,
        parked: Parked,
        reactions: Sequence[Reaction],
        executor: Executor,
        counters: Counters,
        contacts: Contacts | None = None,
    ) -> None:
        self._store = store
        self._parked = parked
        self._reactions = tuple(reactions)
        self._executor = executor
        self._counters = counters
        self._contacts = contacts
        self._room = asyncio.Semaphore(COMMANDS_AT_ONCE)
        self.wanted: frozenset[type[Event]] = frozenset().union(
            *(view.events for view in store.views), *(reaction.events for reaction in reactions)
        )
        self.lock = asyncio.Lock()

    async def process(self, records: Sequence[RawRecord]) -> None:
        """Majority-durable when it returns: then, and only then, the records' offsets may be committed.

        Raises ``Superseded``, ``Busy`` or ``MongoUnavailable``: nothing may be committed, the batch comes again.
        """
        async with self.lock:
            events, quarantined = await self._read(records)
            await self._parked.keep(quarantined)
            await self._deliver(events)

    async def retry(self, row: ParkedRow) -> None:
        """Tries a parked record again, and what queues behind it; it stays parked when it still can not be taken."""
        async with self.lock:
            if row.stream is None:
                events, quarantined = await self._read([row.record])
                await self._deliver(events)
                await self._parked.remove([] if quarantined else [row.id])
            else:
                await self._deliver({row.stream: []}, retry=True)

    async def drop(self, row: ParkedRow, by: str, why: str) -> None:
        """Gives a record up for ever, leaving a trace, and goes on behind it."""
        async with self.lock:
            if row.stream is not None and row.reason != FORK:
                await self._step_over(row)
            await self._parked.drop(row, by, why)
            log.warning("parked record dropped", stream=row.stream, sequence=row.sequence, by=by)
            if row.stream is not None:
                await self._deliver({row.stream: []})

    async def _step_over(self, row: ParkedRow) -> None:
        assert row.stream is not None
        assert row.sequence is not None
        position = (await self._store.positions.load([row.stream])).get(row.stream)
        last = position["last"] if position else 0
        if row.reason not in STUCK or row.sequence != last + 1:
            raise OnlyTheFirstIsDropped(first=last + 1)
        over = {"_id": row.stream, "last": row.sequence, "event": row.event, "held": True}
        await self._store.positions.advance([(over, last if position else None)])

    async def _read(self, records: Sequence[RawRecord]) -> tuple[dict[str, list[Arrival]], list[ParkedRow]]:
        events: dict[str, list[Arrival]] = {}
        people: list[PersonArrival] = []
        quarantined: list[ParkedRow] = []
        for record in records:
            match read_person(record) if record.topic == PEOPLE.name else read_event(record, self.wanted):
                case PersonArrival() as person:
                    people.append(person)
                case ParkedRow() as row:
                    quarantined.append(row)
                    log.error("record quarantined", topic=record.topic, offset=record.offset, problem=row.problem)
                case Arrival() as arrival:
                    events.setdefault(arrival.envelope.stream, []).append(arrival)
        await self._remember_people(people)
        return events, quarantined

    async def _remember_people(self, people: Sequence[PersonArrival]) -> None:
        if people and self._contacts is not None:
            await self._contacts.apply([(one.person, one.version, one.details) for one in people])
            for person in (one.person for one in people if one.details is None):
                await self._parked.forget_person(person)

    async def _deliver(self, events: Mapping[str, list[Arrival]], retry: bool = False) -> None:
        if not events:
            return
        positions = await self._store.positions.load(list(events))
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
        await self._fold(plans)
        crashpoint("delivery.folded")
        await asyncio.gather(*(self._react(made) for made in plans if made.commands))
        crashpoint("delivery.reacted")
        for made in plans:
            _report(made)
        await self._parked.keep([row for made in plans for row in made.park])
        crashpoint("delivery.parked")
        await self._store.positions.advance((made.position(), made.read) for made in plans if made.moved())
        crashpoint("delivery.positioned")
        await self._parked.remove([row_id for made in plans for row_id in made.release])
        self._count(plans)

    def _foresee(self, made: Plan) -> None:
        """Asks every reaction before anything is written, so that one that raises parks its event untouched."""
        for place, arrival in enumerate(made.apply):
            try:
                commands = list(self._commands(arrival))
            except Exception as error:
                made.cut(place, POISON, f"reaction: {type(error).__name__}")
                return
            if commands:
                made.commands[arrival.envelope.id] = commands

    def _commands(self, arrival: Arrival) -> Iterable[tuple[Reaction, Command]]:
        event = arrival.event
        if event is not None:
            for reaction in self._reactions:
                if type(event) in reaction.events:
                    for command in reaction.react(Delivered(arrival.envelope, event)):
                        yield reaction, command

    async def _fold(self, plans: Sequence[Plan]) -> None:
        touched = {made.stream: self._touched(made) for made in plans}
        documents = await self._load(touched)
        read = {key: document["sequence"] for key, document in documents.items()}
        changed: dict[Key, Document] = {}
        for made in plans:
            changed.update(self._fold_stream(made, touched[made.stream], documents))
        for view in self._store.views:
            await self._store.write(
                view, [(document, read.get(key)) for key, document in changed.items() if key[0] == view.name]
            )

    def _touched(self, made: Plan) -> list[list[tuple[View, str]]]:
        """For each event of the plan the documents it touches."""
        touched = []
        for place, arrival in enumerate(made.apply):
            try:
                touched.append(list(self._documents_of(arrival)))
            except Exception as error:
                made.cut(place, POISON, f"view: {type(error).__name__}")
                break
        return touched

    def _documents_of(self, arrival: Arrival) -> Iterable[tuple[View, str]]:
        event = arrival.event
        if event is not None:
            for view in self._store.views:
                if type(event) in view.events:
                    for key in view.keys(Delivered(arrival.envelope, event)):
                        yield view, key

    async def _load(self, touched: Mapping[str, list[list[tuple[View, str]]]]) -> dict[Key, Document]:
        keys: dict[str, dict[str, None]] = {}
        for documents in touched.values():
            for view, key in (one for event in documents for one in event):
                keys.setdefault(view.name, {})[key] = None
        found: dict[Key, Document] = {}
        for view in self._store.views:
            if view.name in keys:
                loaded = await self._store.load(view, list(keys[view.name]))
                found.update({(view.name, key): document for key, document in loaded.items()})
        return found

    def _fold_stream(
        self, made: Plan, touched: Sequence[list[tuple[View, str]]], documents: Mapping[Key, Document]
    ) -> dict[Key, Document]:
        changed: dict[Key, Document] = {}
        known = ChainMap(changed, documents)  # type: ignore[arg-type]  # only its first map is written to
        for place, arrival in enumerate(made.apply):
            try:
                changed.update(_fold_event(arrival, touched[place], known))
            except Exception as error:
                made.cut(place, POISON, f"view: {type(error).__name__}")
                break
        return changed

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
        for made in plans:
            self._counters.delivered(len(made.apply), made.dropped, len(made.park))


def _fold_event(
    arrival: Arrival, touched: Sequence[tuple[View, str]], documents: Mapping[Key, Document]
) -> dict[Key, Document]:
    changed: dict[Key, Document] = {}
    for view, key in touched:
        assert arrival.event is not None
        document = fold(view, documents.get((view.name, key)), key, Delivered(arrival.envelope, arrival.event))
        if document is not None:
            changed[view.name, key] = document
    return changed


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
