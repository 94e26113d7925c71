"""Headers are read in one go when they are as we write them, one by one otherwise; both come to the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from shared.contracts.envelope import (
    LARGEST_SEQUENCE,
    Envelope,
    Malformed,
    _as_we_write_them,
    _read_one_by_one,
    read_headers,
)
from tests.contracts.test_cloudevents import envelope_of

Headers = list[tuple[str, bytes | None]]
OURS = envelope_of("kpk.members.SeatGroupOpened.v1")
ODD: tuple[bytes | None, ...] = (
    None,
    b"",
    b"\xff\xfe",
    b"a\nb",
    b" ",
    b"0",
    b"-1",
    b"007",
    "١".encode(),
    b"1.0",
    b"2024-04-23T12:00:00.250+02:00",
    b"2024-04-23T12:00:00.250",
    b"2024-13-41T12:00:00.250Z",
    b"2024-04-23T12:00:00Z",
    str(LARGEST_SEQUENCE).encode(),
    str(LARGEST_SEQUENCE + 1).encode(),
    b"0B8F6C1E-6F2A-4C1D-9C53-2F5D1A7E4B90",
    b"kpk.members.SeatGroupOpened.v0",
    "kpk.members.Straße.v1".encode(),
)


def outcome(read: Callable[[Headers], Envelope], headers: Headers) -> Envelope | str:
    try:
        return read(headers)
    except Malformed as no:
        return str(no)


def spoiled() -> Iterable[Headers]:
    """One value odd, one header missing, twice or elsewhere, and several of that at once."""
    ours: Headers = list(OURS.headers())
    for place, (name, value) in enumerate(ours):
        yield from ([*ours[:place], (name, odd), *ours[place + 1 :]] for odd in ODD)
        yield [*ours[:place], *ours[place + 1 :]]
        yield [*ours, (name, value)]
        yield [*ours[:place], *ours[place + 1 :], (name, value)]
    chance = random.Random(7)
    for _ in range(2000):
        yield [(name, chance.choice(ODD) if chance.random() < 0.2 else value) for name, value in ours]


def test_what_we_write_is_read_in_one_go() -> None:
    assert _as_we_write_them(OURS.headers()) == OURS == _read_one_by_one(OURS.headers())


def test_both_readers_come_to_the_same_whatever_arrives() -> None:
    for headers in spoiled():
        assert outcome(read_headers, headers) == outcome(_read_one_by_one, headers)


def test_no_sequence_is_beyond_what_every_reader_can_count() -> None:
    def numbered(sequence: int) -> Headers:
        return [(name, b"%d" % sequence if name == "ce_sequence" else value) for name, value in OURS.headers()]

    for read in (read_headers, _read_one_by_one):
        assert read(numbered(LARGEST_SEQUENCE)).sequence == LARGEST_SEQUENCE
        for beyond in (0, LARGEST_SEQUENCE + 1):
            with pytest.raises(Malformed, match="ce_sequence"):
                read(numbered(beyond))


def test_a_header_of_ours_is_there_once_and_has_a_value() -> None:
    ours = [(name, value) for name, value in OURS.headers() if name.startswith("ce_")]
    for name, value in ours:
        for more in (value, None):
            with pytest.raises(Malformed, match=name):
                read_headers([*OURS.headers(), (name, more)])


def test_foreign_headers_beside_ours_do_no_harm() -> None:
    assert read_headers([*OURS.headers(), ("x-trace", None), ("x-trace", b"\xff")]) == OURS


@pytest.mark.parametrize("headers", [[], [("ce_id", b"1")], [("", None)]])
def test_anything_else_is_malformed(headers: Headers) -> None:
    with pytest.raises(Malformed):
        read_headers(headers)
