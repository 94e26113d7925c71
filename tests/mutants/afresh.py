"""Trials of what runs when a module is imported: a fork that has only libraries imports the product with the change."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType

import pytest

from tests.mutants.mutant import ROOT, Mutant

NOT_RED = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


class _Mutated(SourceFileLoader):
    """Gives the changed code; nothing is written to the tree."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(ROOT / mutant.path))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return self._mutant.code()


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._loader = _Mutated(mutant)

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        mutated = self._loader
        return spec_from_file_location(fullname, mutated.path, loader=mutated) if fullname == mutated.name else None


def is_killed(mutant: Mutant | None, tests: Sequence[Sequence[str]], options: Sequence[str]) -> bool:
    """By one of the folders of tests, one after another. None: nothing is changed."""
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    return any(pytest.main([*options, *folders]) not in NOT_RED for folders in tests)
