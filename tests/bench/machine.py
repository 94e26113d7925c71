"""On what it was measured, and how much of it each process used."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from deploy.embedded import parts
from deploy.embedded.process import Identity, stat_fields

USER_TICKS, SYSTEM_TICKS = 11, 12  # places in /proc/<pid>/stat behind the command's name


def described(data: Path) -> dict[str, str]:
    """Nothing that names the machine itself."""
    return {
        "processor": _first(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo")) or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": _memory(),
        "file system": _file_system(data),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "Python": platform.python_version(),
        **{name: version(name) for name in ("aiokafka", "faststream", "motor", "pymongo", "fastapi", "uvicorn")},
        "Kafka": _version_in(next(name for name in parts.known_sums() if name.startswith("kafka-clients"))),
        "mongod": _version_in(_said_by(parts.mongod(), "--version")),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def cpu_seconds(who: Identity | None) -> float:
    fields = stat_fields(who.pid) if who else []
    if not fields:
        return 0.0
    return (int(fields[USER_TICKS]) + int(fields[SYSTEM_TICKS])) / os.sysconf("SC_CLK_TCK")


def peak_bytes() -> int:
    """Of this program's resident memory. getrusage would tell of the program too that has started it."""
    return int(_first(r"VmHWM:\s*(\d+)", Path("/proc/self/status")) or 0) * 1024


def _memory() -> str:
    kilobytes = _first(r"MemTotal:\s*(\d+)", Path("/proc/meminfo"))
    return f"{int(kilobytes or 0) / 1e6:.0f} GB"


def _said_by(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _version_in(text: str) -> str:
    found = re.search(r"\d+(\.\d+)+", text)
    return found[0] if found else "unknown"


def _first(pattern: str, file: Path) -> str | None:
    found = re.search(pattern, file.read_text())
    return found[1].strip() if found else None


def _file_system(folder: Path) -> str:
    """Of the mount that is nearest above the folder."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    above = [mount for mount in mounts if folder.resolve().is_relative_to(mount[1])]
    return max(above, key=lambda mount: len(mount[1]))[2] if above else "unknown"
