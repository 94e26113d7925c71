"""Who is added or revoked in the file of callers needs no restart; a file that cannot be read lets nobody in."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.runtime.access import WrongAccess
from shared.runtime.http import callers_file
from shared.runtime.http.callers_file import CallersFile
from shared.runtime.http.problems import Refused
from shared.runtime.observing.alarms import Alarms
from shared.runtime.observing.metrics import Counters
from tests.kit.eventually import eventually
from tests.shared.http.test_callers import account

OFFICE, IMPORT = account(), account("import-token", name="ulm.import", conferences=["ulm"])


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers_file, "LOOK_SECONDS", 0.0)


@pytest.fixture
def alarms() -> Alarms:
    return Alarms(Counters("members"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "callers.json"
    file.write_text(json.dumps([OFFICE]))
    return file


def in_place(file: Path, content: str) -> None:
    file.write_text(content)


def by_rename(file: Path, content: str) -> None:
    other = file.with_suffix(".other")
    other.write_text(content)
    other.replace(file)


def by_another_folder(file: Path, content: str) -> None:
    """As Kubernetes puts a new version of a secret in place: the path leads to another folder."""
    folder = file.with_suffix(".folder")
    folder.mkdir()
    (folder / "callers.json").write_text(content)
    file.unlink()
    file.symlink_to(folder / "callers.json")


@pytest.mark.parametrize("replaced", [in_place, by_rename, by_another_folder])
def test_however_the_file_is_replaced_it_is_seen(file: Path, alarms: Alarms, replaced: Any) -> None:
    callers = CallersFile(file, alarms)
    assert callers.who("office-token")
    assert callers.who("import-token") is None
    replaced(file, json.dumps([IMPORT]))
    assert callers.who("office-token") is None
    known = callers.who("import-token")
    assert known
    assert known.conferences == {"ulm"}


def test_each_change_is_a_line_that_names_the_account_and_no_token(file: Path, alarms: Alarms) -> None:
    callers = CallersFile(file, alarms)
    revoked = {**OFFICE, "revoked": "2026-11-26T00:00:00.000Z", "why": "verloren"}
    with capture_logs() as lines:
        changed = {**IMPORT, "role": "admin"}
        for rows in ([OFFICE, IMPORT], [revoked, IMPORT], [revoked, IMPORT], [revoked, changed], []):
            file.write_text(json.dumps(rows))
            callers.look()
    assert [(line["account"], line["what"], line["why"]) for line in lines] == [
        ("ulm.import", "added", None),
        ("office", "revoked", "verloren"),
        ("ulm.import", "changed", None),
        ("office", "removed", None),
        ("ulm.import", "removed", None),
    ]
    assert OFFICE["sha256"] not in str(lines)


@pytest.mark.parametrize("broken", ["", "[", json.dumps([{**OFFICE, "role": "root"}]), None])
def test_a_file_that_cannot_be_read_lets_nobody_in_and_says_so(
    file: Path, alarms: Alarms, broken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers = CallersFile(file, alarms)
    if broken is None:
        file.unlink()
    else:
        file.write_text(broken)
    assert callers.who("office-token"), "it may be in the middle of being written"
    monkeypatch.setattr(callers_file, "STANDS_SECONDS", 0.0)
    for token in ("office-token", "other"):
        with pytest.raises(Refused) as refused:
            callers.who(token)
        assert (refused.value.status, refused.value.rule) == (503, "CallersUnknown")
    assert alarms.sentences() == [callers_file.UNREADABLE]
    file.write_text(json.dumps([OFFICE]))
    assert callers.who("office-token")
    assert alarms.sentences() == []


@pytest.mark.parametrize("broken", ["", "\ufeff[]", "{}", None])
def test_a_service_that_cannot_read_it_says_which_file_that_is(file: Path, alarms: Alarms, broken: str | None) -> None:
    if broken is None:
        file.unlink()
    else:
        file.write_text(broken)
    with pytest.raises(WrongAccess, match=f"callers_file {file} cannot be read"):
        CallersFile(file, alarms)


async def test_the_alarm_waits_for_nobody_who_calls(
    file: Path, alarms: Alarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers_file, "STANDS_SECONDS", 0.0)
    looking = asyncio.create_task(CallersFile(file, alarms).keep_looking())
    in_place(file, "[")
    await eventually(alarms.sentences, "the alarm stands")
    looking.cancel()
