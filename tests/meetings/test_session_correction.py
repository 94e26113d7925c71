"""A decision that was recorded wrongly is corrected, by the rules of recording it, until the minutes are approved."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.meetings.domain.recommendation import RECOMMENDATION
from services.meetings.domain.session import SESSION, SessionCommand
from services.meetings.domain.session_correction import (
    AgendaItemNotDecided,
    CorrectDecision,
    DecisionIsFinal,
    MorePresentThanAttended,
    QuorumWasMissing,
    VotesBelongToAVote,
)
from services.meetings.domain.session_day import (
    AgendaItemUnknown,
    RecommendationIsDecided,
    RecordConsensus,
    RecordVote,
    VotesDoNotAddUp,
)
from services.meetings.domain.session_events import is_carried
from services.meetings.domain.session_stage import SessionIsCancelled, SessionNotOpen, SessionUnknown
from services.meetings.projections import SESSIONS
from services.meetings.reactions import REACTIONS
from shared.contracts.meetings import (
    ConsensusRecorded,
    DecisionCorrected,
    DepartureRecorded,
    MinutesApproved,
    MinutesDrafted,
    MinutesSent,
    SessionCancelled,
    SessionClosed,
    VoteRecorded,
)
from shared.kernel.decider import Event
from shared.kernel.rejections import Rejected
from tests.kit.delivered import delivered
from tests.kit.given import given_of
from tests.kit.when import person
from tests.meetings.stuttgart import (
    AGENDA,
    AGREED,
    EVERYBODY,
    INVITED,
    NAME,
    OF_GROUP,
    OPEN,
    OPENED,
    PLANNED,
    STARTS,
    STREAM,
    WHEN,
    arrived,
    invited,
    shown,
    tell,
)
from tests.meetings.test_recommendation import DRAFTED, SUBMITTED

given = given_of(SESSION)

WHY = "Falsch abgeschrieben"
CLOSE = SessionClosed(session=NAME)
CONSENSUS = ConsensusRecorded(
    session=NAME, item=2, recommendation="staff-housing", present=2, title=AGENDA[1].title, public=AGENDA[1].public
)
GROUP_OPEN = (OF_GROUP, AGREED, invited(kind="working_group", quorum=0), arrived(1), OPENED)


def vote(yes: int, no: int, abstentions: int = 0, **fields: Any) -> VoteRecorded:
    told = {**dict(CONSENSUS), "present": yes + no + abstentions, **fields}
    return VoteRecorded(**told, yes=yes, no=no, abstentions=abstentions, carried=yes > no)


def correct(yes: int | None = None, no: int = 0, abstentions: int = 0, **fields: Any) -> CorrectDecision:
    """To a vote, or without numbers to a consensus."""
    if yes is None:
        return tell(CorrectDecision, **{"item": 2, "how": "consensus", "present": 2, "reason": WHY, **fields})
    votes = {"yes": yes, "no": no, "abstentions": abstentions, "present": yes + no + abstentions}
    return tell(CorrectDecision, **{"item": 2, "how": "vote", "reason": WHY, **votes, **fields})


def corrected(decided: ConsensusRecorded | VoteRecorded, *, was: bool) -> DecisionCorrected:
    by = "vote" if isinstance(decided, VoteRecorded) else "consensus"
    told = {"by": by, "carried": is_carried(decided), "was_carried": was, "reason": WHY}
    return DecisionCorrected.model_validate({**dict(decided), **told})


LOST, WON = vote(0, 2), vote(2, 0)


@pytest.mark.parametrize("after", [(), (CLOSE,)])
def test_votes_are_corrected_in_the_session_and_after_it(after: tuple[Event, ...]) -> None:
    given(*OPEN, LOST, *after).when(correct(2, 0)).then(corrected(WON, was=False))
    given(*OPEN, WON, *after).when(correct(1, 1)).then(corrected(vote(1, 1), was=True))
    given(*OPEN, LOST, *after).when(correct()).then(corrected(CONSENSUS, was=False))
    given(*OPEN, CONSENSUS, *after).when(correct(0, 2)).then(corrected(LOST, was=True))
    given(*OPEN, LOST, corrected(WON, was=False), *after).when(correct(0, 2)).then(corrected(LOST, was=True))


def test_what_is_recorded_so_already_is_not_corrected() -> None:
    given(*OPEN, LOST).when(correct(0, 2)).then_nothing()
    given(*OPEN, CONSENSUS).when(correct()).then_nothing()
    given(*OPEN, LOST, corrected(WON, was=False)).when(correct(2, 0)).then_nothing()


def test_only_what_was_decided_is_corrected() -> None:
    given(*OPEN).when(correct(2, 0)).rejected(AgendaItemNotDecided, session=NAME, item=2)
    given(*OPEN, LOST).when(correct(2, 0, item=9)).rejected(AgendaItemUnknown, item=9)
    given().when(correct(2, 0)).rejected(SessionUnknown)
    given(*INVITED).when(correct(2, 0)).rejected(SessionNotOpen)
    cancelled = SessionCancelled(session=NAME, appointment=WHEN, reason="Krank", recipients=())
    given(*INVITED, cancelled).when(correct(2, 0)).rejected(SessionIsCancelled)


def test_the_votes_add_up_to_the_seats_that_were_present() -> None:
    given(*OPEN, LOST).when(correct(2, 0, present=1)).rejected(VotesDoNotAddUp, votes=2, present=1)
    given(*OPEN, LOST).when(correct(1, 0, present=2)).rejected(VotesDoNotAddUp, votes=1, present=2)


def test_a_vote_has_its_numbers_and_a_consensus_has_none() -> None:
    for other in ({"how": "consensus"}, {"yes": None}, {"no": None}, {"abstentions": None}):
        mixed = tell(CorrectDecision, **{**dict(correct(2, 0)), **other})
        given(*OPEN, LOST).when(mixed).rejected(VotesBelongToAVote)


def test_nobody_votes_who_was_not_there_at_all() -> None:
    """The attendance is corrected first; who has left since was there."""
    given(*OPEN, LOST).when(correct(3, 0)).rejected(MorePresentThanAttended, attended=2, present=3)
    given(*OPEN, LOST).when(correct(present=3)).rejected(MorePresentThanAttended)
    given(*OPEN, LOST, arrived(3)).when(correct(3, 0)).then(corrected(vote(3, 0), was=False))
    left = DepartureRecorded(session=NAME, person=person(2), seat="hospitals-2", left_at=STARTS)
    given(*OPEN, LOST, left).when(correct(2, 0)).then(corrected(WON, was=False))


def test_a_plenary_has_decided_with_its_quorum_and_never_in_an_empty_room() -> None:
    given(*OPEN, LOST).when(correct(1, 0)).rejected(QuorumWasMissing, present=1, needed=2)
    given(*OPEN, LOST).when(correct(present=1)).rejected(QuorumWasMissing)
    free = (*PLANNED, invited(*EVERYBODY, quorum=0), arrived(1), OPENED)
    given(*free, vote(0, 1)).when(correct(1, 0)).then(corrected(vote(1, 0), was=False))
    given(*free, vote(0, 1)).when(correct(0, 0)).rejected(QuorumWasMissing, present=0, needed=1)
    about: dict[str, Any] = {"recommendation": None}
    given(*GROUP_OPEN, vote(0, 1, **about)).when(correct(0, 0)).then(corrected(vote(0, 0, **about), was=False))


def test_approved_minutes_are_final() -> None:
    told: dict[str, Any] = {"session": NAME, "document": "N"}
    sent = (MinutesDrafted(**told), MinutesSent(**told, appointment=WHEN, recipients=EVERYBODY))
    given(*OPEN, LOST, CLOSE, *sent).when(correct(2, 0)).then(corrected(WON, was=False))
    given(*OPEN, LOST, CLOSE, *sent, MinutesApproved(session=NAME)).when(correct(2, 0)).rejected(DecisionIsFinal)
    given(*OPEN, LOST, CLOSE, *sent, MinutesApproved(session=NAME)).when(correct(0, 2)).then_nothing()


def test_no_two_items_of_a_session_adopt_one_recommendation() -> None:
    won = vote(2, 0, item=1)
    given(*OPEN, LOST, won).when(correct(2, 0)).rejected(RecommendationIsDecided, item=1)
    given(*OPEN, LOST, won).when(correct()).rejected(RecommendationIsDecided, item=1)
    given(*OPEN, LOST, won).when(correct(1, 1)).then(corrected(vote(1, 1), was=False))
    given(*OPEN, LOST, won).when(correct(0, 2, item=1)).then_something()
    given(*OPEN, LOST, vote(2, 0, item=1, recommendation="other")).when(correct(2, 0)).then(corrected(WON, was=False))


@st.composite
def decisions(draw: st.DrawFn) -> tuple[SessionCommand, SessionCommand]:
    """Recording a decision of three seats, and correcting another one to the same."""
    if draw(st.booleans()):
        return tell(RecordConsensus, item=2, recommendation="staff-housing"), correct(present=3)
    yes = draw(st.integers(0, 3))
    no = draw(st.integers(0, 3 - yes))
    votes = {"yes": yes, "no": no, "abstentions": 3 - yes - no}
    return tell(RecordVote, item=2, recommendation="staff-housing", **votes), correct(**votes)


@examples(decisions(), decisions())
def test_what_is_corrected_is_as_if_it_had_been_recorded_so_at_once(
    first: tuple[SessionCommand, SessionCommand], then: tuple[SessionCommand, SessionCommand]
) -> None:
    def after(*commands: SessionCommand) -> list[Any]:
        told: list[Any] = [*OPEN, arrived(3)]
        for command in commands:
            told += SESSION.decide(SESSION.fold(told), command)
        return told

    slowly, at_once = after(first[0], then[1]), after(then[0])
    assert SESSION.fold(slowly) == SESSION.fold(at_once)
    [one, other] = [{**shown(SESSIONS, told), "sequence": 0} for told in (slowly, at_once)]
    assert one == other


YES = st.integers(-1, 2)
"""Of two seats; less than none is a consensus."""


def votes(yes: int) -> dict[str, int]:
    return {"yes": yes, "no": 2 - yes, "abstentions": 0} if yes >= 0 else {}


def recording(item: int, yes: int) -> SessionCommand:
    about: dict[str, Any] = {"item": item, "recommendation": "staff-housing"}
    vote: RecordVote = tell(RecordVote, **about, **votes(max(yes, 0)))
    agree: RecordConsensus = tell(RecordConsensus, **about)
    return vote if yes >= 0 else agree


@examples(YES, YES, st.lists(st.tuples(st.integers(1, 2), YES), min_size=2, max_size=6))
def test_a_recommendation_is_adopted_as_its_session_has_decided_at_last(
    first: int, second: int, corrections: list[tuple[int, int]]
) -> None:
    session: list[Any] = [*OPEN]
    laid: list[Any] = [DRAFTED, SUBMITTED]
    corrected = [correct(**votes(yes), item=item) for item, yes in corrections]
    for step in (recording(1, first), recording(2, second), *corrected):
        with suppress(Rejected):
            told = SESSION.decide(SESSION.fold(session), step)
            session += told
            for event in told:
                [reaction] = [one for one in REACTIONS if type(event) in one.events]
                commands: list[Any] = [*reaction.react(*delivered(event, STREAM))]
                laid += [
                    one for command in commands for one in RECOMMENDATION.decide(RECOMMENDATION.fold(laid), command)
                ]
    decided = SESSION.fold(session).decided.values()
    carried = ["majority" if isinstance(one, VoteRecorded) else "consensus" for one in decided if is_carried(one)]
    assert [how for how in [RECOMMENDATION.fold(laid).adopted_by] if how] == carried
