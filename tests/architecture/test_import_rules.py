"""The import rules hold, and each of them is seen to fail on a breach planted in a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "services", "deploy")


@dataclass(frozen=True, slots=True)
class Breach:
    """``line``, written at the end of ``file``, breaks the contract of this name."""

    contract: str
    file: str
    line: str

    def __str__(self) -> str:
        return f"{self.file}: {self.line}"


DRIVERS = "Drivers are imported in shared/runtime only"
ONE_FILE = "One file imports the MongoDB driver"
ONE_CONSUMER = "One file imports FastStream"
APART = "Services never import one another"
ROOMS = "Inside a service, from its start down to its domain"
SHARED = "Inside shared, runtime over contracts over kernel"
DOWNWARDS = "Deploy over services over shared"
PURE = "What decides, folds, reacts or writes letters has no driver, loop, environment, chance or clock"

BREACHES = (
    Breach(DRIVERS, "services/members/worker.py", "import aiokafka"),
    Breach(DRIVERS, "deploy/kpk/tables.py", "import faststream"),
    Breach(ONE_FILE, "shared/runtime/journal.py", "import pymongo"),
    Breach(ONE_FILE, "shared/runtime/relay.py", "from bson import Timestamp"),
    Breach(ONE_CONSUMER, "shared/runtime/relay.py", "from faststream.kafka import KafkaBroker"),
    Breach(APART, "services/funding/views.py", "from services.members.domain import seat_group"),
    Breach(APART, "services/notifications/reactions.py", "import services.meetings.domain.session"),
    Breach(ROOMS, "services/funding/domain/grant.py", "import services.funding.views"),
    Breach(ROOMS, "services/meetings/reactions.py", "import services.meetings.views"),
    Breach(ROOMS, "services/notifications/views.py", "import services.notifications.app"),
    Breach(ROOMS, "services/members/queries.py", "import services.members.api"),
    Breach(ROOMS, "services/members/api.py", "import services.members.worker"),
    Breach(SHARED, "shared/kernel/money.py", "import shared.contracts.topics"),
    Breach(SHARED, "shared/contracts/topics.py", "import shared.runtime.journal"),
    Breach(DOWNWARDS, "shared/runtime/health.py", "import services.members.settings"),
    Breach(DOWNWARDS, "shared/kernel/text.py", "from services.funding.domain import terms"),
    Breach(DOWNWARDS, "shared/runtime/start.py", "from deploy.embedded import ports"),
    Breach(DOWNWARDS, "services/members/worker.py", "import deploy.embedded.ports"),
    Breach(PURE, "shared/kernel/identifiers.py", "import random"),
    Breach(PURE, "shared/contracts/envelope.py", "import os"),
    Breach(PURE, "shared/contracts/people.py", "import secrets"),
    Breach(PURE, "services/funding/domain/expenses.py", "from time import time"),
    Breach(PURE, "services/meetings/domain/paper.py", "import asyncio"),
    Breach(PURE, "services/members/domain/seat_group.py", "import shared.runtime.settings"),
    Breach(PURE, "services/members/views.py", "import random"),
    Breach(PURE, "services/meetings/views/roster.py", "from time import time"),
    Breach(PURE, "services/funding/views.py", "from shared.runtime.views import ViewStore"),
    Breach(PURE, "services/notifications/views.py", "import os"),
    Breach(PURE, "services/notifications/reactions.py", "import asyncio"),
    Breach(PURE, "services/meetings/reactions.py", "import faststream"),
    Breach(PURE, "services/members/reactions.py", "import httpx"),
    Breach(PURE, "services/notifications/letters/text.py", "import os"),
    Breach(PURE, "services/notifications/steps.py", "from time import monotonic"),
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=_all_but_python)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _all_but_python(folder: str, names: list[str]) -> list[str]:
    return [
        name for name in names if name == "__pycache__" or not (name.endswith(".py") or Path(folder, name).is_dir())
    ]


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([linter, "--no-cache"], cwd=tree, capture_output=True, text=True, timeout=60, check=False)


def plant(tree: Path, breach: Breach) -> None:
    """What is imported must be there, so a room that no service has furnished yet is made, empty."""
    for module in breach.line.split():
        if module.startswith("services.") and not (tree / module.replace(".", "/")).exists():
            (tree / f"{module.replace('.', '/')}.py").touch()
    with (tree / breach.file).open("a") as file:
        file.write(f"\n{breach.line}\n")


def test_the_tree_keeps_every_rule() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_a_planted_breach_is_caught(copy: Path, breach: Breach) -> None:
    plant(copy, breach)
    linted = lint_imports(copy)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert f"{breach.contract} BROKEN" in " ".join(linted.stdout.split())


def test_every_rule_has_a_planted_breach() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    rules = [contract["name"] for contract in told["tool"]["importlinter"]["contracts"]]
    assert sorted(rules) == sorted({breach.contract for breach in BREACHES})
