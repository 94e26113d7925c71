"""Ports that are free, and stay so until whoever was given one listens on it."""

from __future__ import annotations

import random
import socket

import pytest

from deploy.embedded import ports
from deploy.embedded.ports import free_port
from tests.kit.own_ports import range_of


def drawing(monkeypatch: pytest.MonkeyPatch, *numbers: int) -> None:
    """In a process that was given none yet."""
    drawn = iter(numbers)
    monkeypatch.setattr(ports, "_given", [])
    monkeypatch.setattr(random, "randrange", lambda *_: next(drawn))


def test_none_is_given_twice_although_nobody_listens_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = free_port(), free_port()
    drawing(monkeypatch, first, first, second)
    assert [free_port(), free_port()] == [first, second]


def test_no_two_that_share_the_tests_draw_from_the_same_nor_from_what_stacks_draw_from() -> None:
    ranges = [range(*range_of(f"gw{number}")) for number in range(5)] + [range(20_000, 32_000)]
    assert len({port for one in ranges for port in one}) == sum(map(len, ranges))
    assert free_port() < 20_000


def test_one_that_is_listened_on_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        other = free_port()
        drawing(monkeypatch, taken, other)
        assert free_port() == other
