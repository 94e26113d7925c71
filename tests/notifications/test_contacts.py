"""The copy of people's details on the real mongod: the newest word stands, in whatever order and however often."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from services.notifications.contacts import Contact, Contacts
from shared.runtime.delivery.state_copy import State
from shared.runtime.mongo.driver import Database
from tests.kit.servers import BOTH_DRIVERS
from tests.kit.when import person
from tests.notifications.letterbox import details

pytestmark = [pytest.mark.infra, BOTH_DRIVERS]

EVA, PAUL = person(1), person(2)
OLD, NEW = details(email="old@example.org"), details(email="new@example.org")
FIRST, SECOND, ERASED = (EVA, 1, OLD), (EVA, 2, NEW), (EVA, 3, None)


@pytest.fixture
def contacts(database: Database) -> Contacts:
    return Contacts(database["contacts"])


async def kept(database: Database) -> list[dict[str, Any]]:
    return [one async for one in database["contacts"].find().sort("_id")]


async def test_of_whom_nothing_has_arrived_nothing_is_known(contacts: Contacts) -> None:
    await contacts.hear([])
    await contacts.hear([FIRST])
    assert await contacts.get(EVA) == Contact(OLD)
    assert await contacts.get(PAUL) is None


async def test_the_newest_version_wins(contacts: Contacts) -> None:
    await contacts.hear([FIRST])
    await contacts.hear([SECOND])
    assert await contacts.get(EVA) == Contact(NEW)


async def test_an_older_version_is_ignored(contacts: Contacts) -> None:
    await contacts.hear([SECOND])
    await contacts.hear([FIRST])
    assert await contacts.get(EVA) == Contact(NEW)


async def test_an_older_version_holds_up_nobody_else(contacts: Contacts) -> None:
    await contacts.hear([SECOND])
    await contacts.hear([FIRST, (PAUL, 1, OLD)])
    assert (await contacts.get(EVA), await contacts.get(PAUL)) == (Contact(NEW), Contact(OLD))


async def test_versions_that_a_compacted_topic_left_out_are_not_missed(contacts: Contacts) -> None:
    await contacts.hear([(EVA, 7, OLD)])
    await contacts.hear([(EVA, 9, NEW)])
    assert await contacts.get(EVA) == Contact(NEW)


async def test_who_is_erased_stays_erased_and_leaves_no_trace(contacts: Contacts, database: Database) -> None:
    await contacts.hear([SECOND])
    await contacts.hear([ERASED])
    await contacts.hear([FIRST, SECOND])
    assert await contacts.get(EVA) == Contact(None)
    assert "@" not in json.dumps(await kept(database))


@pytest.mark.parametrize("told", list(permutations([FIRST, SECOND, ERASED])))
async def test_any_order_ends_the_same_in_one_batch_and_in_three(
    contacts: Contacts, database: Database, told: Sequence[State]
) -> None:
    await contacts.hear([(PAUL, version, details) for _, version, details in told])
    for one in told:
        await contacts.hear([one])
    assert [(one["version"], one["details"]) for one in await kept(database)] == [(3, None), (3, None)]


async def test_what_is_repeated_changes_nothing(contacts: Contacts, database: Database) -> None:
    told: list[State] = [FIRST, SECOND, (PAUL, 1, None)]
    await contacts.hear(told)
    before = await kept(database)
    await contacts.hear(told * 100)
    assert await kept(database) == before


async def test_of_racing_readers_the_newest_word_stands(contacts: Contacts) -> None:
    people = [person(number) for number in range(20)]
    told: list[list[State]] = [[(who, version, details) for who in people] for _, version, details in (FIRST, SECOND)]
    await asyncio.gather(*(contacts.hear(batch) for batch in told * 4))
    assert [await contacts.get(who) for who in people] == [Contact(NEW)] * len(people)


async def test_an_address_that_was_refused_has_one_id_that_tells_nothing_of_it(
    contacts: Contacts, database: Database
) -> None:
    await contacts.hear([FIRST])
    [named, again] = [await contacts.name_address(EVA, "old@example.org") for _ in range(2)]
    assert named and named == again and await contacts.get(EVA) == Contact(OLD, named)
    await contacts.hear([(EVA, 2, details(email="old@example.org", name="Eva Neu"))])
    assert await contacts.name_address(EVA, "old@example.org") == named, "the same address of a corrected contact"
    await contacts.hear([(EVA, 3, NEW)])
    assert await contacts.get(EVA) == Contact(NEW), "another address"
    assert await contacts.name_address(EVA, "new@example.org") not in (named, None)


async def test_an_address_that_is_not_the_persons_any_more_has_an_id_that_is_known_to_be_left(
    contacts: Contacts,
) -> None:
    unknown = await contacts.name_address(EVA, "old@example.org")
    await contacts.hear([FIRST, SECOND])
    left = await contacts.name_address(EVA, "old@example.org")
    contact = await contacts.get(EVA)
    assert contact == Contact(NEW) and left and unknown
    assert contact.has_left(EVA, left) and contact.has_left(EVA, unknown)


async def test_a_copy_that_is_older_than_the_suspension_does_not_end_it(contacts: Contacts, database: Database) -> None:
    await contacts.hear([SECOND])
    named = await contacts.name_address(EVA, "new@example.org")
    await database["contacts"].drop()
    await contacts.hear([FIRST])
    older = await contacts.get(EVA)
    assert older and named and not older.has_left(EVA, named)


async def test_with_the_details_of_whom_is_erased_the_address_that_was_refused_goes(
    contacts: Contacts, database: Database
) -> None:
    await contacts.hear([FIRST])
    await contacts.name_address(EVA, "old@example.org")
    assert "old@example.org" in str(await kept(database))
    await contacts.hear([ERASED])
    assert await contacts.get(EVA) == Contact(None)
    assert "example.org" not in str(await kept(database))
    assert await contacts.name_address(EVA, "old@example.org") is None
