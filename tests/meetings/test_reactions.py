"""What the plenary decides about a recommendation adopts it; nothing else does."""

from __future__ import annotations

from services.meetings.domain.recommendation import AdoptRecommendation
from services.meetings.reactions import REACTIONS, adopt
from shared.contracts.meetings import ConsensusRecorded, VoteRecorded
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


def test_the_reaction_listens_to_both_ways_of_deciding() -> None:
    (reaction,) = REACTIONS
    assert reaction.events == {ConsensusRecorded, VoteRecorded}
    assert reaction is adopt
