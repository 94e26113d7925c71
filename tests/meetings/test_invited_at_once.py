"""Appointed and invited at once: two services in processes of their own, on real servers, over HTTP.

Whoever was on the topic or is named is invited; nobody else is, whatever has not arrived yet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from services.meetings.app import build as meetings
from services.members.app import build as members
from shared.runtime.delivery import arrivals
from shared.runtime.link_settings import LinkSettings
from shared.runtime.process import Process
from tests.kit.eventually import eventually
from tests.kit.patience import be_patient
from tests.kit.when import CONFERENCE, person
from tests.shared.members_service import bearer, callers_file
from tests.shared.small_service import working

pytestmark = [pytest.mark.infra, pytest.mark.timeout(300)]

DETAILS = {"name": "Eva Müller", "salutation": "Guten Tag", "email": "eva@example.org", "postal_address": None}
PAPER = {"name": "Konferenz", "reference": "GRDrs 905/2023", "office": "Büro", "committee": "SGA", "rules": {}}
TIMES = {"starts": "2099-06-10T14:00:00Z", "ends": "2099-06-10T16:00:00Z", "place": "Rathaus"}
AGENDA = [{"number": 1, "title": "Begrüßung", "public": True}]
SEATS = 12


@dataclass
class Office:
    """Speaks to a process that only answers; the workers are others."""

    members: AsyncClient
    meetings: AsyncClient
    founded: str = field(default="", init=False)

    async def give(
        self, service: str, command: str, /, seen: Iterable[str] = (), key: str = "", as_: str = "office", **fields: Any
    ) -> Response:
        return await getattr(self, service).post(  # type: ignore[no-any-return]
            f"/commands/{command}",
            params={"seen": list(seen)},
            json={"conference": CONFERENCE, **fields},
            headers={**bearer(as_), "idempotency-key": key or uuid4().hex},
        )

    async def does(self, service: str, command: str, /, seen: Iterable[str] = (), **fields: Any) -> str:
        """Where it stands afterwards."""
        answer = await self.give(service, command, seen, **fields)
        assert answer.status_code == 200, answer.text
        return f"{answer.json()['stream']}:{answer.json()['sequence']}"

    async def found(self) -> None:
        self.founded = await self.does("members", "EstablishConference", **PAPER)
        group: dict[str, Any] = {"group": "posts", "number": 1, "name": "Ämter", "kind": "ex_officio", "seats": SEATS}
        await self.does("members", "OpenSeatGroup", **group)

    async def seats(self, number: int) -> str:
        await self.does("members", "RecordPerson", person=person(number), details=DETAILS)
        about = {"group": "posts", "seat": f"posts-{number}", "person": person(number), "since": "2024-01-01"}
        return await self.does("members", "ChangePostHolder", **about)

    async def plans(self, session: str, working_group: str | None = None, named: Iterable[str] = ()) -> dict[str, Any]:
        """What the invitation to it asks for."""
        kind = "working_group" if working_group else "plenary"
        about: dict[str, Any] = {
            "session": session,
            "kind": kind,
            "working_group": working_group,
            "title": session,
            **TIMES,
        }
        await self.does("meetings", "ScheduleSession", [self.founded, *named], **about)
        await self.does("meetings", "ChangeAgenda", session=session, agenda=AGENDA)
        return {"session": session, "reason": None}

    async def lists(self, service: str, path: str, seen: str, **query: str) -> list[dict[str, Any]]:
        asked = {"conference": CONFERENCE, "seen": seen, **query}
        answer = await getattr(self, service).get(path, params=asked, headers=bearer("office"))
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def asks(self, path: str) -> Response:
        return await self.meetings.get(path, params={"conference": CONFERENCE}, headers=bearer("office"))


def invited(answer: Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    [event] = answer.json()["events"]
    return {to["person"] for to in event["data"]["recipients"]}


def people(*numbers: int) -> set[str]:
    return {person(number) for number in numbers}


def says(answer: Response, status: int, rule: str) -> str:
    assert (answer.status_code, answer.json()["type"]) == (status, rule), answer.text
    return str(answer.json()["detail"])


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture
async def office(mongod: Mongod, own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Office]:
    own = uuid4().hex[:12]

    def settings(service: str) -> LinkSettings:
        return LinkSettings(
            mongo_uri=SecretStr(mongod.uri),
            mongo_database=f"test_{service}_{own}",
            kafka_bootstrap=own_kafka.bootstrap,
            http_port=0,
            callers_file=callers_file(tmp_path),
        )

    async with AsyncExitStack() as stack:
        desks = {}
        for name, build in (("members", members), ("meetings", meetings)):
            edge: Process = build(settings(name), "api")
            await edge.prepare()
            stack.push_async_callback(edge.close)
            transport = ASGITransport(edge.app, raise_app_exceptions=False)
            desks[name] = await stack.enter_async_context(AsyncClient(transport=transport, base_url="http://test"))
            await stack.enter_async_context(working(build(settings(name), "worker")))
        office = Office(**desks)
        await office.found()
        yield office


async def test_whoever_is_named_is_invited_and_a_working_group_is_not_the_plenary(office: Office) -> None:
    wanted: set[str] = set()
    for number in range(1, 9):
        seen, plan = [await office.seats(number)], await office.plans(f"p-{number}")
        wanted |= people(number)
        assert invited(await office.give("meetings", "IssueInvitation", seen, **plan)) == wanted
    for number in range(1, 9):
        group = f"group-{number}"
        await office.does("members", "EstablishWorkingGroup", working_group=group, name=group, topics=[])
        about = {"working_group": group, "person": person(number), "seat": f"posts-{number}"}
        seen = [await office.does("members", "JoinWorkingGroup", **about)]
        plan = await office.plans(f"g-{number}", group, seen)
        assert invited(await office.give("meetings", "IssueInvitation", seen, **plan)) == people(number)
    unknown: dict[str, Any] = {"session": "nobody", "kind": "working_group", "working_group": "unheard-of", **TIMES}
    never = await office.give("meetings", "ScheduleSession", title="nobody", **unknown)
    assert "unheard-of" in says(never, 404, "WorkingGroupUnknown")
    missing: dict[str, Any] = {"session": "never-planned", "reason": None}
    says(await office.give("meetings", "IssueInvitation", **missing), 404, "SessionUnknown")
    says(await office.asks("/sessions/never-planned/left-out"), 404, "SessionUnknown")


async def test_whoever_has_a_seat_on_the_day_of_the_session_is_invited(office: Office) -> None:
    """Today is years before the session: one goes before it, one comes before it, and one only after it."""
    seen = []
    for number, seat, since, until in (
        (1, 1, "2024-01-01", "2098-12-31"),
        (2, 1, "2099-01-01", None),
        (3, 2, "2024-01-01", "2099-12-31"),
        (4, 2, "2100-01-01", None),
    ):
        await office.does("members", "RecordPerson", person=person(number), details=DETAILS)
        about: dict[str, Any] = {"group": "posts", "seat": f"posts-{seat}", "since": since, "until": until}
        seen.append(await office.does("members", "ChangePostHolder", **about, person=person(number)))
    await office.does("members", "RecordPerson", person=person(9), details=DETAILS)
    deputy: dict[str, Any] = {"group": "posts", "seat": "posts-1", "person": person(9), "since": "2099-01-01"}
    seen.append(await office.does("members", "AppointDeputy", **deputy))
    plan = await office.plans("by-date")
    assert invited(await office.give("meetings", "IssueInvitation", seen[-1:], **plan)) == people(2, 3)
    for day, sitting in (("2026-01-01", {1: 1, 2: 3}), ("2099-06-10", {1: 2, 2: 3}), ("2100-06-10", {1: 2, 2: 4})):
        expected = {f"posts-{seat}": person(number) for seat, number in sitting.items()}
        told = await office.lists("members", "/roster", seen[-1], on=day)
        assert {one["seat"]: one["person"] for one in told if one["person"]} == expected
        [group] = await office.lists("meetings", "/roster", seen[-1], on=day)
        assert {one["seat"]: one["person"] for one in group["seats"] if one["person"]} == expected
        stands_in = {one["seat"]: one["deputy"]["person"] for one in told if one["deputy"]}
        assert stands_in == {one["seat"]: one["deputy"] for one in group["seats"] if one["deputy"]}
        vacant = await office.lists("members", "/vacancies", seen[-1], on=day)
        assert {one["seat"] for one in vacant} == {f"posts-{number}" for number in range(3, SEATS + 1)}
    nobody = await office.lists("members", "/roster", seen[-1], on="2026-01-01", known_on="2020-01-01")
    assert nobody == [], "in those days the group was not known"
    history = await office.lists("members", "/seats/posts-1/history", seen[-1])
    assert [(one["role"], one["person"], one["until"]) for one in history] == [
        ("principal", person(1), "2098-12-31"),
        ("principal", person(2), None),
        ("deputy", person(9), None),
    ]


@pytest.mark.long
async def test_without_a_broker_an_invitation_waits_unless_it_is_wanted_as_known(
    office: Office, own_kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [await office.seats(1)]
    first, second, third = [await office.plans(name) for name in ("first", "second", "third")]
    assert invited(await office.give("meetings", "IssueInvitation", seen, key="first", **first)) == people(1)
    await own_kafka.stop()
    monkeypatch.setattr(arrivals, "WITHIN", 0.3)
    newcomer = await office.seats(2)
    detail = says(await office.give("meetings", "IssueInvitation", key="second", **second), 503, "NotUpToDate")
    assert "Kafka" in detail and "as_known" in detail
    again = await office.give("meetings", "IssueInvitation", key="first", **first)
    assert (again.headers["idempotent-replayed"], invited(again)) == ("true", people(1))
    known = await office.give("meetings", "IssueInvitation", as_known=True, **third)
    assert invited(known) == people(1)
    assert seen[0] in known.json()["events"][0]["data"]["known_up_to"]
    assert "known_up_to" not in again.json()["events"][0]["data"]
    await own_kafka.start()
    be_patient(monkeypatch)

    async def is_taken() -> Response | None:
        """A broker that is back answers not at once."""
        answer = await office.give("meetings", "IssueInvitation", [newcomer], key="second", **second)
        return answer if answer.status_code != 503 else None

    late = await eventually(is_taken, "the broker is heard again", 60)
    assert late
    assert invited(late) == people(1, 2)
    for name in ("first", "second", "third"):
        await eventually(lambda name=name: _is_invited(office, name, 1, 2), "who was left out is invited", 30)  # type: ignore[misc]
    assert await _told(office, "first") == [("InvitationIssued", people(1)), ("InvitationExtended", people(2))]
    assert await _told(office, "second") == [("InvitationIssued", people(1, 2))]


async def test_what_becomes_true_after_the_invitation_reaches_those_concerned_by_itself(office: Office) -> None:
    """Appointed, ended, followed on a seat and erased, for the plenary and a working group: nobody else is told."""
    seen = [await office.seats(number) for number in (1, 2, 3)]
    await office.does("members", "EstablishWorkingGroup", working_group="care", name="Pflege", topics=[])
    joined = await office.does("members", "JoinWorkingGroup", working_group="care", person=person(1), seat="posts-1")
    plenary, group = await office.plans("plenary"), await office.plans("group", "care", [joined])
    await office.does("meetings", "IssueInvitation", seen, **plenary)
    await office.does("meetings", "IssueInvitation", [joined], **group)
    about = {"group": "posts", "seat": "posts-2"}
    await office.does("members", "EndMandate", **about, until="2024-02-01", reason="recalled")
    await office.seats(4)
    await office.does("members", "JoinWorkingGroup", working_group="care", person=person(4), seat="posts-4")
    await office.does("members", "ErasePerson", as_="admin", person=person(3))
    await eventually(lambda: _is_invited(office, "plenary", 1, 4), "the plenary's invitation is true", 30)
    await eventually(lambda: _is_invited(office, "group", 1, 4), "the group's invitation is true", 30)
    first, *later = await _told(office, "plenary")
    assert first == ("InvitationIssued", people(1, 2, 3))
    told = {kind: set[str]().union(*(who for one, who in later if one == kind)) for kind, _ in later}
    assert told == {"InvitationExtended": people(4), "InvitationWithdrawn": people(2)}
    assert await _told(office, "group") == [("InvitationIssued", people(1)), ("InvitationExtended", people(4))]
    for name in ("plenary", "group"):
        assert (await office.asks(f"/sessions/{name}/left-out")).json()["items"] == []


async def _is_invited(office: Office, session: str, *numbers: int) -> bool:
    shown = (await office.asks(f"/sessions/{session}")).json()
    return {one["person"] for one in shown["recipients"]} == people(*numbers)


async def _told(office: Office, session: str) -> list[tuple[str, set[str]]]:
    """By the journal who was told of what."""
    answer = await office.asks(f"/streams/{CONFERENCE}/session/{session}")
    return [
        (event["type"].split(".")[2], {to["person"] for to in event["data"]["recipients"]})
        for event in answer.json()["items"]
        if "recipients" in event["data"]
    ]
