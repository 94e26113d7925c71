"""The container engine and the compose program of this machine: found, never installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

WHAT_TO_INSTALL = """\
No container engine with a compose program is here. Install one of
  docker with its compose plugin
  podman, netavark, aardvark-dns, iptables, runc and docker-compose (Debian: apt-get install ...)
Where podman's own settings do not do, name a file of yours in CONTAINERS_CONF."""


class NoEngine(Exception):
    """Its text says what to install."""


class Failed(Exception):
    """A command of the engine ended otherwise than it should."""


@dataclass
class Engine:
    program: str
    compose: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def checks_health_itself(self) -> bool:
        """Podman has systemd do it, which is not everywhere."""
        return self.program == "docker"

    def run(self, *words: str, within: float = 900, check: bool = True) -> str:
        return self._run([self.program, *words], within, check)

    @property
    def is_old(self) -> bool:
        """docker-compose 1 is in Python, and what Debian 12 has."""
        return self.program == "podman" and "docker-py" in self._run([*self.compose, "version"], 60, check=True)

    def up_and_down(self, project: str, files: list[Path], *words: str, within: float = 900) -> str:
        named = [word for file in files for word in ("-f", str(file))]
        return self._run([*self.compose, "-p", project, *named, *words], within, check=True)

    def has(self, image: str) -> bool:
        return (
            subprocess.run([self.program, "image", "inspect", image], capture_output=True, check=False).returncode == 0
        )

    def _run(self, command: list[str], within: float, check: bool) -> str:
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, capture_output=True, text=True, timeout=within, env=environment, check=False)
        if check and done.returncode:
            raise Failed(f"{' '.join(command)}: {done.returncode}\n{(done.stdout + done.stderr)[-4000:]}")
        return done.stdout


@contextmanager
def engine() -> Iterator[Engine]:
    """Raises ``NoEngine``."""
    if works("docker", "info") and works("docker", "compose", "version"):
        yield Engine("docker", ["docker", "compose"])
    elif works("podman", "info") and works("docker-compose", "version"):
        with podman_socket() as socket:
            yield Engine("podman", ["docker-compose"], {"DOCKER_HOST": f"unix://{socket}"})
    else:
        raise NoEngine(WHAT_TO_INSTALL)


def works(*words: str) -> bool:
    found = shutil.which(words[0])
    return bool(found) and subprocess.run(words, capture_output=True, timeout=60, check=False).returncode == 0


@contextmanager
def podman_socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "podman.sock"
        with subprocess.Popen(["podman", "system", "service", "--time=0", f"unix://{socket}"]) as service:
            try:
                yield socket
            finally:
                service.terminate()
