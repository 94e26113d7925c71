"""Whoever is gone holds nothing, whatever happened first."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
from structlog.typing import EventDict

from services.members import release as release_loop
from services.members.domain.guest_pool import GUEST_POOL, JoinGuestPool
from services.members.domain.mandates import AppointDelegate, AppointDeputy, EndMandate, SeatIsVacant
from services.members.domain.nominations import NominateDelegate
from services.members.domain.person import PERSON, ErasePerson
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.working_group import (
    WORKING_GROUP,
    CloseWorkingGroup,
    EstablishWorkingGroup,
    JoinWorkingGroup,
    LeaveWorkingGroup,
)
from services.members.projections import ERASED
from services.members.release import release_once
from services.members.service import SERVICE
from shared.contracts.members import MandateEnded, MandateWithdrawn
from shared.declarations.projection import Document, Key, Projection
from shared.kernel.decider import Command, Decider
from shared.kernel.rejections import Busy
from shared.kernel.time import days
from shared.runtime.commands.execute import Answer, Request
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import SystemClock
from tests.contracts.test_accepted import founded
from tests.kit.when import NOW, edge, person
from tests.kit.world import World
from tests.storms.world.documents import matches

TODAY = NOW.date()
WAS = TODAY - days(9)
SEAT: dict[str, Any] = {"group": "a", "seat": "a-1", "person": person(1)}


class Documents:
    """The projections of members, as the world has folded them; or as they were, where they lag."""

    def __init__(self, world: World) -> None:
        self.found = dict(world.documents["members"])

    async def find(self, projection: Projection, where: Document) -> list[Document]:
        found = [{**kept, "_id": key.id} for key, kept in self.found.items() if key.projection == projection.name]
        return [one for one in found if matches(one, where)]


@pytest.fixture
async def world() -> World:
    """Person 1 has seat ``a-1`` and works for it in group ``a``; person 2 works there as a guest."""
    world = await founded()
    await give(world, JoinWorkingGroup, working_group="a", person=person(2), seat=None, person_known=True)
    return world


async def give(world: World, command: type[Command], **fields: Any) -> None:
    await world.give(SERVICE, command.model_validate(edge(**fields)))


async def erase(world: World, number: int) -> None:
    await give(world, ErasePerson, person=person(number), belongs_elsewhere=False)


async def release(world: World, documents: Documents | None = None, at: datetime = NOW) -> None:
    await release_once(documents or Documents(world), world.executors["members"], at)  # type: ignore[arg-type]


def asked_of(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The streams whose state the journal is asked for from now on."""
    asked: list[str] = []

    async def state(decider: Decider[Any, Any, Any], stream: str) -> Any:
        asked.append(stream)

    monkeypatch.setattr(world.executors["members"], "state", state)
    return asked


async def sit(world: World, since: date, until: date | None) -> None:
    """Person 3, on seat ``a-2``."""
    who: dict[str, Any] = {"group": "a", "person": person(3), "person_known": True}
    await give(world, NominateDelegate, organisation="a", **who)
    await give(world, AppointDelegate, seat="a-2", since=since, until=until, **who)


async def held(world: World, on: date = TODAY) -> tuple[bool, list[str]]:
    """Whether seat ``a-1`` is filled on that day, and who works in the group."""
    executor = world.executors["members"]
    seat = (await executor.state(SEAT_GROUP, "stuttgart/seat-group/a")).seat("a-1")
    members = (await executor.state(WORKING_GROUP, "stuttgart/working-group/a")).members
    return bool(seat and seat.holder(on)), sorted(members)


async def test_nobody_who_is_there_loses_anything(world: World) -> None:
    await release(world)
    assert await held(world) == (True, sorted([person(1), person(2)]))


