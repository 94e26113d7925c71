"""What is so now holds what public events have told and nothing else, whatever happened in whatever order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import pytest

from deploy.contract.public_fields import FROM
from shared.contracts.public.event import PublicEvent
from shared.contracts.registry import PUBLIC_STATES, STATE_NAMES
from shared.contracts.states.state import PublicState
from shared.declarations.public import Published
from tests.public.test_fields import KINDS, LISTED, at, paths, values_beside, values_of, words
from tests.public.told import layers, life, said

States = Sequence[PublicState | None]


def states(layer: Published, told: Sequence[PublicEvent]) -> States:
    """After each of them."""
    found: list[PublicState | None] = []
    for event in told:
        found.append(layer.keeps(found[-1] if found else None, event))
    return found


def flows(layer: Published, told: Sequence[PublicEvent]) -> set[str]:
    """Each as a line of the list: a field of the state, and the one of a public event whose value is told by it; or the
    event that tells it by being said.
    """
    before, found = states(layer, told), set[str]()
    for place, event in enumerate(told):
        name, fields = type(event).__name__, event.model_dump(mode="json")
        for path in paths(fields):
            for other in others(event, path):
                after = states(layer, [*told[:place], other, *told[place + 1 :]])
                found |= {f"{field}{FROM}{name} {words(path, fields)}" for field in changed(before, after)}
        explained = {line.partition(FROM)[0] for line in found if line.partition(FROM)[2].startswith(f"{name} ")}
        without = states(layer, [*told[:place], *told[place + 1 :]])
        gone = set(changed([*before[:place], *before[place + 1 :]], without)) - explained
        found |= {f"{field}{FROM}{name} said" for field in gone}
    return found


def others(event: PublicEvent, path: tuple[str | int, ...]) -> Iterator[PublicEvent]:
    """The event with another value there, as far as its contract has one."""
    fields = event.model_dump(mode="json")
    for value in values_beside(at(fields, path)):
        other: Any = deepcopy(fields)
        at(other, path[:-1])[path[-1]] = value
        try:
            yield type(event).model_validate_json(json.dumps(other))
        except ValueError:
            continue


def changed(before: States, after: States) -> Iterator[str]:
    for one, other in zip(before, after, strict=True):
        if one is not None and other is not None:
            told, now = values_of(one), values_of(other)
            name = STATE_NAMES[type(one)]
            yield from (f"{name} {path}" for path in told.keys() | now.keys() if told[path] != now[path])


def public_life(service: str, layer: Published) -> list[PublicEvent]:
    return [event for _, event in said(service, layer, life(service, layer))]


@pytest.mark.parametrize(("service", "layer"), KINDS)
def test_every_value_comes_from_the_public_events_that_the_list_names(service: str, layer: Published) -> None:
    """Both ways: nothing else gets there, and what is listed does."""
    own = STATE_NAMES[layer.state]
    assert flows(layer, public_life(service, layer)) == {line for line in LISTED if line.startswith(f"{own} ")}
