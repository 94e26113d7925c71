"""What a recommendation is at any moment: its words, its session, who is to answer, and whether it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Literal, assert_never

from shared.contracts.meetings import (
    AddresseeWithdrawn,
    AdoptionTakenBack,
    RecommendationAddressed,
    RecommendationAdopted,
    RecommendationAnswered,
    RecommendationDrafted,
    RecommendationReferredBack,
    RecommendationRejected,
    RecommendationReported,
    RecommendationRevised,
    RecommendationSubmitted,
    RecommendationSuperseded,
    RecommendationWithdrawn,
    ResponseCorrected,
    ResponseDue,
)
from shared.kernel.decider import Command
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line

# Events

AdoptionEvent = RecommendationAdopted | AdoptionTakenBack
PlenaryEvent = RecommendationSubmitted | AdoptionEvent | RecommendationReferredBack | RecommendationRejected
Answered = RecommendationAnswered | ResponseCorrected
AnswerEvent = RecommendationAddressed | AddresseeWithdrawn | Answered | ResponseDue
OverEvent = RecommendationWithdrawn | RecommendationSuperseded
RecommendationEvent = (
    RecommendationDrafted | RecommendationRevised | PlenaryEvent | RecommendationReported | AnswerEvent | OverEvent
)

# State

How = Literal["consensus", "majority"]
BY_DECISION: Mapping[Literal["consensus", "vote"], How] = MappingProxyType(
    {"consensus": "consensus", "vote": "majority"}
)
"""How a decision that is carried adopts the recommendation that it is about."""
Over = RecommendationRejected | RecommendationWithdrawn | RecommendationSuperseded


@dataclass(frozen=True, slots=True)
class Recommendation:
    draft: RecommendationDrafted | None = None
    """As it was revised last."""
    session: Slug | None = None
    adopted_by: How | None = None
    """How its session has adopted it; None if it has not."""
    adopted_in_public: bool = False
    """On a public agenda item; old events do not say so."""
    reports: frozenset[tuple[Line, date]] = frozenset()
    over: Over | None = None
    addressed: Mapping[Slug, RecommendationAddressed] = field(default_factory=dict)
    answered: Mapping[Slug, Answered] = field(default_factory=dict)
    """As it was corrected last."""
    announced: frozenset[ResponseDue] = frozenset()
    """The announced stages of its answers."""

    @property
    def adopted(self) -> bool:
        return self.adopted_by is not None


def evolve(recommendation: Recommendation, event: RecommendationEvent) -> Recommendation:
    match event:
        case RecommendationDrafted():
            return replace(recommendation, draft=event)
        case RecommendationRevised():
            return _revised(recommendation, event)
        case RecommendationReported():
            return replace(recommendation, reports=recommendation.reports | {(event.committee, event.on)})
        case RecommendationWithdrawn() | RecommendationSuperseded():
            return replace(recommendation, over=event)
        case RecommendationSubmitted() | RecommendationAdopted() | AdoptionTakenBack():
            return _in_plenary(recommendation, event)
        case RecommendationReferredBack() | RecommendationRejected():
            return _in_plenary(recommendation, event)
        case _:
            return _answers(recommendation, event)


def _revised(recommendation: Recommendation, event: RecommendationRevised) -> Recommendation:
    if recommendation.draft is None:
        return recommendation
    words = {"title": event.title, "text": event.text, "reasons": event.reasons}
    return replace(recommendation, draft=recommendation.draft.model_copy(update=words))


def _in_plenary(recommendation: Recommendation, event: PlenaryEvent) -> Recommendation:
    match event:
        case RecommendationSubmitted():
            return replace(recommendation, session=event.session)
        case RecommendationAdopted():
            return replace(recommendation, adopted_by=event.by, adopted_in_public=event.public is True)
        case AdoptionTakenBack():  # adopted after all, it is told each stage again
            return replace(recommendation, adopted_by=None, adopted_in_public=False, announced=frozenset())
        case RecommendationReferredBack():
            return replace(recommendation, session=None)
        case RecommendationRejected():
            return replace(recommendation, over=event)
        case _:
            assert_never(event)


def _answers(recommendation: Recommendation, event: AnswerEvent) -> Recommendation:
    match event:
        case RecommendationAddressed():
            return replace(recommendation, addressed={**recommendation.addressed, event.addressee: event})
        case AddresseeWithdrawn():
            return _not_asked(recommendation, event.addressee)
        case RecommendationAnswered() | ResponseCorrected():
            return replace(recommendation, answered={**recommendation.answered, event.addressee: event})
        case ResponseDue():
            return replace(recommendation, announced=recommendation.announced | {event})
        case _:
            assert_never(event)


def _not_asked(recommendation: Recommendation, addressee: Slug) -> Recommendation:
    """Asked again, it is told each stage again."""
    return replace(
        recommendation,
        addressed={name: asked for name, asked in recommendation.addressed.items() if name != addressee},
        announced=frozenset(said for said in recommendation.announced if said.addressee != addressee),
    )


# Commands


class AboutRecommendation(Command):
    recommendation: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "recommendation", self.recommendation)


# Rejections

Ended = Literal["abgelehnt", "zurückgezogen", "ersetzt"]


class RecommendationUnknown(Rejected):
    """Eine Empfehlung „{recommendation}“ liegt nicht vor."""

    kind = Kind.NOT_FOUND


class RecommendationIsOver(Rejected):
    """Die Empfehlung „{recommendation}“ ist {ended}; zu ihr wird nichts mehr festgehalten."""


class RecommendationNotAdopted(Rejected):
    """Die Empfehlung „{recommendation}“ ist noch nicht beschlossen."""


class RecommendationIsAdopted(Rejected):
    """Die Empfehlung „{recommendation}“ ist bereits in der Sitzung „{session}“ beschlossen."""


def must_be_drafted(recommendation: Recommendation, name: Slug) -> RecommendationDrafted:
    if recommendation.draft is None:
        raise RecommendationUnknown(recommendation=name)
    if recommendation.over:
        raise RecommendationIsOver(recommendation=name, ended=_how_ended(recommendation.over))
    return recommendation.draft


def must_not_be_adopted(recommendation: Recommendation, name: Slug) -> RecommendationDrafted:
    draft = must_be_drafted(recommendation, name)
    if recommendation.adopted:
        raise RecommendationIsAdopted(recommendation=name, session=recommendation.session)
    return draft


def must_be_adopted(recommendation: Recommendation, name: Slug) -> RecommendationDrafted:
    draft = must_be_drafted(recommendation, name)
    if not recommendation.adopted:
        raise RecommendationNotAdopted(recommendation=name)
    return draft


def _how_ended(over: Over) -> Ended:
    match over:
        case RecommendationRejected():
            return "abgelehnt"
        case RecommendationWithdrawn():
            return "zurückgezogen"
        case RecommendationSuperseded():
            return "ersetzt"
        case _:
            assert_never(over)
