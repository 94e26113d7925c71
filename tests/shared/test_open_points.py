"""What a rule refused of what follows by itself is one open point, until the office settles it for one reason."""

from __future__ import annotations

from typing import Any

from services.meetings.service import OPEN_POINTS
from shared.contracts.meetings import OpenPointSettled, ReactionRefused
from shared.declarations.open_points import (
    OpenPointIsSettled,
    OpenPointUnknown,
    RecordReactionRefusal,
    SettleOpenPoint,
)
from shared.kernel.rejections import Kind
from shared.kernel.time import iso
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import NOW, edge, person

given = given_of(OPEN_POINTS.decider)

POINT = person(7)
ABOUT: dict[str, Any] = {
    "point": POINT,
    "reaction": "concerned",
    "reacted_to": "stuttgart/session/x:1",
    "command": "CoverSeat",
    "about": "stuttgart/session/x",
    "rule": "SeatNotCovered",
}
REFUSED = ReactionRefused(**ABOUT)
SETTLED = OpenPointSettled(point=POINT, reason="erledigt")
RECORD = RecordReactionRefusal(**edge(**ABOUT))


def settle(reason: str = "erledigt") -> SettleOpenPoint:
    return SettleOpenPoint(**edge(point=POINT, reason=reason))


def test_a_refusal_is_recorded_once_and_not_again_when_it_is_settled() -> None:
    given().when(RECORD).then(REFUSED)
    given(REFUSED).when(RECORD).then_nothing()
    given(REFUSED, SETTLED).when(RECORD).then_nothing()


def test_the_office_settles_what_is_open_for_one_reason() -> None:
    given(REFUSED).when(settle()).then(SETTLED)
    given(REFUSED, SETTLED).when(settle()).then_nothing()
    given(REFUSED, SETTLED).when(settle("anders")).rejected(OpenPointIsSettled, point=POINT)
    given().when(settle()).rejected(OpenPointUnknown, point=POINT)
    assert OpenPointUnknown.kind is Kind.NOT_FOUND
    assert (RECORD.stream, settle().stream) == (f"stuttgart/open-point/{POINT}",) * 2
    assert (RecordReactionRefusal.given_by, SettleOpenPoint.given_by) == ("service", "office")


def test_what_is_shown_of_it_stays_when_it_is_settled() -> None:
    for history, state in (([REFUSED], "open"), ([REFUSED, SETTLED], "settled")):
        [shown] = folded(OPEN_POINTS.projection, history, RECORD.stream).values()
        about = {**ABOUT, "state": state, "since": iso(NOW)}
        assert {name: shown[name] for name in about} == about
