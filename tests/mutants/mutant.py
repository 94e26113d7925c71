"""A mutant: one source of the product with one change, and how it is told."""

from __future__ import annotations

import ast
import difflib
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType

from tests.mutants.changes import Changer

ROOT = Path(__file__).parents[2]

OF_A_SERVICE = (
    *("answers.py", "named.py", "projections.py", "reactions.py", "release.py"),
    *("domain/*.py", "letters/*.py", "mailbox/*.py", "mailserver/*.py", "projections/*.py"),
)
SCOPE: Mapping[str, Sequence[str]] = {
    "members": [f"services/members/{files}" for files in OF_A_SERVICE],
    "meetings": [f"services/meetings/{files}" for files in OF_A_SERVICE],
    "funding": [f"services/funding/{files}" for files in OF_A_SERVICE],
    "notifications": [f"services/notifications/{files}" for files in OF_A_SERVICE],
    "office": [f"services/office/{files}" for files in OF_A_SERVICE],
    "shared": ["shared/kernel/*.py", "shared/contracts/*.py", "shared/declarations/*.py"],
}
HARMLESS = Path(__file__).with_name("harmless.toml")


@dataclass(frozen=True)
class Mutant:
    group: str
    path: str
    """From the root of the tree."""
    number: int
    """Of the change, in the order in which ``Changer`` notes them."""
    line: int
    function: str | None

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def where(self) -> str:
        """Stays when lines move."""
        return f"{self.module}:{self.function or ''}"

    def code(self) -> CodeType:
        return compile(self._tree(), str(ROOT / self.path), "exec", dont_inherit=True)

    def unchanged(self) -> CodeType:
        return compile(_parsed(self.path), str(ROOT / self.path), "exec", dont_inherit=True)

    def diff(self) -> tuple[str, ...]:
        """The lines taken out and put in, as ``ast`` writes them."""
        for before, after in zip(_parsed(self.path).body, self._tree().body, strict=True):
            if (old := ast.unparse(before)) != (new := ast.unparse(after)):
                lines = difflib.ndiff(old.splitlines(), new.splitlines())
                return tuple(f"{line[0]} {line[2:].strip()}" for line in lines if line[0] in "-+")
        return ()

    def _tree(self) -> ast.Module:
        tree = _parsed(self.path)
        Changer(self.number).visit(tree)
        return ast.fix_missing_locations(tree)


def everything(group: str, within: str = "") -> Iterator[Mutant]:
    for path in sorted({str(path.relative_to(ROOT)) for files in SCOPE[group] for path in ROOT.glob(files)}):
        yield from of(group, path) if within in path else ()


def of(group: str, path: str) -> Iterator[Mutant]:
    changer = Changer()
    changer.visit(_parsed(path))
    for number, site in enumerate(changer.sites):
        yield Mutant(group, path, number, site.line, site.function)


def drawn(seed: int, of_each: int, within: str) -> list[Mutant]:
    """The same for the same seed and sources."""
    chance = random.Random(seed)
    known = [[*everything(group, within)] for group in SCOPE]
    return [one for of_group in known for one in chance.sample(of_group, min(of_each, len(of_group)))]


@cache
def harmless() -> Mapping[tuple[str, tuple[str, ...]], str]:
    """Why a change cannot be noticed, by where it is and what it changes."""
    listed = tomllib.loads(HARMLESS.read_text()).get("harmless", [])
    return {(one["where"], tuple(one["change"])): one["why"] for one in listed}


def _parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), path)
