"""The campaign outlives the clients that watch its brokers."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.process import ROOT
from shared.runtime.kafka.topics import apply_topics
from tests.bench.data import TOPIC, fill_topic
from tests.campaign.apart import SPAWN, apart
from tests.campaign.subscriber import Subscriber
from tests.kit.eventually import eventually


@apart
def where() -> int:
    return os.getpid()


@apart
def dies_once(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    return "done"


@pytest.mark.process
def test_a_call_whose_process_dies_is_made_again(tmp_path: Path) -> None:
    assert where() != os.getpid()
    assert dies_once(tmp_path / "mark") == "done"


@pytest.mark.process
async def test_what_runs_apart_ends_with_who_began_it() -> None:
    program = "import time; from tests.campaign.test_apart import where; print(where(), flush=True); time.sleep(60)"
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout
    child = Path("/proc") / (await parent.stdout.readline()).decode().strip()
    assert (child / "stat").exists()
    parent.kill()
    await eventually(lambda: not (child / "stat").exists(), "the child has ended")
    await parent.wait()


@pytest.mark.infra
async def test_an_outsider_who_dies_goes_on_behind_what_it_told(kafka: Kafka) -> None:
    await apply_topics(kafka.access)
    outsider = Subscriber(kafka.bootstrap, [TOPIC])
    outsider.start()
    try:
        await fill_topic(kafka.bootstrap, 40, 4)
        before = await eventually(lambda: len(outsider.seen) >= 40 and len(outsider.seen), "it has seen all")
        for reader in SPAWN.active_children():
            reader.kill()
        await fill_topic(kafka.bootstrap, 10, 4)
        await eventually(lambda: len(outsider.seen) >= before + 10, "it sees more")
    finally:
        await outsider.stop()
    assert len({(one.partition, one.offset) for one in outsider.seen}) == len(outsider.seen) == before + 10
