"""Each addressee of an adopted recommendation owes an answer with reasons by its day (§ 8a SGB XI)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, assert_never

from pydantic import Field

from services.meetings.domain.recommendation_state import (
    AboutRecommendation,
    Answered,
    AnswerEvent,
    Recommendation,
    must_be_adopted,
    must_be_drafted,
)
from shared.contracts.meetings import (
    AddresseeWithdrawn,
    RecommendationAddressed,
    RecommendationAnswered,
    ResponseCorrected,
    ResponseDue,
)
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day, german_day, local_day
from shared.kernel.values import Value

# Commands


class AddressRecommendation(AboutRecommendation):
    """Name an addressee of a recommendation and the day by which to answer; a new day replaces the old one."""

    addressee: Slug
    name: Line
    due_on: Day


class WithdrawAddressee(AboutRecommendation):
    """Say that somebody need not answer a recommendation: named by mistake, for instance."""

    addressee: Slug
    reason: Line


class Response(Value):
    on: Day
    answer: Literal["considered", "partly", "not"]
    reasons: Prose


class RecordResponse(AboutRecommendation):
    """Record an addressee's answer to an adopted recommendation, with its reasons."""

    addressee: Slug
    on: Day
    answer: Literal["considered", "partly", "not"]
    reasons: Prose


class CorrectResponse(AboutRecommendation):
    """Correct an answer that was recorded wrongly; all of it is said anew."""

    addressee: Slug
    on: Day
    answer: Literal["considered", "partly", "not"]
    reasons: Prose
    replaces: Response | None = None
    reason: Line


class AnnounceResponses(AboutRecommendation):
    """Announce the stages that the answers to a recommendation have reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[ResponseDue, ...], Field(min_length=1)]


AnswerCommand = AddressRecommendation | WithdrawAddressee | RecordResponse | CorrectResponse | AnnounceResponses

# Rejections


class AddresseeUnknown(Rejected):
    """„{addressee}“ ist nicht Adressat der Empfehlung „{recommendation}“."""

    kind = Kind.NOT_FOUND


class AddresseeHasAnswered(Rejected):
    """Zur Empfehlung „{recommendation}“ liegt von „{addressee}“ bereits eine Antwort vom {on} vor."""


class AddresseeHasNotAnswered(Rejected):
    """Zur Empfehlung „{recommendation}“ liegt von „{addressee}“ noch keine Antwort vor."""


class AnswerLiesAhead(Rejected):
    """Die Antwort vom {on} liegt in der Zukunft; festgehalten wird, was vorliegt."""

    kind = Kind.INVALID


# decide


def decide(recommendation: Recommendation, command: AnswerCommand) -> Sequence[AnswerEvent]:
    match command:
        case AddressRecommendation():
            return _address(recommendation, command)
        case WithdrawAddressee():
            return _withdraw(recommendation, command)
        case RecordResponse():
            return _record(recommendation, command)
        case CorrectResponse():
            return _correct(recommendation, command)
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


def _withdraw(recommendation: Recommendation, withdraw: WithdrawAddressee) -> Sequence[AnswerEvent]:
    must_be_drafted(recommendation, withdraw.recommendation)
    name = _must_be_addressed(recommendation, withdraw)
    _must_not_have_answered(recommendation, withdraw)
    return [
        AddresseeWithdrawn(
            recommendation=withdraw.recommendation, addressee=withdraw.addressee, name=name, reason=withdraw.reason
        )
    ]


def _record(recommendation: Recommendation, record: RecordResponse) -> Sequence[AnswerEvent]:
    must_be_adopted(recommendation, record.recommendation)
    name = _must_be_addressed(recommendation, record)
    before = recommendation.answered.get(record.addressee)
    if before and _content(before) == _content(record):
        return []
    _must_not_have_answered(recommendation, record)
    _must_not_lie_ahead(record)
    told = record.model_dump(include=set(RecommendationAnswered.model_fields))
    return [RecommendationAnswered(**told, name=name)]


def _correct(recommendation: Recommendation, correct: CorrectResponse) -> Sequence[AnswerEvent]:
    must_be_adopted(recommendation, correct.recommendation)
    name = _must_be_addressed(recommendation, correct)
    before = recommendation.answered.get(correct.addressee)
    if before is None:
        raise AddresseeHasNotAnswered(recommendation=correct.recommendation, addressee=correct.addressee)
    if _content(before) == _content(correct):
        return []
    must_stand(correct.replaces, _content(before))
    _must_not_lie_ahead(correct)
    told = correct.model_dump(include=set(ResponseCorrected.model_fields))
    return [ResponseCorrected(**told, name=name)]


def _content(said: Answered | RecordResponse | CorrectResponse) -> Response:
    return Response(on=said.on, answer=said.answer, reasons=said.reasons)


def _must_be_addressed(
    recommendation: Recommendation, command: WithdrawAddressee | RecordResponse | CorrectResponse
) -> Line:
    if asked := recommendation.addressed.get(command.addressee):
        return asked.name
    raise AddresseeUnknown(recommendation=command.recommendation, addressee=command.addressee)


def _must_not_lie_ahead(command: RecordResponse | CorrectResponse) -> None:
    if command.on > local_day(command.at):
        raise AnswerLiesAhead(on=german_day(command.on))


def _must_not_have_answered(
    recommendation: Recommendation, command: AddressRecommendation | WithdrawAddressee | RecordResponse
) -> None:
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
