"""A mutant: one source of the product with one change, and how it is told."""

from __future__ import annotations

import ast
import difflib
import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType

from tests.mutants.changes import Changer

ROOT = Path(__file__).parents[2]

SERVICES = ("members", "meetings", "funding", "notifications", "office")
SHARED = ("shared/kernel/*.py", "shared/contracts/**/*.py", "shared/declarations/*.py", "shared/documents/*.py")
WIRING = ("__main__.py", "api.py", "app.py", "service.py", "settings.py", "worker.py")
"""What joins the parts: tests on servers and journeys see it, which are not fast."""
ON_SERVERS = {
    "members": ("people.py", "roster/intake.py", "roster/routes.py"),
    "notifications": ("contacts.py", "digest.py", "mailbox/returns.py", "queries.py", "suspensions.py"),
    "office": ("queries.py", "desk/**/*.py"),
}
"""What is tried with a real MongoDB, mail server or browser alone."""
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
    for path in sorted(sources(group)):
        yield from of(group, path) if re.search(within, path) else ()


def sources(group: str) -> set[str]:
    if group not in SERVICES:
        return _files(Path(), SHARED)
    service = Path("services", group)
    return _files(service, ["**/*.py"]) - _files(service, [*WIRING, *ON_SERVERS.get(group, ())])


def _files(folder: Path, patterns: Iterable[str]) -> set[str]:
    return {str(path.relative_to(ROOT)) for pattern in patterns for path in (ROOT / folder).glob(pattern)}


def of(group: str, path: str) -> Iterator[Mutant]:
    changer = Changer()
    changer.visit(_parsed(path))
    for number, site in enumerate(changer.sites):
        yield Mutant(group, path, number, site.line, site.function)


def drawn(seed: int, of_each: int, within: str) -> list[Mutant]:
    """The same for the same seed and sources."""
    chance = random.Random(seed)
    known = [[*everything(group, within)] for group in (*SERVICES, "shared")]
    return [one for of_group in known for one in chance.sample(of_group, min(of_each, len(of_group)))]


@cache
def harmless() -> Mapping[tuple[str, tuple[str, ...]], str]:
    """Why a change cannot be noticed, by where it is and what it changes."""
    listed = tomllib.loads(HARMLESS.read_text()).get("harmless", [])
    return {(one["where"], tuple(one["change"])): one["why"] for one in listed}


def _parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), path)
