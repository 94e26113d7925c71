"""Each addressee of an adopted recommendation owes an answer with reasons by its day (§ 8a SGB XI)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, assert_never

from pydantic import Field

from services.meetings.domain.recommendation_state import (
    AboutRecommendation,
    AnswerEvent,
    Recommendation,
    must_be_adopted,
    must_be_drafted,
)
from shared.contracts.meetings import RecommendationAddressed, RecommendationAnswered, ResponseDue
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day, german_day, local_day

# Commands


class AddressRecommendation(AboutRecommendation):
    """Name who is to answer a recommendation by which day; another day takes the place of the one before."""

    addressee: Slug
    name: Line
    due_on: Day


class RecordResponse(AboutRecommendation):
    """Record what an addressee answers to an adopted recommendation, with its reasons."""

    addressee: Slug
    on: Day
    answer: Literal["considered", "partly", "not"]
    reasons: Prose


class AnnounceResponses(AboutRecommendation):
    """Say which stages of the answers to a recommendation are reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[ResponseDue, ...], Field(min_length=1)]


AnswerCommand = AddressRecommendation | RecordResponse | AnnounceResponses

# Rejections


class AddresseeUnknown(Rejected):
    """„{addressee}“ ist nicht Adressat der Empfehlung „{recommendation}“."""

    kind = Kind.NOT_FOUND


class AddresseeHasAnswered(Rejected):
    """Zur Empfehlung „{recommendation}“ liegt von „{addressee}“ bereits eine Antwort vom {on} vor."""


class AnswerLiesAhead(Rejected):
    """Die Antwort vom {on} liegt in der Zukunft; festgehalten wird, was vorliegt."""

    kind = Kind.INVALID


# decide


def decide(recommendation: Recommendation, command: AnswerCommand) -> Sequence[AnswerEvent]:
    match command:
        case AddressRecommendation():
            return _address(recommendation, command)
        case RecordResponse():
            return _record(recommendation, command)
        case AnnounceResponses():
            return [event for event in command.says if _is_to_say(recommendation, event)]
        case _:
            assert_never(command)


def _address(recommendation: Recommendation, address: AddressRecommendation) -> Sequence[AnswerEvent]:
    must_be_drafted(recommendation, address.recommendation)
    wanted = RecommendationAddressed(
        recommendation=address.recommendation, addressee=address.addressee, name=address.name, due_on=address.due_on
    )
    if recommendation.addressed.get(address.addressee) == wanted:
        return []
    _must_not_have_answered(recommendation, address)
    return [wanted]


def _record(recommendation: Recommendation, record: RecordResponse) -> Sequence[AnswerEvent]:
    must_be_adopted(recommendation, record.recommendation)
    if record.addressee not in recommendation.addressed:
        raise AddresseeUnknown(recommendation=record.recommendation, addressee=record.addressee)
    wanted = RecommendationAnswered(
        recommendation=record.recommendation,
        addressee=record.addressee,
        name=recommendation.addressed[record.addressee].name,
        on=record.on,
        answer=record.answer,
        reasons=record.reasons,
    )
    if recommendation.answered.get(record.addressee) == wanted:
        return []
    _must_not_have_answered(recommendation, record)
    if record.on > local_day(record.at):
        raise AnswerLiesAhead(on=german_day(record.on))
    return [wanted]


def _must_not_have_answered(recommendation: Recommendation, command: AddressRecommendation | RecordResponse) -> None:
    if answered := recommendation.answered.get(command.addressee):
        raise AddresseeHasAnswered(
            recommendation=command.recommendation, addressee=command.addressee, on=german_day(answered.on)
        )


def _is_to_say(recommendation: Recommendation, event: ResponseDue) -> bool:
    addressed = recommendation.addressed.get(event.addressee)
    is_answered = event.addressee in recommendation.answered or recommendation.over is not None
    if addressed is None or addressed.due_on != event.due_on or not recommendation.adopted:
        return False
    return not is_answered and event not in recommendation.announced
