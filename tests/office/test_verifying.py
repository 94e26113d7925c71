"""Whatever a service finds when it verifies, the operator reads in German."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from services.office.desk.operations.verifying import KINDS, in_words
from shared.runtime.operating import audit, public_audit, state_audit

CONSTANTS = vars(audit) | vars(public_audit) | vars(state_audit)


def kinds() -> set[str]:
    """What is added to findings, as far as it is no sentence about a projection or about people."""
    found: set[str] = set()
    for file in Path("shared/runtime/operating").glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "add":
                match call.args:
                    case [ast.Constant(value=str(what)), _]:
                        found.add(what)
                    case [ast.Name(id=name), _] if isinstance(CONSTANTS.get(name), str):
                        found.add(CONSTANTS[name])
                    case _:
                        pass
    return found | {
        public_audit.PUBLIC_LACKS,
        public_audit.NOT_FILLED,
        state_audit.STATE_LACKS,
        state_audit.STATE_STALE,
    }


def test_each_kind_of_difference_has_a_german_sentence() -> None:
    assert len(kinds()) > 15
    assert kinds() == KINDS.keys()


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("projection seats lacks a document", "Projektion „seats“ fehlt ein Dokument"),
        ("projection seats differs from its events at", "Projektion „seats“ weicht von den Ereignissen ab"),
        ("projection seats has a document that no event made", "Projektion „seats“ hat ein Dokument zu viel"),
        ("a projection cannot take an event (KeyError)", "Eine Projektion nimmt ein Ereignis nicht auf (KeyError)"),
        ("something new", "something new"),
    ],
)
def test_what_names_something_is_said_with_its_name(what: str, told: str) -> None:
    assert in_words(what) == told
