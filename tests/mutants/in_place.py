"""Trials of changed functions: tests are collected once, and each mutant changes the loaded functions of a fork."""

from __future__ import annotations

import gc
import pickle
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from cProfile import Profile
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import CodeType, FunctionType
from typing import Self, TypeVar

import pytest

from tests.mutants.apart import apart
from tests.mutants.mutant import ROOT, Mutant

Kept = TypeVar("Kept")
Function = tuple[str, str]
"""File and qualified name."""

OURS = (str(ROOT / "services"), str(ROOT / "shared"))
VERDICTS, SEEN = "verdicts", "seen"


@dataclass
class Verdicts:
    failed: list[str]
    """Tests that fail without any change. Then nothing is tried."""
    killed: dict[Mutant, bool]


@dataclass
class Seen:
    """What a run without a change has shown."""

    failed: list[str] = field(default_factory=list)
    tests: dict[Function, list[tuple[float, int]]] = field(default_factory=dict)
    """Which tests call a function: seconds and place in the collection."""
    files: list[str] = field(default_factory=list)
    """Of each test of the collection."""

    def about(self, source: str) -> list[str]:
        """Files of tests that call functions of this source, the quickest first."""
        took: defaultdict[str, float] = defaultdict(float)
        for (file, _), tests in self.tests.items():
            for seconds, place in tests if file == source else ():
                took[self.files[place]] += seconds
        return sorted(took, key=took.__getitem__)


class Watch:
    """Notes which functions of the product are called, while it is on."""

    def __init__(self) -> None:
        self._profile = Profile(subcalls=False, builtins=False)  # in C: a trace function in Python takes twice as long

    def __enter__(self) -> Self:
        self._profile.enable()
        return self

    def __exit__(self, *_: object) -> None:
        self._profile.disable()

    def called(self) -> set[Function]:
        codes = (entry.code for entry in self._profile.getstats() if isinstance(entry.code, CodeType))
        return {(code.co_filename, code.co_qualname) for code in codes if code.co_filename.startswith(OURS)}


class Trials:
    """A plugin: in place of running the collected tests it runs them once as they are, then for each mutant.

    A mutant whose function has been called before any test, while modules were imported, gets no verdict here.
    """

    def __init__(self, mutants: Sequence[Mutant], jobs: int, scratch: Path) -> None:
        self._mutants = mutants
        self._jobs = jobs
        self._scratch = scratch
        self._at_import = Watch().__enter__()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._at_import.__exit__()
        seen = self._seen(session)
        imported = self._at_import.called()
        fit = [] if seen.failed else [one for one in self._mutants if _fits(one, imported)]
        loaded = _loaded()
        gc.freeze()  # no fork copies what it only counts
        trials = {one: partial(_is_killed, one, loaded[one.path], _tests(session, seen, one)) for one in fit}
        killed = dict(apart(trials, self._jobs, cpu_seconds=60))
        self._keep(VERDICTS, Verdicts(seen.failed, killed))
        return True

    def _seen(self, session: pytest.Session) -> Seen:
        """In a fork as well, so that no mutant finds what these tests have left."""

        def look() -> bool:
            self._keep(SEEN, _watched(session))
            return False

        list(apart({"unchanged": look}, 1, cpu_seconds=900))
        return kept(self._scratch / SEEN, Seen)

    def _keep(self, name: str, what: object) -> None:
        (self._scratch / name).write_bytes(pickle.dumps(what))


def kept(file: Path, kind: type[Kept]) -> Kept:
    """What a fork has left."""
    what = pickle.loads(file.read_bytes())  # noqa: S301  # written by the same run
    assert isinstance(what, kind)
    return what


def _watched(session: pytest.Session) -> Seen:
    seen = Seen(files=[str(item.path) for item in session.items])
    for place, item in enumerate(session.items):
        following = session.items[place + 1] if place + 1 < len(session.items) else None
        began = time.process_time()
        with Watch() as watch:
            failing = _fails(item, following)
        if failing:
            seen.failed.append(item.nodeid)
        for function in watch.called():
            seen.tests.setdefault(function, []).append((time.process_time() - began, place))
    return seen


def _fails(item: pytest.Item, following: pytest.Item | None) -> bool:
    before = item.session.testsfailed
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    return item.session.testsfailed > before


def _fits(mutant: Mutant, imported: set[Function]) -> bool:
    """A function takes no code that needs other variables from around it."""
    if mutant.function is None or _function(mutant) in imported:
        return False
    before, after = _functions(mutant.unchanged(), mutant), _functions(mutant.code(), mutant)
    return all(after[key].co_freevars == code.co_freevars for key, code in before.items())


def _tests(session: pytest.Session, seen: Seen, mutant: Mutant) -> list[pytest.Item]:
    """Those that call it, the quickest first."""
    return [session.items[place] for _, place in sorted(seen.tests.get(_function(mutant), ()))]


def _function(mutant: Mutant) -> Function:
    return str(ROOT / mutant.path), mutant.function or ""


def _loaded() -> dict[str, list[FunctionType]]:
    """Every function of the product, by its file: also those that a decorator hides."""
    loaded: defaultdict[str, list[FunctionType]] = defaultdict(list)
    gc.unfreeze()  # else what there was when the tests were collected is not told
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(OURS):
            loaded[str(Path(one.__code__.co_filename).relative_to(ROOT))].append(one)
    return loaded


def _is_killed(mutant: Mutant, loaded: Sequence[FunctionType], tests: Sequence[pytest.Item]) -> bool:
    changed = _functions(mutant.code(), mutant)
    for one in loaded:
        one.__code__ = changed.get((one.__code__.co_qualname, one.__code__.co_firstlineno), one.__code__)
    return any(_fails(item, following) for item, following in pairwise([*tests, None]) if item)


def _functions(module: CodeType, mutant: Mutant) -> dict[tuple[str, int], CodeType]:
    """The function of the change, and those around it, which make it anew."""
    parts = (mutant.function or "").split(".<locals>.")
    names = {".<locals>.".join(parts[: size + 1]) for size in range(len(parts))}
    return {(code.co_qualname, code.co_firstlineno): code for code in _codes(module) if code.co_qualname in names}


def _codes(code: CodeType) -> Iterable[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
