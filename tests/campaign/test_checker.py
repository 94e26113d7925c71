"""Is the checker any good? A sound run passes, and every way to spoil it that we know of is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from sys import modules

import pytest

from tests.campaign.checker import CHECKS, INVARIANTS, check
from tests.campaign.dump import Dump
from tests.campaign.dump_file import load, save
from tests.campaign.evidence import Evidence
from tests.campaign.history import Line
from tests.campaign.mutations import MUTATIONS, Draft

RECORDED = Path(__file__).with_name("recorded.json.xz")
"""Of real processes. To be recorded anew when events or folds change: python -m tests.campaign --record <this file>"""

Run = tuple[list[Line], Dump]
BY_NAME = {check.__name__: check for check in CHECKS}


@pytest.fixture(scope="module")
def recorded() -> Run:
    return load(RECORDED)


def test_a_sound_run_passes(recorded: Run) -> None:
    assert check(*recorded) == []


def test_a_run_without_faults_has_no_duplicate(recorded: Run) -> None:
    run = Evidence(*recorded)
    assert len({heard.id for heard in run.heard}) == len(run.heard)
    assert Counter(mail.id for mail in run.dump.mails).most_common(1)[0][1] == 1


def are_about_the_same(name: str, check: str) -> bool:
    """A way to spoil a run and a check, as is said above the check. Tried first; no other is left out."""
    return MUTATIONS[name][0] in (modules[BY_NAME[check].__module__].__doc__ or "")


Seen = Callable[[str, str], set[str]]


@pytest.fixture(scope="module")
def seen(recorded: Run) -> Seen:
    """Of a way to spoil the run and of one check, which invariants it sees broken."""

    @lru_cache(maxsize=1)  # a run that all checks have looked at is large
    def spoiled(name: str) -> Evidence:
        _, spoil = MUTATIONS[name]
        draft = Draft(*recorded)
        spoil(draft)
        return Evidence(draft.history, draft.dump())

    @cache
    def see(name: str, check: str) -> set[str]:
        return {violation.invariant for violation in BY_NAME[check](spoiled(name))}

    return see


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_spoiled_is_seen(seen: Seen, name: str) -> None:
    likely_first = sorted(BY_NAME, key=lambda check: not are_about_the_same(name, check))
    assert any(MUTATIONS[name][0] in seen(name, check) for check in likely_first)


@pytest.mark.parametrize("check", BY_NAME)
def test_no_check_is_idle(seen: Seen, check: str) -> None:
    likely_first = sorted(MUTATIONS, key=lambda name: not are_about_the_same(name, check))
    assert any(seen(name, check) for name in likely_first)


def test_every_invariant_is_broken_somewhere() -> None:
    assert {invariant for invariant, _ in MUTATIONS.values()} == set(INVARIANTS)


def test_a_run_is_the_same_after_it_was_kept(recorded: Run, tmp_path: Path) -> None:
    save(tmp_path / "kept", *recorded)
    assert load(tmp_path / "kept") == recorded
