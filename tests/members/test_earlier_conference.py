"""What was before a conference is carried over as history, corrected with a reason, and leads to nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.members.domain.conference import CONFERENCE, ConferenceNotEstablished
from services.members.domain.earlier_conference import (
    CarriedOverDifferently,
    CarryOverConference,
    CorrectEarlierConference,
    EarlierConferenceNotOver,
    EarlierConferenceUnknown,
)
from services.members.service import SERVICE as MEMBERS
from shared.contracts.members import EarlierConferenceCarriedOver
from shared.kernel.rejections import Kind
from tests.kit.given import given_of
from tests.kit.when import NOW, edge
from tests.kit.world import World
from tests.meetings.test_reporting import established, required
from tests.members.test_conference import ESTABLISHED

given = given_of(CONFERENCE)

FIRST: dict[str, Any] = {
    "earlier": "first",
    "name": "Kommunale Pflegekonferenz",
    "since": date(2021, 3, 1),
    "until": date(2022, 8, 31),
    "working_groups": ("Ambulante und stationäre Pflege", "Caring Community", "Digitale Teilhabe"),
    "document": "GRDrs 463/2022",
}
CARRIED = EarlierConferenceCarriedOver(**FIRST)
CORRECTED = EarlierConferenceCarriedOver(**{**FIRST, "results": "Empfehlungen."}, reason="nachgetragen")


def carry(**fields: Any) -> CarryOverConference:
    return CarryOverConference(**edge(**{**FIRST, **fields}))


def correct(**fields: Any) -> CorrectEarlierConference:
    return CorrectEarlierConference(**edge(**{**FIRST, "results": "Empfehlungen.", "reason": "nachgetragen", **fields}))


def test_an_earlier_conference_is_carried_over_once_into_one_that_is_there() -> None:
    given().when(carry()).rejected(ConferenceNotEstablished, conference="stuttgart")
    given(ESTABLISHED).when(carry()).then(CARRIED)
    given(ESTABLISHED, CARRIED).when(carry()).then_nothing()
    given(ESTABLISHED, CARRIED).when(carry(document="GRDrs 1/2022")).rejected(CarriedOverDifferently, earlier="first")
    other = carry(earlier="second")
    given(ESTABLISHED, CARRIED).when(other).then(CARRIED.model_copy(update={"earlier": "second"}))


def test_it_is_corrected_with_a_reason() -> None:
    given(ESTABLISHED).when(correct()).rejected(EarlierConferenceUnknown, earlier="first")
    given(ESTABLISHED, CARRIED).when(correct()).then(CORRECTED)
    given(ESTABLISHED, CARRIED, CORRECTED).when(correct(reason="noch einmal")).then_nothing()


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2021, 3, 2), date(2021, 3, 1)), (date(2021, 3, 1), date(2024, 1, 16)), (date(2024, 2, 1), date(2024, 3, 1))],
)
def test_history_is_over(since: date, until: date) -> None:
    at = datetime(2024, 1, 15, 23, 30, tzinfo=UTC)
    late = carry(since=since, until=until, at=at)
    given(ESTABLISHED).when(late).rejected(EarlierConferenceNotOver)
    given(ESTABLISHED, CARRIED).when(correct(since=since, until=until, at=at)).rejected(EarlierConferenceNotOver)
    assert EarlierConferenceNotOver.kind is Kind.INVALID
    a_day = {"since": date(2021, 3, 1), "until": date(2021, 3, 1)}
    given(ESTABLISHED).when(carry(**a_day)).then(CARRIED.model_copy(update=a_day))
    yesterday = {"until": date(2024, 1, 15), "at": at}
    given(ESTABLISHED).when(carry(**yesterday)).then(CARRIED.model_copy(update={"until": date(2024, 1, 15)}))


async def test_nobody_is_written_to_and_nothing_is_owed_because_of_it() -> None:
    """Two conferences, of which one carries something over: both have the same obligations and mails."""
    both = []
    for carries_over in (False, True):
        world = World()
        reports = await established(world)
        if carries_over:
            assert await world.give(MEMBERS, carry(at=NOW)) == [CARRIED]
        await reports.look(NOW)
        owed = {key: one for key, one in world.documents["meetings"].items() if key.projection == "obligations"}
        both.append((await required(world), owed.keys(), world.documents["notifications"].keys()))
    assert both[0] == both[1]
