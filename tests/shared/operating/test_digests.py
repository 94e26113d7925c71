"""Packed digests answer as a dictionary would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.operating.digests import Digests, digest

PLACES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=40)


def content(stream: str, number: int) -> bytes:
    return digest(f"{stream}{number}".encode())


@given(PLACES)
def test_streams_grow_in_any_turn_and_keep_their_marks(places: list[tuple[str, int]]) -> None:
    packed, plain = Digests(), dict[tuple[str, int], bytes]()
    for stream, number in places:
        packed.add(stream, number, content(stream, number))
        if number > max((known for name, known in plain if name == stream), default=0):
            plain[stream, number] = content(stream, number)
            at = packed.find(stream, number)
            assert at is not None and packed.marked(at) == 0
            packed.mark(at, number % 3)
    for stream in "abc":
        assert packed.numbers(stream) == [number for name, number in plain if name == stream]
        for number in range(11):
            at = packed.find(stream, number)
            assert (None if at is None else packed[at]) == plain.get((stream, number))
    for mark in range(3):
        marked = [place for place in plain if place[1] % 3 == mark]
        assert sorted(packed.with_mark(mark)) == sorted(marked)
        assert packed.count(mark) == len(marked)
    assert sorted(packed.streams()) == sorted({stream for stream, _ in plain})
