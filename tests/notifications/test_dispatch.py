"""All mails of a conference are stopped by the office at once, and go on when it says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.bounds import DAY, Measure, Switch
from services.notifications.domain.dispatch import (
    DISPATCH,
    Dispatch,
    DispatchIsStopped,
    DispatchNotStopped,
    ResumeDispatch,
    StopDispatch,
)
from services.notifications.domain.mail_commands import mail_id
from services.notifications.mailserver.outcomes import Later, Outcome, Sent
from services.notifications.projections.dispatches import DISPATCHES
from shared.contracts.notifications import DispatchResumed, DispatchStopped
from shared.kernel.identifiers import derived_id
from shared.kernel.time import iso
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, NOW, edge, person
from tests.notifications.letterbox import INVITATION, WELCOME, details, queued
from tests.notifications.mailserver import Letterbox
from tests.notifications.world import World

given = given_of(DISPATCH)

WHY, RIGHT = "Die Einladung nennt den falschen Ort.", "Der Ort ist berichtigt."
STOPPED, RESUMED = DispatchStopped(reason=WHY), DispatchResumed(reason=RIGHT)
STOP, RESUME = StopDispatch(**edge(reason=WHY)), ResumeDispatch(**edge(reason=RIGHT))


def test_it_is_stopped_and_resumed_by_turns() -> None:
    given().when(STOP).then(STOPPED)
    given(STOPPED).when(STOP).rejected(DispatchIsStopped)
    given(STOPPED).when(RESUME).then(RESUMED)
    given().when(RESUME).rejected(DispatchNotStopped)
    given(STOPPED, RESUMED).when(STOP).then(STOPPED)


def test_what_is_remembered_says_since_when_and_why() -> None:
    [stopped] = folded(DISPATCHES, [STOPPED], STOP.stream).values()
    assert (stopped["is_stopped"], stopped["conference"], stopped["reason"]) == (True, CONFERENCE, WHY)
    assert stopped["since"] == iso(NOW)
    [resumed] = folded(DISPATCHES, [STOPPED, RESUMED], STOP.stream).values()
    assert (resumed["is_stopped"], resumed["reason"]) == (False, RIGHT)


@pytest.fixture
def world() -> World:
    return World(Letterbox())


async def looked_at(world: World, **given: Any) -> list[str]:
    """To whom it went, of all that was due."""
    tried: list[str] = []

    async def send(_: bytes, __: str, email: str, ___: object) -> Outcome:
        tried.append(email)
        return Sent()

    sending = world.sending(send, **given)
    await sending.start(world.documents())
    await sending.finish(within=30)
    return tried


async def test_while_it_is_stopped_no_mail_and_no_letter_leaves_and_afterwards_each_does_once(world: World) -> None:
    mails = [world.queue(queued(WELCOME, number)) for number in range(1, 5)]
    letter = world.queue(queued(WELCOME, 5), details(email=None))
    world.is_stopped = True
    assert await looked_at(world) == []
    assert {tuple(world.told(one)) for one in [*mails, letter]} == {("Queued",)}
    world.is_stopped = False
    assert len(await looked_at(world)) == 4
    assert world.told(letter) == ["Queued", "PrintLetterDue"]
    assert await looked_at(world) == []


async def test_what_lost_its_use_while_it_was_stopped_is_not_sent(world: World) -> None:
    world.is_stopped = True
    mail = world.queue(queued(INVITATION, useful_until=NOW + timedelta(hours=1)))
    world.now = NOW + timedelta(hours=2)
    assert await looked_at(world) == [] and world.told(mail) == ["Queued"]
    world.is_stopped = False
    assert await looked_at(world) == [] and world.told(mail) == ["Queued", "Failed"]


async def test_the_journal_is_believed_for_a_second_and_each_conference_for_itself() -> None:
    now, stopped, asked = [0.0], {"b"}, list[str]()

    async def dispatch_of(conference: str) -> Dispatch:
        asked.append(conference)
        return Dispatch(conference in stopped)

    switch = Switch(dispatch_of, lambda: now[0])
    assert [await switch.is_off(one) for one in ("a", "b", "a", "b")] == [False, True, False, True]
    assert asked == ["a", "b"]
    stopped.add("a")
    now[0] = 1.0
    assert await switch.is_off("a")


async def test_nobody_gets_more_than_their_measure_within_a_day(world: World) -> None:
    told: list[int | None] = []
    measure = Measure(2, told.append)
    for number in range(5):
        cause = derived_id("test-event", str(number))
        world.queue(queued(WELCOME, 1, cause=cause, mail=mail_id(cause, "welcome", person(1))))
        await looked_at(world, measure=measure)
    other = world.queue(queued(WELCOME, 2))
    await looked_at(world, measure=measure)
    sent = [mail for mail in world.streams if "Sent" in world.told(mail)]
    assert len(sent) == 3 and other in sent
    assert measure.full(world.now) == [person(1)]
    world.now = NOW + DAY
    assert measure.full(world.now) == [] and told == [1, None]
    assert measure._sent == {}, "nobody is remembered for longer than a day"
    await looked_at(world, measure=measure)
    told_of = [tuple(world.told(mail))[-1] for mail in world.streams]
    assert sorted(told_of) == ["Sent"] * 4 + ["Superseded"] * 2, "the newest of those that waited"


async def test_what_did_not_go_out_does_not_count(world: World) -> None:
    async def send(*_: object) -> Outcome:
        return Later("mailbox_full")

    measure = Measure(1)
    world.queue(queued(WELCOME))
    sending = world.sending(send, measure=measure)
    await sending.start(world.documents())
    await sending.finish(within=30)
    assert measure.full(world.now) == []