async def test_the_journal_is_asked_only_about_who_looks_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody was erased, and another has the seat now."""
    await erase(world, 1)
    await give(world, EndMandate, group="a", seat="a-1", until=NOW.date(), reason="erased")
    await give(world, LeaveWorkingGroup, working_group="a", person=person(1))
    await give(world, AppointDelegate, group="a", seat="a-1", person=person(2), since=NOW.date(), person_known=True)
    await give(world, LeaveWorkingGroup, working_group="a", person=person(2))
    await give(world, JoinWorkingGroup, working_group="a", person=person(2), seat="a-1", person_known=True)
    asked = asked_of(world, monkeypatch)
    await release(world)
    assert asked == []


async def test_of_nobody_whose_days_are_over_the_journal_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sit(world, WAS, TODAY - days(1))
    await erase(world, 3)
    asked = asked_of(world, monkeypatch)
    await release(world)
    assert asked == []


async def test_of_projections_only_what_may_have_to_go_is_read(world: World) -> None:
    """Of the groups of seats the one for which somebody works; no list of guests, and no group without members."""
    await give(world, JoinGuestPool, pool="academia", person=person(3), person_known=True)
    await give(world, EstablishWorkingGroup, working_group="empty", name="Leer", topics=("Wohnen",))
    read: list[str] = []

    class Noted(Documents):
        async def find(self, projection: Projection, where: Document) -> list[Document]:
            found = await super().find(projection, where)
            read.extend(f"{projection.name} {one['_id']}" for one in found)
            return found

    await release(world, Noted(world))
    assert sorted(read) == ["seats stuttgart/seat-group/a", "working_groups stuttgart/working-group/a"]


async def test_who_is_erased_holds_no_seat_and_works_nowhere(world: World) -> None:
    await erase(world, 1)
    for _ in range(2):
        await release(world)
        assert await held(world) == (False, [person(2)])
    executor = world.executors["members"]
    assert (await executor.state(PERSON, f"stuttgart/person/{person(1)}")).erased
    assert person(1) not in (await executor.state(SEAT_GROUP, "stuttgart/seat-group/a")).nominated


async def test_a_mandate_of_somebody_erased_ended_yesterday_and_one_to_come_is_withdrawn(world: World) -> None:
    """This one began on 2024-01-01."""
    await erase(world, 1)
    early = World(like=world)
    for where, at, told in (
        (world, NOW, MandateEnded(**SEAT, until=date(2024, 1, 14), reason="erased", group_name="Kliniken")),
        (early, NOW - days(14), MandateWithdrawn(**SEAT, role="principal", since=date(2024, 1, 1), reason="gelöscht")),
    ):
        await release(where, at=at)
        assert (await where.journals["members"].read("stuttgart/seat-group/a"))[-1].events[0].event() == told


Time = tuple[date, date | None]
OF_ERASED: list[tuple[list[Time], list[tuple[date, date | None, str | None]]]] = [
    ([(WAS, None)], [(WAS, TODAY - days(1), "erased")]),
    ([(WAS, TODAY)], [(WAS, TODAY - days(1), "erased")]),
    ([(WAS, TODAY - days(1))], [(WAS, TODAY - days(1), None)]),
    ([(TODAY, None)], []),
    ([(TODAY + days(1), TODAY + days(9))], []),
    ([(WAS, TODAY + days(3)), (TODAY + days(5), None)], [(WAS, TODAY - days(1), "erased")]),
]


@pytest.mark.parametrize(("recorded", "left"), OF_ERASED)
async def test_of_somebody_erased_only_days_that_have_passed_are_left(
    world: World, recorded: list[Time], left: list[Any], lines: list[EventDict]
) -> None:
    for since, until in recorded:
        await sit(world, since, until)
    await erase(world, 3)
    await release(world)
    group = await world.executors["members"].state(SEAT_GROUP, "stuttgart/seat-group/a")
    assert [(one.since, one.until, one.reason) for one in group.seats[1].periods("principal")] == left
    assert not [one for one in lines if one["event"] == "release refused"], "only what is so is asked for"


async def test_a_projection_that_is_ahead_of_the_journal_takes_nothing_from_anybody(world: World) -> None:
    """Planted: it says that everybody is erased, of which the journal knows nothing."""
    await give(world, JoinGuestPool, pool="academia", person=person(2), person_known=True)
    ahead = Documents(world)
    for number in (1, 2):
        ahead.found[Key(ERASED.name, person(number))] = {}
    await release(world, ahead)
    executor = world.executors["members"]
    assert await held(world) == (True, sorted([person(1), person(2)]))
    assert (await executor.state(GUEST_POOL, "stuttgart/guest-pool/academia")).people == {person(2)}
    assert person(2) in (await executor.state(SEAT_GROUP, "stuttgart/seat-group/a")).nominated


async def test_a_deputy_or_a_nominated_person_who_is_erased_is_none_any_more(world: World) -> None:
    await give(world, AppointDeputy, group="a", seat="a-2", person=person(2), since=date(2024, 1, 2), person_known=True)
    await erase(world, 2)
    await release(world)
    group = await world.executors["members"].state(SEAT_GROUP, "stuttgart/seat-group/a")
    assert (group.seats[1].holder(TODAY, "deputy"), dict(group.nominated)) == (None, {})


async def test_a_guest_who_is_erased_works_nowhere_also_in_a_closed_group(world: World) -> None:
    await give(world, CloseWorkingGroup, working_group="a")
    await erase(world, 2)
    await release(world)
    assert await held(world) == (True, [person(1)])


async def test_with_the_mandate_goes_the_place_in_the_working_group(world: World) -> None:
    await give(world, EndMandate, group="a", seat="a-1", until=NOW.date(), reason="recalled")
    await release(world)
    assert await held(world) == (True, sorted([person(1), person(2)])), "the last day is a day of the mandate"
    await release(world, at=NOW + days(1))
    assert await held(world, TODAY + days(1)) == (False, [person(2)])


async def test_a_projection_that_lags_takes_nothing_from_anybody(world: World) -> None:
    """Planted: it has heard of the joining and not of the seat, nor that the person is there as a guest again."""
    documents = Documents(world)
    for key in [key for key in documents.found if key.projection == "seats"]:
        del documents.found[key]
    await release(world, documents)
    assert await held(world) == (True, sorted([person(1), person(2)]))


async def test_nor_does_one_that_has_not_heard_who_left_and_who_came_back_as_a_guest(world: World) -> None:
    lagging = Documents(world)
    await give(world, EndMandate, group="a", seat="a-1", until=NOW.date(), reason="resigned")
    for number in (1, 2):
        await give(world, LeaveWorkingGroup, working_group="a", person=person(number))
    await give(world, JoinWorkingGroup, working_group="a", person=person(1), seat=None, person_known=True)
    await erase(world, 2)
    for key in [key for key in lagging.found if key.projection == "seats"]:
        del lagging.found[key]
    await release(world, lagging)
    assert await held(world, TODAY + days(1)) == (False, [person(1)])


async def test_somebody_who_was_faster_is_told_of_and_stops_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, lines: list[EventDict]
) -> None:
    async def refuse(command: Command, request: Request) -> Answer:
        raise SeatIsVacant(seat="a-1")

    await erase(world, 1)
    monkeypatch.setattr(world.executors["members"], "execute", refuse)
    await release(world)
    assert [(one["event"], one["rule"], one["stream"]) for one in lines] == [
        ("release refused", "SeatIsVacant", "stuttgart/seat-group/a"),
        ("release refused", "SeatIsVacant", "stuttgart/working-group/a"),
    ]


@pytest.mark.parametrize("trouble", [MongoUnavailable, Busy])
async def test_it_goes_on_after_trouble_and_then_waits_until_it_is_woken(
    world: World, monkeypatch: pytest.MonkeyPatch, lines: list[EventDict], trouble: type[Exception]
) -> None:
    looks: list[object] = [None, trouble(), None, None]
    slept: list[float] = []
    held, seen = Nudge(), Nudge()

    async def look(*_: object) -> None:
        seen.give()
        if error := looks.pop():
            assert isinstance(error, Exception)
            raise error

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(release_loop, "release_once", look)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    clock, executor = SystemClock(), world.executors["members"]
    waiting = release_loop.release_what_is_lost(Documents(world), executor, clock, held)  # type: ignore[arg-type]
    loop = asyncio.create_task(waiting)
    assert await seen.within(5)
    assert len(looks) == 3, "nobody has woken it"
    held.give()
    assert await seen.within(5)
    held.give()
    while len(looks) > 0:
        assert await seen.within(5)
        held.give()
    loop.cancel()
    assert slept == [release_loop.AGAIN_SECONDS]
    assert [(one["event"], one["error"]) for one in lines] == [("release waits", trouble.__name__)]
