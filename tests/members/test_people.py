"""The collection of people on the real mongod: a command happens once, for ever, and erasing leaves no trace of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest

from services.members.people import MOST_COMMANDS, People, PersonGone, RecordedTooOften
from shared.contracts.envelope import read_headers
from shared.contracts.people import PersonDetails
from shared.contracts.topics import PEOPLE
from shared.runtime.commands.execute import CommandIdReused, Request
from shared.runtime.kafka.partitioner import number_of
from shared.runtime.mongo.driver import Database, DuplicateKeyError
from shared.runtime.publishing.relay import Pending
from tests.kit.servers import BOTH_DRIVERS
from tests.kit.when import CONFERENCE, NOW, person

pytestmark = [pytest.mark.infra, BOTH_DRIVERS]

EVA, PAUL = person(1), person(2)


def details(email: str) -> PersonDetails:
    return PersonDetails(name="Eva Müller", salutation="Guten Tag", email=email, postal_address=None)


OLD, NEW = details("old@example.org"), details("new@example.org")


def asked(key: str, told: PersonDetails) -> Request:
    """As the edge makes it: the SHA-256 of what was sent, which anybody who knows the rest could guess."""
    return Request(f"office:{key}", hashlib.sha256(told.model_dump_json().encode()).hexdigest())


async def record(people: People, key: str, told: PersonDetails, who: str = EVA) -> bool:
    return await people.record(CONFERENCE, who, told, NOW, asked(key, told))


@pytest.fixture
async def people(database: Database) -> People:
    people = People(database["people"])
    await people.prepare()
    return people


async def email(people: People, who: str = EVA) -> str | None:
    known = (await people.details(CONFERENCE, [who]))[who]
    return known["email"] if known else None


async def version(database: Database, who: str = EVA) -> int:
    return int((await kept(database, who))["version"])


async def kept(database: Database, who: str = EVA) -> dict[str, Any]:
    found = await database["people"].find_one({"_id": who})
    assert found
    return found


async def test_the_same_command_again_changes_nothing(people: People, database: Database) -> None:
    assert not await record(people, "1", OLD)
    before = await kept(database)
    assert await record(people, "1", OLD)
    assert await record(People(database["people"]), "1", OLD)
    assert await kept(database) == before


async def test_an_old_command_never_brings_old_details_back(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    await record(people, "2", NEW)
    assert await record(people, "1", OLD)
    assert await email(people) == NEW.email
    assert await version(database) == 2


async def test_also_a_command_that_had_nothing_new_to_say_is_executed_once(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    assert not await record(people, "2", OLD)
    assert await version(database) == 1
    await record(people, "3", NEW)
    assert await record(people, "2", OLD)
    assert await email(people) == NEW.email


async def test_a_key_stands_for_one_body(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    before = await kept(database)
    with pytest.raises(CommandIdReused):
        await record(people, "1", NEW)
    assert await kept(database) == before


async def test_a_key_stands_for_one_person(people: People) -> None:
    await record(people, "1", OLD)
    with pytest.raises(CommandIdReused):
        await record(people, "1", OLD, PAUL)
    assert await people.details(CONFERENCE, [PAUL]) == {}


@pytest.mark.parametrize("known", [False, True], ids=["a new person", "a known person"])
async def test_of_racing_repetitions_one_is_executed(people: People, database: Database, known: bool) -> None:
    if known:
        await record(people, "0", NEW)
    several = [People(database["people"]) for _ in range(4)]
    repeated = await asyncio.gather(*(record(several[number % 4], "1", OLD) for number in range(12)))
    assert sorted(repeated) == [False] + 11 * [True]
    assert await version(database) == 1 + known
    marks = [asked("0", NEW).mark] * known + [asked("1", OLD).mark]
    assert [one["id"] for one in (await kept(database))["commands"]] == marks


async def test_of_racing_repetitions_that_say_nothing_new_one_is_executed(people: People, database: Database) -> None:
    """The version stays, so it alone would let the same id in twice."""
    await record(people, "0", OLD)
    repeated = await asyncio.gather(*(record(people, "1", OLD) for _ in range(12)))
    assert sorted(repeated) == [False] + 11 * [True]
    assert len((await kept(database))["commands"]) == 2


async def test_of_two_people_who_race_for_a_key_one_is_recorded(people: People, database: Database) -> None:
    race = (record(people, "1", OLD, who) for who in (EVA, PAUL))
    first, second = await asyncio.gather(*race, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in (first, second)) == ["CommandIdReused", "bool"]
    assert await database["people"].count_documents({}) == 1


async def test_racing_changes_are_all_executed(people: People, database: Database) -> None:
    await asyncio.gather(*(record(people, str(number), details(f"{number}@example.org")) for number in range(4)))
    assert await version(database) == 4
    assert len((await kept(database))["commands"]) == 4


async def test_what_was_said_can_not_be_guessed_from_what_is_kept(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    await record(people, "1-too", OLD, PAUL)
    [hers], [his] = (await kept(database, EVA))["commands"], (await kept(database, PAUL))["commands"]
    assert len({hers["body"], his["body"], asked("1", OLD).body}) == 3


async def test_erasing_takes_the_details_and_the_key_of_every_hash(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    key = (await kept(database))["body_key"]
    await people.erase(CONFERENCE, EVA, NOW)
    left = json.dumps(await kept(database), default=str)
    assert OLD.name not in left and "@" not in left and key not in left
    assert not await people.known(CONFERENCE, EVA)
    assert [one.records[0].value for one in await waiting(people)] == [None]


async def test_an_erased_person_does_not_come_back(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    await people.erase(CONFERENCE, EVA, NOW)
    before = await kept(database)
    for key, told in (("1", OLD), ("2", NEW)):
        with pytest.raises(PersonGone):
            await record(people, key, told)
    await people.erase(CONFERENCE, EVA, NOW)
    assert await kept(database) == before


async def test_a_key_is_not_free_again_after_the_erasure(people: People) -> None:
    await record(people, "1", OLD)
    await people.erase(CONFERENCE, EVA, NOW)
    with pytest.raises(CommandIdReused):
        await record(people, "1", OLD, PAUL)


async def test_who_was_never_recorded_can_be_erased_too(people: People) -> None:
    for who in (EVA, PAUL):
        await people.erase(CONFERENCE, who, NOW)
    with pytest.raises(PersonGone):
        await record(people, "1", OLD)
    assert len(await waiting(people)) == 2


async def test_an_erasure_that_a_restored_backup_forgot_takes_the_key_too(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    before = await kept(database)
    await people.erase(CONFERENCE, EVA, NOW)
    [[erased]] = [pending.records for pending in await waiting(people)]
    await database["people"].replace_one({"_id": EVA}, before)
    assert await people.bring_forward(read_headers(erased.headers), None)
    assert not await people.known(CONFERENCE, EVA)
    assert before["body_key"] not in json.dumps(await kept(database), default=str)


async def test_what_a_restored_backup_forgot_is_known_again_with_its_command(
    people: People, database: Database
) -> None:
    await record(people, "1", OLD)
    before = await kept(database)
    await record(people, "2", NEW)
    [[said]] = [pending.records for pending in await waiting(people)]
    await database["people"].replace_one({"_id": EVA}, before)
    assert await people.bring_forward(read_headers(said.headers), NEW)
    assert not await people.bring_forward(read_headers(said.headers), NEW)
    assert await record(people, "2", NEW), "repeated, it is known"
    await record(people, "3", OLD)
    assert await record(people, "2", NEW)
    assert await email(people) == OLD.email, "an old command brings nothing back"


async def test_what_the_topic_says_wins_over_an_older_state_that_is_written_meanwhile(
    people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very insert with which it is brought forward meets somebody else's."""
    await record(people, "1", OLD)
    before = await kept(database)
    await record(people, "2", NEW)
    [[said]] = [pending.records for pending in await waiting(people)]
    await database["people"].delete_one({"_id": EVA})
    update = people._collection.update_one

    class Raced:
        async def update_one(self, *asked: Any, upsert: bool = False) -> Any:
            if upsert:
                await database["people"].insert_one(before)
                raise DuplicateKeyError("somebody else was faster")
            return await update(*asked)

    monkeypatch.setattr(people, "_collection", Raced())
    assert await people.bring_forward(read_headers(said.headers), NEW)
    assert (await version(database), (await kept(database))["details"]["email"]) == (2, NEW.email)


