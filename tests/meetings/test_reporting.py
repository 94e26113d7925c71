"""To whom and how often is to be reported follows members' rules, whenever the conference was established."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.meetings.domain.committee_report import COMMITTEE_REPORT, SubmitReport, reporting_of
from services.meetings.reporting import Reports
from services.meetings.service import SERVICE as MEETINGS
from services.members.domain.conference import ChangeRules, CorrectConference, EstablishConference
from services.members.service import SERVICE as MEMBERS
from shared.kernel.decider import Command
from shared.kernel.rejections import Busy
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import SystemClock
from tests.kit.eventually import eventually
from tests.kit.projected import AwayAtFirst, Projected
from tests.kit.when import CONFERENCE, NOW, edge
from tests.kit.world import World
from tests.meetings.test_invitations_stay_true import Telling

ABOUT: dict[str, Any] = {"name": "K", "reference": "R", "office": "O", "committee": "C"}
TODAY = NOW.date()


async def established(world: World) -> Reports:
    await give(world, EstablishConference, **ABOUT, rules={})
    return Reports(Projected(world), Telling(world), SystemClock())


async def give(world: World, command: type[Command], **fields: Any) -> None:
    await world.give(MEMBERS, command.model_validate(edge(**fields)))


async def required(world: World) -> tuple[str, int, date] | None:
    reporting = await world.executors["meetings"].state(COMMITTEE_REPORT, reporting_of(CONFERENCE))
    told = reporting.required
    return (told.committee, told.report_months, told.due_on) if told else None


def length_of(world: World) -> int:
    return sum(key.projection == "obligations" for key in world.documents["meetings"])


async def test_a_conference_that_is_there_is_to_report_from_when_it_was_established() -> None:
    world = World()
    reports = await established(world)
    assert await required(world) is None
    await reports.look(NOW + timedelta(days=400))
    first = await required(world)
    assert first == ("C", 12, TODAY.replace(year=TODAY.year + 1))
    await reports.look(NOW + timedelta(days=401))
    assert await required(world) == first and length_of(world) == 1


async def test_a_conference_that_is_yet_to_be_rebuilt_waits_for_that_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    reports = await established(world)
    [conference] = [one for key, one in world.documents["meetings"].items() if key.projection == "conference"]
    since = conference.pop("established")
    assert await reports.look(NOW)
    assert await required(world) is None
    monkeypatch.setattr("services.meetings.reporting.AGAIN_SECONDS", 0.01)
    running = asyncio.create_task(reports.run(Nudge()))
    asyncio.get_running_loop().call_soon(conference.__setitem__, "established", since)  # behind the first look

    async def is_required() -> bool:
        return await required(world) is not None

    await eventually(is_required, "the report is required as soon as the conference is rebuilt")
    running.cancel()


async def test_what_is_away_or_busy_for_a_while_is_asked_again() -> None:
    world = World()
    await established(world)
    away = AwayAtFirst(world, [MongoUnavailable("away"), Busy()])
    changed = Nudge()
    with capture_logs() as logs:
        running = asyncio.create_task(Reports(away, Telling(world), SystemClock()).run(changed))

        async def is_required() -> bool:
            changed.give()
            return await required(world) is not None

        await eventually(is_required, "the report is required")
        running.cancel()
    assert [(line["log_level"], line["error"]) for line in logs] == [
        ("warning", MongoUnavailable.__name__),
        ("info", "Busy"),
    ]


async def test_other_rules_hold_from_their_day_and_another_name_at_once() -> None:
    world = World()
    reports = await established(world)
    await reports.look(NOW)
    since = TODAY + timedelta(days=100)
    await give(world, ChangeRules, rules={"report_months": 24}, since=since, reason="Beschluss")
    await reports.look(NOW + timedelta(days=99))
    assert await required(world) == ("C", 12, TODAY.replace(year=TODAY.year + 1))
    await reports.look(NOW + timedelta(days=100))
    assert await required(world) == ("C", 24, TODAY.replace(year=TODAY.year + 2))
    await give(world, CorrectConference, **{**ABOUT, "committee": "Gemeinderat"}, reason="Verschrieben")
    await reports.look(NOW + timedelta(days=101))
    assert await required(world) == ("Gemeinderat", 24, TODAY.replace(year=TODAY.year + 2))


async def test_a_report_is_taken_as_soon_as_it_is_known_to_whom() -> None:
    world = World()
    await (await established(world)).look(NOW)
    at: datetime = NOW + timedelta(days=30)
    submit = SubmitReport.model_validate(edge(at=at, on=at.date()))
    [submitted] = await world.give(MEETINGS, submit)
    assert submitted.model_dump()["committee"] == "C"
