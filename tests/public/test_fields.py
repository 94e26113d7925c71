"""Nothing gets into the public layer but what `contract/public-fields.txt` allows, and from nowhere else.

Not by looking at the code: each value of each event of a stream is made another, one at a time, and whatever becomes
another in public has been told by it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from deploy.contract.__main__ import FOLDER
from deploy.contract.public_fields import FROM, NAME, listed, not_allowed
from deploy.contract.shape import shape_of
from shared.contracts.public.event import PublicEvent
from shared.contracts.registry import PUBLIC, PUBLIC_STATES, VERSIONS, decode, public_name
from shared.contracts.schemas import schema_of
from shared.declarations.public import Published
from shared.kernel.values import Value
from tests.public.told import Fields, layers, life, said

LISTED = listed(FOLDER / NAME)
SHAPES = {name: shape_of(schema_of(name)) for name in (*PUBLIC, *PUBLIC_STATES)}
Path = tuple[str | int, ...]
KINDS = [pytest.param(service, layer, id=layer.decider.kind) for service, layer in layers()]


def flows(service: str, layer: Published) -> set[str]:
    """Each as a line of the list: the public field, and the closed one whose value is told by it."""
    history = life(service, layer)
    before = dict(said(service, layer, history))
    found: set[str] = set()
    for place, (name, fields) in enumerate(history):
        for path in paths(fields):
            for other in others(service, name, fields, path):
                changed_history = [*history[:place], (name, other), *history[place + 1 :]]
                try:
                    after = dict(said(service, layer, changed_history))
                except KeyError:  # of another expense, which was never booked, no journal tells
                    continue
                found |= {f"{line}{FROM}{name} {words(path, fields)}" for line in changed(before, after)}
    return found


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    match value:
        case dict():
            for name, one in value.items():
                yield from paths(one, (*here, name))
        case list():
            yield here
            for place, one in enumerate(value):
                yield from paths(one, (*here, place))
        case None:
            return
        case _:
            yield here


def others(service: str, name: str, fields: Fields, path: Path) -> Iterator[Fields]:
    """The event with another value there, as far as its contract has one."""
    type_name = max(one for one in VERSIONS if one.startswith(f"kpk.{service}.{name}.v"))
    for value in values_beside(at(fields, path)):
        other = deepcopy(fields)
        at(other, path[:-1])[path[-1]] = value
        try:
            decode(type_name, json.dumps(other))
        except ValueError:
            continue
        yield other


CHOICES = (
    ("plenary", "working_group"),
    ("delegated", "ex_officio"),
    ("decision", "information"),
    ("adopted", "noted"),
    ("consensus", "majority"),
    ("accept", "decline"),
    ("principal", "deputy"),
    ("resigned", "other"),
)
OTHER = {**dict(CHOICES), **{other: one for one, other in CHOICES}, "vote": "consensus"}


def values_beside(value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
        case int():
            yield from (value + 1, value - 1)
        case list():
            yield value[:-1]
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            yield (date.fromisoformat(value) + timedelta(days=1)).isoformat()
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
            yield (datetime.fromisoformat(value) + timedelta(hours=1)).isoformat(timespec="milliseconds")
        case str() if re.fullmatch(r"[0-9a-f-]{36}", value):
            yield f"{(int(value[0], 16) + 1) % 16:x}{value[1:]}"
        case str():
            yield from (f"{value}x", *([OTHER[value]] if value in OTHER else []))
        case _:
            return


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def changed(before: dict[str, PublicEvent], after: dict[str, PublicEvent]) -> Iterator[str]:
    for name in before.keys() | after.keys():
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            yield f"{public_name(one or other)} said"  # type: ignore[arg-type]
        else:
            told, now = values_of(one), values_of(other)
            yield from (f"{public_name(one)} {path}" for path in told.keys() | now.keys() if told[path] != now[path])


def values_of(event: Value) -> defaultdict[str, list[Any]]:
    """By path all that stand there."""
    found = defaultdict[str, list[Any]](list)
    for path, value in values(event.model_dump(mode="json")):
        found[path].append(value)
    return found


def values(value: Any, here: str = "") -> Iterator[tuple[str, Any]]:
    match value:
        case dict():
            for name, one in value.items():
                yield from values(one, f"{here}.{name}".lstrip("."))
        case list():
            for one in value:
                yield from values(one, f"{here}[]")
        case _:
            yield here, value


def words(path: Path, fields: Fields) -> str:
    """Items that the public may not hear are called ``closed``: nothing of them may be told."""
    told = ""
    for depth, step in enumerate(path):
        if isinstance(step, str):
            told = f"{told}.{step}".lstrip(".")
        else:
            item = at(fields, path[: depth + 1])
            told += "[closed]" if isinstance(item, dict) and item.get("public") is False else "[]"
    return told


@pytest.mark.parametrize(("service", "layer"), KINDS)
def test_every_value_in_public_comes_from_where_the_list_says(service: str, layer: Published) -> None:
    """Both ways: nothing else gets there, and what is listed does."""
    own = {name for name in PUBLIC if name.startswith(f"kpk.{service}.public.")}
    told = {public_name(event) for _, event in said(service, layer, life(service, layer))}
    assert flows(service, layer) == {line for line in LISTED if line.split()[0] in own & told}


def test_nothing_of_an_item_that_the_public_may_not_hear_is_told_but_its_number() -> None:
    told = {line.rpartition("[closed]")[2] for line in LISTED if "[closed]" in line}
    assert told == {".number", ".public"}


def test_the_list_names_every_field_and_a_planted_one_is_refused() -> None:
    assert list(not_allowed(LISTED, SHAPES)) == []
    opened = "kpk.meetings.public.SessionOpened.v1"
    planted = {**SHAPES, opened: {**SHAPES[opened], "chair": {"type": "string"}}}
    [problem] = not_allowed(LISTED, planted)
    assert problem.startswith(f"{opened} chair may not be public")
    [gone] = not_allowed({*LISTED, f"{opened} chair < SessionOpened chair"}, SHAPES)
    assert "is not there any more" in gone


def test_no_listed_field_is_told_by_what_is_about_people_or_typed_as_a_reason() -> None:
    sources = {line.partition(FROM)[2].rpartition(" ")[2] for line in LISTED}
    about_people = re.compile(
        r"person|recipients|places|seat$|answer|note|reason|payee|receipt|department|present|yes|no$"
    )
    assert [source for source in sources if about_people.search(source)] == []
