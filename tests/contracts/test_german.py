"""What is said to people in German has a word for each code that an event may say, and no word for anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest

from shared.contracts.german import WORDS
from shared.contracts.notifications import Content
from shared.contracts.registry import EVENTS, PUBLIC

ON_PAGES = {"letter", "consensus", "majority"}
"""What no event says in a sentence: that a mail goes on paper, and how a decision came about."""


def codes(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from (one for one in get_args(annotation) if isinstance(one, str))
    else:
        for one in get_args(annotation):
            yield from codes(one)


def test_every_code_that_a_sentence_says_has_its_german_word() -> None:
    said = {
        code
        for event in EVENTS.values()
        for field in re.findall(r"\{(\w+)", event.german)
        if field in event.model_fields
        for code in codes(event.model_fields[field].annotation)
    }
    kinds = {kind.model_fields["kind"].default for kind in get_args(get_args(Content)[0])}
    assert WORDS.keys() == said | kinds | ON_PAGES


@pytest.mark.parametrize("name", [*EVENTS, *PUBLIC])
def test_every_event_has_a_german_sentence_of_its_own(name: str) -> None:
    assert vars({**EVENTS, **PUBLIC}[name]).get("german")
