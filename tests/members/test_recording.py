"""``RecordPerson`` over HTTP keeps the promise of every command: given again it gets the first answer, once for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from deploy.embedded.mongod import Mongod
from services.members.people import People
from services.members.projections import ERASED
from services.members.queries import to_be_erased
from services.members.worker import announce_once, erase_once
from shared.contracts.members import ContactCorrected
from shared.runtime.mongo.driver import Database
from tests.kit.when import CONFERENCE, NOW, person
from tests.shared.http.test_http import OPEN, is_problem
from tests.shared.members_service import ESTABLISHED, Service

pytestmark = pytest.mark.infra

EVA = {"conference": CONFERENCE, "person": person(1)}
STREAM = f"{CONFERENCE}/person/{person(1)}"


def told(email: str, **who: str) -> dict[str, Any]:
    details = {"name": "Eva Müller", "salutation": "Guten Tag", "email": email, "postal_address": None}
    return {**EVA, **who, "details": details}


OLD, NEW = told("old@example.org"), told("new@example.org")


@pytest.fixture
async def service(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Service]:
    service = await Service(mongod.uri, tmp_path, "system").prepare()
    yield service
    await service.close()


async def record(service: Service, body: dict[str, Any], key: str) -> Response:
    return await service.give(body, "RecordPerson", key=key)


def database(service: Service) -> Database:
    return service.process.session.database


async def email(service: Service) -> str | None:
    known = (await People(database(service)["people"]).details(CONFERENCE, [person(1)]))[person(1)]
    return known["email"] if known else None


def replayed(answer: Response) -> bool:
    assert answer.status_code == 200, answer.text
    return "true" in answer.headers.get_list("idempotent-replayed")


async def test_the_answer_claims_no_place_in_the_journal(service: Service) -> None:
    """``?seen=`` could never reach the person's version: the stream has no event, and the answer says so."""
    answer = await record(service, OLD, "k")
    assert answer.json() == {"stream": STREAM, "sequence": 0, "events": []}
    assert (await record(service, NEW, "k2")).json() == answer.json()
    assert await service.events() == 0


async def test_details_that_somebody_else_has_replaced_meanwhile_stay_and_are_not_told(service: Service) -> None:
    """What is there now is asked for by whoever may see it; a rejection says nothing of it."""
    where = f"/people/{person(1)}?conference={CONFERENCE}"
    await record(service, OLD, "k")
    seen = (await service.ask(where)).json()
    assert seen == {"person": person(1), "version": 1, "details": OLD["details"]}
    await record(service, NEW, "k2")
    mine = {**told("mine@example.org"), "replaces": {"version": seen["version"]}}
    refused = await record(service, mine, "k3")
    assert is_problem(refused, 409, "ChangedMeanwhile") and "example.org" not in refused.text
    assert await email(service) == "new@example.org"
    again = {**mine, "replaces": {"version": (await service.ask(where)).json()["version"]}}
    assert not replayed(await record(service, again, "k3")), "sent again it is meant"
    assert replayed(await record(service, again, "k3")), "though the version is another one now"
    assert await email(service) == "mine@example.org"


async def test_names_are_told_to_readers_and_how_to_write_to_somebody_to_the_office_alone(service: Service) -> None:
    await record(service, OLD, "k")
    names = f"/people?conference={CONFERENCE}&person={person(1)}&person={person(2)}"
    one = f"/people/{person(1)}?conference={CONFERENCE}"
    for caller, status in (("office", 200), ("approver", 403), ("admin", 403)):
        assert (await service.ask(names, caller)).json()["items"] == [
            {"person": person(1), "person_name": "Eva Müller"}
        ]
        assert (await service.ask(one, caller)).status_code == status
    nobody = await service.ask(f"/people/{person(2)}?conference={CONFERENCE}")
    assert is_problem(nobody, 404, "PersonUnknown")
    too_many = "&".join(f"person={person(number)}" for number in range(201))
    assert (await service.ask(f"/people?conference={CONFERENCE}&{too_many}")).status_code == 422


async def test_an_old_key_gets_its_answer_and_changes_nothing_also_after_a_restart(service: Service) -> None:
    first = await record(service, OLD, "k")
    assert not replayed(first) and not replayed(await record(service, NEW, "k2"))
    for restarted in (False, True):
        if restarted:
            await service.restart()
        again = await record(service, OLD, "k")
        assert replayed(again) and again.content == first.content
        assert await email(service) == "new@example.org"


