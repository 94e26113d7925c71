"""A roster over HTTP: all of it or nothing, continued where it broke off, and of one conference alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from deploy.embedded.mongod import Mongod
from services.members.domain.conference import EstablishConference
from services.members.domain.mandate_corrections import WithdrawMandate
from services.members.domain.seat_group import SEAT_GROUP, OpenSeatGroup
from services.members.people import People
from services.members.roster.sheet import LARGEST_FILE
from shared.contracts.occupancies import Seats
from shared.kernel.decider import Command
from shared.kernel.rejections import Busy
from shared.runtime.commands.execute import Answer, Executor, Request
from shared.runtime.mongo.driver import MongoUnavailable
from tests.kit.when import CONFERENCE, NOW, edge
from tests.shared.http.test_http import is_problem
from tests.shared.members_service import ESTABLISHED, Service

pytestmark = pytest.mark.infra

ROSTER = """Mitglieder der Pflegekonferenz;;;;;;
Nr.;Funktion;Name;E-Mail;Entsendende Stelle;von;bis
9;;Eva Höh;eva@example.org;Klinik Nord;1.11.2023;
9;;Ida Müller;;Klinik Süd;1.11.2023;31.12.2024
31;;Ute Maß;ute@example.org;;1.1.2024;
31;Stellvertretung;Ina Straß;;;1.1.2024;
"""
REFUSED = ROSTER + "9;;Otto;;Klinik Nord;1.11.2023;\n"
CSV = "text/csv"


@pytest.fixture
async def service(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Service]:
    """With two groups in Stuttgart and the same in Ulm."""
    service = await Service(mongod.uri, tmp_path, "system").prepare()
    for conference in (CONFERENCE, "ulm"):
        await give(service, EstablishConference, conference=conference, **ESTABLISHED, by="test")
        for group, number, kind, seats in (("hospitals", 9, "delegated", 2), ("head", 31, "ex_officio", 1)):
            about: dict[str, Any] = {"group": group, "number": number, "name": group, "kind": kind, "seats": seats}
            await give(service, OpenSeatGroup, conference=conference, **about)
    yield service
    await service.close()


async def give(service: Service, command: type[Command], **fields: Any) -> Answer:
    return await service.process.executor.execute(command.model_validate(edge(**fields)), Request(uuid4().hex))


async def send(
    service: Service, roster: str | bytes = ROSTER, key: str | None = None, kind: str = CSV, **query: str
) -> Response:
    headers = {"content-type": kind, "idempotency-key": key or uuid4().hex}
    content = roster if isinstance(roster, bytes) else roster.encode()
    asked = {"conference": CONFERENCE, **query}
    return await service.ask("/roster/import", method="POST", content=content, headers=headers, params=asked)


def counted(answer: Response) -> tuple[int, int, int]:
    told = answer.json()
    return told["change"], told["unchanged"], told["refused"]


async def seats(service: Service, group: str, conference: str = CONFERENCE) -> Seats:
    return (await service.process.executor.state(SEAT_GROUP, f"{conference}/seat-group/{group}")).seats


async def names(service: Service, conference: str = CONFERENCE) -> list[str]:
    people = People(service.process.session.database["people"])
    return sorted(details["name"] for details in (await people.of_conference(conference)).values())


EVERYBODY = ["Eva Höh", "Ida Müller", "Ina Straß", "Ute Maß"]


async def is_whole(service: Service) -> bool:
    taken = [seat.recorded for group in ("hospitals", "head") for seat in await seats(service, group)]
    return [len(one) for one in taken] == [1, 1, 2] and await names(service) == EVERYBODY


async def test_a_roster_is_judged_then_read_in_then_nothing_new(service: Service) -> None:
    before = await service.events()
    assert counted(await send(service, dry_run="true")) == (4, 0, 0)
    assert await service.events() == before and await names(service) == []
    answer = await send(service)
    assert answer.status_code == 200 and counted(answer) == (4, 0, 0), answer.text
    assert await is_whole(service)
    assert (await seats(service, "hospitals"))[0].recorded[0].organisation == "klinik-nord"
    after = await service.events()
    assert counted(await send(service)) == (0, 4, 0)
    assert await service.events() == after


async def test_one_row_that_is_refused_leaves_nothing_of_the_others(service: Service) -> None:
    before = await service.events()
    answer = await send(service, REFUSED)
    is_problem(answer, 422, "RosterRefused")
    assert counted(answer) == (4, 0, 1)
    assert answer.json()["rows"][-1]["detail"] == "7: In dieser Zeit ist kein Sitz der Gruppe frei."
    assert "Otto" not in answer.text
    assert await service.events() == before and await names(service) == []


async def test_another_file_under_the_same_key_is_another_import(service: Service) -> None:
    title, heading, *rows = ROSTER.splitlines()
    for roster in (f"{title}\n{heading}\n{row}" for row in rows[:2]):
        assert counted(await send(service, roster, key="same")) == (1, 0, 0)
    assert len(await names(service)) == 2


async def test_whoever_was_read_in_and_erased_is_not_recorded_again_by_the_same_request(service: Service) -> None:
    """With a new key it is another request."""
    title, heading, *_ = ROSTER.splitlines()
    roster = f"{title}\n{heading}\n9;;Eva Höh;eva@example.org;Klinik Nord;1.11.2198;\n"
    assert counted(await send(service, roster, key="same")) == (1, 0, 0)
    assert counted(await send(service, roster, key="same")) == (0, 1, 0)
    [seat, _] = await seats(service, "hospitals")
    [held] = seat.recorded
    about: dict[str, Any] = {"group": "hospitals", "seat": seat.seat, "person": held.person, "since": held.since}
    await give(service, WithdrawMandate, **about, reason="gelöscht", person_known=False)
    assert held.person
    await People(service.process.session.database["people"]).erase(CONFERENCE, held.person, NOW)
    before = await service.events()
    for _ in range(2):
        answer = await send(service, roster, key="same")
        is_problem(answer, 409, "RowReadInBefore")
        told = "Zeile 3 ist mit diesem Schlüssel schon eingelesen, die Person seither geändert oder gelöscht."
        assert answer.json()["detail"] == told
    assert await service.events() == before and await names(service) == []
    assert counted(await send(service, roster)) == (1, 0, 0)
    assert await names(service) == ["Eva Höh"]


async def test_the_same_file_under_the_same_key_is_read_in_by_each_conference(service: Service) -> None:
    for conference in (CONFERENCE, "ulm"):
        assert counted(await send(service, key="same", conference=conference)) == (4, 0, 0)
        assert await names(service, conference) == EVERYBODY
        assert all(seat.recorded for seat in await seats(service, "hospitals", conference))


async def test_what_broke_off_is_continued_by_the_same_file(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each command in turn: with the same key or another, in the same process or a new one."""
    whole = Executor.execute
    left = 0

    async def breaks(self: Executor, command: Command, request: Request) -> Answer:
        nonlocal left
        if left == 0:
            raise MongoUnavailable
        left -= 1
        return await whole(self, command, request)

    monkeypatch.setattr(Executor, "execute", breaks)
    for place in range(5):
        left = 2
        answer = await send(service, key="k" if place % 2 else None)
        is_problem(answer, 503, "ImportInterrupted")
        assert "Dieselbe Datei noch einmal setzt es fort." in answer.json()["detail"]
    monkeypatch.undo()
    assert (await send(service)).status_code == 200
    assert await is_whole(service)


