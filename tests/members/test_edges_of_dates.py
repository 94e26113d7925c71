"""The first and the last day for which each rule of dates holds, and the smallest and largest of each number."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.members.domain.entitlement import (
    SEATS_OF_A_GROUP,
    ChangeEntitlement,
    EntitlementBelowFilledSeats,
    NoSeatNamesLeft,
)
from services.members.domain.mandates import (
    AnnounceVacancy,
    MandateEndsBeforeItBegan,
    MandateIsOver,
    SeatIsVacant,
)
from services.members.domain.periods import SeatAlreadyFilled, SitsAlready
from services.members.domain.posts import VacatePost
from services.members.domain.seat_group import SEAT_GROUP
from shared.contracts.members import EntitlementChanged, PostVacated
from shared.kernel.time import days
from tests.kit.given import given_of
from tests.kit.when import edge
from tests.members.test_dates import (
    HEAD,
    POST,
    READY,
    SEAT,
    TERM,
    TODAY,
    change,
    changed,
    correct,
    corrected,
    deputise,
    deputy,
    end,
    ended,
)
from tests.members.test_seat_group import OPENED, appoint, appointed, nominated

given = given_of(SEAT_GROUP)

BEGAN = date(2023, 11, 1)
YEARS_AHEAD = date(2028, 1, 1)


def entitle(seats: int, since: date = TODAY) -> ChangeEntitlement:
    return ChangeEntitlement(**edge(group="hospitals", seats=seats, since=since))


def vacated(since: date, seat: str = "head-1") -> PostVacated:
    return PostVacated(group="head", seat=seat, since=since, reason="other")


def test_a_mandate_that_ends_today_may_still_be_moved_and_yesterdays_may_not() -> None:
    today = (*READY, appointed(1, since=BEGAN, until=TODAY))
    given(*today).when(end(TODAY + days(5))).then(ended(1, TODAY + days(5)))
    given(*today).when(end(TODAY - days(1))).then(ended(1, TODAY - days(1)))
    yesterday = (*READY, appointed(1, since=BEGAN, until=TODAY - days(1)))
    given(*yesterday).when(end(TODAY)).rejected(SeatIsVacant)
    given(*yesterday).when(end(TODAY - days(2))).rejected(MandateIsOver)


def test_of_several_that_are_yet_to_begin_the_first_is_told() -> None:
    later = (appointed(1, since=YEARS_AHEAD, until=YEARS_AHEAD + days(9)), appointed(2, since=date(2030, 1, 1)))
    given(*READY, *later).when(end(TODAY)).rejected(MandateEndsBeforeItBegan, since="01.01.2028")


def test_a_post_that_became_vacant_that_day_has_nobody_whose_time_could_end() -> None:
    given(HEAD, vacated(TODAY)).when(end(TODAY, **POST)).rejected(SeatIsVacant)


def test_the_same_appointment_again_says_nothing_whoever_sat_there_before() -> None:
    both = (*READY, TERM, appointed(2, since=YEARS_AHEAD))
    given(*both).when(appoint(2, since=YEARS_AHEAD)).then_nothing()
    given(*both).when(appoint(1, since=TERM.since, until=TERM.until)).then_nothing()
    deputies = (*READY, deputy(5, until=TODAY), deputy(6, TODAY + days(1)))
    given(*deputies).when(deputise(5, until=TODAY)).then_nothing()
    given(*deputies).when(deputise(6, TODAY + days(1))).then_nothing()


def test_a_seat_may_be_handed_over_on_the_first_day_of_who_was_recorded_before() -> None:
    for last, is_free in ((BEGAN, True), (BEGAN + days(1), False)):
        earlier: dict[str, Any] = {"since": date(2020, 1, 1), "until": last}
        when = given(*READY, TERM).when(appoint(2, **earlier))
        when.then(appointed(2, **earlier)) if is_free else when.rejected(SeatAlreadyFilled)


@pytest.mark.parametrize(
    ("first", "second", "goes"),
    [
        ((BEGAN, TODAY), (TODAY, None), True),
        ((TODAY, TODAY), (TODAY, None), False),
        ((TODAY, None), (BEGAN, TODAY), True),
        ((TODAY, None), (TODAY, TODAY), False),
        ((BEGAN, TODAY), (TODAY - days(1), None), False),
    ],
)
def test_from_seat_to_seat_somebody_goes_on_one_day(
    first: tuple[date, date | None], second: tuple[date, date | None], goes: bool
) -> None:
    """The day is the last on the one and the first on the other; who had the one for that day alone had it."""
    here, there = (dict[str, Any](since=since, until=until) for since, until in (first, second))
    when = given(*READY, appointed(1, **here), nominated(1)).when(appoint(1, "hospitals-2", **there))
    when.then(appointed(1, "hospitals-2", **there)) if goes else when.rejected(SitsAlready, seat="hospitals-1")


def test_a_correction_of_the_first_day_meets_whoever_sat_there_then() -> None:
    last = date(2023, 12, 31)
    history = (*READY, appointed(1, until=last), appointed(2, since=TODAY))
    given(*history).when(correct(2, TODAY, last)).then(corrected(2, TODAY, last))
    given(*history).when(correct(2, TODAY, last - days(1))).rejected(SeatAlreadyFilled)


def test_a_holder_whose_first_day_is_corrected_stays_as_long_as_before() -> None:
    """Until the next, or until further notice: whoever came before has no say in it."""
    history = (HEAD, changed(3, BEGAN), changed(4, YEARS_AHEAD))
    later = YEARS_AHEAD + days(31)
    given(*history).when(correct(4, YEARS_AHEAD, later, **POST)).then(corrected(4, YEARS_AHEAD, later, **POST))


def test_a_reason_corrects_nothing_where_no_past_day_is_changed() -> None:
    why = {"reason": "neu besetzt"}
    given(HEAD).when(change(4, BEGAN, **why)).then(changed(4, BEGAN))
    given(HEAD, changed(3, BEGAN)).when(change(4, TODAY, **why)).then(changed(4, TODAY))
    given(HEAD, changed(3, BEGAN)).when(change(4, TODAY + days(1), **why)).then(changed(4, TODAY + days(1)))
    vacant = (HEAD, vacated(BEGAN))
    given(*vacant).when(change(4, TODAY - days(9), **why)).then(changed(4, TODAY - days(9)))


def test_that_a_post_is_vacant_is_said_once() -> None:
    vacate = VacatePost(**edge(**POST, since=TODAY, reason="other"))
    given(HEAD, vacated(TODAY)).when(vacate).then_nothing()
    given(HEAD, changed(3, BEGAN), vacated(TODAY)).when(vacate).then_nothing()


def test_nobody_leaves_a_vacant_post_and_no_vacancy_is_said_of_a_seat_that_is_gone() -> None:
    """A post that is vacant anew was vacant before; a seat that ends with its holder's term is nobody's."""
    again = AnnounceVacancy(**edge(**POST, since=TODAY))
    given(HEAD, vacated(BEGAN), vacated(TODAY)).when(again).then_nothing()
    term = appointed(1, "hospitals-2", since=BEGAN, until=TODAY - days(1))
    announce = AnnounceVacancy(**edge(**{**SEAT, "seat": "hospitals-2"}, since=TODAY))
    given(*READY, term).when(announce).then_something()
    gone = EntitlementChanged(group="hospitals", seats=("hospitals-1",), since=TODAY)
    given(*READY, term, gone).when(announce).then_nothing()


def test_whoever_sat_there_before_does_not_empty_a_seat() -> None:
    history = (*READY, TERM, appointed(2, "hospitals-2", until=TODAY - days(9)))
    given(*history, appointed(2, "hospitals-2", since=TODAY)).when(entitle(1)).rejected(
        EntitlementBelowFilledSeats, seats="hospitals-1, hospitals-2"
    )
    one = EntitlementChanged(group="hospitals", seats=("hospitals-1",), since=TODAY)
    given(*history).when(entitle(1)).then(one)


def test_a_vacant_post_does_not_fill_a_seat() -> None:
    fewer = ChangeEntitlement(**edge(group="head", seats=1, since=TODAY))
    kept = EntitlementChanged(group="head", seats=("head-2",), since=TODAY)
    second = changed(4, BEGAN).model_copy(update={"seat": "head-2"})
    given(HEAD, vacated(BEGAN), second).when(fewer).then(kept)


def test_a_group_may_have_had_fifty_seats_in_all_and_no_more() -> None:
    fewer = EntitlementChanged(group="hospitals", seats=("hospitals-1",), since=TODAY)
    names = ("hospitals-1", *(f"hospitals-{number}" for number in range(3, SEATS_OF_A_GROUP + 1)))
    most = EntitlementChanged(group="hospitals", seats=names, since=TODAY)
    given(OPENED, fewer).when(entitle(len(names))).then(most)
    given(OPENED, fewer).when(entitle(len(names) + 1)).rejected(NoSeatNamesLeft, most=SEATS_OF_A_GROUP)
