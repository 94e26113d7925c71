"""Who is on the list of a guest pool, and who is not any more."""

from __future__ import annotations

from typing import Any

import pytest

from services.members.domain.conference import InviteGuestPool
from services.members.domain.guest_pool import (
    GUEST_POOL,
    MOST_ON_A_LIST,
    GuestPoolIsFull,
    GuestPoolNotInvited,
    JoinGuestPool,
    LeaveGuestPool,
)
from services.members.domain.person import PersonUnknown
from services.members.named import names
from services.members.projections import GUEST_POOLS
from services.members.service import SERVICE
from shared.contracts.members import GuestPoolJoined, GuestPoolLeft
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import edge, person
from tests.kit.world import World
from tests.members.test_release import erase, give, release, world

__all__ = ["world"]
given = given_of(GUEST_POOL)
STREAM = "stuttgart/guest-pool/academia"


def join(number: int = 1, **fields: Any) -> JoinGuestPool:
    return JoinGuestPool(**edge(pool="academia", person=person(number), **{"person_known": True, **fields}))


def joined(number: int = 1) -> GuestPoolJoined:
    return GuestPoolJoined(pool="academia", person=person(number))


def left(number: int = 1) -> GuestPoolLeft:
    return GuestPoolLeft(pool="academia", person=person(number))


def leave(number: int = 1) -> LeaveGuestPool:
    return LeaveGuestPool(**edge(pool="academia", person=person(number)))


def test_somebody_who_is_known_is_put_on_the_list_once_and_taken_off() -> None:
    given().when(join()).then(joined())
    given(joined()).when(join()).then_nothing()
    given(joined()).when(leave()).then(left())
    given().when(leave()).then_nothing()
    given(joined(), left()).when(join()).then(joined())


def test_nobody_unknown_is_put_on_a_list() -> None:
    given().when(join(person_known=False)).rejected(PersonUnknown)


def test_a_list_has_an_end() -> None:
    full = [joined(number) for number in range(MOST_ON_A_LIST)]
    given(*full).when(join(MOST_ON_A_LIST)).rejected(GuestPoolIsFull, pool="academia", most=MOST_ON_A_LIST)
    given(*full).when(join(0)).then_nothing()


def test_the_list_is_shown_in_its_order() -> None:
    [shown] = folded(GUEST_POOLS, [joined(1), joined(2), joined(3), left(1), joined(1)], STREAM).values()
    assert (shown["pool"], shown["people"]) == ("academia", [person(2), person(3), person(1)])


async def test_a_pool_that_is_not_invited_has_no_list(world: World) -> None:
    named = names(world.executors["members"], None)[JoinGuestPool]  # type: ignore[arg-type]  # asks no clock

    async def read() -> None:
        for one in named:
            await one.read(join())

    with pytest.raises(GuestPoolNotInvited):
        await read()
    await world.give(SERVICE, InviteGuestPool(**edge(pool="academia", name="Wissenschaft")))
    await read()


async def test_whoever_is_erased_is_on_no_list(world: World) -> None:
    await world.give(SERVICE, InviteGuestPool(**edge(pool="academia", name="Wissenschaft")))
    for number in (1, 2):
        await give(world, JoinGuestPool, pool="academia", person=person(number), person_known=True)
    await erase(world, 2)
    await release(world)
    assert (await world.executors["members"].state(GUEST_POOL, STREAM)).people == {person(1)}
