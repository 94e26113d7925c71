"""A recorded run that may be spoiled, and the list of ways to do it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.campaign.dump import Document, Dump, Record
from tests.campaign.history import Line


class Draft:
    """A recorded run that may be changed. Collections are copied when they are asked for."""

    def __init__(self, history: list[Line], dump: Dump) -> None:
        self.history = [dict(line) for line in history]
        self.records = list(dump.records)
        self.mails = list(dump.mails)
        self.seen = list(dump.seen)
        self.committed = {group: dict(offsets) for group, offsets in dump.committed.items()}
        self.logs: dict[str, str] = {}
        self._dump = dump
        self._databases = {service: dict(collections) for service, collections in dump.databases.items()}
        self._own: set[tuple[str, str]] = set()

    def dump(self) -> Dump:
        return replace(
            self._dump,
            records=tuple(self.records),
            databases=self._databases,
            mails=tuple(self.mails),
            seen=tuple(self.seen),
            committed=self.committed,
            logs=self.logs,
            secrets=("the-token",),
        )

    def collection(self, service: str, name: str) -> list[Document]:
        if (service, name) not in self._own:
            self._databases[service][name] = copy.deepcopy(self._databases[service].get(name, []))
            self._own.add((service, name))
        return self._databases[service][name]

    def ok(self, op: str) -> Line:
        """The last answer to such a command that told of events."""
        return [line for line in self.history if line["type"] == "ok" and line["op"] == op and line["events"]][-1]

    def commit(self, service: str, kind: str) -> Document:
        """The last commit that begins with such an event."""
        return [one for one in self.collection(service, "journal") if kind in one["events"][0]["type"]][-1]

    def record(self, kind: str) -> int:
        """Where the last record of such an event is."""
        return [place for place, one in enumerate(self.records) if kind.encode() in dict(one.headers)["ce_type"]][-1]  # type: ignore[operator]

    def change(self, place: int, **other: Any) -> None:
        self.records[place] = replace(self.records[place], **other)


Mutation = Callable[[Draft], None]
MUTATIONS: dict[str, tuple[str, Mutation]] = {}
"""By the sentence that it is: the invariant that is broken, and how."""


def breaks(invariant: str) -> Callable[[Mutation], Mutation]:
    def known(mutation: Mutation) -> Mutation:
        MUTATIONS[mutation.__name__] = (invariant, mutation)
        return mutation

    return known


def retell(commit: Document, **other: object) -> None:
    event = commit["events"][0]
    event["data"] = json.dumps({**json.loads(event["data"]), **other})


def erased(run: Draft) -> str:
    return str(run.commit("members", "PersonErased")["stream"].rpartition("/")[2])


def parked(one: Record) -> Document:
    place = {"topic": one.topic, "partition": one.partition, "offset": one.offset}
    return {"_id": "parked", "reason": "poison", "event": "x", "stream": "x", "sequence": 1, **place}
