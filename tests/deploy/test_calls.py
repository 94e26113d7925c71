"""`kpk` repeats what may be said twice while a service says that it is not ready, and for no longer than that."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.embedded.data_folder import claim
from deploy.embedded.state import State
from deploy.embedded.tokens import make_tokens
from deploy.kpk import calls
from deploy.kpk.calls import NotNow, Problem, call_until_ready
from tests.deploy.served import served

WHY = {"why": "Broker kam leer zurück"}


class Starting:
    """A service that gives these answers, one after the other, and the last one for ever."""

    def __init__(self, *answers: int) -> None:
        self.asked = 0
        starting = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(answers[min(starting.asked, len(answers) - 1)])
                starting.asked += 1
                self.send_header("retry-after", "0")
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        self.server = HTTPServer(("127.0.0.1", 0), Answering)


@pytest.fixture
def starting(request: pytest.FixtureRequest) -> Iterator[Starting]:
    one = Starting(*request.param)
    with served(one.server):
        yield one


@pytest.fixture
def where(tmp_path: Path, starting: Starting) -> State:
    data = tmp_path / "data"
    claim(data)
    make_tokens(data)
    urls = {"members": f"http://127.0.0.1:{starting.server.server_port}"}
    return State(str(data), "mongodb://here", "127.0.0.1:2", 3, "", str(data / "tokens.json"), urls)


@pytest.mark.parametrize("starting", [(503, 503, 200)], indirect=True)
def test_a_service_that_is_not_ready_is_asked_again(where: State, starting: Starting) -> None:
    assert call_until_ready(where, "members", "/admin/republish", WHY) == {}
    assert starting.asked == 3


@pytest.mark.parametrize("starting", [(422, 200)], indirect=True)
def test_a_refusal_is_none_to_repeat(where: State, starting: Starting) -> None:
    with pytest.raises(Problem):
        call_until_ready(where, "members", "/admin/republish", WHY)
    assert starting.asked == 1


@pytest.mark.parametrize("starting", [(503,)], indirect=True)
def test_one_that_does_not_get_ready_is_told(where: State, starting: Starting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "PATIENCE", -1.0)
    with pytest.raises(NotNow, match="503"):
        call_until_ready(where, "members", "/admin/republish", WHY)
    assert starting.asked == 1
