"""What the office sees of a seat: who sits there, and everybody who did."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.members.projections import ERASED, SEATS
from services.members.projections.seats import VACANCY
from shared.contracts.members import (
    DelegateAppointed,
    DeputyAppointed,
    DeputyEnded,
    HolderLeft,
    MandateEnded,
    NominationConfirmed,
    NominationReturned,
    OrganisationCorrected,
    PersonErased,
    PostVacated,
    SeatGroupCorrected,
    SeatVacated,
)
from shared.contracts.occupancies import Seat, from_documents, seat_of
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from shared.kernel.time import LAST_DAY, days, iso, start_of
from tests.kit.delivered import folded
from tests.kit.when import NOW, person
from tests.members.test_seat_group import OPENED, POST_CHANGED, POST_OPENED, REGISTERED, appointed, nominated

STREAM = "stuttgart/seat-group/hospitals"
ENDED = MandateEnded(
    group="hospitals", seat="hospitals-1", person=person(1), until=date(2024, 6, 30), reason="resigned"
)
LATER = appointed(2).model_copy(update={"since": date(2024, 8, 1)})
YEARS_AHEAD = appointed(1).model_copy(update={"until": date(2027, 12, 31)})


def group_after(*history: Event) -> Document:
    [document] = folded(SEATS, history, STREAM).values()
    return document


def seat_after(*history: Event, seat: str = "hospitals-1") -> Seat:
    found = seat_of(from_documents(group_after(*history)["seats"]), seat)
    assert found is not None
    return found


def times(seat: Seat) -> list[tuple[Any, ...]]:
    return [
        (one.person, one.since.isoformat(), one.until and one.until.isoformat()) for one in seat.periods("principal")
    ]


def test_a_group_opens_with_its_vacant_seats() -> None:
    group = group_after(OPENED)
    about = {"group": "hospitals", "number": 9, "name": "Kliniken", "kind": "delegated"}
    nothing_yet: Document = {"organisations": {}, "nominated": {}, "people": [], "said": [], "due": None}
    assert {name: group[name] for name in (*about, *nothing_yet)} == {**about, **nothing_yet}
    assert [one.seat for one in from_documents(group["seats"])] == ["hospitals-1", "hospitals-2"]
    assert times(seat_after(OPENED, REGISTERED, nominated(1))) == []


def test_a_filled_seat_shows_who_sits_there_and_leaves_the_others_vacant() -> None:
    assert times(seat_after(OPENED, appointed(1))) == [(person(1), "2023-11-01", None)]
    assert times(seat_after(OPENED, appointed(1), seat="hospitals-2")) == []


def test_an_ended_mandate_stays_in_the_history_of_its_seat() -> None:
    first = (person(1), "2023-11-01", "2024-06-30")
    assert times(seat_after(OPENED, appointed(1), ENDED)) == [first]
    assert times(seat_after(OPENED, appointed(1), ENDED, LATER)) == [first, (person(2), "2024-08-01", None)]


def test_a_new_holder_of_a_post_ends_the_time_of_the_one_before() -> None:
    later = POST_CHANGED.model_copy(update={"person": person(4), "since": date(2024, 3, 1)})
    assert times(seat_after(POST_OPENED, POST_CHANGED, later, seat=POST_CHANGED.seat)) == [
        (person(3), "2023-11-01", "2024-02-29"),
        (person(4), "2024-03-01", None),
    ]


@pytest.mark.parametrize(
    ("day", "who"),
    [
        (date(2023, 10, 31), None),
        (date(2023, 11, 1), person(1)),
        (date(2024, 6, 30), person(1)),
        (date(2024, 7, 1), None),
        (date(2024, 7, 31), None),
        (date(2024, 8, 1), person(2)),
        (date(2030, 1, 1), person(2)),
    ],
)
def test_on_a_day_sits_whose_mandate_has_begun_and_not_ended(day: date, who: str | None) -> None:
    sits = seat_after(OPENED, appointed(1), ENDED, LATER).holder(day)
    assert (sits and sits.person) == who


def test_a_group_shows_its_organisations_and_the_nominations_that_still_count() -> None:
    renamed = OrganisationCorrected(
        organisation="hospital-north", name="Klinikum Nord", group="hospitals", reason="Tippfehler"
    )
    called = SeatGroupCorrected(group="hospitals", number=10, name="Krankenhäuser", reason="Tippfehler")
    confirmed = NominationConfirmed(group="hospitals", person=person(1))
    group = group_after(OPENED, REGISTERED, renamed, called, nominated(1), nominated(2), confirmed)
    assert (group["number"], group["name"]) == (10, "Krankenhäuser")
    assert group["organisations"] == {"hospital-north": "Klinikum Nord"}
    by = {"organisation": "hospital-north"}
    assert group["nominated"] == {person(1): {**by, "confirmed": True}, person(2): {**by, "confirmed": False}}
    returned = NominationReturned(group="hospitals", person=person(2), reason="withdrawn")
    assert group_after(OPENED, REGISTERED, nominated(1), nominated(2), appointed(1), returned)["nominated"] == {}
    renominated = (OPENED, REGISTERED, appointed(1), nominated(1))
    assert group_after(*renominated, ENDED)["nominated"] == {person(1): {**by, "confirmed": False}}
    died = ENDED.model_copy(update={"reason": "deceased"})
    for gone in (died, DeputyEnded(**died.model_dump(exclude={"group_name"}))):
        assert group_after(*renominated, gone)["nominated"] == {}


def test_a_seat_that_becomes_vacant_by_its_date_is_announced_then_and_once() -> None:
    group = group_after(OPENED, appointed(2, "hospitals-2"), YEARS_AHEAD)
    assert group["due"] == "2027-12-31T23:00:00.000Z", "the year 2028 begins in Berlin"
    told = VACANCY.command({**group, "conference": "stuttgart"}, NOW)
    assert (told.seat, told.since) == ("hospitals-1", date(2028, 1, 1))  # type: ignore[attr-defined]
    vacated = SeatVacated(group="hospitals", seat="hospitals-1", since=date(2028, 1, 1))
    assert group_after(OPENED, YEARS_AHEAD, vacated)["due"] is None


def test_whose_end_has_passed_when_it_is_told_or_is_followed_in_time_is_not_announced() -> None:
    past = ENDED.model_copy(update={"until": date(2023, 12, 31)})
    followed = DelegateAppointed.model_validate({**LATER.model_dump(), "since": date(2028, 1, 1)})
    for history in ([OPENED], [OPENED, appointed(1), past], [OPENED, YEARS_AHEAD, followed]):
        assert group_after(*history)["due"] is None


def test_who_is_erased_is_remembered_by_name_alone() -> None:
    [[key, erased]] = folded(ERASED, [PersonErased(person=person(1))], f"stuttgart/person/{person(1)}").items()
    assert key == person(1)
    assert person(1) not in {value for name, value in erased.items() if name != "_id"}


def test_a_vacancy_that_was_said_is_forgotten_once_somebody_follows() -> None:
    """Else it would not be said again, were the successor withdrawn."""
    gone = appointed(1, since=date(2023, 11, 1), until=date(2024, 1, 5))
    assert group_after(OPENED, REGISTERED, gone)["said"] == ["2024-01-06 hospitals-1"]
    follows = appointed(2, since=date(2024, 1, 6))
    assert group_after(OPENED, REGISTERED, gone, follows)["said"] == []


def test_of_two_vacancies_the_next_is_announced_first_and_what_was_said_stays_said() -> None:
    history = [OPENED, appointed(2, "hospitals-2", until=date(2028, 6, 30)), YEARS_AHEAD]
    both = group_after(*history)
    assert (both["said"], both["due"]) == ([], "2027-12-31T23:00:00.000Z")
    told = VACANCY.command({**both, "conference": "stuttgart"}, NOW)
    assert (told.seat, told.since) == ("hospitals-1", date(2028, 1, 1))  # type: ignore[attr-defined]
    vacated = SeatVacated(group="hospitals", seat="hospitals-1", since=date(2028, 1, 1))
    deputy = DeputyAppointed(group="hospitals", seat="hospitals-2", person=person(3), since=date(2024, 1, 1))
    for more in ([vacated], [vacated, deputy]):
        after = group_after(*history, *more)
        assert (after["said"], after["due"]) == (["2028-01-01 hospitals-1"], "2028-06-30T22:00:00.000Z")
    told = VACANCY.command({**group_after(*history, vacated), "conference": "stuttgart"}, NOW)
    assert (told.seat, told.since) == ("hospitals-2", date(2028, 7, 1))  # type: ignore[attr-defined]


def test_a_vacancy_that_begins_today_is_said_by_what_tells_of_it_and_tomorrows_is_announced() -> None:
    for until, said, due in (
        (date(2024, 1, 14), ["2024-01-15 hospitals-1"], None),
        (date(2024, 1, 15), [], "2024-01-15T23:00:00.000Z"),
    ):
        group = group_after(OPENED, appointed(1), ENDED.model_copy(update={"until": until}))
        assert (group["said"], group["due"]) == (said, due)


def test_no_vacancy_begins_after_the_last_day_of_the_calendar() -> None:
    assert group_after(OPENED, appointed(1, until=LAST_DAY))["due"] is None
    assert group_after(OPENED, appointed(1, until=LAST_DAY - days(1)))["due"] == iso(start_of(LAST_DAY))


def test_a_group_lists_those_whose_erasure_concerns_it_until_it_knows_of_it() -> None:
    erased = ENDED.model_copy(update={"reason": "erased"})
    vacant = PostVacated(group="hospitals", seat="hospitals-2", since=date(2024, 9, 1), reason="other")
    second, third = appointed(2, "hospitals-2"), nominated(3)
    listed = group_after(OPENED, REGISTERED, appointed(1), second, vacant, third)["people"]
    assert listed == sorted(person(number) for number in (1, 2, 3))
    later = group_after(OPENED, REGISTERED, appointed(1), second, vacant, third, erased)["people"]
    assert later == sorted(person(number) for number in (2, 3))


def test_that_somebody_has_left_changes_nothing_of_the_seats() -> None:
    left = HolderLeft(group="hospitals", seat="hospitals-1", person=person(1), until=date(2024, 6, 30))
    before, after = group_after(OPENED, appointed(1), ENDED), group_after(OPENED, appointed(1), ENDED, left)
    assert {**before, "sequence": 4} == after
