"""Which rows there are, what they promise, and what is read of the sides that are not ours."""

import struct

import pytest

from tests.bench import books, data, debezium
from tests.bench.__main__ import names
from tests.bench.rows import QUICK, ROWS
from tests.bench.rows.p9_idle import Idle


def test_rows_are_numbered_as_the_table_of_targets_and_quick_ones_are_among_them() -> None:
    named = [one.id for one in ROWS]
    assert named == [*(f"P{number}" for number in range(1, 10)), "P9-idle", "P10", "P10-relay", "P11"]
    assert names(Idle) == {"P9", "P9-idle"}
    assert set(QUICK) <= set(ROWS)


@pytest.mark.parametrize(
    ("row", "about", "target"),
    [
        ("P1", "beside the bare loop", 0.4),
        ("P1", "beside Kafka Connect", 1.3),
        ("P1", "beside confluent-kafka and pymongo", None),
        ("P2", "beside the bare loop", 0.7),
        ("P3", "64 clients, beside the empty route", 0.4),
        ("P3", "p50 beside the bare insert", 1.8),
        ("P3", "p99 beside the bare insert", 3.0),
        ("P4", "beside the bare producer", 0.5),
        ("P4", "beside Debezium", 1.5),
        ("P5", "99 of 100 within, in ms", 50.0),
        ("P6", "beside the writing loop", 0.6),
        ("P7", "p50 of a command, long beside short", 1.1),
        ("P8", "beside one worker", 1.7),
        ("P8", "beside Kafka Connect with two tasks", 1.3),
        ("P9", "seconds until all is ready", 6.0),
        ("P9", "idle memory of members, beside its imports", 1.3),
        ("P9-idle", "% of a core for a service", 0.5),
        ("P10", "catching up, beside none", 0.95),
        ("P10-relay", "relay, beside none", 0.95),
        ("P11", "verify, in seconds", 40.0),
        ("P11", "memory of verify, in MB", 200.0),
        ("P11", "rebuild, beside catching up", 1.0),
    ],
)
def test_no_target_becomes_milder_by_the_way(row: str, about: str, target: float | None) -> None:
    [claim] = [claim for one in ROWS if one.id == row for claim in one.claims if claim.about == about]
    assert claim.target == target


def test_an_outbox_document_says_what_the_record_says() -> None:
    [record] = data.records(1, 1)
    told = debezium.document_of(record)
    assert (told["topic"], told["key"].encode(), told["value"].encode()) == (record.topic, record.key, record.value)
    assert {name: told[name].encode() for name, _ in record.headers} == dict(record.headers)


COMMIT_OF_ONE = struct.pack(">hh3sh5si", 1, 3, b"one", 5, b"topic", 7)


def test_a_commit_is_known_by_its_group() -> None:
    assert books.is_commit_of("one", COMMIT_OF_ONE)
    assert not books.is_commit_of("on", COMMIT_OF_ONE)
    assert not books.is_commit_of("one", struct.pack(">hh3s", 2, 3, b"one")), "this key is about members"


def test_the_offset_stands_behind_the_version_of_a_commit() -> None:
    assert books.offset_in(struct.pack(">hqi", 3, 1234, 0)) == 1234
