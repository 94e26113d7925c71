"""What a line says of an error: its type and where it arose, never its text."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import Any

import pytest

WORDS = "Frau Beispiel, eva@example.org"


@pytest.mark.parametrize(
    "logs",
    [
        'structlog.get_logger().error("failed", exc_info=True)',
        'structlog.get_logger().error("failed", exc_info=error)',
        'logging.getLogger("library").exception("failed")',
    ],
)
def test_an_error_is_told_without_its_text(logs: str) -> None:
    program = f"""
        import logging, structlog
        from shared.runtime.observing.logs import configure
        configure("test", "json", "info")
        def fails():
            raise ValueError({WORDS!r})
        try:
            fails()
        except ValueError as error:
            {logs}
        """
    [line] = told(program, status=0)
    assert (line["event"], line["error"]) == ("failed", "ValueError")
    assert line["way"][-1].endswith("fails")


def test_what_a_process_dies_of_is_told_without_its_text() -> None:
    program = f"""
        import asyncio, sys
        from shared.runtime.observing.logs import configure
        from shared.runtime import start
        configure("test", "json", "info")
        async def run(process):
            raise ExceptionGroup("loops", [ValueError({WORDS!r})])
        start.run = run
        sys.exit(asyncio.run(start._run(lambda *_: None, None, "all")))
        """
    died, ended = told(program, status=1)
    assert (died["event"], died["error"]) == ("died", "ValueError")
    assert ended["status"] == 1


def told(program: str, status: int) -> list[dict[str, Any]]:
    """Line by line, in a process of its own: logs are set up once in each."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == status, done.stderr
    assert WORDS not in done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
