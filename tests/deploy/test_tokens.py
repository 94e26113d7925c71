"""`kpk tokens`: who may call, and who may not any more. The services read what is written here."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.embedded import tokens
from deploy.embedded.data_folder import Refused
from deploy.embedded.tokens import (
    FIRST_DAYS,
    OF_A_CONFERENCE,
    ROLES,
    accounts_in,
    add,
    callers_file,
    make_tokens,
    read_tokens,
    revoke,
    rotate,
    tokens_file,
)
from deploy.kpk.tools import app_for
from shared.runtime.http.callers import Caller, Callers, hash_of, read_accounts

APP = app_for(["tokens"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_tokens(tmp_path)
    return tmp_path


def who(folder: Path, token: str) -> Caller | None:
    """As a service knows it."""
    return Callers(read_accounts(callers_file(folder))).who(token)


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def days_left(folder: Path, name: str) -> int:
    until = tokens.known(folder, name).until
    assert until
    return round((until - datetime.now(UTC)).total_seconds() / 86_400)


def test_tokens_are_made_once_and_only_hashes_are_handed_on(folder: Path) -> None:
    made, written = read_tokens(folder), callers_file(folder).read_bytes()
    make_tokens(folder)
    assert (read_tokens(folder), callers_file(folder).read_bytes()) == (made, written)
    assert (mode(tokens_file(folder)), mode(callers_file(folder))) == (0o600, 0o644)
    assert {name: who(folder, token) for name, token in made.items()} == {n: Caller(n, r) for n, r in ROLES.items()}
    assert not [token for token in made.values() if token.encode() in written]


def test_no_token_is_for_ever(folder: Path) -> None:
    add(folder, "ulm.import", "office", ["ulm"], 30)
    assert [days_left(folder, one.name) for one in accounts_in(folder)] == [FIRST_DAYS] * len(ROLES) + [30]


def test_a_conference_has_accounts_of_its_own(folder: Path) -> None:
    before = read_tokens(folder)
    make_tokens(folder, "bad-urach")
    assert {name: read_tokens(folder)[name] for name in before} == before
    own = {one.name: (one.role, set(one.conferences)) for one in accounts_in(folder) if one.name not in before}
    assert own == {f"bad-urach.{name}": (ROLES[name], {"bad-urach"}) for name in OF_A_CONFERENCE}


def test_files_from_before_go_on_and_their_tokens_end_some_day(tmp_path: Path) -> None:
    old = {name: f"token-of-{name}" for name in ROLES}
    rows: list[dict[str, Any]] = [{"name": n, "role": ROLES[n], "sha256": hash_of(old[n])} for n in ROLES]
    added = {"name": "city", "role": "office", "sha256": hash_of("city"), "conferences": ["ulm"]}
    tokens_file(tmp_path).write_text(json.dumps(old))
    callers_file(tmp_path).write_text(json.dumps([*rows, added]))
    assert who(tmp_path, "token-of-office") == Caller("office", "office")
    make_tokens(tmp_path)
    assert read_tokens(tmp_path) == old
    assert who(tmp_path, "city") == Caller("city", "office", frozenset({"ulm"})), "a row by hand stays"
    assert [one.until is not None for one in accounts_in(tmp_path)] == [True] * len(ROLES) + [False]


def test_a_token_that_was_replaced_by_hand_counts_from_the_next_start(folder: Path) -> None:
    tokens_file(folder).write_text(json.dumps({**read_tokens(folder), "office": "by-hand"}))
    make_tokens(folder)
    assert who(folder, "by-hand") == Caller("office", "office")


def test_an_added_account_is_known_by_its_token_alone(folder: Path) -> None:
    add(folder, "ulm.import", "office", ["ulm"], 30)
    assert who(folder, read_tokens(folder)["ulm.import"]) == Caller("ulm.import", "office", frozenset({"ulm"}))
    with pytest.raises(Refused, match=r"there is an account ulm\.import"):
        add(folder, "ulm.import", "admin", ["*"], 30)
    make_tokens(folder)
    assert who(folder, read_tokens(folder)["ulm.import"])


def test_what_is_revoked_stays_revoked(folder: Path) -> None:
    token = read_tokens(folder)["office"]
    revoke(folder, "office", "verloren")
    make_tokens(folder)
    assert who(folder, token) is None
    assert "office" not in read_tokens(folder)
    assert tokens.known(folder, "office").why == "verloren"
    with pytest.raises(Refused, match="no account nobody"):
        revoke(folder, "nobody", "-")


def test_a_rotated_account_has_another_token_and_nothing_else(folder: Path) -> None:
    before = read_tokens(folder)
    rotate(folder, "office", 10)
    after = read_tokens(folder)
    assert who(folder, before["office"]) is None
    assert who(folder, after["office"]) == Caller("office", "office")
    assert {**before, "office": after["office"]} == after
    assert days_left(folder, "office") == 10


def test_the_file_that_is_mounted_is_the_file_that_is_written(folder: Path) -> None:
    """A container has the file itself, not its name."""
    with callers_file(folder).open("rb") as mounted:
        add(folder, "ulm.import", "office", ["ulm"], 30)
        revoke(folder, "office", "verloren")
        rows = {row["name"]: row for row in json.loads(mounted.read())}
    assert rows["ulm.import"]["conferences"] == ["ulm"]
    assert rows["office"]["revoked"]


@pytest.mark.parametrize(("call", "torn"), [(1, 0), (1, 1), (2, 0), (2, 1), (2, 700)])
def test_a_change_that_a_crash_cut_short_is_finished(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: int, torn: int
) -> None:
    """In the first call room is made, with blanks; in the second it is written."""
    calls = count(1)

    def dies(handle: int, content: bytes, at: int) -> int:
        if next(calls) < call:
            return whole(handle, content, at)
        whole(handle, content[:torn], at)
        raise OSError

    whole = os.pwrite
    monkeypatch.setattr("os.pwrite", dies)
    with pytest.raises(OSError):  # noqa: PT011 - the crash has no words
        revoke(folder, "office", "verloren")
    monkeypatch.undo()
    assert tokens.known(folder, "office").revoked
    assert [one.name for one in read_accounts(callers_file(folder))] == list(ROLES)


@pytest.mark.parametrize("room", [0, 1, 50])
def test_on_a_full_disk_the_callers_stay_as_they_are_and_the_change_is_finished_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """A disk with room for a part of a write takes that part, and says so only by its number of bytes."""
    before = callers_file(folder).read_bytes()

    def fills(handle: int, content: bytes, at: int) -> int:
        return whole(handle, content[: max(0, len(before) + room - at)], at)

    whole = os.pwrite
    monkeypatch.setattr("os.pwrite", fills)
    with pytest.raises(OSError, match=callers_file(folder).name) as full:
        add(folder, "ulm.import", "office", ["ulm"], 30)
    assert full.value.errno == errno.ENOSPC
    assert callers_file(folder).read_bytes().rstrip() == before.rstrip()
    assert [one.name for one in read_accounts(callers_file(folder))] == list(ROLES)
    monkeypatch.undo()
    assert [one.name for one in accounts_in(folder)] == [*ROLES, "ulm.import"]
    assert who(folder, read_tokens(folder)["ulm.import"])


def test_a_file_that_is_not_valid_is_left_alone(folder: Path) -> None:
    callers_file(folder).write_text("[")
    with pytest.raises(Refused, match="no valid file of callers"):
        make_tokens(folder)
    with pytest.raises(Refused, match="no valid file of callers"):
        rotate(folder, "office", 1)
    assert callers_file(folder).read_text() == "["


# As it is said


def kpk(*words: str) -> str:
    told = CliRunner().invoke(APP, ["tokens", *words], env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.output
    return told.output


def test_the_list_tells_everything_but_the_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = ("--folder", str(folder))
    kpk("add", "ulm.import", "--role", "office", "--conference", "ulm", "--conference", "bad-urach", *where)
    kpk("revoke", "office-2", "--why", "verloren", *where)
    kpk("rotate", "admin", "--days", "1", *where)
    rows = {row["name"]: row for row in json.loads(kpk("list", "--json", *where))}
    assert rows["ulm.import"]["conferences"] == ["bad-urach", "ulm"]
    assert [rows[name]["state"] for name in ("office", "office-2", "admin")] == ["valid", "revoked", "valid"]
    assert rows["office-2"]["why"] == "verloren"
    monkeypatch.setenv("KPK_LANG", "de")
    shown = kpk("list", *where)
    assert "widerrufen" in shown
    assert "gültig bis" in shown
    for token in read_tokens(folder).values():
        assert token not in shown + json.dumps(rows)
        assert hash_of(token) not in shown + json.dumps(rows)


def test_the_older_way_to_make_them_stays(tmp_path: Path) -> None:
    kpk(str(tmp_path / "a"), "--conference", "ulm")
    kpk("make", str(tmp_path / "b"), "--conference", "ulm")
    assert read_tokens(tmp_path / "a").keys() == read_tokens(tmp_path / "b").keys() > ROLES.keys()


@pytest.mark.parametrize(
    "words",
    [
        ("add", "ulm.import", "--role", "office"),
        ("add", "ulm.import", "--role", "root", "--conference", "ulm"),
        ("add", "Frau Muster", "--role", "office", "--conference", "ulm"),
        ("add", "ulm.import", "--role", "office", "--conference", "Ulm"),
        ("add", "ulm.import", "--role", "office", "--conference", "ulm", "--days", "0"),
        ("add", "ulm.import", "--role", "office", "--conference", "ulm", "--days", "100000"),
        ("revoke", "office"),
        ("revoke", "office", "--why", ""),
        ("revoke", "office", "--why", "a\nb"),
    ],
)
def test_what_is_said_wrong_changes_nothing(folder: Path, words: tuple[str, ...]) -> None:
    before = callers_file(folder).read_bytes(), tokens_file(folder).read_bytes()
    told = CliRunner().invoke(APP, ["tokens", *words, "--folder", str(folder)])
    assert told.exit_code == 2
    assert (callers_file(folder).read_bytes(), tokens_file(folder).read_bytes()) == before


def test_without_accounts_it_says_how_to_make_some(tmp_path: Path) -> None:
    told = CliRunner().invoke(APP, ["tokens", "list", "--folder", str(tmp_path)])
    assert isinstance(told.exception, Refused)
    assert "kpk tokens make" in str(told.exception)
