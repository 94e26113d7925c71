"""What in a journal and in its topic follows from the rest: half of what a file would hold, and chance to any packer.

Written down once more, on purpose: the product may find its ids and hashes in another way one day, and a file of today
is still to be read as it was written. What does not follow, whatever the reason, is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID, uuid5

from tests.journeys.upgrade.snapshot import Document, Record

GENESIS = "0" * 64
IDS = UUID("6f1c2c1e-3f0b-5d3a-9b57-0a5d0c5b9e21")
OWN = {"correlation": None, "causation": None}
CHAIN = {"previous": None, "hash": None}


def bared(journal: Iterable[Document]) -> Iterator[Document]:
    """Each commit with a None in the place of what ``completed`` puts there again."""
    heads: dict[str, str] = {}
    for commit in journal:
        yield _barest(commit, heads.get(commit["stream"], GENESIS))
        heads[commit["stream"]] = commit["hash"]


def completed(journal: Iterable[Document]) -> Iterator[Document]:
    heads: dict[str, str] = {}
    for bare in journal:
        commit = _whole(bare, heads.get(bare["stream"], GENESIS))
        yield commit
        heads[commit["stream"]] = commit["hash"]


def records_of(service: str, commit: Document) -> Iterator[Record]:
    """One for each event, as CloudEvents in Kafka's binary mode; in partition 0, for want of another."""
    for place, event in enumerate(commit["events"]):
        told = _headers(service, commit, event, commit["first"] + place)
        headers = tuple((name, value.encode()) for name, value in told.items())
        yield Record(f"kpk.{service}.v1", 0, commit["stream"].encode(), event["data"].encode(), headers)


def _barest(commit: Document, before: str) -> Document:
    """The barest form from which the whole comes back; at worst the whole itself."""
    events = [{**event, "id": None} for event in commit["events"]]
    forms: list[Document] = [
        {**commit, **OWN, **CHAIN, "events": events},
        {**commit, **CHAIN, "events": events},
        commit,
    ]
    return next(form for form in forms if _whole(form, before) == commit)


def _whole(bare: Document, before: str) -> Document:
    command = bare["command"]["id"]
    mark = _derived("command", command)
    events = [
        {**event, "id": event["id"] or _derived("event", command, str(place))}
        for place, event in enumerate(bare["events"])
    ]
    linked = {
        **bare,
        "correlation": bare["correlation"] or mark,
        "causation": bare["causation"] or mark,
        "events": events,
        "previous": bare["previous"] or before,
    }
    return {**linked, "hash": bare["hash"] or _hash(linked)}


def _derived(*parts: str) -> str:
    return str(uuid5(IDS, "\n".join(parts)))


def _hash(commit: Document) -> str:
    command = commit["command"]
    content = [
        commit["previous"],
        commit["_id"],
        commit["conference"],
        [command["id"], command["type"], command["by"], command["body"]],
        [_iso(commit["at"]), commit["correlation"], commit["causation"]],
        [[event["id"], event["type"], event["data"]] for event in commit["events"]],
    ]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _headers(service: str, commit: Document, event: Document, sequence: int) -> dict[str, str]:
    trace, span = commit["correlation"].replace("-", ""), event["id"].replace("-", "")[:16]
    return {
        "ce_specversion": "1.0",
        "ce_id": event["id"],
        "ce_type": event["type"],
        "ce_source": f"urn:kpk:{service}",
        "ce_subject": commit["stream"],
        "ce_time": _iso(commit["at"]),
        "ce_sequence": str(sequence),
        "ce_conference": commit["conference"],
        "ce_correlationid": commit["correlation"],
        "ce_causationid": commit["causation"],
        "traceparent": f"00-{trace}-{span}-01",
        "content-type": "application/json",
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
