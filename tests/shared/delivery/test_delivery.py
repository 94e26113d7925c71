"""Delivery on the real mongod: old, next, gap, fork and poison; nothing is skipped, nothing is applied twice."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from structlog.typing import EventDict

from shared.contracts.envelope import Envelope
from shared.contracts.members import OrganisationRegistered, SeatGroupOpened
from shared.declarations.projection import Document, projection
from shared.declarations.reaction import reaction
from shared.kernel.decider import Command
from shared.runtime.delivery.delivery import NoLongerParked, OnlyTheFirstIsDropped
from shared.runtime.delivery.parked import ParkedRow
from shared.runtime.delivery.stores import Superseded
from shared.runtime.kafka.record import KeptRecord
from shared.runtime.mongo.driver import Database
from tests.kit.servers import BOTH_DRIVERS
from tests.shared.seat_groups import (
    HISTORY,
    STREAM,
    Subject,
    fold_history,
    open_group,
    opened,
    record,
    register,
    registered,
)
from tests.shared.small_service import said

pytestmark = [pytest.mark.infra, BOTH_DRIVERS]

OTHER = "stuttgart/seat-group/other"
HISTORY_TOPIC = "kpk.members.v1"


def events(*numbers: int, stream: str = STREAM) -> list[KeptRecord]:
    return [record(n, opened() if n == 1 else registered(n), stream) for n in numbers]


@pytest.fixture
def service(database: Database) -> Subject:
    return Subject(database)


async def test_the_next_events_are_applied_once_each(service: Subject) -> None:
    await service.process(events(1, 2, 3))
    await service.process(events(2, 3, 4))
    assert await service.told() == [1, 2, 3, 4]
    assert await service.reasons() == []


async def test_a_batch_may_come_a_hundred_times(service: Subject) -> None:
    await service.process(events(1, 2, 3) * 100)
    assert await service.told() == [1, 2, 3]


async def test_a_gap_parks_its_stream_and_heals_by_itself(service: Subject) -> None:
    await service.process([*events(1, 3, 4), *events(1, 2, stream=OTHER)])
    assert await service.told() == [1]
    assert await service.told(OTHER) == [1, 2]
    assert await service.reasons() == [(3, "gap"), (4, "gap")]
    await service.process(events(2))
    assert await service.told() == [1, 2, 3, 4]
    assert await service.reasons() == []


async def test_reordered_events_are_applied_in_order(service: Subject) -> None:
    for one in events(3, 1, 4, 2):
        await service.process([one])
    assert await service.told() == [1, 2, 3, 4]


async def test_a_fork_is_never_taken_for_a_duplicate(service: Subject) -> None:
    await service.process(events(1, 2))
    await service.process([record(2, registered(9), salt="other"), *events(3)])
    assert await service.told() == [1, 2]
    assert await service.reasons() == [(2, "fork"), (3, "behind")]
    row = await service.parked.get(
        next(one["_id"] for one in await service.parked.overview() if one["reason"] == "fork")
    )
    assert row is not None
    await service.delivery.drop(row, "admin", "wiederhergestellte Datenbank")
    assert await service.told() == [1, 2, 3]


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"value": None}, "the value is null"),
        ({"value": b"{}"}, "data: organisation: missing"),
        ({"value": b"\xff"}, "data: value: json_invalid"),
    ],
)
async def test_poison_holds_up_its_stream_alone(service: Subject, other: dict[str, Any], problem: str) -> None:
    await service.process([*events(1), record(2, registered(2), **other), *events(3), *events(1, stream=OTHER)])
    await service.process(events(4))
    assert await service.told() == [1]
    assert await service.told(OTHER) == [1]
    assert await service.reasons() == [(2, "poison"), (3, "behind"), (4, "behind")]
    assert problem in [row["problem"] for row in await service.parked.overview()]


async def test_only_the_event_that_holds_up_a_stream_is_dropped(service: Subject, database: Database) -> None:
    await service.process([*events(1), record(2, registered(2), value=None), *events(3, 4)])
    rows = {row["sequence"]: await service.parked.get(row["_id"]) for row in await service.parked.overview()}
    assert rows[2] is not None
    assert rows[3] is not None
    with pytest.raises(OnlyTheFirstIsDropped):
        await service.delivery.drop(rows[3], "admin", "Versehen")
    await service.delivery.drop(rows[2], "admin", "leer veröffentlicht")
    assert await service.told() == [1, 3, 4]
    assert await service.last() == 4
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
async def test_untrustworthy_headers_are_kept_in_quarantine_and_block_nothing(service: Subject, headers: Any) -> None:
    await service.process([record(1, opened(), headers=headers), *events(1)])
    assert await service.told() == [1]
    assert await service.reasons() == [(None, "quarantine")]


async def test_two_who_see_to_one_record_at_once_do_not_both(service: Subject, database: Database) -> None:
    """Each has looked at it; what the first did stands, and its trace names the first."""
    await service.process([record(1, opened(), headers=[])])
    [shown] = await service.parked.overview()
    row = await service.parked.get(shown["_id"])
    assert row is not None
    await service.delivery.drop(row, "admin", "unlesbar")
    with pytest.raises(NoLongerParked):
        await service.delivery.drop(row, "admin-2", "auch gesehen")
    with pytest.raises(NoLongerParked):
        await service.delivery.retry(row)
    [trace] = [one async for one in database["parked_dropped"].find()]
    assert (trace["by"], trace["why"]) == ("admin", "unlesbar")


async def test_a_foreign_key_is_quarantined(service: Subject) -> None:
    await service.process([record(1, opened(), key=b"somebody-else")])
    assert await service.reasons() == [(None, "quarantine")]


async def test_an_unknown_type_is_passed_and_an_unknown_version_is_parked(service: Subject) -> None:
    def renamed(name: bytes) -> Any:
        return [(key, name if key == "ce_type" else value) for key, value in record(2, registered(2)).headers]

    await service.process([*events(1), record(2, registered(2), headers=renamed(b"kpk.members.Novelty.v1"))])
    assert await service.last() == 2
    newer = record(2, registered(2), OTHER)
    newer_type = [
        (key, b"kpk.members.OrganisationRegistered.v2" if key == "ce_type" else v) for key, v in newer.headers
    ]
    await service.process([*events(1, stream=OTHER), record(2, registered(2), OTHER, headers=newer_type)])
    assert await service.reasons() == [(2, "poison")]


def fold_or_break(
    document: Document | None, event: SeatGroupOpened | OrganisationRegistered, envelope: Envelope
) -> Document:
    if isinstance(event, OrganisationRegistered) and event.organisation == "hospital-3":
        raise ZeroDivisionError
    return fold_history(document, event, envelope)


async def test_a_fold_that_raises_parks_and_a_retry_after_the_repair_goes_on(database: Database) -> None:
    broken = projection("history", fold_or_break)
    service = Subject(database, broken)
    await service.process(events(1, 2, 3, 4))
    assert await service.told() == [1, 2]
    assert await service.reasons() == [(3, "poison"), (4, "behind")]
    repaired = Subject(database)
    await repaired.process(events(5))
    assert await repaired.told() == [1, 2]
    row = await service.parked.get((await service.parked.overview())[0]["_id"])
    assert row is not None
    await repaired.delivery.retry(row)
    assert await repaired.told() == [1, 2, 3, 4, 5]
    assert await repaired.reasons() == []


@reaction("follow")
def follow(event: SeatGroupOpened, envelope: Envelope) -> Iterable[Command]:
    return [open_group("follower")]


@reaction("misname")
def misname(event: SeatGroupOpened, envelope: Envelope) -> Iterable[Command]:
    return [register(1, "nowhere")]


async def test_a_reaction_happens_once_however_often_its_event_comes(database: Database) -> None:
    service = Subject(database, reactions=(follow,))
    await service.journal.prepare()
    await service.process(events(1))
    await database["positions"].delete_many({})
    await Subject(database, reactions=(follow,)).process(events(1))
    [commit] = await service.journal.read("stuttgart/seat-group/follower")
    assert commit.causation != commit.command.id
    assert await service.told() == [1]


async def test_each_reaction_is_one_line_and_one_that_a_rule_refuses_a_warning(
    database: Database, lines: list[EventDict]
) -> None:
    service = Subject(database, reactions=(follow, misname))
    await service.journal.prepare()
    await service.process(events(1))
    [done], [refused] = said(lines, "reaction executed"), said(lines, "reaction refused")
    assert (done["log_level"], done["reaction"], done["command"]) == ("info", "follow", "OpenSeatGroup")
    assert (done["stream"], done["replayed"]) == ("stuttgart/seat-group/follower", False)
    assert (refused["log_level"], refused["reaction"], refused["rule"]) == ("warning", "misname", "SeatGroupNotOpen")
    assert done["because"] == refused["because"] == "kpk.members.SeatGroupOpened.v1"
    assert done["causation"] == refused["causation"], "the event that both follow from"


async def test_each_batch_is_one_line_for_whoever_looks_closely(service: Subject, lines: list[EventDict]) -> None:
    await service.process(events(1, 2))
    await service.process(events(2, 4))
    assert [
        (one["log_level"], one["applied"], one["dropped"], one["parked"]) for one in said(lines, "batch applied")
    ] == [
        ("debug", 2, 0, 0),
        ("debug", 0, 1, 1),
    ]


async def test_a_zombie_that_read_before_another_wrote_writes_nothing(service: Subject) -> None:
    await service.process(events(1))
    document = await service.store.get(HISTORY, STREAM)
    assert document is not None
    await service.process(events(2))
    with pytest.raises(Superseded):
        await service.store.write(HISTORY, [({**document, "sequence": 2, "told": ["zombie"]}, 1)])
    assert await service.told() == [1, 2]


async def test_positions_are_written_once_for_many_batches_and_with_the_last(service: Subject) -> None:
    for number in (1, 2, 3):
        await service.process(events(number), settle=False)
    assert (await service.told(), await service.last()) == ([1, 2, 3], 0)
    await service.process(events(4))
    assert (await service.told(), await service.last()) == ([1, 2, 3, 4], 4)


async def test_what_was_not_settled_comes_again_and_changes_nothing(service: Subject, database: Database) -> None:
    await service.process(events(1, 2))
    await service.process(events(3, 4), settle=False)
    successor = Subject(database)
    await successor.process(events(3, 4))
    assert (await successor.told(), await successor.last()) == ([1, 2, 3, 4], 4)


async def test_who_remembers_what_another_has_moved_settles_nothing(service: Subject, database: Database) -> None:
    await service.process(events(1, 2))
    await service.process(events(3), settle=False)
    await Subject(database).process(events(3, 4))
    with pytest.raises(Superseded):
        await service.settle()
    assert service.progress.comes_again == {(HISTORY_TOPIC, 0): 2}
    assert service.progress.settled == {(HISTORY_TOPIC, 0): 2}, "only what was settled before may be committed"
    await service.process(events(3, 4, 5))
    assert (await service.told(), await service.last()) == ([1, 2, 3, 4, 5], 5)


async def test_who_remembers_an_old_document_can_not_overwrite_the_new_one(
    service: Subject, database: Database
) -> None:
    await service.process(events(1))
    await Subject(database).process(events(2, 3))
    with pytest.raises(Superseded):
        await service.process(events(2))
    await service.process(events(2, 3, 4))
    assert await service.told() == [1, 2, 3, 4]


async def test_a_retry_that_fails_again_keeps_what_it_tried(database: Database) -> None:
    service = Subject(database, projection("history", fold_or_break))
    await service.process(events(1, 2, 3, 4))
    row = await service.parked.get((await service.parked.overview())[0]["_id"])
    assert row is not None
    await service.delivery.retry(row)
    assert await service.reasons() == [(3, "poison"), (4, "behind")]
    repaired = Subject(database)
    await repaired.delivery.retry(row)
    assert (await repaired.told(), await repaired.reasons()) == ([1, 2, 3, 4], [])


async def test_what_a_superseded_worker_parked_after_it_was_applied_holds_up_nothing(
    service: Subject, database: Database
) -> None:
    await service.process(events(1, 2, 3))
    late = record(2, registered(2), value=None)
    await service.parked.keep([ParkedRow("poison", "as it seemed then", late, STREAM, 2, "another")])
    await database["positions"].update_one({"_id": STREAM}, {"$set": {"held": True}})
    await Subject(database).process(events(4, 5))
    assert await service.told() == [1, 2, 3, 4, 5]


async def test_what_was_applied_after_all_is_swept_away_and_a_fork_is_not(service: Subject) -> None:
    await service.process([*events(1, 2, 3), *events(5)])
    late, other = record(2, registered(2), value=None), record(2, registered(9), salt="other")
    await service.parked.keep([ParkedRow("poison", "as it seemed then", late, STREAM, 2, "another")])
    await service.parked.keep([ParkedRow("fork", "two histories", other, STREAM, 2, "yet another")])
    await service.delivery.sweep()
    assert await service.reasons() == [(2, "fork"), (5, "gap")]


async def test_of_two_who_stand_at_the_same_event_one_has_to_look_again(service: Subject, database: Database) -> None:
    await service.process(events(1))
    other = Subject(database)
    await other.process(events(1))
    await service.process([record(2, registered(2), value=None)])
    with pytest.raises(Superseded):
        await other.process([record(2, registered(2), value=b"{}"), *events(3)])
    other.delivery.forget()
    await other.process(events(3))
    assert await service.reasons() == [(2, "poison"), (3, "behind")]


async def test_a_parked_event_is_settled_at_once(service: Subject) -> None:
    await service.process([*events(1), record(2, registered(2), value=None)], settle=False)
    assert (await service.last(), await service.reasons()) == (1, [(2, "poison")])


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_and_repetition_ends_in_the_same_view(service: Subject, seed: int) -> None:
    chance = random.Random(seed)
    mixed = [one for one in events(*range(1, 13)) for _ in range(chance.randint(1, 3))]
    chance.shuffle(mixed)
    while mixed:
        size = chance.randint(1, 5)
        await service.process(mixed[:size], settle=chance.random() < 0.5)
        del mixed[:size]
    await service.settle()
    assert await service.told() == list(range(1, 13))
    assert await service.reasons() == []
    assert await service.last() == 12
