"""What only an admin may do wants a reason: said, or asked for where somebody sits."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.embedded.data_folder import Refused
from deploy.embedded.state import State, write_state
from deploy.embedded.tokens import make_tokens
from deploy.kpk.tools import app_for
from shared.contracts.topics import SERVICES


@pytest.mark.parametrize(
    "words",
    [
        ("rebuild", "members", "seats"),
        ("republish", "members"),
        ("parked", "retry", "members", "kpk.members.v1:0:1"),
    ],
)
def test_without_a_reason_nothing_is_asked_of_a_service(tmp_path: Path, words: tuple[str, ...]) -> None:
    make_tokens(tmp_path)
    nowhere = dict.fromkeys(SERVICES, "http://127.0.0.1:1")
    write_state(State(str(tmp_path), "mongodb://here", "127.0.0.1:2", 3, "", str(tmp_path / "tokens.json"), nowhere))
    told = CliRunner().invoke(app_for(words), [*words, "--data", str(tmp_path)])
    assert isinstance(told.exception, Refused)
    assert "say --why REASON" in str(told.exception)
