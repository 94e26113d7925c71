"""What is limited, and how long is waited, changes only by decision: ``limits.txt`` lists every number of it.

The schemas in ``contract/`` hold what events may say. A caller's commands and the times and sizes within are held here.
"""

from __future__ import annotations

import difflib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tests.kit.world import ALL

LISTED = Path(__file__).with_name("limits.txt")
WHERE = (
    *("shared.kernel", "shared.declarations", "shared.contracts", "shared.documents"),
    *(f"services.{service.name}" for service in ALL),
)
BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length", "multiple_of")


def constants() -> Iterator[str]:
    """Numbers and spans of time that a module names; what the desk's pages look like is theirs."""
    for name in WHERE:
        for found in pkgutil.walk_packages(import_module(name).__path__, f"{name}."):
            if not found.name.endswith("__main__") and ".desk" not in found.name:
                yield from (f"{found.name} {told}" for told in named_in(import_module(found.name)))


def named_in(module: ModuleType) -> Iterator[str]:
    source = Path(module.__file__ or "").read_text()
    for key, value in vars(module).items():
        parts = value if isinstance(value, tuple) and value else (value,)
        if key.isupper() and all(isinstance(one, int | float | timedelta) for one in parts):
            is_its_own = re.search(rf"^(?:\w+, )*{key}\b[^=\n]*= ", source, re.MULTILINE)
            yield from [f"{key} = {', '.join(map(str, parts))}"] if is_its_own else []


def deciders() -> Iterator[str]:
    for service in ALL:
        yield from (f"{service.name} {one.kind}: {one.most_events} events" for one in service.deciders)


def fields() -> Iterator[str]:
    """Of commands, and of whatever one is made of."""
    for service in ALL:
        models = {model for command in service.given.values() for model in models_in(command)}
        for model in models:
            for name, field in model.model_fields.items():
                bounds = [*marked(field.metadata), *within(field.annotation)]
                yield from (
                    [f"{service.name} {model.__name__}.{name}: {', '.join(dict.fromkeys(bounds))}"] if bounds else []
                )


def models_in(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        yield from chain.from_iterable(models_in(field.annotation) for field in kind.model_fields.values())
    yield from chain.from_iterable(map(models_in, get_args(kind)))


def within(kind: Any) -> Iterator[str]:
    yield from marked(getattr(kind, "__metadata__", ()))
    yield from chain.from_iterable(map(within, get_args(kind)))


def marked(marks: Iterable[Any]) -> Iterator[str]:
    for mark in marks:
        for one in mark.metadata if isinstance(mark, FieldInfo) else [mark]:
            told = ((bound, getattr(one, bound, None)) for bound in BOUNDS)
            yield from (f"{bound} {value}" for bound, value in told if value is not None)


@pytest.mark.parametrize("told", [constants, deciders, fields], ids=lambda told: told.__name__)
def test_every_limit_is_as_it_is_listed(told: Any) -> None:
    begins = f"{told.__name__} "
    listed = [line.removeprefix(begins) for line in LISTED.read_text().splitlines() if line.startswith(begins)]
    found = sorted({*told()})
    lines = difflib.unified_diff(listed, found, LISTED.name, "as it is", lineterm="", n=0)
    assert listed == found, f"another limit: if that is meant, say so in {LISTED.name}\n" + "\n".join(lines)
