"""The form of a line, and what it says of an error: its type and where it arose, never its text."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import Any

import pytest

from tests.kit.patience import PROCESS_SECONDS

pytestmark = pytest.mark.process
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


LINE = """
    import structlog
    from shared.runtime.observing.logs import configure
    configure("members", {style!r}, "info")
    structlog.get_logger().info("command accepted", causation="c2", sequence=1, command="OpenSeatGroup",
                                stream="stuttgart/seat-group/hospitals", way_of="a few words", correlation="c1")
    """


def test_a_line_says_when_how_grave_which_service_and_what_first_then_names_then_ids() -> None:
    [line] = told(LINE.format(style="json"), status=0)
    names = ["conference", "seat_group", "command", "way_of"]
    assert list(line) == [
        "timestamp",
        "level",
        "service",
        "event",
        *names,
        "stream",
        "sequence",
        "correlation",
        "causation",
    ]
    assert (line["conference"], line["seat_group"]) == ("stuttgart", "hospitals")


def test_for_people_a_line_has_the_same_order() -> None:
    [line] = lines_of(LINE.format(style="console"), status=0)
    moment, rest = line.split(" ", 1)
    assert moment.endswith("Z")
    assert rest == (
        "info     members command accepted  conference=stuttgart seat_group=hospitals command=OpenSeatGroup "
        'way_of="a few words" stream=stuttgart/seat-group/hospitals sequence=1 correlation=c1 causation=c2'
    )


def test_what_is_said_before_the_settings_are_read_has_the_form_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KPK_LOG_FORMAT", "json")
    for name in ("KPK_MONGO_URI", "KPK_HTTP_PORT"):
        monkeypatch.delenv(name, raising=False)
    program = """
        import sys
        from shared.runtime.start import start
        from services.funding.app import build
        from services.funding.service import SERVICE
        from services.funding.worker import subscribers
        sys.exit(start(SERVICE, build, subscribers, ["all"]))
        """
    [line] = told(program, status=2)
    assert (line["level"], line["service"], line["event"]) == ("error", "funding", "settings are missing or wrong")
    assert "KPK_MONGO_URI" in line["settings"]


def told(program: str, status: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(program, status)]


def lines_of(program: str, status: int) -> list[str]:
    """Line by line, in a process of its own: logs are set up once in each."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False)
    assert done.returncode == status, done.stderr
    assert WORDS not in done.stdout + done.stderr
    return done.stdout.splitlines()