async def test_a_key_stands_for_one_body_and_one_person(service: Service) -> None:
    await record(service, OLD, "k")
    for other in (NEW, told("old@example.org", person=person(2))):
        is_problem(await record(service, other, "k"), 422, "CommandIdReused")
    assert await email(service) == "old@example.org"


async def test_racing_requests_with_one_key_execute_once(service: Service) -> None:
    answers = await asyncio.gather(*(record(service, OLD, "k") for _ in range(8)))
    assert sorted(map(replayed, answers)) == [False] + 7 * [True]


async def test_recordings_have_keys_of_their_own(service: Service) -> None:
    """Each is executed once, in either order: no command looks in two places for itself (decision 0014)."""
    for key, orders in (("k", (OLD, OPEN)), ("k2", ({**OPEN, "group": "advisers"}, NEW))):
        for told in orders * 2:
            name = "RecordPerson" if "details" in told else "OpenSeatGroup"
            answers = [await service.give(told, name, key=key) for _ in range(2)]
            assert replayed(answers[1])
            assert answers[0].json() == answers[1].json()
    assert await service.events() == 2
    assert await email(service) == "new@example.org"


async def test_who_is_erased_is_not_recorded_again(service: Service) -> None:
    await record(service, OLD, "k")
    await service.give(EVA, "ErasePerson", "admin")
    for key in ("k", "k2"):
        is_problem(await record(service, OLD, key), 409, "PersonIsErased")


async def test_nor_where_the_erasure_comes_between_the_decision_and_its_effect(service: Service) -> None:
    """Planted: the collection knows of the erasure, the stream that was read for the decision does not."""
    await People(database(service)["people"]).erase(CONFERENCE, person(1), NOW)
    is_problem(await record(service, OLD, "k"), 409, "PersonIsErased")


async def test_everybody_who_was_announced_is_erased(service: Service) -> None:
    """More than a page of a projection, with somebody of whom nothing was recorded."""
    projections = service.process.projections
    people = People(database(service)["people"])
    announced = [{"_id": person(number), "conference": CONFERENCE} for number in range(1200)]
    await projections.collection(ERASED).insert_many(announced)
    await record(service, OLD, "k")
    assert len(await to_be_erased(projections, people)) == 1200
    for gone in announced[1:]:
        await people.erase(CONFERENCE, gone["_id"], NOW)
    assert [gone["_id"] for gone in await to_be_erased(projections, people)] == [person(0)]


async def test_nobody_is_erased_whose_erasure_the_journal_does_not_know(service: Service) -> None:
    """Whatever has got into a projection: a forged event, or a hand."""
    await record(service, OLD, "k")
    process, people = service.process, People(database(service)["people"])
    erase = partial(erase_once, process.projections, process.executor, people, process.clock)
    await process.projections.collection(ERASED).insert_one({"_id": person(1), "conference": CONFERENCE})
    await erase()
    assert await email(service) == "old@example.org"
    await service.give(EVA, "ErasePerson", "admin")
    await erase()
    assert await email(service) is None


async def announced(service: Service) -> list[str]:
    return [commit.stream async for commit, _ in service.process.journal.commits() if "/person/" in commit.stream]


async def test_everybody_who_is_recorded_is_announced_once(service: Service) -> None:
    """Also those from before there was an announcement, and after a crash between the event and its mark."""
    process, people = service.process, People(database(service)["people"])
    announce = partial(announce_once, people, process.executor, process.clock)
    await record(service, OLD, "k")
    await record(service, told("paul@example.org", person=person(2)), "k2")
    await service.give({**EVA, "person": person(2)}, "ErasePerson", "admin")
    erased = await announced(service)
    await announce()
    assert set(await announced(service)) - set(erased) == {STREAM}
    assert await people.unannounced() == []
    await database(service)["people"].update_many({}, {"$unset": {"announced": True}})
    await record(service, NEW, "k3")
    await announce()
    assert len(await announced(service)) == len(erased) + 1


async def corrections(service: Service) -> list[str]:
    found = [commit async for commit, _ in service.process.journal.commits()]
    events = [each.event() for commit in found for each in commit.events]
    return [event.person for event in events if isinstance(event, ContactCorrected)]


