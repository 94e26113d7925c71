"""Delivery on the real mongod: old, next, gap, fork and poison; nothing is skipped, nothing is applied twice."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest

from shared.contracts.members import OrganisationRegistered, SeatGroupOpened
from shared.contracts.subscriptions import Delivered, Document, Reaction, View
from shared.kernel.decider import Command
from shared.runtime.delivery import Delivery, OnlyTheFirstIsDropped
from shared.runtime.journal import Journal
from shared.runtime.metrics import Counters
from shared.runtime.mongo import Database
from shared.runtime.parked import KeptRecord, Parked, ParkedRow
from shared.runtime.views import Superseded, ViewStore
from tests.shared.house import (
    HISTORY,
    STREAM,
    executor,
    fold_history,
    history_of,
    open_group,
    opened,
    record,
    registered,
)

pytestmark = pytest.mark.infra

OTHER = "stuttgart/seat-group/other"


class House:
    """Delivery with one view and perhaps a reaction, and what can be seen of it from outside."""

    def __init__(self, database: Database, view: View = HISTORY, reactions: tuple[Reaction, ...] = ()) -> None:
        self.store = ViewStore(database, [view])
        self.view = view
        self.parked = Parked(database)
        self.journal = Journal(database["journal"])
        self.delivery = Delivery(self.store, self.parked, reactions, executor(database), Counters("test"))

    async def told(self, stream: str = STREAM) -> list[int]:
        document = await self.store.get(self.view, stream)
        return document["told"] if document else []

    async def last(self, stream: str = STREAM) -> int:
        position = (await self.store.positions.load([stream])).get(stream)
        return position["last"] if position else 0

    async def reasons(self) -> list[tuple[int | None, str]]:
        rows = await self.parked.overview()
        return sorted((row["sequence"], row["reason"]) for row in rows)


def events(*numbers: int, stream: str = STREAM) -> list[KeptRecord]:
    return [record(n, opened() if n == 1 else registered(n), stream) for n in numbers]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_the_next_events_are_applied_once_each(house: House) -> None:
    await house.delivery.process(events(1, 2, 3))
    await house.delivery.process(events(2, 3, 4))
    assert await house.told() == [1, 2, 3, 4]
    assert await house.reasons() == []


async def test_a_batch_may_come_a_hundred_times(house: House) -> None:
    await house.delivery.process(events(1, 2, 3) * 100)
    assert await house.told() == [1, 2, 3]


async def test_a_gap_parks_its_stream_and_heals_by_itself(house: House) -> None:
    await house.delivery.process([*events(1, 3, 4), *events(1, 2, stream=OTHER)])
    assert await house.told() == [1]
    assert await house.told(OTHER) == [1, 2]
    assert await house.reasons() == [(3, "gap"), (4, "gap")]
    await house.delivery.process(events(2))
    assert await house.told() == [1, 2, 3, 4]
    assert await house.reasons() == []


async def test_reordered_events_are_applied_in_order(house: House) -> None:
    for one in events(3, 1, 4, 2):
        await house.delivery.process([one])
    assert await house.told() == [1, 2, 3, 4]


async def test_a_fork_is_never_taken_for_a_duplicate(house: House) -> None:
    await house.delivery.process(events(1, 2))
    await house.delivery.process([record(2, registered(9), salt="other"), *events(3)])
    assert await house.told() == [1, 2]
    assert await house.reasons() == [(2, "fork"), (3, "behind")]
    row = await house.parked.get(next(one["_id"] for one in await house.parked.overview() if one["reason"] == "fork"))
    assert row is not None
    await house.delivery.drop(row, "admin", "wiederhergestellte Datenbank")
    assert await house.told() == [1, 2, 3]


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"value": None}, "the value is null"),
        ({"value": b"{}"}, "data: organisation: missing"),
        ({"value": b"\xff"}, "data: value: json_invalid"),
    ],
)
async def test_poison_holds_up_its_stream_alone(house: House, other: dict[str, Any], problem: str) -> None:
    await house.delivery.process([*events(1), record(2, registered(2), **other), *events(3), *events(1, stream=OTHER)])
    await house.delivery.process(events(4))
    assert await house.told() == [1]
    assert await house.told(OTHER) == [1]
    assert await house.reasons() == [(2, "poison"), (3, "behind"), (4, "behind")]
    assert problem in [row["problem"] for row in await house.parked.overview()]


async def test_only_the_event_that_holds_up_a_stream_is_dropped(house: House, database: Database) -> None:
    await house.delivery.process([*events(1), record(2, registered(2), value=None), *events(3, 4)])
    rows = {row["sequence"]: await house.parked.get(row["_id"]) for row in await house.parked.overview()}
    assert rows[2] is not None
    assert rows[3] is not None
    with pytest.raises(OnlyTheFirstIsDropped):
        await house.delivery.drop(rows[3], "admin", "Versehen")
    await house.delivery.drop(rows[2], "admin", "leer veröffentlicht")
    assert await house.told() == [1, 3, 4]
    assert await house.last() == 4
    [trace] = [one async for one in database["parked_dropped"].find()]
    assert (trace["by"], trace["why"], trace["sequence"]) == ("admin", "leer veröffentlicht", 2)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("ce_id", None)],
        [("ce_id", b"\xff\xfe")],
        [*record(1, opened()).headers, ("ce_id", b"twice")],
        [(name, b"urn:kpk:funding" if name == "ce_source" else value) for name, value in record(1, opened()).headers],
        [(name, b"0" if name == "ce_sequence" else value) for name, value in record(1, opened()).headers],
    ],
)
async def test_untrustworthy_headers_are_kept_in_quarantine_and_block_nothing(house: House, headers: Any) -> None:
    await house.delivery.process([record(1, opened(), headers=headers), *events(1)])
    assert await house.told() == [1]
    assert await house.reasons() == [(None, "quarantine")]


async def test_a_foreign_key_is_quarantined(house: House) -> None:
    await house.delivery.process([record(1, opened(), key=b"somebody-else")])
    assert await house.reasons() == [(None, "quarantine")]


async def test_an_unknown_type_is_passed_and_an_unknown_version_is_parked(house: House) -> None:
    def renamed(name: bytes) -> Any:
        return [(key, name if key == "ce_type" else value) for key, value in record(2, registered(2)).headers]

    await house.delivery.process([*events(1), record(2, registered(2), headers=renamed(b"kpk.members.Novelty.v1"))])
    assert await house.last() == 2
    newer = record(2, registered(2), OTHER)
    newer_type = [
        (key, b"kpk.members.OrganisationRegistered.v2" if key == "ce_type" else v) for key, v in newer.headers
    ]
    await house.delivery.process([*events(1, stream=OTHER), record(2, registered(2), OTHER, headers=newer_type)])
    assert await house.reasons() == [(2, "poison")]


def fold_or_break(document: Document | None, delivered: Delivered) -> Document:
    if isinstance(delivered.event, OrganisationRegistered) and delivered.event.organisation == "hospital-3":
        raise ZeroDivisionError
    return fold_history(document, delivered)


async def test_a_fold_that_raises_parks_and_a_retry_after_the_repair_goes_on(database: Database) -> None:
    broken = View("history", HISTORY.events, history_of, fold_or_break)
    house = House(database, broken)
    await house.delivery.process(events(1, 2, 3, 4))
    assert await house.told() == [1, 2]
    assert await house.reasons() == [(3, "poison"), (4, "behind")]
    repaired = House(database)
    await repaired.delivery.process(events(5))
    assert await repaired.told() == [1, 2]
    row = await house.parked.get((await house.parked.overview())[0]["_id"])
    assert row is not None
    await repaired.delivery.retry(row)
    assert await repaired.told() == [1, 2, 3, 4, 5]
    assert await repaired.reasons() == []


def open_another(delivered: Delivered) -> Iterable[Command]:
    assert isinstance(delivered.event, SeatGroupOpened)
    return [open_group("follower")]


FOLLOW = Reaction("follow", frozenset({SeatGroupOpened}), open_another)


async def test_a_reaction_happens_once_however_often_its_event_comes(database: Database) -> None:
    house = House(database, reactions=(FOLLOW,))
    await house.journal.prepare()
    await house.delivery.process(events(1))
    await database["positions"].delete_many({})
    await House(database, reactions=(FOLLOW,)).delivery.process(events(1))
    [commit] = await house.journal.read("stuttgart/seat-group/follower")
    assert commit.causation != commit.command.id
    assert await house.told() == [1]


async def test_a_zombie_that_read_before_another_wrote_writes_nothing(house: House) -> None:
    await house.delivery.process(events(1))
    document = await house.store.get(HISTORY, STREAM)
    assert document is not None
    await house.delivery.process(events(2))
    with pytest.raises(Superseded):
        await house.store.write(HISTORY, [({**document, "sequence": 2, "told": ["zombie"]}, 1)])
    assert await house.told() == [1, 2]


async def test_positions_are_written_once_for_many_batches_and_with_the_last(house: House) -> None:
    for number in (1, 2, 3):
        await house.delivery.process(events(number), settle=False)
    assert (await house.told(), await house.last()) == ([1, 2, 3], 0)
    await house.delivery.process(events(4))
    assert (await house.told(), await house.last()) == ([1, 2, 3, 4], 4)


async def test_what_was_not_settled_comes_again_and_changes_nothing(house: House, database: Database) -> None:
    await house.delivery.process(events(1, 2))
    await house.delivery.process(events(3, 4), settle=False)
    successor = House(database)
    await successor.delivery.process(events(3, 4))
    assert (await successor.told(), await successor.last()) == ([1, 2, 3, 4], 4)


async def test_who_remembers_what_another_has_moved_settles_nothing(house: House, database: Database) -> None:
    await house.delivery.process(events(1, 2))
    await house.delivery.process(events(3), settle=False)
    await House(database).delivery.process(events(3, 4))
    with pytest.raises(Superseded):
        await house.delivery.settle()
    with pytest.raises(Superseded):
        await house.delivery.process(events(4, 5))
    await house.delivery.forget()
    await house.delivery.process(events(3, 4, 5))
    assert (await house.told(), await house.last()) == ([1, 2, 3, 4, 5], 5)


async def test_who_remembers_an_old_document_can_not_overwrite_the_new_one(house: House, database: Database) -> None:
    await house.delivery.process(events(1))
    await House(database).delivery.process(events(2, 3))
    with pytest.raises(Superseded):
        await house.delivery.process(events(2))
    await house.delivery.process(events(2, 3, 4))
    assert await house.told() == [1, 2, 3, 4]


async def test_a_retry_that_fails_again_keeps_what_it_tried(database: Database) -> None:
    house = House(database, View("history", HISTORY.events, history_of, fold_or_break))
    await house.delivery.process(events(1, 2, 3, 4))
    row = await house.parked.get((await house.parked.overview())[0]["_id"])
    assert row is not None
    await house.delivery.retry(row)
    assert await house.reasons() == [(3, "poison"), (4, "behind")]
    repaired = House(database)
    await repaired.delivery.retry(row)
    assert (await repaired.told(), await repaired.reasons()) == ([1, 2, 3, 4], [])


async def test_what_a_superseded_worker_parked_after_it_was_applied_holds_up_nothing(
    house: House, database: Database
) -> None:
    await house.delivery.process(events(1, 2, 3))
    late = record(2, registered(2), value=None)
    await house.parked.keep([ParkedRow("poison", "as it seemed then", late, STREAM, 2, "another")])
    await database["positions"].update_one({"_id": STREAM}, {"$set": {"held": True}})
    await House(database).delivery.process(events(4, 5))
    assert await house.told() == [1, 2, 3, 4, 5]


async def test_what_was_applied_after_all_is_swept_away_and_a_fork_is_not(house: House) -> None:
    await house.delivery.process([*events(1, 2, 3), *events(5)])
    late, other = record(2, registered(2), value=None), record(2, registered(9), salt="other")
    await house.parked.keep([ParkedRow("poison", "as it seemed then", late, STREAM, 2, "another")])
    await house.parked.keep([ParkedRow("fork", "two histories", other, STREAM, 2, "yet another")])
    await house.delivery.sweep()
    assert await house.reasons() == [(2, "fork"), (5, "gap")]


async def test_of_two_who_stand_at_the_same_event_one_has_to_look_again(house: House, database: Database) -> None:
    await house.delivery.process(events(1))
    other = House(database)
    await other.delivery.process(events(1))
    await house.delivery.process([record(2, registered(2), value=None)])
    with pytest.raises(Superseded):
        await other.delivery.process([record(2, registered(2), value=b"{}"), *events(3)])
    await other.delivery.forget()
    await other.delivery.process(events(3))
    assert await house.reasons() == [(2, "poison"), (3, "behind")]


async def test_a_parked_event_is_settled_at_once(house: House) -> None:
    await house.delivery.process([*events(1), record(2, registered(2), value=None)], settle=False)
    assert (await house.last(), await house.reasons()) == (1, [(2, "poison")])


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_and_repetition_ends_in_the_same_view(house: House, seed: int) -> None:
    chance = random.Random(seed)
    mixed = [one for one in events(*range(1, 13)) for _ in range(chance.randint(1, 3))]
    chance.shuffle(mixed)
    while mixed:
        size = chance.randint(1, 5)
        await house.delivery.process(mixed[:size], settle=chance.random() < 0.5)
        del mixed[:size]
    await house.delivery.settle()
    assert await house.told() == list(range(1, 13))
    assert await house.reasons() == []
    assert await house.last() == 12
