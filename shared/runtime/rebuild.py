"""Rebuilds a view from offset 0 into a new collection beside the live one and swaps the two by rename.

No mail, no reaction: views are pure folds. Delivery waits meanwhile, and the service must be the only member of its
group, so that nobody writes to the old collection behind our back.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from shared.contracts.subscriptions import Delivered, View
from shared.contracts.topics import PEOPLE
from shared.kernel.rejections import Kind, Rejected
from shared.runtime.arrivals import Arrival, read_event
from shared.runtime.kafka_reader import read_to_end
from shared.runtime.mongo import Document
from shared.runtime.parts import Parts
from shared.runtime.views import ViewStore, fold


class ViewUnknown(Rejected):
    """Diese Sicht gibt es nicht."""

    kind = Kind.NOT_FOUND


class NotTheOnlyWorker(Rejected):
    """Die Sicht lässt sich nur neu aufbauen, wenn genau ein Arbeitsprozess des Dienstes läuft."""


async def rebuild(parts: Parts, name: str) -> dict[str, int]:
    """How many documents the new collection has and from how many events it was folded."""
    view = next((view for view in parts.store.views if view.name == name), None)
    if view is None:
        raise ViewUnknown
    if not await parts.consumer.reads_alone():
        raise NotTheOnlyWorker
    beside = ViewStore(parts.session.database, [view], prefix="rebuilt")
    await beside.collection(view).drop()
    await beside.prepare()
    async with parts.delivery.paused():
        events = await _fold_everything(parts, view, beside)
        documents = await beside.collection(view).count_documents({})
        await beside.collection(view).rename(parts.store.collection(view).name, dropTarget=True)
    return {"documents": documents, "events": events}


async def _fold_everything(parts: Parts, view: View, beside: ViewStore) -> int:
    events, seen, place = 0, dict[str, int](), None
    dropped = await parts.parked.dropped_events()
    topics = [topic for topic in parts.declaration.subscribes if topic != PEOPLE.name]
    async for records in read_to_end(parts.settings.kafka_bootstrap, topics):
        if (here := (records[0].topic, records[0].partition)) != place:
            place, seen = here, {}  # a stream is in one partition
        read = (read_event(record, view.events) for record in records)
        arrivals = [one for one in read if isinstance(one, Arrival)]
        limits = await beside.positions.load(list({one.envelope.stream for one in arrivals}))
        fresh = [one for one in arrivals if _is_next(one, seen, limits, dropped)]
        events += len(fresh)
        await _fold_batch(view, beside, fresh)
    return events


def _is_next(arrival: Arrival, seen: dict[str, int], limits: dict[str, Document], dropped: AbstractSet[str]) -> bool:
    """First occurrences only, and nothing that the live view has not seen: parked events, or those given up."""
    stream, sequence = arrival.envelope.stream, arrival.envelope.sequence
    if sequence != seen.get(stream, 0) + 1 or sequence > limits.get(stream, {"last": 0})["last"]:
        return False
    seen[stream] = sequence
    return arrival.event is not None and arrival.envelope.id not in dropped


async def _fold_batch(view: View, beside: ViewStore, arrivals: list[Arrival]) -> None:
    delivered = [Delivered(one.envelope, one.event) for one in arrivals if one.event is not None]
    touched = [(key, one) for one in delivered for key in view.keys(one)]
    documents = await beside.load(view, list({key for key, _ in touched}))
    read = {key: document["sequence"] for key, document in documents.items()}
    for key, one in touched:
        documents[key] = fold(view, documents.get(key), key, one) or documents[key]
    changed = [
        (document, read.get(key)) for key, document in documents.items() if document["sequence"] != read.get(key)
    ]
    await beside.write(view, changed)
