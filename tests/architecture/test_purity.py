"""The clock and chance come in with the command. Import rules cannot see to that: they allow ``datetime``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "shared/kernel/*.py",
    "shared/contracts/*.py",
    "shared/declarations/*.py",
    "services/*/domain/*.py",
    "services/*/reactions.py",
    "services/*/projections.py",
    "services/*/projections/*.py",
    "services/notifications/letters/*.py",
    "services/notifications/steps.py",
)
FROM_OUTSIDE = frozenset({"now", "today", "utcnow", "uuid1", "uuid4", "open", "input", "print", "__import__"})


def called_from_outside(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in FROM_OUTSIDE:
                yield f"line {node.lineno}: {name}"
            case _:
                continue


def test_what_is_pure_asks_nobody_for_the_time_or_a_number() -> None:
    files = [file for room in ROOMS for file in ROOT.glob(room)]
    assert len(files) > len(ROOMS)
    found = [f"{file.relative_to(ROOT)} {call}" for file in files for call in called_from_outside(file.read_text())]
    assert found == []


@pytest.mark.parametrize(
    "line", ["datetime.now(UTC)", "date.today()", "uuid4()", "uuid.uuid1()", "open('file')", "__import__('os')"]
)
def test_a_planted_call_is_caught(line: str) -> None:
    assert len([*called_from_outside(f"def decide():\n    return {line}\n")]) == 1
