"""What readers rely on stays: each breach is planted once, is named, and the message says what to do."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deploy.contract.__main__ import FOLDER, main
from deploy.contract.records import golden_in, unreadable
from deploy.contract.released import broken, grown, read_released
from deploy.contract.shape import Shape, shape_of
from shared.contracts.registry import READ_AS, decode
from shared.contracts.schemas import MODELS, schema_of
from shared.kernel.decider import Superseded

RELEASED = read_released(FOLDER / "released.json")
GOLDEN = golden_in(FOLDER / "records")
OPENED, FAILED = "kpk.members.SeatGroupOpened.v1", "kpk.notifications.NotificationFailed.v1"
QUEUED = "kpk.notifications.NotificationQueued.v1"
TEXT = {"type": "string"}

Plant = Callable[[Shape], Any]


@cache
def shapes_of_today() -> Mapping[str, Shape]:
    """Made by whoever runs these tests, not by everybody who collects them."""
    return {name: shape_of(schema_of(name)) for name in MODELS}


def problems(name: str, plant: Plant) -> list[str]:
    shapes = deepcopy(dict(shapes_of_today()))
    plant(shapes[name])
    return list(broken(RELEASED, shapes, GOLDEN))


def set_(path: str, **line: Any) -> Plant:
    return lambda shape: shape.update({path: {**shape.get(path, {}), **line}})


def without(path: str) -> Plant:
    return lambda shape: shape.pop(path)


BREACHES: list[tuple[str, Plant, str]] = [
    (OPENED, without("number"), "field number is removed or renamed"),
    (OPENED, set_("shelf", required=True, **TEXT), "field shelf is new and has no default"),
    (OPENED, set_("kind", enum=["delegated", "ex_officio", "elected"]), "takes elected now"),
    (OPENED, set_("kind", enum=["delegated"]), "has another enum"),
    (OPENED, set_("kind", open=True), "has another open"),
    (OPENED, set_("number", maximum=99), "has another maximum: 999 became 99"),
    (OPENED, set_("number", maximum=9999), "has another maximum: 999 became 9999"),
    (OPENED, set_("number", type="string"), "has another type"),
    (OPENED, set_("number", required=False, default=1), "has another default"),
    (OPENED, set_("name", nullable=True), "has another nullable"),
    (OPENED, set_("seats[]", pattern=".*"), "has another pattern"),
    ("kpk.funding.BudgetLineWarned.v1", set_("spent", **{"x-unit": "euros"}), 'x-unit: "cents" became "euros"'),
    ("kpk.meetings.SessionScheduled.v1", without("appointment.revision"), "appointment.revision is removed"),
    ("kpk.meetings.InvitationIssued.v1", set_("quorum", default=1), "has another default"),
    ("kpk.meetings.InvitationIssued.v1", set_("recipients[].deputy", required=True, **TEXT), "has no default"),
    (FAILED, set_("reason", enum=["rejected"]), "has another enum"),
    (QUEUED, without("content(welcome).since"), "content(welcome).since is removed"),
    (QUEUED, set_("content(welcome).until", required=True, **TEXT), "has no default"),
]
ALLOWED: list[tuple[str, Plant]] = [
    (OPENED, set_("shelf", required=False, default=None, **TEXT)),
    (OPENED, lambda shape: shape.update({"place": {"required": False}, "place.floor": {"required": True}})),
    (FAILED, lambda shape: shape["reason"]["enum"].append("eaten_by_dog")),
    (QUEUED, lambda shape: shape.update({"content(card).kind": {"required": True, "const": "card"}})),
]


@pytest.mark.parametrize(("name", "plant", "told"), BREACHES)
def test_a_planted_breach_is_named(name: str, plant: Plant, told: str) -> None:
    [problem] = problems(name, plant)
    assert problem.startswith(f"{name}: ") and told in problem
    assert "new version" in problem


@pytest.mark.parametrize(("name", "plant"), ALLOWED)
def test_what_readers_can_bear_is_allowed(name: str, plant: Plant) -> None:
    assert problems(name, plant) == []


def test_what_was_released_is_a_contract_for_ever() -> None:
    left = {name: shape for name, shape in shapes_of_today().items() if name != OPENED}
    [gone] = [one for one in broken(RELEASED, left, GOLDEN) if "is gone: keep its class" in one]
    assert gone.startswith(OPENED)


def test_a_type_without_a_golden_record_and_a_record_that_is_gone_or_another_are_named() -> None:
    kept = [one for one in GOLDEN if one.type != OPENED]
    assert [one.partition(":")[0] for one in broken(RELEASED, shapes_of_today(), kept)] == [
        OPENED,
        f"{OPENED} has no golden record",
    ]
    other = [replace(one, text=one.text + " ") if one.type == OPENED else one for one in GOLDEN]
    [problem] = broken(RELEASED, shapes_of_today(), other)
    assert "is another: bring it back" in problem


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_every_golden_record_is_read_and_would_be_written_as_it_is(golden: Any) -> None:
    assert list(unreadable(golden)) == []


def test_a_record_that_nobody_could_read_is_named() -> None:
    [opened] = [one for one in GOLDEN if one.type == OPENED]
    for spoil in (
        {"value": {**opened.record["value"], "number": "7"}},
        {"headers": {**opened.record["headers"], "ce_id": "7"}},
        {"value": dict(reversed(opened.record["value"].items()))},
    ):
        assert list(unreadable(replace(opened, text=json.dumps({**opened.record, **spoil}))))


def test_every_earlier_version_is_read_as_what_is_said_today() -> None:
    for golden in GOLDEN:
        name, _, version = golden.type.rpartition(".v")
        for earlier in range(1, int(version)):
            assert issubclass(MODELS[f"{name}.v{earlier}"], Superseded)
        if golden.type in READ_AS:
            assert type(decode(golden.type, golden.value)) is READ_AS[golden.type]
            assert not issubclass(READ_AS[golden.type], Superseded)


def test_the_lock_grows_with_what_is_added_and_never_loses_anything() -> None:
    shapes = deepcopy(dict(shapes_of_today()))
    set_("shelf", required=False, **TEXT)(shapes[OPENED])
    shapes["kpk.members.ShelfFilled.v1"] = {"shelf": TEXT}
    del shapes[FAILED]
    after = grown(RELEASED, {FAILED: {}, **shapes}, GOLDEN, "9.9.9")
    assert after[OPENED].since == RELEASED[OPENED].since and "shelf" in after[OPENED].fields
    assert after["kpk.members.ShelfFilled.v1"].since == "9.9.9"
    assert after[FAILED] == RELEASED[FAILED]


def test_no_commit_has_taken_anything_out_of_the_lock() -> None:
    history = ["git", "-C", str(FOLDER), "log", "--format=%H", "--", "released.json"]
    commits = subprocess.run(history, capture_output=True, text=True, check=False).stdout.split()
    for commit in commits:
        shown = ["git", "-C", str(FOLDER), "show", f"{commit}:./released.json"]
        told = json.loads(subprocess.run(shown, capture_output=True, text=True, check=True).stdout)
        for name, release in told.items():
            for path, line in release["fields"].items():
                now = RELEASED[name].fields[path]
                assert {**line, "enum": now.get("enum")} == {**now, "enum": now.get("enum")}, (commit, name, path)
            assert release["records"].items() <= RELEASED[name].records.items(), (commit, name)


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "contract"))


def test_the_files_are_those_that_the_code_makes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_the_check_fails_for_a_removed_record_a_stale_file_and_a_broken_contract(
    contract: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (contract / "schemas" / f"{OPENED}.json").write_text("{}")
    assert main(["--check"], contract) == 1
    assert f"{OPENED}.json" in capsys.readouterr().err
    released = json.loads((contract / "released.json").read_text())
    released[OPENED]["fields"]["shelf"] = {"required": True, **TEXT}
    (contract / "released.json").write_text(json.dumps(released))
    (contract / "records" / f"{OPENED}.json").unlink()
    for words in (["--check"], []):
        assert main(words, contract) == 1
        told = capsys.readouterr().err
        assert "field shelf is removed or renamed" in told and f"golden record {OPENED}.json is gone" in told
    assert (contract / "schemas" / f"{OPENED}.json").read_text() == "{}", "a broken contract is not written"
