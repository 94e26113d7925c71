"""The demo while every service is killed in turn: nothing is lost, and everything agrees at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest

from deploy.embedded.process import ROOT
from deploy.embedded.state import read_state
from services.notifications.sending import AT_ONCE
from tests.kit.eventually import eventually

VICTIMS = ("members", "notifications", "meetings", "funding")
"""Kafka and mongod are killed by the campaign's short form."""

MAILS_BETWEEN = 60


@pytest.mark.journey
@pytest.mark.long
@pytest.mark.timeout(400)
async def test_killing_each_process_in_turn_changes_nothing(tmp_path: Path) -> None:
    folder, said = tmp_path / "data", tmp_path / "said.txt"
    command = [sys.executable, "-m", "deploy.kpk", "demo", "--data", str(folder)]
    with said.open("wb") as out:
        demo = await asyncio.to_thread(_start, command, out)
    try:
        for number, victim in enumerate(VICTIMS, start=1):
            due = number * MAILS_BETWEEN
            await eventually(partial(_has_mails, folder, due), f"{due} mails before {victim} is killed", 120)
            _kill(folder, victim)
        await eventually(lambda: demo.poll() is not None, "the demo is over", 240)
    finally:
        if demo.poll() is None:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)
    assert demo.returncode == 0, said.read_text()
    ids = Counter(message_from_bytes(file.read_bytes())["Message-ID"] for file in (folder / "mail").glob("*.eml"))
    assert len(ids) > len(VICTIMS) * MAILS_BETWEEN
    assert _doubled(ids) <= AT_ONCE, "only mails under way when their sender died may come twice"


def _start(command: list[str], out: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "COLUMNS": "140"}, stdout=out, stderr=out)


def _has_mails(folder: Path, number: int) -> bool:
    return len(list((folder / "mail").glob("*.eml"))) >= number


def _doubled(ids: Counter[str]) -> int:
    return sum(number - 1 for number in ids.values())


def _kill(folder: Path, name: str) -> None:
    """By the id in the state file, which the supervisor wrote when it started the process."""
    state = read_state(folder)
    assert state is not None
    [pid] = [row.pid for row in state.processes if row.name == name]
    os.kill(pid, signal.SIGKILL)
