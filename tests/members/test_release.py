"""Whoever is gone holds nothing, whatever happened first."""

from __future__ import annotations

from typing import Any

import pytest

from services.members.domain.mandates import EndMandate
from services.members.domain.person import PERSON, ErasePerson
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.working_group import WORKING_GROUP, CloseWorkingGroup, JoinWorkingGroup
from services.members.release import release_once
from services.members.service import SERVICE
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Command
from tests.contracts.test_accepted import founded
from tests.kit.when import NOW, edge, person
from tests.kit.world import World


class Documents:
    """The projections of members, as the world has folded them; or as they were, where they lag."""

    def __init__(self, world: World) -> None:
        self._found = dict(world.documents["members"])

    async def find(self, projection: Projection, where: Document, limit: int) -> list[Document]:
        assert limit == 0
        found = [document for key, document in self._found.items() if key.projection == projection.name]
        return [one for one in found if not where or one.get("occupied") or one.get("members")]


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


async def release(world: World, documents: Documents | None = None) -> None:
    await release_once(documents or Documents(world), world.executors["members"], NOW)  # type: ignore[arg-type]


async def held(world: World) -> tuple[bool, list[str]]:
    """Whether seat ``a-1`` is filled, and who works in the group."""
    executor = world.executors["members"]
    seats = (await executor.state(SEAT_GROUP, "stuttgart/seat-group/a")).seats
    members = (await executor.state(WORKING_GROUP, "stuttgart/working-group/a")).members
    return seats["a-1"] is not None, sorted(members)


async def test_nobody_who_is_there_loses_anything(world: World) -> None:
    await release(world)
    assert await held(world) == (True, sorted([person(1), person(2)]))


async def test_who_is_erased_holds_no_seat_and_works_nowhere(world: World) -> None:
    await erase(world, 1)
    for _ in range(2):
        await release(world)
        assert await held(world) == (False, [person(2)])
    executor = world.executors["members"]
    assert (await executor.state(PERSON, f"stuttgart/person/{person(1)}")).erased
    assert person(1) not in (await executor.state(SEAT_GROUP, "stuttgart/seat-group/a")).nominated


async def test_a_guest_who_is_erased_works_nowhere_also_in_a_closed_group(world: World) -> None:
    await give(world, CloseWorkingGroup, working_group="a")
    await erase(world, 2)
    await release(world)
    assert await held(world) == (True, [person(1)])


async def test_with_the_mandate_goes_the_place_in_the_working_group(world: World) -> None:
    await give(world, EndMandate, group="a", seat="a-1", until=NOW.date(), reason="recalled")
    await release(world)
    assert await held(world) == (False, [person(2)])


async def test_a_projection_that_lags_takes_nothing_from_anybody(world: World) -> None:
    """Planted: it has heard of the joining and not of the seat, nor that the person is there as a guest again."""
    documents = Documents(world)
    for key in [key for key in documents._found if key.projection == "seats"]:
        del documents._found[key]
    await release(world, documents)
    assert await held(world) == (True, sorted([person(1), person(2)]))
