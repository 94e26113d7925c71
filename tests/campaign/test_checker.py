"""Is the checker any good? A sound run passes, and every way to spoil it that we know of is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

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


@pytest.fixture(scope="module")
def recorded() -> Run:
    return load(RECORDED)


def test_a_sound_run_passes(recorded: Run) -> None:
    assert check(*recorded) == []


def test_a_run_without_faults_has_no_duplicate(recorded: Run) -> None:
    run = Evidence(*recorded)
    assert len({heard.id for heard in run.heard}) == len(run.heard)
    assert Counter(mail.id for mail in run.dump.mails).most_common(1)[0][1] == 1


Seen = Callable[[str], dict[str, set[str]]]


@pytest.fixture(scope="module")
def seen(recorded: Run) -> Seen:
    """Of a way to spoil the run, which check sees which invariant broken."""

    @cache
    def see(name: str) -> dict[str, set[str]]:
        _, spoil = MUTATIONS[name]
        draft = Draft(*recorded)
        spoil(draft)
        run = Evidence(draft.history, draft.dump())
        return {check.__name__: {violation.invariant for violation in check(run)} for check in CHECKS}

    return see


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_spoiled_is_seen(seen: Seen, name: str) -> None:
    assert MUTATIONS[name][0] in set().union(*seen(name).values())


@pytest.mark.parametrize("check", [check.__name__ for check in CHECKS])
def test_no_check_is_idle(seen: Seen, check: str) -> None:
    assert any(seen(name)[check] for name in MUTATIONS)


def test_every_invariant_is_broken_somewhere() -> None:
    assert {invariant for invariant, _ in MUTATIONS.values()} == set(INVARIANTS)


def test_a_run_is_the_same_after_it_was_kept(recorded: Run, tmp_path: Path) -> None:
    save(tmp_path / "kept", *recorded)
    assert load(tmp_path / "kept") == recorded
