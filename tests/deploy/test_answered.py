"""`kpk send` names what it was answered lately by the same installation, and what is named by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from deploy.embedded.data_folder import claim
from deploy.embedded.state import State, write_state
from deploy.embedded.tokens import make_tokens
from deploy.kpk.commands import answered
from deploy.kpk.tools import app_for
from tests.deploy.served import served

APP = app_for(["send"])

GROUP, CLOSED = "stuttgart/working-group/care", ("members", "CloseWorkingGroup", "--working-group", "care")
INVITE = ("meetings", "IssueInvitation", "--session", "spring", "--reason", "null")


class Desk:
    """Answers like a service, the next sequence each time, and keeps what was named to it."""

    def __init__(self) -> None:
        self.named: list[list[str]] = []
        desk = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                desk.named.append(parse_qs(urlsplit(self.path).query).get("seen", []))
                told = json.dumps({"stream": GROUP, "sequence": len(desk.named), "events": []}).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        self.server = HTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    with served(desk.server):
        yield desk


@pytest.fixture
def data(tmp_path: Path, desk: Desk) -> Path:
    data = tmp_path / "data"
    claim(data)
    make_tokens(data)
    urls = {"members": desk.url, "meetings": desk.url}
    write_state(State(str(data), "mongodb://here", "127.0.0.1:2", 3, "", str(data / "tokens.json"), urls))
    return data


def send(data: Path, *words: str) -> None:
    done = CliRunner().invoke(APP, ["send", *words, "--conference", "stuttgart", "--data", str(data)])
    assert done.exit_code == 0, done.output


def test_the_last_answer_of_each_stream_is_named(data: Path, desk: Desk) -> None:
    send(data, *CLOSED)
    send(data, *CLOSED)
    send(data, *INVITE, "--seen", "stuttgart/seat-group/posts:4")
    assert desk.named == [[], [f"{GROUP}:1"], [f"{GROUP}:2", "stuttgart/seat-group/posts:4"]]


def test_what_was_answered_long_ago_is_not_named(data: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    send(data, *CLOSED)
    later = time.time() + answered.REMEMBERED_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    send(data, *INVITE)
    assert desk.named == [[], []]


def test_a_spoiled_memory_is_none(data: Path, desk: Desk) -> None:
    (data / "answered.json").write_text("{")
    send(data, *CLOSED)
    send(data, *INVITE)
    assert desk.named == [[], [f"{GROUP}:1"]]


@pytest.fixture
def settings(tmp_path: Path, data: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two profiles of the same services."""
    folder = tmp_path / "settings"
    folder.mkdir()
    urls = f'{{ members = "{desk.url}", meetings = "{desk.url}" }}'
    rows = [f'["{name}"]\ntokens = "{data / "tokens.json"}"\nurls = {urls}\n' for name in ("ulm", "../aalen")]
    (folder / "profiles.toml").write_text("\n".join(rows))
    monkeypatch.setenv("KPK_PROFILES", str(folder / "profiles.toml"))
    return folder


def send_to(profile: str, *words: str) -> str:
    done = CliRunner().invoke(APP, ["send", *words, "--conference", "stuttgart", "--profile", profile])
    assert done.exit_code == 0, done.output
    return done.stderr


def test_a_profile_remembers_its_own_answers_in_private(settings: Path, desk: Desk) -> None:
    send_to("ulm", *CLOSED)
    send_to("../aalen", *CLOSED)
    send_to("ulm", *INVITE)
    assert desk.named == [[], [], [f"{GROUP}:1"]]
    kept = sorted(file.name for file in settings.iterdir())
    assert kept == ["answered-..%2Faalen.json", "answered-ulm.json", "profiles.toml"]
    assert (settings / "answered-ulm.json").stat().st_mode & 0o077 == 0


def test_another_service_than_the_profiles_has_not_answered_what_the_profile_was(settings: Path, desk: Desk) -> None:
    send_to("ulm", *CLOSED)
    send_to("ulm", *INVITE, "--url", f"meetings={desk.url}")
    assert desk.named == [[], []]


def test_a_memory_that_cannot_be_kept_is_said_and_the_command_is_carried_out(settings: Path, desk: Desk) -> None:
    (settings / "answered-ulm.json").mkdir()
    assert f"name {GROUP}:1 by --seen" in send_to("ulm", *CLOSED)
    assert desk.named == [[]]
