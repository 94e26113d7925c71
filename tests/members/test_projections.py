"""What the office sees of a seat: who sits there, and everybody who did."""

from __future__ import annotations

from datetime import date

import pytest

from services.members.projections import ERASED, SEATS, occupant_on
from shared.contracts.members import MandateEnded, PersonErased
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from tests.kit.delivered import folded
from tests.kit.when import person
from tests.members.test_seat_group import OPENED, POST_CHANGED, POST_OPENED, REGISTERED, appointed, nominated

STREAM = "stuttgart/seat-group/hospitals"
NOBODY = {"occupancies": [], "occupied": False}
ENDED = MandateEnded(
    group="hospitals", seat="hospitals-1", person=person(1), until=date(2024, 6, 30), reason="resigned"
)
FIRST = {"person": person(1), "organisation": "hospital-north", "since": "2023-11-01", "until": None}
LATER = appointed(2).model_copy(update={"since": date(2024, 8, 1)})


def seats_after(*history: Event) -> dict[str, Document]:
    """By seat, without what the runtime keeps."""
    shown = folded(SEATS, history, STREAM)
    return {key: {name: seat[name] for name in (*GROUP, *NOBODY)} for key, seat in shown.items()}


GROUP = {"group": "hospitals", "number": 9, "name": "Kliniken", "kind": "delegated"}


def test_a_group_opens_with_its_vacant_seats() -> None:
    vacant = {**GROUP, **NOBODY}
    assert seats_after(OPENED) == {"stuttgart/hospitals-1": vacant, "stuttgart/hospitals-2": vacant}
    assert seats_after(OPENED, REGISTERED, nominated(1)) == seats_after(OPENED)


def test_a_filled_seat_shows_who_sits_there_and_leaves_the_others_vacant() -> None:
    seats = seats_after(OPENED, appointed(1))
    assert seats["stuttgart/hospitals-1"] == {**GROUP, "occupancies": [FIRST], "occupied": True}
    assert seats["stuttgart/hospitals-2"] == {**GROUP, **NOBODY}


def test_an_ended_mandate_stays_in_the_history_of_its_seat() -> None:
    ended = {**FIRST, "until": "2024-06-30"}
    seat = seats_after(OPENED, appointed(1), ENDED)["stuttgart/hospitals-1"]
    assert seat == {**GROUP, "occupancies": [ended], "occupied": False}
    next_one = {**FIRST, "person": person(2), "since": "2024-08-01"}
    seat = seats_after(OPENED, appointed(1), ENDED, LATER)["stuttgart/hospitals-1"]
    assert seat == {**GROUP, "occupancies": [ended, next_one], "occupied": True}


def test_a_new_holder_of_a_post_ends_the_time_of_the_one_before() -> None:
    later = POST_CHANGED.model_copy(update={"person": person(4), "since": date(2024, 3, 1)})
    [seat] = seats_after(POST_OPENED, POST_CHANGED, later).values()
    assert seat["occupancies"] == [
        {"person": person(3), "organisation": None, "since": "2023-11-01", "until": "2024-03-01"},
        {"person": person(4), "organisation": None, "since": "2024-03-01", "until": None},
    ]
    assert (seat["kind"], seat["occupied"]) == ("ex_officio", True)


@pytest.mark.parametrize(
    ("day", "who"),
    [
        ("2023-10-31", None),
        ("2023-11-01", person(1)),
        ("2024-06-30", person(1)),
        ("2024-07-01", None),
        ("2024-07-31", None),
        ("2024-08-01", person(2)),
        ("2030-01-01", person(2)),
    ],
)
def test_on_a_day_sits_whose_mandate_has_begun_and_not_ended(day: str, who: str | None) -> None:
    seat = seats_after(OPENED, appointed(1), ENDED, LATER)["stuttgart/hospitals-1"]
    sits = occupant_on(seat, day)
    assert (sits and sits["person"]) == who


def test_on_the_day_of_a_change_sits_the_new_one() -> None:
    later = POST_CHANGED.model_copy(update={"person": person(4), "since": date(2024, 3, 1)})
    [seat] = seats_after(POST_OPENED, POST_CHANGED, later).values()
    sits = occupant_on(seat, "2024-03-01")
    assert sits and sits["person"] == person(4)


def test_who_is_erased_is_remembered_by_name_alone() -> None:
    [[key, erased]] = folded(ERASED, [PersonErased(person=person(1))], f"stuttgart/person/{person(1)}").items()
    assert key == person(1)
    assert person(1) not in {value for name, value in erased.items() if name != "_id"}
