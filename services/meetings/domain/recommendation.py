"""A recommendation is drafted by a working group, adopted by the plenary and reported to the committee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from shared.contracts.meetings import (
    RecommendationAdopted,
    RecommendationDrafted,
    RecommendationReported,
    RecommendationSubmitted,
)
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day

# Events

RecommendationEvent = RecommendationDrafted | RecommendationSubmitted | RecommendationAdopted | RecommendationReported

# State


@dataclass(frozen=True, slots=True)
class Recommendation:
    draft: RecommendationDrafted | None = None
    session: Slug | None = None
    adopted: bool = False
    adopted_in_public: bool = False
    """On an agenda item that the public may hear; of old, nobody said so."""
    reports: frozenset[tuple[Line, date]] = frozenset()


def evolve(recommendation: Recommendation, event: RecommendationEvent) -> Recommendation:
    match event:
        case RecommendationDrafted():
            return replace(recommendation, draft=event)
        case RecommendationSubmitted():
            return replace(recommendation, session=event.session)
        case RecommendationAdopted():
            return replace(recommendation, adopted=True, adopted_in_public=event.public is True)
        case RecommendationReported():
            return replace(recommendation, reports=recommendation.reports | {(event.committee, event.on)})
        case _:
            assert_never(event)


# Commands


class _AboutRecommendation(Command):
    recommendation: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "recommendation", self.recommendation)


class DraftRecommendation(_AboutRecommendation):
    """Draft a recommendation in a working group."""

    working_group: Slug
    title: Line


class SubmitRecommendation(_AboutRecommendation):
    """Submit a recommendation to a session; until it is adopted, another session may take its place."""

    session: Slug


class AdoptRecommendation(_AboutRecommendation):
    """Adopt a recommendation because the session that it was submitted to has decided so."""

    given_by: ClassVar[GivenBy] = "service"

    session: Slug
    how: Literal["consensus", "majority"]
    public: bool | None = None


class ReportRecommendation(_AboutRecommendation):
    """Record that an adopted recommendation was reported to a committee."""

    committee: Line
    on: Day


RecommendationCommand = DraftRecommendation | SubmitRecommendation | AdoptRecommendation | ReportRecommendation

# Rejections


class RecommendationUnknown(Rejected):
    """Eine Empfehlung „{recommendation}“ liegt nicht vor."""

    kind = Kind.NOT_FOUND


class RecommendationDraftedDifferently(Rejected):
    """Die Empfehlung „{recommendation}“ liegt bereits mit anderen Angaben vor."""


class RecommendationIsAdopted(Rejected):
    """Die Empfehlung „{recommendation}“ ist bereits in der Sitzung „{session}“ beschlossen."""


class RecommendationNotSubmitted(Rejected):
    """Die Empfehlung „{recommendation}“ ist der Sitzung „{session}“ nicht vorgelegt."""


class RecommendationNotAdopted(Rejected):
    """Die Empfehlung „{recommendation}“ ist noch nicht beschlossen."""


# decide


def decide(recommendation: Recommendation, command: RecommendationCommand) -> Sequence[RecommendationEvent]:
    match command:
        case DraftRecommendation():
            return _draft(recommendation, command)
        case SubmitRecommendation():
            return _submit(recommendation, command)
        case AdoptRecommendation():
            return _adopt(recommendation, command)
        case ReportRecommendation():
            return _report(recommendation, command)
        case _:
            assert_never(command)


def _draft(recommendation: Recommendation, draft: DraftRecommendation) -> Sequence[RecommendationEvent]:
    wanted = RecommendationDrafted(
        recommendation=draft.recommendation, working_group=draft.working_group, title=draft.title
    )
    if recommendation.draft is None:
        return [wanted]
    if recommendation.draft != wanted:
        raise RecommendationDraftedDifferently(recommendation=draft.recommendation)
    return []


def _submit(recommendation: Recommendation, submit: SubmitRecommendation) -> Sequence[RecommendationEvent]:
    title = _must_be_drafted(recommendation, submit.recommendation).title
    if recommendation.session == submit.session:
        return []
    if recommendation.adopted:
        raise RecommendationIsAdopted(recommendation=submit.recommendation, session=recommendation.session)
    return [RecommendationSubmitted(recommendation=submit.recommendation, session=submit.session, title=title)]


def _adopt(recommendation: Recommendation, adopt: AdoptRecommendation) -> Sequence[RecommendationEvent]:
    draft = _must_be_drafted(recommendation, adopt.recommendation)
    if recommendation.session != adopt.session:
        raise RecommendationNotSubmitted(recommendation=adopt.recommendation, session=adopt.session)
    if recommendation.adopted:
        return []
    return [
        RecommendationAdopted(
            recommendation=adopt.recommendation,
            session=adopt.session,
            by=adopt.how,
            title=draft.title,
            working_group=draft.working_group,
            public=adopt.public,
        )
    ]


def _report(recommendation: Recommendation, report: ReportRecommendation) -> Sequence[RecommendationEvent]:
    title = _must_be_drafted(recommendation, report.recommendation).title
    if not recommendation.adopted:
        raise RecommendationNotAdopted(recommendation=report.recommendation)
    if (report.committee, report.on) in recommendation.reports:
        return []
    return [
        RecommendationReported(
            recommendation=report.recommendation, committee=report.committee, on=report.on, title=title
        )
    ]


def _must_be_drafted(recommendation: Recommendation, name: Slug) -> RecommendationDrafted:
    if recommendation.draft is None:
        raise RecommendationUnknown(recommendation=name)
    return recommendation.draft


RECOMMENDATION = Decider("recommendation", Recommendation(), evolve, decide)
