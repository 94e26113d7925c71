"""The container image holds what runs in it: each file is needed, none is missing. No Docker is asked for this."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from shared.contracts.topics import SERVICES
from shared.runtime.settings import Role
from tests.deploy.build_context import image_files, is_taken, rules_of
from tests.kit.patience import PROCESS_SECONDS

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy" / "image" / "Dockerfile"
FILES = image_files(ROOT, DOCKERFILE)
CONTAINERS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
COMMANDS = [[*one.get("entrypoint", []), *one["command"]] for one in CONTAINERS.values() if "build" in one]
LETTERS = "services/notifications/letters"
PAGES = (
    r"(services/(office/desk|meetings/answering)/(templates/\w+\.html\.j2|static/\w+\.(css|js|svg))"
    r"|shared/documents/\w+\.(html\.j2|typ))$"
)

HELD = {
    "LICENSE",
    "deploy/__init__.py",
    "deploy/embedded",
    "deploy/kpk",
    "deploy/rights",
    "services/__init__.py",
    "services/funding",
    "services/meetings",
    "services/members",
    "services/notifications",
    "services/office",
    "shared/__init__.py",
    "shared/contracts",
    "shared/declarations",
    "shared/documents",
    "shared/kernel",
    "shared/runtime",
}
EMBEDDED = {
    "__init__",
    "authorities",
    "certificates",
    "data_folder",
    "ending",
    "health",
    "kafka_secrets",
    "mongo_guard",
    "ports",
    "private_files",
    "process",
    "state",
    "token_file",
    "tokens",
}
"""How `kpk` knows a running stack. Not how one is started."""


@dataclass(frozen=True)
class Seen:
    """Of what was run in a copy of exactly the image's files, without what only development installs."""

    statuses: dict[str, int | str | None]
    opened: set[str]
    strangers: list[str]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    copy, secrets = tmp_path_factory.mktemp("image"), tmp_path_factory.mktemp("secrets")
    for place, file in FILES.items():
        (copy / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy / place)
    runs = [*map(harmless, COMMANDS), harmless(by_default()), ("deploy.kpk", "tokens", str(secrets))]
    told = probed(copy, list(dict.fromkeys(runs)))
    return Seen(told["statuses"], set(told["opened"]), told["strangers"])


def probed(copy: Path, runs: Sequence[tuple[str, ...]]) -> Any:
    done = subprocess.run(
        [sys.executable, "-P", "-B", Path(__file__).with_name("image_probe.py")],
        input=json.dumps({"absent": only_for_development(), "runs": runs}),
        cwd=copy,
        env={"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=PROCESS_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def harmless(command: Sequence[str]) -> tuple[str, ...]:
    """Imports and resolves all that the command does, and then only prints."""
    python, option, module, *words = command
    assert (python, option) == ("python", "-m")
    return (module, "asyncapi") if module.startswith("services.") else (module, *words, "--help")


def by_default() -> list[str]:
    command = re.search(r"^CMD (.*)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert command
    words: list[str] = json.loads(command[1])
    return [word for word in words if word != "--help"]


def only_for_development() -> list[str]:
    """What the image's lock does not install, by the names under which it is imported."""
    known = locked("requirements-dev.lock") - locked("requirements.lock")
    return [name for name, owners in packages_distributions().items() if set(map(plain, owners)) <= known]


def locked(file: str) -> set[str]:
    return set(map(plain, re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", (ROOT / file).read_text(), re.MULTILINE)))


def plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_it_holds_these_folders_and_no_others() -> None:
    assert {"/".join(place.split("/")[:2]) for place in FILES} == HELD
    assert {place for place in FILES if place.startswith("deploy/embedded/")} == {
        f"deploy/embedded/{name}.py" for name in EMBEDDED
    }


@pytest.mark.process
def test_its_modules_run_from_these_files_alone(seen: Seen) -> None:
    assert seen.statuses == dict.fromkeys(seen.statuses, 0)
    assert {f"services.{service} asyncapi" for service in SERVICES} <= seen.statuses.keys()
    assert {"deploy.kpk --help", "deploy.kpk topics apply --help"} <= seen.statuses.keys()
    assert seen.strangers == []


@pytest.mark.process
def test_each_module_is_needed(seen: Seen) -> None:
    assert {place for place in FILES if place.endswith(".py")} == {one for one in seen.opened if one.endswith(".py")}


def test_what_is_no_module_is_the_licence_or_the_layout_of_letters_and_pages() -> None:
    """A letter's a neighbour names; each of a page or a document stands in a folder of its own."""
    neighbours = {place: file.read_text() for place, file in FILES.items() if place.startswith(f"{LETTERS}/")}
    named = set(re.findall(r'"([\w.]+\.j2)"', "".join(neighbours.values())))
    assert {place for place in FILES if not place.endswith(".py") and not re.match(PAGES, place)} == {
        "LICENSE",
        *(f"{LETTERS}/{one}" for one in named),
    }


def test_it_says_what_it_is_and_runs_as_nobody_of_the_host() -> None:
    told = DOCKERFILE.read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f'image.version="{project["version"]}"' in told
    assert f'image.licenses="{project["license"]}"' in told
    assert re.search(r"^USER 10001:10001$", told, re.MULTILINE)
    assert "--without-pip" in told


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_role_is_one_that_a_service_has(command: list[str]) -> None:
    _, _, module, *words = command
    assert module == "deploy.kpk" or words[0] in get_args(Role)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("README.md", False),
        ("kept/part.py", True),
        ("kept/deeper/part.py", True),
        ("kept/left.py", False),
        ("kept/deeper/README.md", False),
        ("kept/deeper/cache/part.pyc", False),
        ("beside/part.py", False),
        ("beside/one.py", True),
    ],
)
def test_the_last_line_that_fits_decides(path: str, taken: bool) -> None:
    lines = "# told\n*\n!kept\n!beside/on*.py\nkept/left.py\n**/README.md\n**/cache\n"
    assert is_taken(path, rules_of(lines)) is taken
