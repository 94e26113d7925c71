"""Whatever somebody with the owner's right puts into a topic: it is kept, and can be seen; what is true goes on."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from shared.contracts.envelope import LARGEST_SEQUENCE
from shared.contracts.topics import events_of
from shared.runtime.delivery.parked import PARKED, QUARANTINE
from shared.runtime.kafka import header_names
from shared.runtime.kafka.partitioner import number_of
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.topics import administering
from shared.runtime.mongo.driver import Database
from tests.kit.attempts import produce
from tests.kit.eventually import eventually
from tests.shared.seat_groups import opened, record, registered
from tests.shared.small_service import MEMBERS, Place, history, new_stream, working

FUNDING = events_of("funding")

Headers = list[tuple[str, bytes | None]]


class NoText(str):
    """A header's name that a client in another language may write, and a broker takes."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        del encoding, errors
        return b"\xff\xfe" + super().encode()


def batch(*records: tuple[bytes | None, bytes | None, Headers]) -> bytes:
    builder = _DefaultRecordBatchBuilderPy(2, 0, False, -1, -1, -1, 10_000_000)
    for place, (key, value, headers) in enumerate(records):
        builder.append(place, 1, key, value, headers)
    return bytes(builder.build())


def in_the_first_partition() -> str:
    while number_of((stream := new_stream()).encode(), tuple(range(MEMBERS.partitions))):
        pass
    return stream


def forgeries(stream: str) -> dict[str, tuple[bytes | None, bytes | None, Headers]]:
    """Each as it would stand before the stream's first event."""
    true = record(1, opened(), stream)
    key, value, headers = true.key, true.value, list(true.headers)

    def but(name: str, told: bytes | None) -> Headers:
        return [(one, told if one == name else held) for one, held in headers]

    return {
        "no headers": (key, value, []),
        "no key": (None, value, headers),
        "a key that is no text": (b"\xff\xfe", value, headers),
        "another's source": (key, value, but("ce_source", b"urn:kpk:meetings")),
        "another conference's": (key, value, but("ce_conference", b"ulm")),
        "no stream": (b"stuttgart", value, but("ce_subject", b"stuttgart")),
        "another service's event": (key, value, but("ce_type", b"kpk.meetings.SessionOpened.v1")),
        "a public event": (key, value, but("ce_type", b"kpk.members.public.SeatGroupOpened.v1")),
        "a present state": (key, value, but("ce_type", b"kpk.members.state.SeatGroup.v1")),
        "a person": (key, value, but("ce_type", b"kpk.people.Person.v1")),
        "sequence 0": (key, value, but("ce_sequence", b"0")),
        "a sequence that no event has": (key, value, but("ce_sequence", str(LARGEST_SEQUENCE + 1).encode())),
        "an id that is none": (key, value, but("ce_id", b"x")),
        "a null in a header": (key, value, but("ce_id", None)),
        "a time that is none": (key, value, but("ce_time", b"9999-12-31T23:59:59-23:59")),
        "a header of half a megabyte": (key, value, [("ce_id", b"x" * 500_000)]),
        "ten thousand headers": (key, value, [(f"h{one}", b"") for one in range(10_000)]),
        "a null without headers": (key, None, []),
        "a header whose name is no text": (key, value, [(NoText("x"), b"1")]),
    }


@pytest.mark.infra
async def test_what_nobody_can_have_said_is_kept_apart_and_holds_up_nothing(
    planted_kafka: Kafka, mongod: Mongod, database: Database
) -> None:
    stream = in_the_first_partition()
    forged = forgeries(stream)
    first, second = ((one.key, one.value, list(one.headers)) for one in true_ones(stream))
    async with administering(planted_kafka.access) as admin:
        for records in ([first, *forged.values()], [second]):
            for lying in records:
                assert await produce(admin, MEMBERS.name, batch(lying)) == 0
    place = Place(mongod.uri, planted_kafka.bootstrap, database)
    with patch.object(fetcher, "MemoryRecords", fetcher.MemoryRecords):
        header_names.read_any()
        async with working(place.process(history())):
            await place.tells(stream, 1, 1, 2)

            async def all_are_kept() -> bool:
                return await database[PARKED].count_documents({"reason": QUARANTINE}) == len(forged)

            await eventually(all_are_kept, "each forgery is kept", 20)


def true_ones(stream: str) -> list[Any]:
    return [record(1, opened(), stream), record(2, registered(2), stream)]


@pytest.mark.infra
async def test_what_lies_beside_a_name_that_is_no_text_is_read_as_it_is(planted_kafka: Kafka) -> None:
    named, odd = Headers([("a", b"1")]), Headers([(NoText("x"), b"\xff")])
    lying = [(b"k", str(one).encode(), odd if one == 2 else named) for one in range(4)]
    with patch.object(fetcher, "MemoryRecords", fetcher.MemoryRecords):
        header_names.read_any()
        async with administering(planted_kafka.access) as admin:
            for records in (lying[:1], lying[1:]):
                assert await produce(admin, FUNDING.name, batch(*records)) == 0
        read = [one async for some in read_to_end(planted_kafka.access, [FUNDING.name]) for one in some]
    assert [(one.offset, one.value) for one in read] == [(place, held[1]) for place, held in enumerate(lying)]
    assert [list(one.headers) for one in read] == [named, named, [("\ufffd\ufffdx", b"\xff")], named]
