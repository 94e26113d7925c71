"""A key is its caller's own: no other caller's, and none that a service gives to what it does by itself."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.kernel.identifiers import CallerName
from shared.runtime.http.callers import Caller
from shared.runtime.http.requests import KEY, OWN_ACTS, command_key

ROOT = Path(__file__).parents[3]
NAMES = st.from_regex(r"[ab]([-:.][ab]){0,3}", fullmatch=True) | st.sampled_from(sorted(OWN_ACTS))
KEYS = st.from_regex(r"[ab]([-:.][ab]){0,3}", fullmatch=True)


NAME = TypeAdapter[str](CallerName)


def key_of(name: str, key: str) -> str:
    return command_key(Caller(NAME.validate_python(name), "office"), key)


@given(st.lists(st.tuples(NAMES, KEYS), unique=True, min_size=2, max_size=6))
def test_two_callers_never_mean_the_same(asked: list[tuple[str, str]]) -> None:
    for (name, key), (other, others) in combinations(asked, 2):
        assert key_of(name, key) != key_of(other, others)


def test_a_colon_is_no_border_between_a_caller_and_a_key() -> None:
    assert KEY.fullmatch("b:c")
    assert key_of("a", "b:c") != key_of("a:b", "c")


@pytest.mark.parametrize("name", sorted(OWN_ACTS))
def test_no_account_takes_the_place_of_what_a_service_does_by_itself(name: str) -> None:
    assert not key_of(name, "stuttgart:1").startswith(f"{name}:")


def test_every_act_of_a_service_s_own_is_known_by_its_name() -> None:
    sources = [file.read_text() for folder in ("services", "shared") for file in (ROOT / folder).rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'[(]f"([a-z-]+):\{', source) if "Request" in source}
    assert named == OWN_ACTS


def test_an_ordinary_account_s_keys_are_as_they_were() -> None:
    assert key_of("office", "k:1") == "office:k:1"
