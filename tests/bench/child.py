"""A side that is measured in a process of its own: on uvloop and with production's logs, ending with one JSON answer.

``python -m tests.bench.child tests.bench.rows.p4_relay:product '{…}'`` runs that coroutine function with the given
arguments.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import uvloop

from deploy.embedded.process import ROOT, last_lines
from shared.runtime.observing.logs import configure
from shared.runtime.start import collect_rarely


class SideFailed(Exception):
    """A side ended without an answer; the message ends with its last words."""


async def run_side(side: str, log: Path, **given: Any) -> Any:
    """``side`` is ``module:function``. Raises ``SideFailed``."""
    command = [sys.executable, "-m", "tests.bench.child", side, json.dumps({**given, "log": str(log)})]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=out, cwd=ROOT)
        try:
            answer, _ = await child.communicate()
        except BaseException:
            child.kill()
            await child.wait()
            raise
    if child.returncode != 0:
        raise SideFailed(f"{side} failed; the end of {log}:\n{last_lines(log)}")
    return json.loads(answer)


def main() -> None:
    side, given = sys.argv[1], json.loads(sys.argv[2])
    answers = _logs_go_to(Path(given.pop("log")))
    collect_rarely()
    module, _, function = side.partition(":")
    answer = uvloop.run(getattr(importlib.import_module(module), function)(**given))
    with os.fdopen(answers, "wb") as out:  # os.write may take a part of it only
        out.write(json.dumps(answer).encode())


def _logs_go_to(log: Path) -> int:
    """Standard output belongs to the logs, as in production; the answer goes where it led before."""
    answers = os.dup(1)
    with log.open("ab") as out:
        os.dup2(out.fileno(), 1)
    configure("bench", "json", "info")
    return answers


if __name__ == "__main__":
    main()
