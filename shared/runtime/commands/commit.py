"""A commit: the stored events of one command, linked into the hash chain of the service's journal."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import NamedTuple

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.registry import decode
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.kernel.time import iso
from shared.runtime.mongo.driver import Document, assigned_by_server

_as_json = json.JSONEncoder(separators=(",", ":")).encode
Hash = str
GENESIS: Hash = "0" * 64

Place = tuple[str, int]
"""A stream, and a sequence number in it."""


def event_id(command_id: str, index: int) -> str:
    """The id of the event at ``index`` among those of a command: known before, and the same at every repetition."""
    return derived_id("event", command_id, str(index))


class CommandMark(NamedTuple):
    """Which command caused a commit; ``body`` is the SHA-256 of what the caller sent."""

    id: str
    type: str
    by: str
    body: Hash


class Recorded(NamedTuple):
    """An event as it is kept: ``data`` is its JSON, character for character what will be published."""

    id: str
    type: str
    data: str

    def event(self) -> Event:
        return decode(self.type, self.data)


class Commit(NamedTuple):
    """The events of one command. ``first`` to ``last`` are their sequence numbers, without a gap."""

    stream: str
    first: int
    conference: str
    command: CommandMark
    at: datetime
    correlation: str
    causation: str
    events: tuple[Recorded, ...]
    previous: Hash

    @property
    def id(self) -> str:
        return f"{self.stream}:{self.first}"

    @property
    def last(self) -> int:
        return self.first + len(self.events) - 1

    def hash(self) -> Hash:
        content = [
            self.previous,
            self.id,
            self.conference,
            [self.command.id, self.command.type, self.command.by, self.command.body],
            [iso(self.at), self.correlation, self.causation],
            [[event.id, event.type, event.data] for event in self.events],
        ]
        return hashlib.sha256(_as_json(content).encode()).hexdigest()

    def envelopes(self, service: str) -> tuple[Envelope, ...]:
        source = source_of(service)
        return tuple(
            [
                Envelope(
                    id=event.id,
                    type=event.type,
                    source=source,
                    stream=self.stream,
                    time=self.at,
                    sequence=sequence,
                    conference=self.conference,
                    correlation=self.correlation,
                    causation=self.causation,
                )
                for sequence, event in enumerate(self.events, self.first)
            ]
        )


def to_document(commit: Commit) -> Document:
    mark = commit.command
    return {
        "_id": commit.id,
        "stream": commit.stream,
        "first": commit.first,
        "last": commit.last,
        "conference": commit.conference,
        "command": {"id": mark.id, "type": mark.type, "by": mark.by, "body": mark.body},
        "at": commit.at,
        "correlation": commit.correlation,
        "causation": commit.causation,
        "events": [{"id": event.id, "type": event.type, "data": event.data} for event in commit.events],
        "previous": commit.previous,
        "hash": commit.hash(),
        "recorded": assigned_by_server(),
    }


def to_commit(document: Document) -> Commit:
    mark = document["command"]
    return Commit(
        stream=document["stream"],
        first=document["first"],
        conference=document["conference"],
        command=CommandMark(mark["id"], mark["type"], mark["by"], mark["body"]),
        at=document["at"],
        correlation=document["correlation"],
        causation=document["causation"],
        events=tuple([Recorded(event["id"], event["type"], event["data"]) for event in document["events"]]),
        previous=document["previous"],
    )
