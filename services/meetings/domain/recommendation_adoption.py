"""A recommendation is adopted by the session that it was submitted to, and not adopted if that was recorded wrongly.

What became of it since is final: once it is reported, answered or superseded, or stands in the place of another, its
adoption is not corrected any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, assert_never

from services.meetings.domain.recommendation_state import (
    AboutRecommendation,
    How,
    Recommendation,
    must_be_drafted,
    must_not_be_adopted,
)
from shared.contracts.meetings import AdoptionTakenBack, RecommendationAdopted, RecommendationDrafted
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected
from shared.kernel.text import Line

Use = Literal["berichtet", "beantwortet", "an die Stelle einer anderen getreten"]

# Commands


class AdoptRecommendation(AboutRecommendation):
    """Adopt a recommendation, by the decision of the session to which it was submitted."""

    given_by: ClassVar[GivenBy] = "service"

    session: Slug
    how: How
    public: bool | None = None


class CorrectAdoption(AboutRecommendation):
    """Let an adoption follow a corrected decision of the session; ``how`` is null if the session has not adopted it."""

    given_by: ClassVar[GivenBy] = "service"

    session: Slug
    how: How | None
    public: bool | None = None
    reason: Line


AdoptionCommand = AdoptRecommendation | CorrectAdoption

# Rejections


class RecommendationNotSubmitted(Rejected):
    """Die Empfehlung „{recommendation}“ ist der Sitzung „{session}“ nicht vorgelegt."""


class AdoptionIsInUse(Rejected):
    """Die Empfehlung „{recommendation}“ ist schon {use}; sie kann nur noch durch eine neue ersetzt werden."""


# decide


def decide(
    recommendation: Recommendation, command: AdoptionCommand
) -> Sequence[RecommendationAdopted | AdoptionTakenBack]:
    match command:
        case AdoptRecommendation():
            return _adopt(recommendation, command)
        case CorrectAdoption():
            return _correct(recommendation, command)
        case _:
            assert_never(command)


def _adopt(recommendation: Recommendation, adopt: AdoptRecommendation) -> Sequence[RecommendationAdopted]:
    draft = must_be_drafted(recommendation, adopt.recommendation)
    if recommendation.session != adopt.session:
        raise RecommendationNotSubmitted(recommendation=adopt.recommendation, session=adopt.session)
    return [] if recommendation.adopted else [_adopted(draft, adopt, adopt.how)]


def _correct(
    recommendation: Recommendation, correct: CorrectAdoption
) -> Sequence[RecommendationAdopted | AdoptionTakenBack]:
    name, session = correct.recommendation, correct.session
    before = adopted_by(recommendation, session)
    must_be_correctable(recommendation, name, session, correct.how)
    if before == correct.how:
        return []
    if correct.how is None:
        return [AdoptionTakenBack(recommendation=name, session=session, reason=correct.reason)]
    return [_adopted(must_be_drafted(recommendation, name), correct, correct.how)]


def _adopted(draft: RecommendationDrafted, adopt: AdoptionCommand, how: How) -> RecommendationAdopted:
    return RecommendationAdopted(
        recommendation=adopt.recommendation,
        session=adopt.session,
        by=how,
        title=draft.title,
        working_group=draft.working_group,
        public=adopt.public,
    )


def adopted_by(recommendation: Recommendation, session: Slug) -> How | None:
    """How this session has adopted it; None if it has not."""
    return recommendation.adopted_by if recommendation.session == session else None


def must_be_correctable(recommendation: Recommendation, name: Slug, session: Slug, how: How | None) -> None:
    """Nothing rests on how the session has adopted it so far, or that stays; what was not adopted can be by now."""
    before = adopted_by(recommendation, session)
    if before == how:
        return
    if before is None:
        must_be_submitted(recommendation, name, session)
        return
    must_be_drafted(recommendation, name)
    if use := _use_of(recommendation):
        raise AdoptionIsInUse(recommendation=name, use=use)


def must_be_submitted(recommendation: Recommendation, name: Slug, session: Slug) -> None:
    must_not_be_adopted(recommendation, name)
    if recommendation.session != session:
        raise RecommendationNotSubmitted(recommendation=name, session=session)


def _use_of(recommendation: Recommendation) -> Use | None:
    if recommendation.answered:
        return "beantwortet"
    return "berichtet" if recommendation.reports else None
