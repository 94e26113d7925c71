"""What the plenary decides about a recommendation adopts it; nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from services.meetings.domain.recommendation_adoption import AdoptRecommendation, CorrectAdoption
from services.meetings.reactions import REACTIONS, adopt, correct_adoption
from shared.contracts.meetings import ConsensusRecorded, DecisionCorrected, VoteRecorded
from shared.kernel.decider import Event
from tests.kit.delivered import delivered
from tests.kit.when import CONFERENCE, NOW
from tests.meetings.stuttgart import NAME, STREAM

AGREED = ConsensusRecorded(session=NAME, item=2, recommendation="staff-housing", present=25)
CARRIED = VoteRecorded(
    session=NAME,
    item=2,
    recommendation="staff-housing",
    yes=20,
    no=4,
    abstentions=1,
    present=25,
    carried=True,
)


def adopted(how: str) -> AdoptRecommendation:
    return AdoptRecommendation.model_validate(
        {
            "conference": CONFERENCE,
            "at": NOW,
            "by": "reaction",
            "recommendation": "staff-housing",
            "session": NAME,
            "how": how,
        }
    )


def commands(event: Event) -> list[AdoptRecommendation]:
    return [command for command in adopt.react(*delivered(event, STREAM)) if isinstance(command, AdoptRecommendation)]


def test_a_consensus_adopts() -> None:
    assert commands(AGREED) == [adopted("consensus")]


def test_a_carried_vote_adopts_and_a_lost_one_does_not() -> None:
    assert commands(CARRIED) == [adopted("majority")]
    assert commands(CARRIED.model_copy(update={"carried": False})) == []


def test_a_decision_about_something_else_adopts_nothing() -> None:
    assert commands(AGREED.model_copy(update={"recommendation": None})) == []
    assert commands(CARRIED.model_copy(update={"recommendation": None})) == []


CORRECTED = DecisionCorrected(
    session=NAME,
    item=2,
    recommendation="staff-housing",
    by="vote",
    carried=True,
    was_carried=True,
    yes=20,
    no=4,
    abstentions=1,
    present=25,
    reason="Verschrieben",
)


@pytest.mark.parametrize(
    ("corrected", "how"),
    [
        ({}, "majority"),
        ({"was_carried": False}, "majority"),
        ({"carried": False}, None),
        ({"by": "consensus", "yes": None}, "consensus"),
    ],
)
def test_what_a_corrected_decision_comes_to_is_said_to_the_recommendation(
    corrected: dict[str, Any], how: str | None
) -> None:
    event = CORRECTED.model_copy(update=corrected)
    (command,) = correct_adoption.react(*delivered(event, STREAM))
    assert isinstance(command, CorrectAdoption)
    assert (command.recommendation, command.session, command.how) == ("staff-housing", NAME, how)
    assert (command.at, command.reason) == (NOW, "Verschrieben")


@pytest.mark.parametrize("corrected", [{"recommendation": None}, {"carried": False, "was_carried": False}])
def test_about_something_else_or_lost_as_before_it_says_nothing(corrected: dict[str, Any]) -> None:
    """Another item of the session may have adopted it since."""
    assert [*correct_adoption.react(*delivered(CORRECTED.model_copy(update=corrected), STREAM))] == []


def test_the_reactions_listen_to_both_ways_of_deciding_and_to_corrections() -> None:
    assert (adopt, correct_adoption) == REACTIONS
    assert adopt.events == {ConsensusRecorded, VoteRecorded}
    assert correct_adoption.events == {DecisionCorrected}
