"""Folds events into documents in memory and writes each changed document once per batch.

Recently used documents are cached. If another worker has changed a document meanwhile, the guarded write fails; then
the whole cache is dropped and read again. Rebuilding, ``kpk verify`` and the tests also use ``Folder`` and ``fold``,
so there is only one way from an event to documents.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping, Sequence

from shared.contracts.envelope import Envelope
from shared.declarations.projection import Document, Key, Projection
from shared.kernel.decider import Event
from shared.runtime.delivery.parked import POISON
from shared.runtime.delivery.plan import Plan
from shared.runtime.delivery.stores import Change, ProjectionStore
from shared.runtime.recent import Recent

REMEMBERED = 8_192


Touched = Sequence[tuple[Projection, Key]]


class Folder:
    """Which documents an event touches."""

    def __init__(self, projections: Iterable[Projection]) -> None:
        self._projections: dict[type[Event], list[Projection]] = {}
        for one in projections:
            for event in one.events:
                self._projections.setdefault(event, []).append(one)

    @property
    def events(self) -> frozenset[type[Event]]:
        return frozenset(self._projections)

    def touched(self, event: Event | None, envelope: Envelope) -> Touched:
        """The documents that the event changes; none if no projection uses it. Raises what ``keys`` raises."""
        wanting = self._projections.get(type(event), ())  # type: ignore[arg-type]  # of no event there is nothing
        return [(one, Key(one.name, key)) for one in wanting for key in one.keys(event, envelope)]


def fold(
    documents: MutableMapping[Key, Document], event: Event | None, envelope: Envelope, touched: Touched
) -> list[Key]:
    """Folds one event into all documents that it touches, or into none if a fold raises.

    Documents that have the event already, by their sequence, are skipped. Returns the keys that have changed.
    """
    changed: dict[Key, Document] = {}
    for one, key in touched:
        before = changed.get(key) or documents.get(key)
        if before is None or before["sequence"] < envelope.sequence:
            changed[key] = {
                **one.fold(before, event, envelope),
                "_id": key.id,
                "conference": envelope.conference,
                "stream": envelope.stream,
                "sequence": envelope.sequence,
            }
    documents.update(changed)
    return list(changed)


class Folding:
    """One service's projections, as its events make them."""

    def __init__(self, store: ProjectionStore) -> None:
        self._store = store
        self._folder = Folder(store.projections)
        self._recent: Recent[Key, Document] = Recent(REMEMBERED)

    async def fold(self, plans: Sequence[Plan]) -> None:
        """Cuts a plan before the first event that its projections cannot take. Raises ``Superseded``."""
        touched = [self._touched(made) for made in plans]
        documents = await self._load({key for events in touched for one in events for _, key in one})
        read = {key: document["sequence"] for key, document in documents.items()}
        changed = [
            key for made, events in zip(plans, touched, strict=True) for key in _fold_stream(made, events, documents)
        ]
        await self._write({key: documents[key] for key in changed}, read)

    def forget(self) -> None:
        self._recent.clear()

    def _touched(self, made: Plan) -> list[Touched]:
        touched: list[Touched] = []
        for index, received in enumerate(made.apply):
            try:
                touched.append(self._folder.touched(received.event, received.envelope))
            except Exception as error:
                made.cut(index, POISON, f"projection: {type(error).__name__}")
                break
        return touched

    async def _load(self, keys: set[Key]) -> dict[Key, Document]:
        found = self._recent.known(keys)
        unknown: defaultdict[str, list[str]] = defaultdict(list)
        for name, key in keys - found.keys():
            unknown[name].append(key)
        for projection in self._store.projections:
            if projection.name in unknown:
                loaded = await self._store.load(projection, unknown[projection.name])
                found.update({Key(projection.name, key): document for key, document in loaded.items()})
        return found

    async def _write(self, changed: Mapping[Key, Document], read: Mapping[Key, int]) -> None:
        writes: defaultdict[str, list[Change]] = defaultdict(list)
        for key, document in changed.items():
            writes[key.projection].append((document, read.get(key)))
        await asyncio.gather(
            *(self._store.write(one, writes[one.name]) for one in self._store.projections if one.name in writes)
        )
        self._recent.update(changed)


def _fold_stream(made: Plan, touched: Sequence[Touched], documents: dict[Key, Document]) -> Iterable[Key]:
    for index, received in enumerate(made.apply):
        try:
            changed = fold(documents, received.event, received.envelope, touched[index])
        except Exception as error:
            made.cut(index, POISON, f"projection: {type(error).__name__}")
            return
        yield from changed
