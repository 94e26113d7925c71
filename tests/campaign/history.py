"""The campaign's own record of what it did and what it was told: JSON lines, one each, never changed."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class History:
    """Every line has ``t`` (monotonic nanoseconds), ``wall`` (milliseconds since 1970) and ``type``."""

    def __init__(self, file: Path) -> None:
        self._out = file.open("ab", buffering=0)

    def write(self, kind: str, **facts: object) -> Line:
        line = {"t": time.monotonic_ns(), "wall": time.time_ns() // 1_000_000, "type": kind, **facts}
        self._out.write(json.dumps(line).encode() + b"\n")
        return line

    def close(self) -> None:
        os.fsync(self._out.fileno())
        self._out.close()


def read_history(file: Path) -> list[Line]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]
