"""I7 each service stands where its topics end · I8 projections are what their events make · I11 nothing was skipped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module

from shared.contracts.envelope import Envelope, read_headers
from shared.contracts.registry import READ_AS, decode
from shared.declarations.projection import Projection
from tests.campaign.dump import Document, Record
from tests.campaign.evidence import HEARS, PEOPLE, SERVICES, Evidence, Heard, Violation, place_of

Streams = dict[str, dict[int, Heard]]
"""stream → sequence → its first record."""

Documents = dict[str, dict[str, Document]]
"""projection → id → document."""


def stands_where_topics_end(run: Evidence) -> Iterator[Violation]:
    for service in SERVICES:
        positions = run.positions[service]
        streams = _streams(run, service)
        for stream, events in streams.items():
            last = _reachable(run, service, events)
            at = positions.get(stream, {"last": 0, "event": ""})
            if at["last"] != last:
                yield Violation("I7", f"{service} stands at {at['last']}, its topics lead to {last}", stream)
            elif last and at["event"] != events[last].id:
                yield Violation("I7", f"{service} has taken another event than its topic tells", f"{stream}:{last}")
        for stream in positions.keys() - streams.keys():
            yield Violation("I7", f"{service} knows a stream that no topic tells of", stream)


def _streams(run: Evidence, service: str) -> Streams:
    streams: Streams = defaultdict(dict)
    for heard in run.heard:
        if heard.record.topic in HEARS[service]:
            streams[heard.stream].setdefault(heard.sequence, heard)
    return streams


def _reachable(run: Evidence, service: str, events: dict[int, Heard]) -> int:
    """Up to the first gap, or to what is parked."""
    parked, last = run.parked[service], 0
    while (following := events.get(last + 1)) and place_of(following.record) not in parked:
        last += 1
    return last


def views_are_what_events_make(run: Evidence) -> Iterator[Violation]:
    """Folded here by hand from the topics, with the services' pure folds and nothing of their machinery."""
    for service in SERVICES:
        projections: tuple[Projection, ...] = import_module(f"services.{service}.projections").PROJECTIONS
        documents: Documents = {projection.name: {} for projection in projections}
        for heard in _taken(run, service, projections):
            try:
                _fold(projections, documents, heard)
            except Exception as error:  # noqa: BLE001 - a fold may fail in any way: then it was taken in error
                yield Violation(
                    "I8", f"{service} has taken what cannot be folded ({type(error).__name__})", heard.where
                )
        for projection in projections:
            stored = {row["_id"]: row for row in run.dump.collection(service, f"view_{projection.name}")}
            for key in sorted(stored.keys() | documents[projection.name].keys()):
                if stored.get(key) != documents[projection.name].get(key):
                    yield Violation("I8", f"projection {service}.{projection.name} differs from its events", key)


def _taken(run: Evidence, service: str, projections: tuple[Projection, ...]) -> Iterator[Heard]:
    """What the service's projections are made of, stream by stream in order."""
    wanted: frozenset[object] = frozenset().union(*(projection.events for projection in projections))
    for stream, events in _streams(run, service).items():
        reached = run.positions[service].get(stream, {"last": 0})["last"]
        for sequence in range(1, reached + 1):
            heard = events.get(sequence)
            if heard and heard.id not in run.given_up[service] and READ_AS.get(heard.type) in wanted:
                yield heard


def _fold(projections: tuple[Projection, ...], documents: Documents, heard: Heard) -> None:
    envelope: Envelope = read_headers(heard.record.headers)
    event = decode(heard.type, heard.record.value or b"")
    for projection in projections:
        if type(event) in projection.events:
            for key in projection.keys(event, envelope):
                known = documents[projection.name].get(key)
                own = {
                    "_id": key,
                    "conference": envelope.conference,
                    "stream": heard.stream,
                    "sequence": heard.sequence,
                }
                documents[projection.name][key] = {**projection.fold(known, event, envelope), **own}


def nothing_is_skipped(run: Evidence) -> Iterator[Violation]:
    """Each record is taken, or kept with a reason; what a fault planted is where it was expected."""
    for service in SERVICES:
        for record in run.dump.records:
            place = place_of(record)
            if record.topic in HEARS[service]:
                became = _became(run, service, record, run.heard_at.get(place))
                expected = run.planted.get(place, {}).get("expect", {}).get(service, "taken")
                if became != expected:
                    what = f"{service}: {became}, expected {expected}"
                    yield Violation("I11", what, ":".join(map(str, place)))
    yield from _people_are_heard(run)


def _became(run: Evidence, service: str, record: Record, heard: Heard | None) -> str:
    row = run.parked[service].get(place_of(record))
    if heard is not None:
        row = row or run.parked_ids[service].get(heard.parked_as)
    if row:
        return str(row["reason"])
    if heard is not None and heard.id in run.given_up[service]:
        return "given up"
    if heard is not None and heard.sequence <= run.positions[service].get(heard.stream, {"last": 0})["last"]:
        return "taken"
    return "skipped"


def _people_are_heard(run: Evidence) -> Iterator[Violation]:
    copies = {row["_id"].encode(): row["version"] for row in run.dump.collection("notifications", "contacts")}
    for record in run.people_records:
        row, place = run.parked["notifications"].get(place_of(record)), place_of(record)
        became = row["reason"] if row else "taken" if _version(record) <= copies.get(record.key, 0) else "skipped"
        expected = run.planted.get(place, {}).get("expect", {}).get("notifications", "taken")
        if became != expected:
            yield Violation("I11", f"notifications: {became}, expected {expected}", f"{PEOPLE}:{place[1]}:{place[2]}")


def _version(record: Record) -> int:
    return int(dict(record.headers).get("ce_sequence") or 0)
