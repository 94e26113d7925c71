"""Programs in another language, with the packages that a lock file beside them pins."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.embedded.parts import jars
from tests.kit.patience import PROCESS_SECONDS

BUILD = Path(__file__).parents[2] / "build" / "foreign"


def node_program(folder: Path) -> Path:
    """A copy of the folder with its packages installed, once for each lock. Skips without node; in CI it fails."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            _cannot(f"{tool} is not installed")
    lock = (folder / "package-lock.json").read_bytes()
    place = BUILD / f"{folder.name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    shutil.copytree(folder, place, dirs_exist_ok=True)
    if not (place / "node_modules" / ".package-lock.json").exists():
        _install(place)
    return place


def java_program(source: Path) -> list[str]:
    """What starts the one class of the file, compiled against the client of the pinned Kafka. Skips without a JDK."""
    for tool in ("javac", "java"):
        if shutil.which(tool) is None:
            _cannot(f"{tool} is not installed")
    place = BUILD / f"{source.stem}-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    client = ":".join(str(jar) for jar in jars() if jar.name.startswith(("kafka-clients-", "slf4j-api-")))
    command = ["javac", "-Xlint:all", "-Werror", "-cp", client, "-d", str(place), str(source)]
    subprocess.run(command, check=True, timeout=PROCESS_SECONDS)
    return ["java", "-cp", f"{place}:{client}", source.stem]


def go_program(folder: Path) -> Path:
    """The program in the folder, built with the modules that its sums pin. Skips without Go; in CI it fails."""
    if shutil.which("go") is None:
        _cannot("go is not installed")
    place = BUILD / f"{folder.parent.name}-{folder.name}"
    given = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly -buildvcs=false"}
    command = ["go", "build", "-o", str(place), "."]
    done = subprocess.run(
        command, cwd=folder, env=given, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False
    )
    if done.returncode:
        _cannot(f"go could not build {place.name}: {done.stderr.splitlines()[:1]}")
    return place


def _install(place: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False)
    if done.returncode:
        _cannot(f"npm could not install {place.name}: {done.stderr.splitlines()[:1]}")


def _cannot(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
