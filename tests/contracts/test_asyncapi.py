"""One AsyncAPI document tells the whole house, and each service its own part of it; both start nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from deploy.contract.house import heard
from shared.contracts.asyncapi import types_on
from shared.contracts.registry import READ_AS, VERSIONS
from shared.contracts.schemas import MODELS
from shared.contracts.topics import SERVICES, TOPICS, events_of
from shared.declarations.service import Service
from shared.runtime.delivery.asyncapi import specification
from tests.kit.foreign import node_program
from tests.kit.patience import PROCESS_SECONDS

CONTRACT = Path(__file__).parents[2] / "contract"


def house() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((CONTRACT / "asyncapi.json").read_text())
    return told


def messages_of(operation: dict[str, Any]) -> set[str]:
    return {reference["$ref"].rpartition("/")[2] for reference in operation["messages"]}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_tells_what_it_hears_and_says(name: str) -> None:
    service: Service = import_module(f"services.{name}.service").SERVICE
    document = json.loads(specification(service, import_module(f"services.{name}.worker").subscribers))
    said: dict[str, Any] = {}
    hears: dict[str, Any] = {}
    for operation in document["operations"].values():
        topic = document["channels"][operation["channel"]["$ref"].rpartition("/")[2]]["address"]
        (said if operation["action"] == "send" else hears)[topic] = operation
    own = said.get(events_of(name).name)
    assert (messages_of(own) if own else set()) == {one for one in VERSIONS if one.startswith(f"kpk.{name}.")}
    assert hears.keys() <= set(service.topics)
    taken = {READ_AS[one] for operation in hears.values() for one in messages_of(operation) if one in READ_AS}
    assert taken == set(service.wanted)
    assert all(len(operation["description"]) > 40 for operation in hears.values()), "what a reader wants to know"


@pytest.mark.process
def test_it_is_printed_and_nothing_is_started() -> None:
    command = [sys.executable, "-m", "services.funding", "asyncapi"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=True)
    assert json.loads(done.stdout)["asyncapi"].startswith("3.")


def test_the_house_has_every_topic_and_every_type_with_an_example() -> None:
    told = house()
    assert {channel["address"] for channel in told["channels"].values()} == {
        topic.name for topic in TOPICS if types_on(topic)
    }
    assert told["components"]["messages"].keys() == MODELS.keys()
    for name, message in told["components"]["messages"].items():
        assert message["examples"], name
        assert message["x-since"], name
    hearing = {f"{one.service} hears {one.topic}" for one in heard() if one.types}
    assert hearing == {name for name, one in told["operations"].items() if one["action"] == "receive"}


def test_a_superseded_version_says_so() -> None:
    messages = house()["components"]["messages"]
    assert messages["kpk.members.ConferenceEstablished.v1"]["x-sunset"] == "2026-11-26"
    assert "x-deprecated" not in messages["kpk.members.ConferenceEstablished.v2"]


@pytest.mark.foreign
@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_parser_of_asyncapi_accepts_it_and_sees_what_is_wrong(tmp_path: Path) -> None:
    program = node_program(Path(__file__).with_name("foreign"))
    wrong = house()
    del wrong["channels"]["kpk.members.v1"]["messages"]["kpk.members.SeatGroupOpened.v1"]
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    assert parsed(program, CONTRACT / "asyncapi.json") == {"problems": [], "messages": len(MODELS)}
    assert parsed(program, tmp_path / "wrong.json")["problems"]


def parsed(program: Path, document: Path) -> dict[str, Any]:
    command = ["node", "parse.mjs", str(document)]
    done = subprocess.run(command, cwd=program, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_node_the_parser_is_skipped_and_in_ci_that_is_a_failure(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", ci)
    with pytest.raises((pytest.fail.Exception, pytest.skip.Exception), match="node is not installed") as ended:
        node_program(Path(__file__).with_name("foreign"))
    assert ended.type is outcome
