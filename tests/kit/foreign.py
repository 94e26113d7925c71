"""Programs of another language, with the packages that a lock beside them pins."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

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


def _install(place: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        _cannot(f"npm could not install {place.name}: {done.stderr.splitlines()[:1]}")


def _cannot(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
