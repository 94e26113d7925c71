"""What a topic can say at all: things of its owner's own kinds, each under its own stream's key and conference.

A right to write one topic is none to speak for another service or another conference, whatever a header claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from shared.contracts.envelope import Envelope, Malformed, read_headers, source_of
from shared.contracts.topics import PEOPLE, TOPICS, Topic
from shared.kernel.identifiers import STREAM, conference_of

NAME = re.compile(STREAM)


class Speaker(NamedTuple):
    """``kinds`` is how the name of all that it says begins, without the event's own name and version."""

    source: str
    kinds: str
    in_streams: bool

    def read(self, key: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
        """Raises ``Malformed`` for what is no event, or none of this topic's."""
        envelope = read_headers(headers)
        _must(envelope.source == self.source, "ce_source is not the topic's owner")
        _must(envelope.stream.encode() == key, "ce_subject is not the key")
        _must(envelope.type.rpartition(".v")[0].rpartition(".")[0] == self.kinds, "ce_type is not of this topic")
        if self.in_streams:
            _must(NAME.fullmatch(envelope.stream) is not None, "ce_subject is no stream")
            _must(conference_of(envelope.stream) == envelope.conference, "ce_conference is not its stream's")
        return envelope


def speaker_of(topic: Topic) -> Speaker:
    return Speaker(source_of(topic.owner), topic.name.rpartition(".v")[0], topic != PEOPLE)


SPEAKERS = {topic.name: speaker_of(topic) for topic in TOPICS}
"""By the name of a topic."""


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Malformed(f"header {otherwise}")
