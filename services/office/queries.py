"""Reads: what is found by a word, what happened in a stream or lately, and the tree of what followed from what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.office.projections import ENTRIES, HAPPENED, THINGS
from shared.contracts.registry import EVENTS
from shared.declarations.projection import Document
from shared.kernel.identifiers import stream_name
from shared.runtime.delivery.stores import ProjectionStore

MOST = 100
LONGEST = 1000


@dataclass
class Node:
    """``happened`` None: the command itself, which no topic has."""

    happened: Document | None
    follows: list[Node] = field(default_factory=list)


async def found(store: ProjectionStore, conference: str, words: str) -> list[Document]:
    """Things that contain every word, the newest first. A mail or person is found by its id.

    Mails come last: each session has as many as people.
    """
    each = [{"words": {"$regex": re.escape(word.lower())}} for word in words.split()[:5]]
    where = {"conference": conference, "$and": each}
    things = await store.last(THINGS, {**where, "kind": {"$nin": ["open-point", "mail"]}}, "at", MOST)
    left = MOST - len(things)
    return things + (await store.last(THINGS, {**where, "kind": "mail"}, "at", left) if left else [])


async def history(store: ProjectionStore, stream: str) -> list[Document]:
    """The newest first."""
    return await store.last(HAPPENED, {"stream": stream}, "sequence", LONGEST)


async def at(store: ProjectionStore, positions: Sequence[str]) -> dict[str, Document]:
    """The event at ``<stream>:<sequence>``, as far as it is known here."""
    places = [position.rpartition(":") for position in positions]
    where = [{"stream": stream, "sequence": int(sequence)} for stream, _, sequence in places]
    found = await store.find(HAPPENED, {"$or": where}) if where else []
    return {f"{one['stream']}:{one['sequence']}": one for one in found}


async def lately(store: ProjectionStore, where: Mapping[str, Any], limit: int = MOST) -> list[Document]:
    """The newest first."""
    return await store.last(HAPPENED, _by_types(where), "at", limit)


def _by_types(where: Mapping[str, Any]) -> Mapping[str, Any]:
    """A service's events are found by their types, so that a service with few events is found quickly."""
    if "service" not in where or "type" in where:
        return where
    types = {name.split(".")[2] for name in EVENTS if name.split(".")[1] == where["service"]}
    return {**where, "type": {"$in": sorted(types)}}


async def entries(store: ProjectionStore, conference: str, grant: str) -> list[Document]:
    """What a grant has beside its expenses, by kind."""
    found = await store.find(ENTRIES, {"stream": stream_name(conference, "grant", grant)})
    return sorted(found, key=lambda one: (one["what"], one["on"] or "", one["name"]))


async def newest(store: ProjectionStore) -> list[Document]:
    """Ids and conferences of what was stored last, in the order of storing: a late event is new, too."""
    found = store.collection(HAPPENED).find({}, {"conference": True}).sort("$natural", -1).limit(MOST)
    return [one async for one in found]


async def story(store: ProjectionStore, beginning: str) -> list[Node]:
    """The trees from cause to effect for the id of an event, command, mail or person, or for its first characters."""
    like = {"$regex": f"^{re.escape(beginning)}"}
    named = [
        {"_id": like},
        {"causation": like},
        {"correlation": like},
        {"name": like},
    ]
    hits = await store.find(HAPPENED, {"$or": named}, sort="at", limit=MOST)
    stories = sorted({one["correlation"] for one in hits})[:5]
    return trees(await store.find(HAPPENED, {"correlation": {"$in": stories}}, sort="at", limit=LONGEST))


def told_in(nodes: Iterable[Node]) -> Iterator[Document]:
    """All events of the trees."""
    for node in nodes:
        yield from (node.happened,) if node.happened else ()
        yield from told_in(node.follows)


def trees(happened: Iterable[Document]) -> list[Node]:
    """An event whose cause is not known here is placed under its command."""
    nodes = {one["_id"]: Node(one) for one in happened}
    roots: dict[str, Node] = {}
    for one in nodes.values():
        assert one.happened
        cause = one.happened["causation"]
        parent = nodes.get(cause) or roots.setdefault(cause, Node(None))
        parent.follows.append(one)
    return list(roots.values())
