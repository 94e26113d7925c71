"""A demo that is told to end leaves nothing running, wherever it is; one that is kept is safe from `kpk up --fresh`."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from deploy.embedded import process
from deploy.embedded.data_folder import default_folder
from deploy.embedded.ending import down
from deploy.embedded.state import read_state
from deploy.kpk.running.demo import own_folder
from tests.journeys.stack import kpk, processes_naming
from tests.kit.eventually import eventually

INTERRUPTED = 130


@pytest.mark.journey
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("told", "moment", "options"),
    [
        (signal.SIGINT, "mongod ready", []),
        (signal.SIGTERM, "Gruppen mit 49 Sitzen eröffnet", ["--keep"]),
    ],
    ids=["while it starts", "in the middle"],
)
async def test_a_demo_that_is_told_to_end_ends_everything(
    tmp_path: Path, told: signal.Signals, moment: str, options: list[str]
) -> None:
    folder, log = tmp_path / "data", tmp_path / "said.txt"
    demo = process.launch(kpk(folder, "demo", *options), log)
    try:
        await eventually(lambda: moment in log.read_text(), f"{moment!r} in what the demo says", 90)
        started = read_state(folder)
        assert started and started.alive
        demo.send_signal(told)
        await eventually(lambda: demo.poll() is not None, "the demo has ended", 90)
        assert (demo.returncode, started.alive, processes_naming(folder)) == (INTERRUPTED, [], []), log.read_text()
        assert read_state(folder) is None
    finally:
        demo.kill()
        demo.wait(10)
        await down(folder, print)


def test_a_demo_that_was_kept_is_not_in_the_folder_that_up_empties(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("", "/somewhere/stack"):
        monkeypatch.setenv("KPK_DATA", variable)
        assert own_folder() != default_folder()
        assert own_folder().parent == default_folder().parent