async def test_racing_imports_of_one_file_record_everybody_once(service: Service) -> None:
    answers = await asyncio.gather(*(send(service) for _ in range(4)))
    assert sorted(counted(answer) for answer in answers) == [(0, 4, 0)] * 3 + [(4, 0, 0)]
    assert await is_whole(service)


async def test_whoever_was_faster_is_told_of(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_contended(self: Executor, command: Command, request: Request) -> Answer:
        raise Busy

    monkeypatch.setattr(Executor, "execute", is_contended)
    is_problem(await send(service), 503, "ImportInterrupted")


async def test_another_conference_of_the_same_names_has_its_own(service: Service) -> None:
    """The same people are others there: whoever is recorded in Stuttgart is nobody in Ulm."""
    await send(service)
    assert await names(service, "ulm") == []
    assert counted(await send(service, conference="ulm")) == (4, 0, 0)
    assert await names(service, "ulm") == EVERYBODY
    ours = {one.recorded[0].person for one in await seats(service, "hospitals")}
    theirs = {one.recorded[0].person for one in await seats(service, "hospitals", "ulm")}
    assert len(ours | theirs) == 4
    is_problem(await send(service, conference="munich"), 404, "ConferenceNotEstablished")
    named = f"Nr.;Sitz;Name;von;Kennung\n9;1;Eva Höh;1.11.2023;{min(map(str, ours))}\n"
    assert counted(await send(service, named, conference="ulm")) == (0, 0, 1)


NO_ROSTERS: list[tuple[dict[str, Any], int, str]] = [
    ({"kind": "application/json"}, 415, "ContentTypeUnsupported"),
    ({"kind": "application/vnd.ms-excel"}, 415, "ContentTypeUnsupported"),
    ({"roster": b"PK\x03\x04xx"}, 422, "NotThatFormat"),
    ({"roster": b"x" * (LARGEST_FILE + 1)}, 413, "BodyTooLarge"),
    ({"roster": ROSTER.encode("cp1252")}, 422, "EncodingUnreadable"),
    ({"roster": "Eva\n"}, 422, "NoHeading"),
    ({"encoding": "utf-16"}, 422, "FieldsInvalid"),
    ({"key": "a b"}, 400, "IdempotencyKeyInvalid"),
]


async def test_what_is_no_roster_is_refused_as_a_whole(service: Service) -> None:
    for sent, status, rule in NO_ROSTERS:
        is_problem(await send(service, **sent), status, rule)


async def test_windows_1252_is_read_where_it_is_named(service: Service) -> None:
    answer = await send(service, ROSTER.encode("cp1252"), kind="text/csv; header=present", encoding="windows-1252")
    assert answer.status_code == 200 and await names(service) == EVERYBODY
