"""A producer that is none of ours: writes into our topics what should never be there, and says so in the history."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaException, Message, Producer

from shared.kernel.identifiers import derived_id
from tests.campaign.fault import Site

SEND_SECONDS = 20.0
MEMBERS = "kpk.members.v1"
CONFERENCE = "gepflanzt"
OPENED = "kpk.members.SeatGroupOpened.v1"
ENDED = "kpk.members.MandateEnded.v1"
"""Folded by members, meetings and notifications; funding does not look into it."""

Headers = Sequence[tuple[str, bytes | None]]
Expect = Mapping[str, str]
"""service → what is to become of the record there; "taken" for those that are not named. None: as for ``OWNER``."""


OWNER: Expect = {"members": "fork"}
"""Whose topic it is knows that it has said nothing of the kind."""


def readers(what: str) -> Expect:
    """What becomes of an event in the services that only hear it."""
    return {**OWNER, "meetings": what, "funding": what, "notifications": what}


def nobody_reads() -> Expect:
    return dict.fromkeys(("members", "meetings", "funding", "notifications"), "quarantine")


@dataclass(frozen=True)
class Planted:
    """A record as the stranger writes it: at first an event like any other, which a fault then spoils."""

    stream: str
    sequence: int = 1
    variant: str = ""
    """Makes another event of the same place."""
    type: str = OPENED

    @property
    def id(self) -> str:
        return derived_id("planted", self.stream, str(self.sequence), self.variant)

    @property
    def value(self) -> bytes:
        group = self.stream.rpartition("/")[2]
        text = '{"group":"%s","number":1,"name":"Gepflanzt%s","kind":"delegated","seats":["%s-1"]}'
        return (text % (group, self.variant, group)).encode()

    def headers(self, **other: bytes | None) -> list[tuple[str, bytes | None]]:
        """``other`` replaces headers by name, without their ``ce_``."""
        told: dict[str, bytes | None] = {
            "specversion": b"1.0",
            "id": self.id.encode(),
            "type": self.type.encode(),
            "source": b"urn:kpk:members",
            "subject": self.stream.encode(),
            "time": b"2024-01-15T09:00:00.000Z",
            "sequence": str(self.sequence).encode(),
            "conference": CONFERENCE.encode(),
            "correlationid": self.id.encode(),
            "causationid": self.id.encode(),
        }
        return [(f"ce_{name}", value) for name, value in {**told, **other}.items()]


def stream_of(site: Site, what: str) -> str:
    """A new one each time: a fault may be injected twice."""
    return f"{CONFERENCE}/seat-group/{what}-{site.random.randrange(10**9)}"


class Stranger:
    def __init__(self, site: Site, **settings: Any) -> None:
        self._site = site
        given = {
            **site.world.at,
            "partitioner": "murmur2_random",
            "message.max.bytes": 5_000_000,
            "log_level": 0,
        }
        self.producer = Producer({**given, **settings})

    async def plant(self, one: Planted, expect: Expect | None = None) -> None:
        """As it should be, unless its place is wrong."""
        await self.send(MEMBERS, one.stream.encode(), one.value, one.headers(), expect)

    async def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, expect: Expect | None = None
    ) -> None:
        """Raises ``KafkaException`` when the broker refuses the record."""
        self.note(await asyncio.to_thread(self._send, topic, key, value, headers), expect)

    def write(self, one: Planted) -> Message:
        """Without a word in the history: nothing is certain yet."""
        return self._send(MEMBERS, one.stream.encode(), one.value, one.headers())

    def note(self, message: Message, expect: Expect | None = None) -> None:
        place = {"topic": message.topic(), "partition": message.partition(), "offset": message.offset()}
        self._site.history.write("planted", **place, expect=dict(OWNER if expect is None else expect))

    def _send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Message:
        answers: list[tuple[Any, Message]] = []
        self.producer.produce(topic, value, key, headers=list(headers), on_delivery=lambda *told: answers.append(told))
        self.producer.flush(SEND_SECONDS)
        [(refusal, message)] = answers
        if refusal is not None:
            raise KafkaException(refusal)
        return message
