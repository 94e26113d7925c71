"""The house in containers: brought up, looked at, hurt and mended as the compose file says."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.embedded.tokens import read_tokens
from deploy.kpk.access import compose_secrets
from shared.contracts.topics import SERVICES
from tests.compose.engine import Engine, Failed

ROOT = Path(__file__).resolve().parents[2]
FILE, PROFILES = ROOT / "docker-compose.yml", ROOT / "deploy/image/profiles.toml"
OVERRIDE = Path(__file__).with_name("override.yml")
COMPOSE: Mapping[str, Any] = yaml.safe_load(FILE.read_text())
PROJECT: str = COMPOSE["name"]
LASTING = [name for name, one in COMPOSE["services"].items() if one.get("restart") != "no"]
"""Not those that end by themselves."""

APIS = {name: f"http://127.0.0.1:{8081 + number}" for number, name in enumerate(SERVICES)}
WORKERS = {f"{name}-worker": f"http://127.0.0.1:{18081 + number}" for number, name in enumerate(SERVICES)}


@dataclass
class House:
    engine: Engine
    folder: Path

    @property
    def tokens(self) -> dict[str, str]:
        return read_tokens(self.folder / "secrets")

    def furnish(self) -> None:
        """What an installation's folder has: the compose file, what it mounts, and secrets of its own."""
        compose_secrets.make(self.folder / "secrets")
        (self.folder / "mail").mkdir()
        for file in (FILE, OVERRIDE, PROFILES):
            (self.folder / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, self.folder / file.relative_to(ROOT))
        if self.engine.is_old:  # its project has a name by an option, and its file none
            written = FILE.read_text().replace(f"\nname: {PROJECT}\n", "\n")
            (self.folder / FILE.name).write_text(written)

    def compose(self, *words: str, within: float = 1800) -> str:
        files = [self.folder / file.relative_to(ROOT) for file in (FILE, OVERRIDE)]
        return self.engine.up_and_down(PROJECT, files, *words, within=within)

    def up(self) -> None:
        with self._healthy():
            self.compose("up", "--detach", "--no-build")
            wait_for(lambda: self._unhealthy() == [], "every container is healthy", 600)

    def kpk(self, *words: str) -> str:
        return self.compose("run", "--rm", "--no-deps", "-T", "kpk", *words)

    def kill(self, name: str) -> None:
        """As a crash does it: the engine has to notice, and to start it again by itself."""
        before = self.of(name, ".State.Pid")
        os.kill(int(before), signal.SIGKILL)
        with self._healthy():
            wait_for(lambda: self.of(name, ".State.Pid") not in ("0", before), f"{name} runs again", 120)
            wait_for(lambda: self._unhealthy() == [], f"everybody is healthy without {name}'s last life", 300)

    def writable(self, name: str) -> list[str]:
        """What a container of ours may do that it should not."""
        tried = {
            "writes into its own files": ["touch", "/app/x"],
            "is root": ["python", "-c", "import os, sys; sys.exit(os.getuid() != 0)"],
            "has a compiler": ["python", "-c", "import shutil, sys; sys.exit(not shutil.which('gcc'))"],
        }
        return [what for what, words in tried.items() if self._can(name, words)]

    def _can(self, name: str, words: list[str]) -> bool:
        try:
            self.engine.run("exec", self.container(name), *words)
        except Failed:
            return False
        return True

    def container(self, name: str) -> str:
        """Compose programs give containers different names, and the same labels."""
        labels = (f"com.docker.compose.project={PROJECT}", f"com.docker.compose.service={name}")
        filters = [word for label in labels for word in ("--filter", f"label={label}")]
        return self.engine.run("ps", "--all", "--no-trunc", "--format", "{{.ID}}", *filters).strip()

    def of(self, name: str, path: str) -> str:
        return self.engine.run("inspect", self.container(name), "--format", f"{{{{{path}}}}}", check=False).strip()

    def _unhealthy(self) -> list[str]:
        return [name for name in LASTING if self.of(name, ".State.Health.Status") != "healthy"]

    @contextmanager
    def _healthy(self) -> Iterator[None]:
        """Meanwhile somebody runs the health checks, where the engine does not by itself."""
        if self.engine.checks_health_itself:
            yield
            return
        ended = threading.Event()
        looking = threading.Thread(target=self._look, args=(ended,))
        looking.start()
        try:
            yield
        finally:
            ended.set()
            looking.join()

    def _look(self, ended: threading.Event) -> None:
        while not ended.wait(2):
            for name in LASTING:
                if there := self.container(name):
                    self.engine.run("healthcheck", "run", there, check=False)


def wait_for(holds: Callable[[], bool], what: str, within: float) -> None:
    until = time.monotonic() + within
    while not holds():
        if time.monotonic() > until:
            raise Failed(f"not within {within:.0f} s: {what}")
        time.sleep(1)
