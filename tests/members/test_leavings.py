"""Whoever leaves a seat is said to have left it, once, the day after; nobody else is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from services.members.domain.leavings import LATEST_FAREWELL
from services.members.domain.mandates import AnnounceLeaving
from services.members.domain.seat_group import SEAT_GROUP
from services.members.projections.leavings import LEAVING, LEAVINGS
from shared.contracts.members import HolderLeft, MandateEnded, MandateWithdrawn, PostVacated
from shared.contracts.occupancies import from_documents
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from shared.kernel.time import LAST_DAY, days, iso, start_of
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import NOW, edge, person
from tests.members.test_dates import HEAD, READY, SEAT, TERM, TODAY, TYPED, changed, corrected, ended
from tests.members.test_seat_group import OPENED, REGISTERED, appointed, nominated

given = given_of(SEAT_GROUP)
YESTERDAY, TOMORROW = TODAY - days(1), TODAY + days(1)
HAS_LEFT = (*READY, appointed(1, since=date(2023, 11, 1)), ended(1, YESTERDAY))


def left(number: int, until: date, **fields: Any) -> HolderLeft:
    return HolderLeft.model_validate({**SEAT, "person": person(number), "until": until, **fields})


def announce(number: int, until: date, at: datetime = NOW, **fields: Any) -> AnnounceLeaving:
    return AnnounceLeaving(**edge(at=at, **{**SEAT, "person": person(number), "until": until, **fields}))


def next_of(*history: Event) -> Document:
    [document] = folded(LEAVINGS, history, "stuttgart/seat-group/hospitals").values()
    return document


def gone(reason: str) -> MandateEnded:
    return ended(1, YESTERDAY).model_copy(update={"reason": reason})


LEAVES: dict[str, tuple[Sequence[Event], date]] = {
    "by an end that was said": (HAS_LEFT, YESTERDAY),
    "by the end of the term": ((*READY, TERM), date(2027, 12, 31)),
    "by whoever follows": ((*READY, appointed(1), appointed(2, since=TODAY)), YESTERDAY),
    "by an end that was moved": ((*HAS_LEFT, ended(1, TOMORROW)), TOMORROW),
    "by a correction": ((*READY, TERM, corrected(1, date(2023, 11, 1), date(2023, 11, 1), YESTERDAY)), YESTERDAY),
}
STAYS: dict[str, Sequence[Event]] = {
    "nobody sits": READY,
    "until further notice": (*READY, appointed(1)),
    "another term begins": (*READY, TERM, appointed(1, since=date(2028, 1, 1))),
    "another seat of the group follows": (*HAS_LEFT, appointed(1, "hospitals-2", since=TODAY)),
    "it was a mistake": (
        *READY,
        TERM,
        MandateWithdrawn(**SEAT, role="principal", person=person(1), since=date(2023, 11, 1), reason=TYPED),
    ),
    "dead": (*READY, appointed(1), gone("deceased")),
    "dead, and somebody follows": (*READY, appointed(1), gone("deceased"), appointed(2, since=TODAY)),
    "erased": (*READY, appointed(1), gone("erased")),
}


@pytest.mark.parametrize("how", LEAVES)
def test_whoever_leaves_is_announced_when_the_last_day_is_over(how: str) -> None:
    history, until = LEAVES[how]
    document = next_of(*history)
    assert document["due"] == iso(start_of(until + days(1)))
    told = LEAVING.command({**document, "conference": "stuttgart"}, start_of(until + days(1)))
    assert SEAT_GROUP.decide(SEAT_GROUP.fold(history), told) == [left(1, until)]  # type: ignore[arg-type]


@pytest.mark.parametrize("why", STAYS)
def test_nobody_is_announced_who_goes_on_or_cannot_be_written_to(why: str) -> None:
    history = STAYS[why]
    assert next_of(*history)["due"] is None
    for until in (YESTERDAY, date(2027, 12, 31)):
        given(*history).when(announce(1, until)).then_nothing()


def test_it_is_said_once() -> None:
    given(*HAS_LEFT).when(announce(1, YESTERDAY)).then(left(1, YESTERDAY))
    assert next_of(*HAS_LEFT, left(1, YESTERDAY))["due"] is None
    given(*HAS_LEFT, left(1, YESTERDAY)).when(announce(1, YESTERDAY)).then_nothing()


def test_what_is_learned_long_after_is_said_to_be_so() -> None:
    for late, said in ((0, None), (1, True)):
        at = start_of(YESTERDAY + LATEST_FAREWELL + days(late))
        given(*HAS_LEFT).when(announce(1, YESTERDAY, at)).then(left(1, YESTERDAY, long_ago=said))


def test_a_post_is_left_when_another_holds_it_or_nobody() -> None:
    for following in (changed(2, TODAY), PostVacated(group="head", seat="head-1", since=TODAY, reason="post_ended")):
        document = next_of(HEAD, changed(1, date(2023, 11, 1)), following)
        assert document["next"] == ["head-1", person(1), YESTERDAY.isoformat()]


def test_it_is_remembered_what_was_said_and_who_is_next() -> None:
    nobody = next_of(*READY)
    assert [nobody[name] for name in ("group", "said", "next", "due")] == ["hospitals", [], None, None]
    assert from_documents(nobody["seats"]) == SEAT_GROUP.fold(READY).seats
    told = next_of(*HAS_LEFT, left(1, YESTERDAY), appointed(2, since=TODAY, until=TOMORROW))
    assert told["said"] == [["hospitals-1", person(1), YESTERDAY.isoformat()]]
    assert told["next"] == ["hospitals-1", person(2), TOMORROW.isoformat()]


def test_those_who_leave_are_told_of_by_their_day_and_then_by_their_seat() -> None:
    seats = tuple(f"hospitals-{number}" for number in range(1, 8))
    history: list[Event] = [OPENED.model_copy(update={"seats": seats}), REGISTERED]
    for number, seat in enumerate(seats, start=1):
        until = YESTERDAY if seat == seats[-1] else TODAY
        history += [nominated(number), appointed(number, seat, until=until)]
    told: list[str] = []
    while following := next_of(*history)["next"]:
        told.append(following[0])
        number = seats.index(following[0]) + 1
        history.append(left(number, date.fromisoformat(following[2]), seat=following[0]))
    assert told == [seats[-1], *seats[:-1]]


def test_nobody_leaves_on_the_last_day_of_the_calendar() -> None:
    """The day after it cannot be named."""
    assert next_of(*READY, appointed(1, until=LAST_DAY))["due"] is None
    before = next_of(*READY, appointed(1, until=LAST_DAY - days(1)))
    assert before["due"] == iso(start_of(LAST_DAY))
