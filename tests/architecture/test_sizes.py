"""Modules and functions stay small enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

PRODUCT = [file for folder in ("shared", "services", "deploy") for file in sorted(Path(folder).rglob("*.py"))]
LINES_OF_A_MODULE, LINES_OF_A_FUNCTION = 300, 10


def functions_in(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Also those within others; expressions, of which there are many more, are not looked at."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node
    for body in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, body, ()):
            yield from functions_in(child)


def test_no_module_is_longer_than_one_reads() -> None:
    lengths = {str(file): len(file.read_text().splitlines()) for file in PRODUCT}
    assert len(lengths) > 300
    assert {name: length for name, length in lengths.items() if length > LINES_OF_A_MODULE} == {}


def test_half_of_the_functions_are_shorter_than_ten_lines() -> None:
    functions = [one for file in PRODUCT for one in functions_in(ast.parse(file.read_text()))]
    assert len(functions) > 3_000
    assert median((one.end_lineno or 0) - one.lineno + 1 for one in functions) < LINES_OF_A_FUNCTION
