"""From events to documents: folded in memory, each touched document written once for a batch, guarded by its sequence.

Documents used lately are remembered. One that another worker has changed meanwhile can not be overwritten: the guard
misses, and whoever missed forgets everything and reads anew.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from shared.contracts.subscriptions import Delivered, Document, View
from shared.kernel.decider import Event
from shared.runtime.arrivals import Arrival
from shared.runtime.parked import POISON
from shared.runtime.plan import Plan
from shared.runtime.recent import Recent
from shared.runtime.views import ViewStore, fold

REMEMBERED = 8_192

Key = tuple[str, str]
"""View name and document id."""

Touched = tuple[Delivered | None, Sequence[tuple[View, Key]]]
"""An event, and the documents that it touches; None where no view wants it."""

UNTOUCHED: Touched = (None, ())


class Folding:
    """One service's views, as its events make them."""

    def __init__(self, store: ViewStore) -> None:
        self._store = store
        self._views: defaultdict[type[Event], list[View]] = defaultdict(list)
        for view in store.views:
            for event in view.events:
                self._views[event].append(view)
        self._recent: Recent[Key, Document] = Recent(REMEMBERED)

    async def fold(self, plans: Sequence[Plan]) -> None:
        """Cuts a plan before the first event that its views can not take. Raises ``Superseded``."""
        touched = [self._touched(made) for made in plans]
        documents = await self._load(touched)
        changed: dict[Key, Document] = {}
        for made, events in zip(plans, touched, strict=True):
            changed.update(_fold_stream(made, events, documents))
        await self._write(changed, documents)

    def forget(self) -> None:
        self._recent.clear()

    def _touched(self, made: Plan) -> list[Touched]:
        touched = []
        for place, arrival in enumerate(made.apply):
            try:
                touched.append(self._documents_of(arrival))
            except Exception as error:
                made.cut(place, POISON, f"view: {type(error).__name__}")
                break
        return touched

    def _documents_of(self, arrival: Arrival) -> Touched:
        if arrival.event is None or type(arrival.event) not in self._views:
            return UNTOUCHED
        delivered, views = Delivered(arrival.envelope, arrival.event), self._views[type(arrival.event)]
        return delivered, [(view, (view.name, key)) for view in views for key in view.keys(delivered)]

    async def _load(self, touched: Iterable[list[Touched]]) -> dict[Key, Document]:
        keys = {key for events in touched for _, documents in events for _, key in documents}
        found = self._recent.known(keys)
        unknown: defaultdict[str, list[str]] = defaultdict(list)
        for name, key in keys - found.keys():
            unknown[name].append(key)
        for view in self._store.views:
            if view.name in unknown:
                loaded = await self._store.load(view, unknown[view.name])
                found.update({(view.name, key): document for key, document in loaded.items()})
        return found

    async def _write(self, changed: Mapping[Key, Document], read: Mapping[Key, Document]) -> None:
        writes: defaultdict[str, list[tuple[Document, int | None]]] = defaultdict(list)
        for key, document in changed.items():
            before = read.get(key)
            writes[key[0]].append((document, before["sequence"] if before else None))
        await asyncio.gather(
            *(self._store.write(view, writes[view.name]) for view in self._store.views if view.name in writes)
        )
        self._recent.update(changed)


def _fold_stream(made: Plan, touched: Sequence[Touched], documents: Mapping[Key, Document]) -> dict[Key, Document]:
    changed: dict[Key, Document] = {}
    for place in range(len(made.apply)):
        try:
            changed.update(_fold_event(*touched[place], changed, documents))
        except Exception as error:
            made.cut(place, POISON, f"view: {type(error).__name__}")
            break
    return changed


def _fold_event(
    delivered: Delivered | None,
    touched: Sequence[tuple[View, Key]],
    changed: Mapping[Key, Document],
    read: Mapping[Key, Document],
) -> dict[Key, Document]:
    """What the event makes of its documents, all of them or, when a fold raises, none."""
    folded: dict[Key, Document] = {}
    if delivered is not None:
        for view, key in touched:
            before = folded.get(key) or changed.get(key) or read.get(key)
            document = fold(view, before, key[1], delivered)
            if document is not None:
                folded[key] = document
    return folded
