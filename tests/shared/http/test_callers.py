"""Who calls is known by a token's hash; nobody is let in by default."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.runtime.http.callers import Caller, Callers, read_accounts


def account(said: str = "office-token", **other: Any) -> dict[str, Any]:
    told = {"name": "office", "role": "office", "sha256": hashlib.sha256(said.encode()).hexdigest()}
    return {**told, **other}


def read(folder: Path, content: object) -> Callers:
    file = folder / "callers.json"
    file.write_text(json.dumps(content))
    return Callers(read_accounts(file))


def test_a_token_names_its_caller(tmp_path: Path) -> None:
    callers = read(tmp_path, [account(), account("other-token", name="approver", role="approver")])
    assert callers.who("office-token") == Caller("office", "office")
    assert callers.who("other-token") == Caller("approver", "approver")


def test_an_account_acts_for_its_conferences_only(tmp_path: Path) -> None:
    callers = read(tmp_path, [account(conferences=["ulm"]), account("all-token", conferences=["*"])])
    ulm, operator = callers.who("office-token"), callers.who("all-token")
    assert ulm
    assert operator
    assert [ulm.acts_for(name) for name in ("ulm", "stuttgart", "*")] == [True, False, False]
    assert (ulm.acts_everywhere, operator.acts_everywhere, operator.acts_for("stuttgart")) == (False, True, True)


def test_a_file_from_before_conferences_were_named_goes_on_as_it_was(tmp_path: Path) -> None:
    caller = read(tmp_path, [account()]).who("office-token")
    assert caller
    assert caller.acts_everywhere


@pytest.mark.parametrize(
    ("ended", "known"),
    [
        ({"until": "2999-01-01T00:00:00.000Z"}, True),
        ({"until": "2024-01-01T00:00:00.000Z"}, False),
        ({"revoked": "2024-01-01T00:00:00.000Z"}, False),
        ({"until": "2999-01-01T00:00:00.000Z", "revoked": "2024-01-01T00:00:00.000Z"}, False),
    ],
)
def test_a_token_is_somebody_s_until_it_ends_or_is_revoked(tmp_path: Path, ended: dict[str, str], known: bool) -> None:
    assert (read(tmp_path, [account(**ended)]).who("office-token") is not None) == known


@pytest.mark.parametrize("token", ["", "OFFICE-TOKEN", "office-token ", "ä", account()["sha256"]])
def test_another_token_is_nobody(tmp_path: Path, token: str) -> None:
    assert read(tmp_path, [account()]).who(token) is None


def test_without_accounts_everybody_is_nobody(tmp_path: Path) -> None:
    assert read(tmp_path, []).who("") is None


@pytest.mark.parametrize(
    "content",
    [
        {},
        [account(role="root")],
        [account(name="Frau Muster")],
        [account(sha256="office-token")],
        [account(sha256=account()["sha256"].upper())],
        [account(password="x")],
        [account(conferences=["Stuttgart"])],
        [account(conferences="stuttgart")],
        [account(until="2999-01-01")],
        [account(until="never")],
        [account(), account(name="admin", role="admin")],
        [{"name": "office", "role": "office"}],
    ],
)
def test_a_wrong_file_lets_nobody_in(tmp_path: Path, content: object) -> None:
    with pytest.raises(ValidationError):
        read(tmp_path, content)


def test_no_file_is_no_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        read_accounts(tmp_path / "nowhere.json")
