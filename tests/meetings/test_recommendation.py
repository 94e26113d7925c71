"""Recommendations: drafted, submitted, adopted by the session they were submitted to, reported."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.meetings.domain.recommendation import (
    RECOMMENDATION,
    AdoptRecommendation,
    DraftRecommendation,
    RecommendationDraftedDifferently,
    RecommendationNotSubmitted,
    ReportLiesAhead,
    ReportRecommendation,
    SubmitRecommendation,
)
from services.meetings.domain.recommendation_state import (
    RecommendationIsAdopted,
    RecommendationIsOver,
    RecommendationNotAdopted,
    RecommendationUnknown,
)
from shared.contracts.meetings import (
    RecommendationAdopted,
    RecommendationDrafted,
    RecommendationReported,
    RecommendationSubmitted,
    RecommendationWithdrawn,
)
from shared.kernel.decider import Command
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
