"""The import rules hold, and each of them is seen to fail on a breach planted in a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import grimp
import pytest
from importlinter import configuration
from importlinter.application import use_cases
from importlinter.domain.contract import Contract, registry

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared", "services", "deploy")


@dataclass(frozen=True, slots=True)
class Breach:
    """``line``, written at the end of ``file``, breaks the contract of this name."""

    contract: str
    file: str
    line: str

    @property
    def imported(self) -> str:
        """What ``import a.b``, ``from a import b`` (a module) or ``from a import B`` (a name in one) names."""
        match self.line.split():
            case ["import", module]:
                return module
            case ["from", module, "import", name]:
                return f"{module}.{name}" if (ROOT / module.replace(".", "/") / f"{name}.py").exists() else module
            case _:
                raise AssertionError(self.line)

    def __str__(self) -> str:
        return f"{self.file}: {self.line}"


APART = "Services never import one another"
ROOMS = "Inside a service, from its start down to its domain"
SHARED = "Inside shared, runtime over declarations over contracts over kernel"
RUNTIME = "Inside the runtime, operating over history over the three ways over the drivers"
DESK = "At the desk, pages over the visit over forms over what answers"
KPK = "In kpk, commands over what all of them share"
DOWNWARDS = "Deploy over services over shared"
PURE = "What decides, folds, reacts or writes letters has no driver, loop, environment, chance or clock"
MONGO = "One file imports the MongoDB driver"
KAFKA = "Kafka's driver is known where one publishes, listens or asks the broker"
FASTSTREAM = "FastStream is known where one listens"
SMTP = "SMTP is known where mails leave the house"

BREACHES = (
    Breach(MONGO, "shared/runtime/commands/journal.py", "import pymongo"),
    Breach(MONGO, "shared/runtime/publishing/relay.py", "from bson import Timestamp"),
    Breach(MONGO, "shared/runtime/mongo/replica_set.py", "import motor"),
    Breach(KAFKA, "services/members/worker.py", "import aiokafka"),
    Breach(KAFKA, "shared/runtime/commands/execute.py", "import aiokafka"),
    Breach(FASTSTREAM, "shared/runtime/publishing/relay.py", "from faststream.kafka import KafkaBroker"),
    Breach(FASTSTREAM, "shared/runtime/delivery/delivery.py", "import faststream"),
    Breach(FASTSTREAM, "services/meetings/app.py", "import faststream"),
    Breach(FASTSTREAM, "deploy/kpk/tables.py", "import faststream"),
    Breach(SMTP, "services/notifications/sending.py", "import aiosmtplib"),
    Breach(APART, "services/funding/projections.py", "from services.members.domain import seat_group"),
    Breach(APART, "services/notifications/reactions.py", "import services.meetings.domain.session"),
    Breach(ROOMS, "services/funding/domain/grant.py", "import services.funding.projections"),
    Breach(ROOMS, "services/meetings/reactions.py", "import services.meetings.projections"),
    Breach(ROOMS, "services/notifications/projections.py", "import services.notifications.app"),
    Breach(ROOMS, "services/members/queries.py", "import services.members.api"),
    Breach(ROOMS, "services/members/people.py", "import services.members.queries"),
    Breach(ROOMS, "services/members/api.py", "import services.members.worker"),
    Breach(ROOMS, "services/funding/service.py", "import services.funding.worker"),
    Breach(DESK, "services/office/desk/visit.py", "import services.office.desk.meetings.room"),
    Breach(DESK, "services/office/desk/paper.py", "import services.office.desk.visit"),
    Breach(DESK, "services/office/desk/forms/form.py", "import services.office.desk.paper"),
    Breach(DESK, "services/office/desk/others.py", "import services.office.desk.forms.reading"),
    Breach(DESK, "services/office/desk/meetings/minutes.py", "import services.office.desk.front"),
    Breach(KPK, "deploy/kpk/calls.py", "import deploy.kpk.commands.send"),
    Breach(KPK, "deploy/kpk/histories/verify.py", "import deploy.kpk.tools"),
    Breach(KPK, "deploy/kpk/tables.py", "import deploy.kpk.options"),
    Breach(SHARED, "shared/kernel/money.py", "import shared.contracts.topics"),
    Breach(SHARED, "shared/contracts/topics.py", "import shared.declarations.projection"),
    Breach(SHARED, "shared/declarations/service.py", "import shared.runtime.settings"),
    Breach(RUNTIME, "shared/runtime/process.py", "import shared.runtime.start"),
    Breach(RUNTIME, "shared/runtime/operating/rebuild.py", "import shared.runtime.process"),
    Breach(RUNTIME, "shared/runtime/history/gate.py", "import shared.runtime.operating.gauges"),
    Breach(RUNTIME, "shared/runtime/delivery/listener.py", "import shared.runtime.history.gate"),
    Breach(RUNTIME, "shared/runtime/delivery/delivery.py", "import shared.runtime.publishing.relay"),
    Breach(RUNTIME, "shared/runtime/publishing/relay.py", "import shared.runtime.delivery.plan"),
    Breach(RUNTIME, "shared/runtime/commands/execute.py", "import shared.runtime.publishing.relay"),
    Breach(RUNTIME, "shared/runtime/http/app.py", "import shared.runtime.commands.execute"),
    Breach(RUNTIME, "shared/runtime/observing/logs.py", "import shared.runtime.http.problems"),
    Breach(RUNTIME, "shared/runtime/kafka/reader.py", "import shared.runtime.observing.clock"),
    Breach(RUNTIME, "shared/runtime/mongo/driver.py", "import shared.runtime.kafka.record"),
    Breach(RUNTIME, "shared/runtime/recent.py", "import shared.runtime.mongo.driver"),
    Breach(DOWNWARDS, "shared/runtime/operating/health.py", "import services.notifications.settings"),
    Breach(DOWNWARDS, "shared/kernel/text.py", "from services.funding.domain import terms"),
    Breach(DOWNWARDS, "shared/runtime/start.py", "from deploy.embedded import ports"),
    Breach(DOWNWARDS, "services/members/worker.py", "import deploy.embedded.ports"),
    Breach(PURE, "shared/kernel/identifiers.py", "import random"),
    Breach(PURE, "shared/contracts/envelope.py", "import os"),
    Breach(PURE, "shared/contracts/people.py", "import secrets"),
    Breach(PURE, "shared/declarations/projection.py", "import asyncio"),
    Breach(PURE, "services/funding/domain/expenses.py", "from time import time"),
    Breach(PURE, "services/meetings/domain/paper.py", "import asyncio"),
    Breach(PURE, "services/members/domain/seat_group.py", "import shared.runtime.settings"),
    Breach(PURE, "services/members/projections.py", "import random"),
    Breach(PURE, "services/members/service.py", "import faststream"),
    Breach(PURE, "services/meetings/projections/roster.py", "from time import time"),
    Breach(PURE, "services/funding/projections.py", "import shared.runtime.delivery.stores"),
    Breach(PURE, "services/notifications/projections.py", "import os"),
    Breach(PURE, "services/notifications/reactions.py", "import asyncio"),
    Breach(PURE, "services/meetings/reactions.py", "import faststream"),
    Breach(PURE, "services/notifications/letters/words.py", "import os"),
    Breach(PURE, "services/notifications/steps.py", "from time import monotonic"),
)


class Rules:
    """The contracts of ``pyproject.toml``, and what imports what in the tree, read once."""

    def __init__(self) -> None:
        configuration.configure()
        self._options = use_cases.read_user_options(str(ROOT / "pyproject.toml"))
        use_cases._register_contract_types(self._options)
        self.graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)

    def broken(self, graph: grimp.ImportGraph) -> set[str]:
        return {name for name in self.names if self.is_broken(name, graph)}

    def is_broken(self, name: str, graph: grimp.ImportGraph) -> bool:
        return not self._contract(name).check(deepcopy(graph), verbose=False).kept

    @property
    def names(self) -> list[str]:
        return [options["name"] for options in self._options.contracts_options]

    def _contract(self, name: str) -> Contract:
        [options] = [one for one in self._options.contracts_options if one["name"] == name]
        make = registry.get_contract_class(options["type"])
        return make(name=name, session_options=self._options.session_options, contract_options=options)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules()


def planted(graph: grimp.ImportGraph, breach: Breach) -> grimp.ImportGraph:
    """As if the line stood in the file. What is imported must be known, be it a library."""
    with_breach = deepcopy(graph)
    importer = breach.file.removesuffix(".py").replace("/", ".")
    assert importer in graph.modules, f"there is no {breach.file}"
    root, _, _ = breach.imported.partition(".")
    imported = breach.imported if root in PACKAGES else root
    if imported not in graph.modules:
        with_breach.add_module(imported, is_squashed=True)
    with_breach.add_import(importer=importer, imported=imported)
    return with_breach


def test_the_tree_keeps_every_rule(rules: Rules) -> None:
    assert rules.broken(rules.graph) == set()


@pytest.mark.parametrize("breach", BREACHES, ids=str)
def test_a_planted_breach_is_caught(rules: Rules, breach: Breach) -> None:
    assert rules.is_broken(breach.contract, planted(rules.graph, breach))


def test_every_rule_has_a_planted_breach(rules: Rules) -> None:
    assert sorted(rules.names) == sorted({breach.contract for breach in BREACHES})


@pytest.mark.process
def test_the_command_sees_a_line_in_a_file(tmp_path: Path) -> None:
    """As ``make check`` runs it."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "services/members/domain/seat_group.py").open("a") as file:
        file.write("\nimport random\n")
    linter = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([linter, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert f"{PURE} BROKEN" in " ".join(linted.stdout.split())
