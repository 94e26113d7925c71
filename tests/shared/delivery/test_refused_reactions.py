"""What follows by itself and is refused is an event and an open point of the office, once, until it is settled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from services.meetings.app import build
from services.meetings.domain.recommendation import DraftRecommendation, SubmitRecommendation
from services.meetings.domain.recommendation_adoption import AdoptRecommendation
from services.meetings.domain.session import SESSION
from services.meetings.service import OPEN_POINTS as MEETINGS_POINTS
from services.meetings.service import SERVICE as MEETINGS_SERVICE
from services.notifications.service import OPEN_POINTS as NOTIFICATIONS_POINTS
from shared.contracts.meetings import ConsensusRecorded
from shared.contracts.meetings import ReactionRefused as Refused
from shared.contracts.members import ConferenceEstablished, RulesOfProcedure
from shared.contracts.open_points import RefusedReaction
from shared.contracts.registry import NAMES
from shared.contracts.topics import SERVICES
from shared.declarations.open_points import (
    OpenPointIsSettled,
    OpenPointUnknown,
    RecordReactionRefusal,
    SettleOpenPoint,
)
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id, kind_of
from shared.runtime.commands.commit import Commit, Hash
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.following import follow, refusal_in
from shared.runtime.delivery.stores import POSITIONS
from shared.runtime.link_settings import LinkSettings
from shared.runtime.mongo.driver import Database, MongoUnavailable
from shared.runtime.process import Process
from tests.kit.eventually import eventually
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, edge, person
from tests.meetings.stuttgart import SCHEDULED
from tests.shared.members_service import bearer, callers_file
from tests.shared.seat_groups import commit, record
from tests.shared.small_service import MEETINGS, Place, working

POINT = person(1)
WHERE = f"{CONFERENCE}/session/first"
TOLD = {
    "point": POINT,
    "reaction": "act",
    "reacted_to": f"{WHERE}:1",
    "command": "Act",
    "about": WHERE,
    "rule": "NotAllowed",
}
ESTABLISHED = ConferenceEstablished(
    name="Konferenz", reference="GRDrs", office="Amt", committee="SGA", rules=RulesOfProcedure()
)


@pytest.mark.parametrize(
    "decider", [MEETINGS_POINTS.decider, NOTIFICATIONS_POINTS.decider], ids=["meetings", "notifications"]
)
def test_a_refusal_is_recorded_once_and_settled_once(decider: Decider[Any, Any, Any]) -> None:
    refused, settled = (cast("Any", event) for event in decider.events)
    given, known = given_of(decider), refused(**TOLD)
    record_it, settle = RecordReactionRefusal(**edge(**TOLD)), SettleOpenPoint(**edge(point=POINT, reason="nachgeholt"))
    over, otherwise = settled(point=POINT, reason="nachgeholt"), settle.model_copy(update={"reason": "anders"})
    given().when(record_it).then(known)
    given(known).when(record_it.model_copy(update={"rule": "AnotherRule"})).then_nothing()
    given(known, over).when(record_it).then_nothing()
    given().when(settle).rejected(OpenPointUnknown, point=POINT)
    given(known).when(settle).then(over)
    given(known, over).when(otherwise).rejected(OpenPointIsSettled, point=POINT)


@pytest.mark.parametrize("name", SERVICES)
def test_whoever_acts_by_itself_has_open_points_and_reacts_to_none(name: str) -> None:
    service = import_module(f"services.{name}.service").SERVICE
    acts = bool(service.reactions or service.deadlines)
    assert (RecordReactionRefusal in service.decided_by) == acts == (SettleOpenPoint.__name__ in service.given)
    own = [event for one in service.projections for event in one.events if NAMES[event].split(".")[1] == name]
    shown = [event for event in own if issubclass(event, RefusedReaction)]
    assert len(shown) == acts
    assert not any(issubclass(event, RefusedReaction) for one in service.reactions for event in one.events)


@pytest.fixture
async def meetings(place: Place, tmp_path: Path) -> AsyncIterator[Place]:
    place.name = "meetings"
    callers_file(tmp_path)
    await without_a_group(place)
    yield place
    await without_a_group(place)


async def without_a_group(place: Place) -> None:
    """What other tests have read on this broker is not read by the database of this one."""
    admin = AdminClient({"bootstrap.servers": place.bootstrap})
    if "meetings" in {one.group_id for one in (await asyncio.to_thread(admin.list_consumer_groups().result, 20)).valid}:
        for answer in admin.delete_consumer_groups(["meetings"]).values():
            await asyncio.to_thread(answer.result, 20)


def process_at(place: Place, folder: Path) -> Process:
    settings = LinkSettings(
        mongo_uri=SecretStr(place.mongo_uri),
        mongo_database=place.database.name,
        kafka_bootstrap=place.bootstrap,
        http_port=0,
        callers_file=folder / "callers.json",
    )
    return build(settings, "all")


async def ask(process: Process, method: str, path: str, conference: str = CONFERENCE, **body: Any) -> Response:
    headers = {**bearer("office"), "idempotency-key": uuid4().hex}
    asked = {"json": {"conference": conference, **body}} if body else {"params": {"conference": conference}}
    async with AsyncClient(transport=ASGITransport(process.app), base_url="http://meetings") as client:
        return await client.request(method, path, headers=headers, **asked)


async def open_points(process: Process, conference: str = CONFERENCE) -> list[dict[str, Any]]:
    answer = await ask(process, "GET", "/open-points", conference)
    return answer.json()["items"]  # type: ignore[no-any-return]


async def shows(process: Process, number: int) -> None:
    async def does() -> bool:
        return len(await open_points(process)) == number

    await eventually(does, f"{number} open points", 30)


async def refusals(process: Process, point: str) -> list[str]:
    commits = await process.journal.read(f"{CONFERENCE}/open-point/{point}")
    return [event.type for one in commits for event in one.events]


@pytest.mark.infra
async def test_a_refused_reaction_is_one_event_and_one_open_point(meetings: Place, tmp_path: Path) -> None:
    stream = f"{CONFERENCE}/{SESSION.kind}/{uuid4().hex}"
    agreed = ConsensusRecorded(session="first", item=1, recommendation="unknown", present=3)
    await meetings.publish(record(1, ESTABLISHED, f"{CONFERENCE}/conference/{CONFERENCE}"))
    async with working(process_at(meetings, tmp_path)) as process:
        await eventually(lambda: process.prepared, "it is prepared", 30)
        for sequence, event in enumerate((SCHEDULED, agreed), start=1):
            await process.journal.append(commit(sequence, event, stream))
        await shows(process, 1)
    await meetings.database[POSITIONS].delete_many({})
    async with working(process_at(meetings, tmp_path)) as process:
        await eventually(lambda: process.prepared and process.listener.connected, "it listens", 30)
        await process.maintenance.read_again(MEETINGS.name)
        await eventually(lambda: process.positions.reached(stream, 2, 0), "it is taken again", 30)
        [point] = await open_points(process)
        said = [one.stream async for one, _ in process.journal.commits() if kind_of(one.stream) != "committee-report"]
        assert len(said) == 3, "the session's two events, and one refusal"
        assert await refusals(process, point["point"]) == ["kpk.meetings.ReactionRefused.v1"]
        assert (point["reaction"], point["rule"]) == ("adopt-recommendation", "RecommendationUnknown")
        assert (point["reacted_to"], point["command"]) == (f"{stream}:2", "AdoptRecommendation")
        assert point["sentence"] == "Eine Empfehlung „–“ liegt nicht vor."
        assert stream not in {row["stream"] for row in await process.parked.overview()}, "a refusal parks nothing"
        told = {"point": point["point"], "reason": "in der nächsten Sitzung vorgelegt"}
        assert (await ask(process, "POST", "/commands/SettleOpenPoint", **told)).status_code == 200
        await shows(process, 0)


ADOPT = AdoptRecommendation(**edge(recommendation="a", session="first", how="consensus", by="reaction"))
DRAFT = DraftRecommendation(**edge(recommendation="a", working_group="ag-a", title="Wohnen"))
SUBMIT = SubmitRecommendation(**edge(recommendation="a", session="first"))
REQUEST = Request("reaction:one")


class FailsOnce(Journal):
    """The first insert is lost with the line to the database."""

    has_failed = False

    async def append(self, commit: Commit) -> Hash:
        if not self.has_failed:
            self.has_failed = True
            raise MongoUnavailable
        return await super().append(commit)


async def executor(database: Database, kind: type[Journal] = Journal) -> Executor:
    journal = kind(database["journal"])
    await journal.prepare()
    return Executor(journal, MEETINGS_SERVICE.decided_by, lambda: None)


async def types(database: Database) -> list[str]:
    commits = [commit async for commit, _ in Journal(database["journal"]).commits()]
    return sorted(event.type.split(".")[2] for commit in commits for event in commit.events)


@pytest.mark.infra
async def test_what_was_refused_is_not_executed_later(database: Database) -> None:
    """The office may have done by hand what is still wanted."""
    own = await executor(database)
    refused = await follow(own, ADOPT, REQUEST, "adopt", f"{WHERE}:1")
    assert refusal_in(refused) == Refused(
        point=derived_id("refusal", REQUEST.id),
        reaction="adopt",
        reacted_to=f"{WHERE}:1",
        command="AdoptRecommendation",
        about=ADOPT.stream,
        rule="RecommendationUnknown",
    )
    for number, command in enumerate((DRAFT, SUBMIT)):
        await own.execute(command, Request(f"office:{number}"))
    again = await follow(own, ADOPT, REQUEST, "adopt", f"{WHERE}:1")
    assert again.replayed and refusal_in(again) == refusal_in(refused)
    assert await types(database) == ["ReactionRefused", "RecommendationDrafted", "RecommendationSubmitted"]


@pytest.mark.infra
async def test_what_was_executed_is_not_refused_later(database: Database) -> None:
    own = await executor(database)
    for number, command in enumerate((DRAFT, SUBMIT)):
        await own.execute(command, Request(f"office:{number}"))
    assert refusal_in(await follow(own, ADOPT, REQUEST, "adopt", f"{WHERE}:1")) is None
    otherwise = ADOPT.model_copy(update={"session": "second"})
    assert refusal_in(await follow(own, otherwise, REQUEST, "adopt", f"{WHERE}:1")) is None
    assert "ReactionRefused" not in await types(database)


@pytest.mark.infra
async def test_however_often_and_wherever_it_is_tried_it_is_refused_once(database: Database) -> None:
    workers = [await executor(database) for _ in range(8)]
    answers = await asyncio.gather(*(follow(one, ADOPT, REQUEST, "adopt", f"{WHERE}:1") for one in workers))
    assert len({str(refusal_in(answer)) for answer in answers}) == 1
    assert await types(database) == ["ReactionRefused"]


@pytest.mark.infra
async def test_a_refusal_that_could_not_be_recorded_is_recorded_when_it_is_tried_again(database: Database) -> None:
    own = await executor(database, FailsOnce)
    with pytest.raises(MongoUnavailable):
        await follow(own, ADOPT, REQUEST, "adopt", f"{WHERE}:1")
    assert await types(database) == []
    await follow(own, ADOPT, REQUEST, "adopt", f"{WHERE}:1")
    assert await types(database) == ["ReactionRefused"]
