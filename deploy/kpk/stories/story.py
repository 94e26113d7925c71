"""The story of an event, command, person or mail, as a tree from cause to effect."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from deploy.kpk.stories.mails import is_about_mail
from deploy.kpk.stories.sentences import fields_of
from shared.contracts.envelope import Envelope
from shared.kernel.identifiers import derived_id
from shared.runtime.kafka.record import KafkaRecord

BEGINNING_OF_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}")


@dataclass(frozen=True, slots=True)
class Told:
    """An event as read; ``published`` is when the broker received it, in seconds since 1970."""

    envelope: Envelope
    record: KafkaRecord
    published: float

    @property
    def fields(self) -> dict[str, Any]:
        return fields_of(self.record.value)


@dataclass(slots=True)
class Node:
    """``told`` None: the command itself, which no topic has. ``id`` is the event's, or the command's."""

    id: str
    told: Told | None = None
    follows: list[Node] = field(default_factory=list)

    @property
    def begins(self) -> float:
        return self.told.envelope.time.timestamp() if self.told else min(one.begins for one in self.follows)


class Sought:
    """What the user named: the id of an event, command, story, mail or person, or its first eight characters; a stream;
    or a command's key with its caller, ``office:my-key``.
    """

    def __init__(self, name: str, callers: AbstractSet[str]) -> None:
        self._name = name
        self._part = name.encode() if BEGINNING_OF_ID.fullmatch(name) else None
        keys = [name] if ":" in name else [f"{caller}:{name}" for caller in callers]
        self._commands = {derived_id("command", key) for key in keys}

    def names(self, told: Envelope) -> bool:
        """Whether it is meant itself, together with everything that follows."""
        if self._commands & {told.causation, told.correlation} or told.stream == self._name:
            return True
        ids = (told.id, told.causation, told.correlation, told.stream.rpartition("/")[2])
        return self._part is not None and any(one.startswith(self._name) for one in ids)

    def is_mentioned(self, record: KafkaRecord) -> bool:
        """Whether it is a person in an event about many: then only those effects count that mention the person too."""
        return self._part is not None and self._part in (record.value or b"") + (record.key or b"")


class Found:
    """The events that belong to it so far: whole stories by their correlation, and mails, whose sending is separate."""

    def __init__(self) -> None:
        self.named, self.mentioned = set[str](), set[str]()
        self._stories, self._mails = set[str](), set[str]()

    @property
    def size(self) -> int:
        return len(self._stories) + len(self._mails)

    def take(self, envelope: Envelope, among: set[str] | None = None) -> None:
        if among is not None:
            among.add(envelope.id)
        self._stories.add(envelope.correlation)
        if is_about_mail(envelope):
            self._mails.add(envelope.stream)

    def has(self, envelope: Envelope) -> bool:
        return envelope.correlation in self._stories or envelope.stream in self._mails


def tree_of(events: Sequence[Told]) -> list[Node]:
    """The commands with which the stories began, the oldest first. Each later event of a mail follows from the one
    before.
    """
    nodes = {told.envelope.id: Node(told.envelope.id, told) for told in events}
    roots: dict[str, Node] = {}
    last: dict[str, Node] = {}
    for told in sorted(events, key=lambda one: (one.envelope.stream, one.envelope.sequence)):
        node, envelope = nodes[told.envelope.id], told.envelope
        before = last.get(envelope.stream) if is_about_mail(envelope) else None
        parent = nodes.get(envelope.causation) or before
        if parent is None or parent is node:
            parent = roots.setdefault(envelope.causation, Node(envelope.causation))
        parent.follows.append(node)
        last[envelope.stream] = node
    for node in [*nodes.values(), *roots.values()]:
        node.follows.sort(key=lambda one: one.begins)
    return sorted(roots.values(), key=lambda one: one.begins)


def pruned(roots: Sequence[Node], named: AbstractSet[str], mentioned: AbstractSet[str]) -> list[Node]:
    """The named one with all effects, the mentioned one with its mails, and the causes of both."""
    return [kept for root in roots if (kept := _pruned(root, named, mentioned))]


def _pruned(node: Node, named: AbstractSet[str], mentioned: AbstractSet[str]) -> Node | None:
    is_mail = node.told is not None and is_about_mail(node.told.envelope)
    if node.id in named or (is_mail and node.id in mentioned):
        return node
    follows = pruned(node.follows, named, mentioned)
    return Node(node.id, node.told, follows) if follows or node.id in mentioned else None


def as_json(node: Node, sentences: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {"id": node.id}
    if node.told:
        envelope = node.told.envelope
        told |= {
            "type": envelope.type,
            "stream": envelope.stream,
            "sequence": envelope.sequence,
            "time": envelope.time.timestamp(),
            "published": node.told.published,
            "sentence": sentences[node.id],
        }
    return {**told, "follows": [as_json(one, sentences) for one in node.follows]}
