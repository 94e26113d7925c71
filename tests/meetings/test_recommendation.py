"""Recommendations: drafted, submitted, adopted by the session they were submitted to, reported."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.meetings.domain.recommendation import (
    RECOMMENDATION,
    DraftRecommendation,
    RecommendationDraftedDifferently,
    ReportLiesAhead,
    ReportRecommendation,
    SubmitRecommendation,
)
from services.meetings.domain.recommendation_adoption import (
    AdoptionIsInUse,
    AdoptRecommendation,
    CorrectAdoption,
    RecommendationNotSubmitted,
)
from services.meetings.domain.recommendation_state import (
    RecommendationIsAdopted,
    RecommendationIsOver,
    RecommendationNotAdopted,
    RecommendationUnknown,
)
from shared.contracts.meetings import (
    AdoptionTakenBack,
    RecommendationAddressed,
    RecommendationAdopted,
    RecommendationAnswered,
    RecommendationDrafted,
    RecommendationReported,
    RecommendationSubmitted,
    RecommendationSuperseded,
    RecommendationWithdrawn,
    ResponseDue,
)
from shared.kernel.decider import Command, Event
from tests.kit.given import given_of
from tests.meetings.stuttgart import tell

given = given_of(RECOMMENDATION)

NAME = "staff-housing"
COMMITTEE = "Sozial- und Gesundheitsausschuss"
ON = date(2024, 9, 23)
LONG_AFTER = datetime(2026, 1, 12, 9, tzinfo=UTC)
TITLE = "Wohnraum für Pflegekräfte"
DRAFTED = RecommendationDrafted(recommendation=NAME, working_group="staff", title=TITLE)
SUBMITTED = RecommendationSubmitted(recommendation=NAME, session="spring-2024", title=TITLE)
ADOPTED = RecommendationAdopted(
    recommendation=NAME, session="spring-2024", by="consensus", title=TITLE, working_group="staff"
)
REPORTED = RecommendationReported(recommendation=NAME, committee=COMMITTEE, on=ON, title=TITLE)


def draft(**fields: Any) -> DraftRecommendation:
    return tell(DraftRecommendation, **{**dict(DRAFTED), **fields})


def submit(session: str = "spring-2024") -> SubmitRecommendation:
    return tell(SubmitRecommendation, recommendation=NAME, session=session)


def adopt(session: str = "spring-2024", how: str = "consensus") -> AdoptRecommendation:
    return tell(AdoptRecommendation, recommendation=NAME, session=session, how=how)


def report(on: date = ON, at: datetime = LONG_AFTER) -> ReportRecommendation:
    return tell(ReportRecommendation, recommendation=NAME, committee=COMMITTEE, on=on, at=at)


def test_a_recommendation_is_drafted_once() -> None:
    given().when(draft()).then(DRAFTED)
    given(DRAFTED).when(draft()).then_nothing()
    given(DRAFTED).when(draft(title="Anders")).rejected(RecommendationDraftedDifferently, recommendation=NAME)
    withdrawn = RecommendationWithdrawn(recommendation=NAME, reason="Erledigt")
    given(DRAFTED, withdrawn).when(draft()).rejected(RecommendationIsOver, ended="zurückgezogen")


def test_a_draft_is_submitted_and_may_go_to_another_session() -> None:
    given(DRAFTED).when(submit()).then(SUBMITTED)
    given(DRAFTED, SUBMITTED).when(submit()).then_nothing()
    given(DRAFTED, SUBMITTED).when(submit("autumn-2024")).then(
        RecommendationSubmitted(recommendation=NAME, session="autumn-2024", title=TITLE)
    )


def test_an_adopted_recommendation_is_not_submitted_again() -> None:
    given(DRAFTED, SUBMITTED, ADOPTED).when(submit("autumn-2024")).rejected(
        RecommendationIsAdopted, session="spring-2024"
    )


def test_only_the_session_it_was_submitted_to_adopts_it() -> None:
    given(DRAFTED, SUBMITTED).when(adopt()).then(ADOPTED)
    given(DRAFTED, SUBMITTED).when(adopt(how="majority")).then(ADOPTED.model_copy(update={"by": "majority"}))
    given(DRAFTED).when(adopt()).rejected(RecommendationNotSubmitted, session="spring-2024")
    given(DRAFTED, SUBMITTED).when(adopt("autumn-2024")).rejected(RecommendationNotSubmitted)
    given(DRAFTED, SUBMITTED, ADOPTED).when(adopt()).then_nothing()


def test_only_adopted_recommendations_are_reported() -> None:
    given(DRAFTED, SUBMITTED, ADOPTED).when(report()).then(REPORTED)
    given(DRAFTED, SUBMITTED, ADOPTED, REPORTED).when(report()).then_nothing()
    given(DRAFTED, SUBMITTED).when(report()).rejected(RecommendationNotAdopted, recommendation=NAME)
    tomorrow, now = date(2024, 9, 24), datetime(2024, 9, 23, 21, tzinfo=UTC)
    given(DRAFTED, SUBMITTED, ADOPTED).when(report(tomorrow, now)).rejected(ReportLiesAhead, on="24.09.2024")


def test_it_may_be_reported_again_on_another_day() -> None:
    later = date(2025, 9, 22)
    given(DRAFTED, SUBMITTED, ADOPTED, REPORTED).when(report(later)).then(REPORTED.model_copy(update={"on": later}))


@pytest.mark.parametrize("command", [submit(), adopt(), report()])
def test_what_was_never_drafted_goes_nowhere(command: Command) -> None:
    given().when(command).rejected(RecommendationUnknown, recommendation=NAME)


LAID = (DRAFTED, SUBMITTED)
WRONG = "Ja und Nein waren vertauscht"
TAKEN_BACK = AdoptionTakenBack(recommendation=NAME, session="spring-2024", reason=WRONG)
BY_MAJORITY = ADOPTED.model_copy(update={"by": "majority"})
ABOUT: dict[str, Any] = {"recommendation": NAME, "addressee": "swsg", "name": "SWSG"}
USES: list[tuple[Event, str]] = [
    (REPORTED, "berichtet"),
    (RecommendationAnswered(**ABOUT, on=ON, answer="not", reasons="Geld"), "beantwortet"),
]


def correct(how: str | None, session: str = "spring-2024") -> CorrectAdoption:
    return tell(CorrectAdoption, recommendation=NAME, session=session, how=how, reason=WRONG)


def test_an_adoption_follows_the_corrected_decision() -> None:
    given(*LAID, ADOPTED).when(correct(None)).then(TAKEN_BACK)
    given(*LAID, ADOPTED).when(correct("majority")).then(BY_MAJORITY)
    given(*LAID, ADOPTED).when(correct("consensus")).then_nothing()
    given(*LAID).when(correct(None)).then_nothing()
    given(*LAID).when(correct("consensus")).then(ADOPTED)
    given(*LAID, ADOPTED, TAKEN_BACK).when(correct("majority")).then(BY_MAJORITY)
    given(*LAID, ADOPTED).when(correct(None, "autumn-2024")).then_nothing()
    given(*LAID, ADOPTED).when(correct("consensus", "autumn-2024")).rejected(RecommendationIsAdopted)
    given(*LAID).when(correct("consensus", "autumn-2024")).rejected(RecommendationNotSubmitted)


def test_what_is_taken_back_is_as_if_it_had_never_been_adopted() -> None:
    """It may be submitted again, to another session too; asked after another adoption, each stage is told again."""
    due = ResponseDue(**ABOUT, due_on=ON, stage=0, title=TITLE)
    asked = RecommendationAddressed(**ABOUT, due_on=ON)
    in_public = ADOPTED.model_copy(update={"public": True})
    assert RECOMMENDATION.fold([*LAID, asked, in_public, due, TAKEN_BACK]) == RECOMMENDATION.fold([*LAID, asked])
    given(*LAID, ADOPTED, TAKEN_BACK).when(report()).rejected(RecommendationNotAdopted)
    given(*LAID, ADOPTED, TAKEN_BACK).when(submit("autumn-2024")).then_something()


@pytest.mark.parametrize(("used", "use"), USES)
def test_what_was_done_with_an_adopted_recommendation_keeps_its_adoption(used: Event, use: str) -> None:
    for how in (None, "majority"):
        given(*LAID, ADOPTED, used).when(correct(how)).rejected(AdoptionIsInUse, use=use)
    given(*LAID, ADOPTED, used).when(correct("consensus")).then_nothing()
    superseded = RecommendationSuperseded(recommendation=NAME, successor="other", reason="Neu", title=TITLE)
    given(*LAID, ADOPTED, superseded).when(correct(None)).rejected(RecommendationIsOver, ended="ersetzt")
