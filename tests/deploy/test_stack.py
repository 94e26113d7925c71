"""The stack comes up whole or not at all, looks after its own; `kpk down` ends it after any crash."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded import process
from deploy.embedded.data_folder import Refused, claim, noting, only_one
from deploy.embedded.ending import down
from deploy.embedded.health import health_of
from deploy.embedded.program import StartFailed
from deploy.embedded.stack import Stack
from deploy.embedded.state import SUPERVISOR, ProcessRecord, State, read_state, write_state
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.topics import BrokerRefuses
from tests.deploy.supervisor import FAILING, STUB, no_topics
from tests.kit.eventually import eventually
from tests.kit.patience import PROCESS_SECONDS

pytestmark = pytest.mark.infra

EVERYTHING = {SUPERVISOR, "mongod", "kafka", "mail", "stub"}


class Supervisor:
    """`kpk up` in a process of its own, and what it said."""

    def __init__(self, data: Path, *options: str) -> None:
        command = [sys.executable, "-m", "tests.deploy.supervisor", str(data), *options]
        self.data = data
        self.log = data.with_suffix(".log")
        self.child = process.launch(command, self.log)

    async def said(self, words: str) -> None:
        """As long as a server may take to start on a busy machine."""

        def has_said() -> bool:
            told = self.log.read_text()
            assert words in told, told
            return True

        await eventually(has_said, f"{words!r} in what it said", within=240)

    @property
    def state(self) -> State:
        state = read_state(self.data)
        assert state
        return state

    def record(self, name: str) -> ProcessRecord:
        record = self.state.find(name)
        assert record
        return record


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "data")
    try:
        await supervisor.said("up. Ctrl-C ends everything")
        yield supervisor
    finally:  # also when the start took longer than this test waits
        await down(supervisor.data, print)
        supervisor.child.wait(10)


async def test_everything_runs_and_is_well(supervisor: Supervisor) -> None:
    assert {record.name for record in supervisor.state.alive} == EVERYTHING
    health = await health_of(supervisor.state)
    assert health.troubles == []
    assert all(each.resident_mb > 1 for each in health.processes)


async def test_down_ends_the_supervisor_and_everything(supervisor: Supervisor) -> None:
    state = supervisor.state
    assert await down(supervisor.data, print)
    assert state.alive == []
    assert supervisor.child.wait(10) == 0
    assert not await down(supervisor.data, print), "the second time nothing is running"


@pytest.mark.long
async def test_after_a_crash_of_the_supervisor_down_ends_what_it_left(supervisor: Supervisor) -> None:
    state = supervisor.state
    supervisor.child.kill()
    supervisor.child.wait(10)
    assert {record.name for record in state.alive} == EVERYTHING - {SUPERVISOR}
    with pytest.raises(Refused, match="kpk down"), only_one(supervisor.data):
        pass
    told: list[str] = []
    assert await down(supervisor.data, told.append)
    assert state.alive == []
    assert [line.split()[0] for line in told] == ["stub", "mail", "kafka", "mongod"]


@pytest.mark.long
async def test_ctrl_c_ends_everything_also_what_somebody_else_started_again(supervisor: Supervisor) -> None:
    other = process.launch([sys.executable, "-c", "import time; time.sleep(60)"], supervisor.data / "other.log")
    with noting(supervisor.data):
        write_state(supervisor.state.having(ProcessRecord("other", *known_as(other), [], "")))
    state = supervisor.state
    supervisor.child.send_signal(signal.SIGINT)
    assert supervisor.child.wait(30) == 0
    assert other.wait(10) == -signal.SIGTERM
    assert state.alive == []
    assert read_state(supervisor.data) is None


@pytest.mark.parametrize("name", [pytest.param("stub", marks=pytest.mark.long), "mongod"])
async def test_what_dies_is_named_and_started_again(supervisor: Supervisor, name: str) -> None:
    before = supervisor.record(name)
    process.send(before.identity, signal.SIGKILL)
    await supervisor.said(f"{name} died with exit code -9; its log: {before.log}")
    await supervisor.said(f"{name} runs again")
    assert supervisor.record(name).is_alive
    assert supervisor.record(name).pid != before.pid
    assert supervisor.record(name).ports == before.ports


async def test_detached_everything_runs_on_without_a_supervisor(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "data", "--detach")
    assert supervisor.child.wait(60) == 0
    assert {record.name for record in supervisor.state.alive} == EVERYTHING - {SUPERVISOR}
    state = supervisor.state
    assert await down(supervisor.data, print)
    assert state.alive == []


@pytest.mark.long
async def test_one_dead_process_is_started_again_alone_and_down_ends_it_too(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "data", "--detach")
    assert supervisor.child.wait(60) == 0
    before = supervisor.state
    died = supervisor.record("stub")
    process.send(died.identity, signal.SIGKILL)
    await eventually(lambda: not died.is_alive, "the stub is dead")
    stack = Stack(supervisor.data, [STUB], topics=no_topics, joining=before)
    with pytest.raises(Refused, match="name one of mongod, kafka, mail, stub"):
        await stack.start_again("members")
    assert await stack.start_again("stub")
    assert not await stack.start_again("kafka"), "it runs"
    again = supervisor.state
    assert {record.name: record.ports for record in again.alive} == {one.name: one.ports for one in before.processes}
    assert supervisor.record("stub").pid != died.pid
    assert [record for record in again.processes if record.name != "stub"] == [
        record for record in before.processes if record.name != "stub"
    ]
    assert await down(supervisor.data, print)
    await stack.stop()
    assert again.alive == []


async def test_what_cannot_be_ended_keeps_none_of_the_others_and_stays_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(tmp_path)
    children = [process.launch([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log") for _ in "ab"]
    records = [ProcessRecord(name, *known_as(one), [], "") for name, one in zip(("a", "b"), children, strict=True)]
    state = State(str(tmp_path), "", "", 0, "", "", {}, processes=records)
    write_state(state)
    really = process.end

    async def end(who: process.Identity, patience: float) -> str:
        if who == records[0].identity:
            raise process.DoesNotEnd(f"process {who.pid} does not end")
        return await really(who, patience)

    monkeypatch.setattr(process, "end", end)
    try:
        with pytest.raises(Refused, match="a could not be ended"):
            await down(tmp_path, print)
        assert state.alive == records[:1]
        assert read_state(tmp_path) == state
    finally:
        children[0].kill()
        for child in children:
            child.wait(10)


def known_as(child: subprocess.Popen[bytes]) -> tuple[int, str]:
    who = process.identity(child.pid)
    assert who
    return who.pid, who.started


async def test_a_broker_that_needs_longer_for_its_topics_is_waited_for(tmp_path: Path) -> None:
    tries: list[str] = []
    told: list[str] = []

    async def slow(kafka: KafkaAccess) -> None:
        tries.append(kafka.bootstrap)
        if len(tries) < 3:
            raise BrokerRefuses("kpk.people.v1 is created but has no leaders")

    claim(tmp_path / "data")
    stack = Stack(tmp_path / "data", [], topics=slow, say=told.append)
    stack.guard.prepare()
    stack.kafka.identity = process.identity(os.getpid())  # it runs; no more is asked of it here
    await stack._apply_topics()
    assert len(tries) == 3
    assert [line for line in told if "topics" in line] == [
        *2 * ["the topics are not there yet (kpk.people.v1 is created but has no leaders)"],
        "topics applied",
    ]


async def test_an_interrupted_start_leaves_nothing(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "data")
    await eventually(lambda: supervisor.record("kafka").is_alive, "kafka is being started", within=200)
    state = supervisor.state
    supervisor.child.terminate()
    supervisor.child.wait(30)
    assert state.alive == []
    assert read_state(supervisor.data) is None


async def test_a_service_that_does_not_come_up_takes_everything_down_with_it(tmp_path: Path) -> None:
    claim(tmp_path / "data")
    stack = Stack(tmp_path / "data", [STUB, FAILING], topics=no_topics)
    with pytest.raises(StartFailed, match=r"(?s)failing ended at once with exit code 1.*told to fail"):
        await stack.start()
    assert stack.state.alive == [record for record in stack.state.alive if record.pid == os.getpid()]
    assert read_state(tmp_path / "data") is None


def test_commands_that_need_a_stack_say_how_to_start_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.kpk", "status", "--data", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False)
    assert told.returncode == 1
    assert told.stderr == f"kpk: nothing is running on {tmp_path}. Start it: kpk up --detach --data {tmp_path}\n"
