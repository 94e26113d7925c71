"""A recommendation is drafted by a working group, adopted by the plenary, reported to the committee and answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.meetings.domain import recommendation_adoption, recommendation_answers
from services.meetings.domain.recommendation_adoption import (
    AdoptionCommand,
    AdoptRecommendation,
    CorrectAdoption,
    RecommendationNotSubmitted,
)
from services.meetings.domain.recommendation_answers import AnswerCommand
from services.meetings.domain.recommendation_state import (
    AboutRecommendation,
    Over,
    Recommendation,
    RecommendationEvent,
    evolve,
    must_be_adopted,
    must_be_drafted,
    must_not_be_adopted,
)
from shared.contracts.meetings import (
    RecommendationDrafted,
    RecommendationReferredBack,
    RecommendationRejected,
    RecommendationReported,
    RecommendationRevised,
    RecommendationSubmitted,
    RecommendationSuperseded,
    RecommendationWithdrawn,
)
from shared.kernel.decider import Decider
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day, german_day, local_day
from shared.kernel.values import Value

# Commands


class DraftRecommendation(AboutRecommendation):
    """Draft a recommendation in a working group."""

    working_group: Slug
    title: Line
    text: Prose | None = None
    reasons: Prose | None = None


class Words(Value):
    title: Line
    text: Prose | None = None
    reasons: Prose | None = None


class ReviseRecommendation(AboutRecommendation):
    """Replace the title, text and reasons of a recommendation that is not adopted."""

    title: Line
    text: Prose | None = None
    reasons: Prose | None = None
    replaces: Words | None = None
    reason: Line


class SubmitRecommendation(AboutRecommendation):
    """Submit a recommendation to a session. Until it is adopted it may be submitted to another one instead."""

    session: Slug


class ReportRecommendation(AboutRecommendation):
    """Record that an adopted recommendation was reported to a committee."""

    committee: Line
    on: Day


class ReferBackRecommendation(AboutRecommendation):
    """Record that the session refers a recommendation back to its working group."""

    session: Slug
    reason: Line


class RejectRecommendation(AboutRecommendation):
    """Record that the session rejects a recommendation."""

    session: Slug
    reason: Line


class WithdrawRecommendation(AboutRecommendation):
    """Withdraw a recommendation that is not adopted."""

    reason: Line


class SupersedeRecommendation(AboutRecommendation):
    """Record that another adopted recommendation takes the place of an adopted one."""

    successor: Slug
    reason: Line


WordsCommand = DraftRecommendation | ReviseRecommendation
PlenaryCommand = SubmitRecommendation | ReferBackRecommendation | RejectRecommendation
AfterCommand = ReportRecommendation | WithdrawRecommendation | SupersedeRecommendation
RecommendationCommand = WordsCommand | PlenaryCommand | AdoptionCommand | AfterCommand | AnswerCommand

# Rejections


class RecommendationDraftedDifferently(Rejected):
    """Die Empfehlung „{recommendation}“ liegt bereits mit anderen Angaben vor."""


class ReportLiesAhead(Rejected):
    """Der Bericht vom {on} liegt in der Zukunft; festgehalten wird, was berichtet ist."""

    kind = Kind.INVALID


class SuccessorIsItself(Rejected):
    """Eine Empfehlung kann nicht durch sich selbst ersetzt werden."""

    kind = Kind.INVALID


# decide


def decide(recommendation: Recommendation, command: RecommendationCommand) -> Sequence[RecommendationEvent]:
    match command:
        case DraftRecommendation():
            return _draft(recommendation, command)
        case ReviseRecommendation():
            return _revise(recommendation, command)
        case ReportRecommendation():
            return _report(recommendation, command)
        case WithdrawRecommendation() | SupersedeRecommendation():
            return _end(recommendation, command)
        case AdoptRecommendation() | CorrectAdoption():
            return recommendation_adoption.decide(recommendation, command)
        case SubmitRecommendation() | ReferBackRecommendation() | RejectRecommendation():
            return _in_plenary(recommendation, command)
        case _:
            return recommendation_answers.decide(recommendation, command)


def _in_plenary(recommendation: Recommendation, command: PlenaryCommand) -> Sequence[RecommendationEvent]:
    match command:
        case SubmitRecommendation():
            return _submit(recommendation, command)
        case ReferBackRecommendation() | RejectRecommendation():
            return _turn_down(recommendation, command)
        case _:
            assert_never(command)


def _draft(recommendation: Recommendation, draft: DraftRecommendation) -> Sequence[RecommendationEvent]:
    wanted = RecommendationDrafted(
        recommendation=draft.recommendation,
        working_group=draft.working_group,
        title=draft.title,
        text=draft.text,
        reasons=draft.reasons,
    )
    if recommendation.draft is None:
        return [wanted]
    if recommendation.draft != wanted:
        raise RecommendationDraftedDifferently(recommendation=draft.recommendation)
    must_be_drafted(recommendation, draft.recommendation)
    return []


def _revise(recommendation: Recommendation, revise: ReviseRecommendation) -> Sequence[RecommendationEvent]:
    draft = must_not_be_adopted(recommendation, revise.recommendation)
    if (draft.title, draft.text, draft.reasons) == (revise.title, revise.text, revise.reasons):
        return []
    must_stand(revise.replaces, Words(title=draft.title, text=draft.text, reasons=draft.reasons))
    told = revise.model_dump(include=set(RecommendationRevised.model_fields))
    return [RecommendationRevised(**told)]


def _submit(recommendation: Recommendation, submit: SubmitRecommendation) -> Sequence[RecommendationEvent]:
    title = must_be_drafted(recommendation, submit.recommendation).title
    if recommendation.session == submit.session:
        return []
    must_not_be_adopted(recommendation, submit.recommendation)
    return [RecommendationSubmitted(recommendation=submit.recommendation, session=submit.session, title=title)]


def _report(recommendation: Recommendation, report: ReportRecommendation) -> Sequence[RecommendationEvent]:
    title = must_be_adopted(recommendation, report.recommendation).title
    if (report.committee, report.on) in recommendation.reports:
        return []
    if report.on > local_day(report.at):
        raise ReportLiesAhead(on=german_day(report.on))
    return [
        RecommendationReported(
            recommendation=report.recommendation, committee=report.committee, on=report.on, title=title
        )
    ]


def _turn_down(
    recommendation: Recommendation, turn_down: ReferBackRecommendation | RejectRecommendation
) -> Sequence[RecommendationEvent]:
    name, told = turn_down.recommendation, turn_down.model_dump(include={"recommendation", "session", "reason"})
    if isinstance(turn_down, RejectRecommendation) and recommendation.over == RecommendationRejected(**told):
        return []
    must_not_be_adopted(recommendation, name)
    if recommendation.session != turn_down.session:
        raise RecommendationNotSubmitted(recommendation=name, session=turn_down.session)
    if isinstance(turn_down, RejectRecommendation):
        return [RecommendationRejected(**told)]
    return [RecommendationReferredBack(**told)]


def _end(
    recommendation: Recommendation, end: WithdrawRecommendation | SupersedeRecommendation
) -> Sequence[RecommendationEvent]:
    over = _over(recommendation, end)
    if recommendation.over == over:
        return []
    if isinstance(end, WithdrawRecommendation):
        must_not_be_adopted(recommendation, end.recommendation)
    else:
        must_be_adopted(recommendation, end.recommendation)
    return [over]


def _over(recommendation: Recommendation, end: WithdrawRecommendation | SupersedeRecommendation) -> Over:
    if isinstance(end, WithdrawRecommendation):
        return RecommendationWithdrawn(recommendation=end.recommendation, reason=end.reason)
    if end.successor == end.recommendation:
        raise SuccessorIsItself
    title = recommendation.draft.title if recommendation.draft else end.recommendation
    return RecommendationSuperseded(
        recommendation=end.recommendation, successor=end.successor, reason=end.reason, title=title
    )


RECOMMENDATION = Decider("recommendation", Recommendation(), evolve, decide)