async def test_a_correction_is_told_once_when_its_details_are_published(service: Service) -> None:
    """Also after a crash between the event and its mark; the same details again correct nothing."""
    process, people = service.process, People(database(service)["people"])
    announce = partial(announce_once, people, process.executor, process.clock)
    published = partial(database(service)["people"].update_many, {}, {"$set": {"published": True}})
    await record(service, OLD, "k")
    await published()
    await announce()
    await record(service, OLD, "k2")
    await announce()
    assert await corrections(service) == [], "recorded for the first time, and the same again"
    await record(service, NEW, "k3")
    await announce()
    assert await corrections(service) == [], "its details are not on their topic yet"
    await published()
    await announce()
    await database(service)["people"].update_many({}, {"$set": {"corrected": 2}})
    await announce()
    assert await corrections(service) == [person(1)]
    assert await people.corrected() == []
    await record(service, OLD, "k4")
    await published()
    await announce()
    assert await corrections(service) == [person(1), person(1)]


async def test_nobody_is_told_of_a_correction_once_erased(service: Service) -> None:
    process, people = service.process, People(database(service)["people"])
    await record(service, OLD, "k")
    await record(service, NEW, "k2")
    await service.give(EVA, "ErasePerson", "admin")
    await database(service)["people"].update_many({}, {"$set": {"published": True}})
    await announce_once(people, process.executor, process.clock)
    assert await corrections(service) == []


async def test_that_somebody_is_announced_does_not_erase_them(service: Service) -> None:
    """Planted: a projection says so, and the person has a stream."""
    process, people = service.process, People(database(service)["people"])
    await record(service, OLD, "k")
    await announce_once(people, process.executor, process.clock)
    await process.projections.collection(ERASED).insert_one({"_id": person(1), "conference": CONFERENCE})
    await erase_once(process.projections, process.executor, people, process.clock)
    assert await email(service) == "old@example.org"


@pytest.mark.parametrize("key", ["first", "another"])
async def test_an_erasure_that_is_said_again_does_everything_again(service: Service, key: str) -> None:
    """Planted: a backup has brought the details back, and the relay has said everything."""
    people = database(service)["people"]
    await record(service, OLD, "k")
    assert (await service.give(EVA, "ErasePerson", "admin", key="first")).status_code == 200
    assert await email(service) is None, "at once, whether or not Kafka is there"
    back = {"details": OLD["details"], "published": True}
    for left in (back, {**back, "details": None}):
        await people.update_one({"_id": person(1)}, {"$set": left})
        assert (await service.give(EVA, "ErasePerson", "admin", key=key)).status_code == 200
        assert await people.count_documents({"_id": person(1), "details": None, "published": False}) == 1
    assert await service.events() == 1


async def test_a_person_belongs_to_one_conference(service: Service) -> None:
    """Nobody of another city overwrites, erases or appoints a person, whatever the account may do."""
    await record(service, OLD, "k")
    ulm = {"conference": "ulm"}
    assert (await service.give({**ulm, **ESTABLISHED}, "EstablishConference")).status_code == 200
    is_problem(await record(service, {**NEW, **ulm}, "k2"), 403, "PersonOfAnotherConference")
    is_problem(await service.give({**EVA, **ulm}, "ErasePerson", "admin"), 403, "PersonOfAnotherConference")
    await People(database(service)["people"]).erase("ulm", person(1), NOW)
    assert await email(service) == "old@example.org"
    for told in (
        {"group": "a", "number": 1, "name": "A", "kind": "ex_officio", "seats": 1},
        {"group": "b", "number": 2, "name": "B", "kind": "delegated", "seats": 1},
    ):
        assert (await service.give({**ulm, **told})).status_code == 200
    await service.give({**ulm, "group": "b", "organisation": "o", "name": "O"}, "RegisterOrganisation")
    await service.give({**ulm, "working_group": "w", "name": "W", "topics": []}, "EstablishWorkingGroup")
    for command, fields in (
        ("ChangePostHolder", {"group": "a", "seat": "a-1", "since": "2024-01-01"}),
        ("NominateDelegate", {"group": "b", "organisation": "o"}),
        ("JoinWorkingGroup", {"working_group": "w", "seat": None}),
    ):
        is_problem(await service.give({**ulm, **fields, "person": person(1)}, command), 404, "PersonUnknown")


async def test_a_person_of_another_conference_is_not_waited_for(service: Service) -> None:
    """An old journal may have announced such an erasure: it leads to nothing, however often it is looked at."""
    await record(service, OLD, "k")
    projections, people = service.process.projections, People(database(service)["people"])
    await projections.collection(ERASED).insert_one({"_id": person(1), "conference": "ulm"})
    assert await to_be_erased(projections, people) == []
