"""The data folder: never a stranger's, private where it holds secrets, one stack at a time."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.data_folder import Refused, claim, only_one, settled_ports
from deploy.embedded.ports import free_port
from deploy.embedded.process import identity
from deploy.embedded.state import ProcessRecord, State, read_state, state_file, write_state


@pytest.fixture
def data(tmp_path: Path) -> Path:
    claim(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def state(data: Path) -> State:
    return State(
        data=str(data),
        mongo_uri="mongodb://…",
        kafka_bootstrap="127.0.0.1:1",
        smtp_port=2,
        mail_folder=str(data / "mail"),
        tokens_file=str(data / "tokens.json"),
        services={"members": "http://127.0.0.1:3"},
    )


def me(name: str = "supervisor") -> ProcessRecord:
    who = identity(os.getpid())
    assert who
    return ProcessRecord(name, who.pid, who.started, [], "")


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_the_state_is_read_as_it_was_written_and_private(state: State) -> None:
    write_state(state.having(me()))
    assert read_state(Path(state.data)) == state.having(me())
    assert mode(state_file(Path(state.data))) == 0o600


def test_a_process_started_again_takes_its_own_place(state: State) -> None:
    again = state.having(me()).having(replace(me(), ports=[4]))
    assert [record.ports for record in again.processes] == [[4]]


def test_a_second_stack_is_refused_while_one_process_lives(data: Path, state: State) -> None:
    write_state(state.having(me("kafka")))
    with pytest.raises(Refused, match=f"kafka {os.getpid()}.*kpk down"), only_one(data):
        pass


def test_a_second_stack_is_refused_while_the_first_is_being_started(data: Path) -> None:
    with only_one(data), pytest.raises(Refused, match="being started"), only_one(data):
        pass


def test_a_stack_whose_processes_are_gone_does_not_block(data: Path, state: State) -> None:
    write_state(state.having(replace(me(), started="another-boot/1")))
    with only_one(data):
        pass


def test_fresh_empties_our_own_folder(data: Path) -> None:
    (data / "kafka").mkdir()
    (data / "kafka" / "something").write_text("old")
    claim(data, fresh=True)
    assert not (data / "kafka").exists()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_strangers_folder_is_not_touched(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "thesis.txt").write_text("three years' work")
    with pytest.raises(Refused, match="holds something else"):
        claim(tmp_path, fresh)
    with pytest.raises(Refused, match="holds something else"), only_one(tmp_path):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_fresh_does_not_follow_a_link_out_of_the_folder(data: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "thesis.txt").write_text("three years' work")
    (data / "link").symlink_to(tmp_path / "outside")
    claim(data, fresh=True)
    assert (tmp_path / "outside" / "thesis.txt").exists()
    assert not (data / "link").is_symlink()


def test_ports_stay_the_same_and_may_be_named(data: Path) -> None:
    first = settled_ports(data, {}, ["kafka", "members"])
    assert settled_ports(data, {}, ["kafka", "members"]) == first
    named = free_port()
    assert settled_ports(data, {"members": named}, ["kafka", "members"]) == {**first, "members": named}
    with pytest.raises(Refused, match="no printer here"):
        settled_ports(data, {"printer": named}, ["kafka", "members"])
