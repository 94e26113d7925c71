"""A focus area is set once, said anew while it lasts, and ends on a day; what it was on any day is to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.meetings.domain.focus_area import (
    FOCUS_AREA,
    ChangeFocusArea,
    EndFocusArea,
    FocusAreaCalled,
    FocusAreaEndsTooEarly,
    FocusAreaIsEnded,
    FocusAreaSetDifferently,
    FocusAreaUnknown,
    SetFocusArea,
)
from services.meetings.projections import FOCUS_AREAS
from services.meetings.projections.focus_areas import in_force
from shared.contracts.meetings import FocusAreaChanged, FocusAreaEnded, FocusAreaSet
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from shared.kernel.identifiers import stream_name
from shared.kernel.replacing import ChangedMeanwhile
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE
from tests.meetings.stuttgart import tell

given = given_of(FOCUS_AREA)

NAME, TITLE = "networks", "Stärkung bestehender Vernetzungsstrukturen"
START, END = date(2023, 11, 1), date(2024, 12, 31)
CALLED: dict[str, Any] = {"title": TITLE, "since": START, "until": END, "working_group": "ag-a"}
SET = FocusAreaSet(focus_area=NAME, **CALLED, reason="GRDrs 905/2023")
LONGER = FocusAreaChanged(
    focus_area=NAME, **{**CALLED, "until": date(2025, 6, 30)}, reason="Die Förderung läuft länger"
)
ENDED = FocusAreaEnded(focus_area=NAME, on=date(2024, 9, 30), reason="Die Strukturen tragen sich selbst")


def set_(**fields: Any) -> SetFocusArea:
    return tell(SetFocusArea, **{"focus_area": NAME, **CALLED, "reason": SET.reason, **fields})


def change(**fields: Any) -> ChangeFocusArea:
    told = {name: getattr(LONGER, name) for name in (*CALLED, "reason")}
    return tell(ChangeFocusArea, **{"focus_area": NAME, **told, **fields})


def end(on: date = ENDED.on, **fields: Any) -> EndFocusArea:
    return tell(EndFocusArea, focus_area=NAME, on=on, **{"reason": ENDED.reason, **fields})


def test_it_is_set_once() -> None:
    given().when(set_()).then(SET)
    given(SET).when(set_(title="Anderes")).rejected(FocusAreaSetDifferently, focus_area=NAME)


def test_to_set_it_again_as_it_is_is_nothing_new_and_not_as_it_was() -> None:
    now = {"until": LONGER.until, "reason": "Beschluss"}
    given(SET, LONGER).when(set_(**now)).then_nothing()
    given(SET, LONGER).when(set_()).rejected(FocusAreaSetDifferently, focus_area=NAME)
    given(SET).when(set_(reason="Beschluss")).rejected(FocusAreaSetDifferently)
    given(SET, ENDED).when(set_()).rejected(FocusAreaIsEnded, on="30.09.2024")
    given(SET, LONGER, ENDED).when(set_(**now)).rejected(FocusAreaIsEnded)


@pytest.mark.parametrize("until", [START, None, END])
def test_it_may_last_one_day_or_for_ever(until: date | None) -> None:
    given().when(set_(until=until)).then(SET.model_copy(update={"until": until}))


def test_none_ends_before_it_begins() -> None:
    eve = date(2023, 10, 31)
    refused = {"since": "01.11.2023", "until": "31.10.2023"}
    given().when(set_(until=eve)).rejected(FocusAreaEndsTooEarly, **refused)
    given(SET).when(change(until=eve)).rejected(FocusAreaEndsTooEarly, **refused)
    given(SET).when(end(eve)).rejected(FocusAreaEndsTooEarly, **refused)
    given(SET).when(end(START)).then(ENDED.model_copy(update={"on": START}))


def test_it_is_said_anew_in_the_place_of_what_was_seen() -> None:
    given(SET).when(change(replaces=FocusAreaCalled(**CALLED))).then(LONGER)
    stale = FocusAreaCalled(**{**CALLED, "title": "Altes"})
    given(SET).when(change(replaces=stale)).rejected(ChangedMeanwhile, now=f"„{TITLE}“")
    given(SET, LONGER).when(change()).then_nothing()
    given(SET, LONGER).when(change(working_group=None)).then(LONGER.model_copy(update={"working_group": None}))


def test_what_is_not_set_can_neither_be_changed_nor_end() -> None:
    for command in (change(), end()):
        given().when(command).rejected(FocusAreaUnknown, focus_area=NAME)


def test_it_ends_once_and_is_not_changed_afterwards() -> None:
    given(SET).when(end()).then(ENDED)
    given(SET, ENDED).when(end()).then_nothing()
    ended = {"focus_area": NAME, "on": "30.09.2024"}
    given(SET, ENDED).when(end(date(2024, 10, 1))).rejected(FocusAreaIsEnded, **ended)
    given(SET, ENDED).when(end(reason="Kein Geld mehr")).rejected(FocusAreaIsEnded, **ended)
    given(SET, ENDED).when(change()).rejected(FocusAreaIsEnded, **ended)


def shown(*history: Event) -> Document:
    [area] = folded(FOCUS_AREAS, history, stream_name(CONFERENCE, "focus-area", NAME)).values()
    return area


def days(area: Document, asked: Sequence[date]) -> list[bool]:
    return [in_force(area, day.isoformat()) for day in asked]


def test_on_which_days_it_is_worked_on() -> None:
    around = [date(2023, 10, 31), START, END, date(2025, 1, 1)]
    assert days(shown(SET), around) == [False, True, True, False]
    assert days(shown(SET, LONGER), [date(2025, 6, 30), date(2025, 7, 1)]) == [True, False]
    assert days(shown(SET, ENDED), [ENDED.on, date(2024, 10, 1)]) == [True, False]
    late = ENDED.model_copy(update={"on": date(2030, 1, 1)})
    assert days(shown(SET, late), [END, date(2025, 1, 1)]) == [True, False], "it was to last until then at most"
    without = SET.model_copy(update={"until": None})
    assert days(shown(without), [date(2099, 1, 1)]) == [True]
    assert days(shown(without, ENDED), [ENDED.on, date(2024, 10, 1)]) == [True, False]


def test_what_a_change_leaves_out_is_gone() -> None:
    bare = FocusAreaChanged(focus_area=NAME, title=TITLE, since=START, reason="Ohne Ende")
    area = shown(SET, bare)
    assert (area["until"], area["working_group"], area["reason"], area["ended"]) == (None, None, "Ohne Ende", None)