async def test_whoever_wins_the_race_the_person_is_erased(people: People, database: Database) -> None:
    """Each erasure meets the very insert with which a person is recorded for the first time."""

    async def race(who: str) -> None:
        first = {"_id": who, "conference": CONFERENCE, "version": 1, "details": OLD.model_dump(), "published": False}
        recorded = database["people"].insert_one(first)
        _, failed = await asyncio.gather(recorded, people.erase(CONFERENCE, who, NOW), return_exceptions=True)
        assert not isinstance(failed, BaseException), "an insert may come too late, an erasure never does"

    everybody = [person(number) for number in range(200)]
    for number in range(0, 200, 20):
        await asyncio.gather(*map(race, everybody[number : number + 20]))
    assert list((await people.details(CONFERENCE, everybody)).values()) == 200 * [None]


async def test_no_command_is_forgotten_to_make_room(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    many = [{"id": asked(f"by a program {number}", NEW).mark, "body": "0" * 64} for number in range(MOST_COMMANDS - 1)]
    await database["people"].update_one({"_id": EVA}, {"$push": {"commands": {"$each": many}}})
    with pytest.raises(RecordedTooOften) as no:
        await record(people, "2", NEW)
    assert str(MOST_COMMANDS) in no.value.detail
    assert await record(people, "1", OLD)
    await people.erase(CONFERENCE, EVA, NOW)
    assert not await people.known(CONFERENCE, EVA)


async def test_a_command_is_found_without_looking_at_everybody(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    plan = await database["people"].find({"commands.id": asked("1", OLD).mark}).explain()
    assert "IXSCAN" in json.dumps(plan["queryPlanner"]["winningPlan"])


async def waiting(people: People) -> list[Pending]:
    return [one async for batch in people.pending(20) for one in batch]


async def heard(people: People, version: int, told: PersonDetails | None) -> int:
    """How many records are published because of what the topic says."""
    await people.published(await waiting(people))
    await people.hear([(EVA, version, told)])
    return len(await waiting(people))


async def test_what_the_topic_says_and_is_older_is_published_over(people: People) -> None:
    await record(people, "1", OLD)
    await record(people, "2", NEW)
    assert await heard(people, 1, OLD) == 1
    assert await heard(people, 2, NEW) == 0


async def test_what_is_under_way_when_an_older_word_is_heard_is_said_again(people: People) -> None:
    await record(people, "1", OLD)
    await record(people, "2", NEW)
    under_way = await waiting(people)
    await people.hear([(EVA, 1, OLD)])
    await people.published(under_way)
    assert len(await waiting(people)) == 1


async def test_a_person_erased_is_erased_again_where_the_topic_says_otherwise_last(people: People) -> None:
    await record(people, "1", OLD)
    await people.erase(CONFERENCE, EVA, NOW)
    assert await heard(people, 1, OLD) == 1
    assert await heard(people, 2, None) == 0


async def test_an_erasure_that_was_left_half_done_is_done_again(people: People, database: Database) -> None:
    """Planted: the details went and the key stayed, and what was published got lost."""
    await record(people, "1", OLD)
    key = (await kept(database))["body_key"]
    await people.erase(CONFERENCE, EVA, NOW)
    await people.published(await waiting(people))
    await database["people"].update_one({"_id": EVA}, {"$set": {"body_key": key}})
    before = await version(database)
    await people.erase_again(EVA)
    assert key not in json.dumps(await kept(database), default=str)
    assert [one.records[0].value for one in await waiting(people)] == [None]
    assert await version(database) == before + 1, "a reader that took another null for the last takes this one"


async def test_who_is_not_erased_is_not_erased_again(people: People, database: Database) -> None:
    await record(people, "1", OLD)
    before = await kept(database)
    await people.erase_again(EVA)
    await people.erase_again(PAUL)
    assert await kept(database) == before
    assert await database["people"].count_documents({}) == 1


async def test_a_marker_is_told_in_every_partition_each_time(people: People, database: Database) -> None:
    partitions = tuple(range(PEOPLE.partitions))
    for _ in range(2):
        await asyncio.gather(people.mark(), people.mark())
        told = [one.records[0] for one in await waiting(people)]
        assert sorted(number_of(one.key, partitions) for one in told) == list(partitions)
        assert {one.value for one in told} == {None}
        await people.published(await waiting(people))
    assert await waiting(people) == []
    assert {row["version"] async for row in database["people"].find()} == {1}, "old readers take it for known"
