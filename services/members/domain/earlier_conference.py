"""A conference carries over what those before it were: names, days, working groups and where the results stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, assert_never

from pydantic import Field

from shared.contracts.members import EarlierConferenceCarriedOver
from shared.kernel.decider import Command
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day, german_day, local_day
from shared.kernel.values import Value

Earlier = Mapping[Slug, EarlierConferenceCarriedOver]
"""Each conference as it was recorded last."""

# Commands


class EarlierConference(Value):
    """What is recorded of an earlier conference."""

    name: Line
    since: Day
    until: Day
    working_groups: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    document: Line | None = None
    results: Prose | None = None


KNOWN_OF_IT = set(EarlierConference.model_fields)


class _Carry(EarlierConference, Command):
    earlier: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "conference", self.conference)


class CarryOverConference(_Carry):
    """Record a conference that ended before this one (GRDrs 905/2023, lines 60-90). Nothing else follows from it."""


class CorrectEarlierConference(_Carry):
    """Correct what is recorded of an earlier conference."""

    replaces: EarlierConference | None = None
    reason: Line


EarlierConferenceCommand = CarryOverConference | CorrectEarlierConference

# Rejections


class EarlierConferenceUnknown(Rejected):
    """Eine frühere Konferenz „{earlier}“ ist nicht übernommen."""

    kind = Kind.NOT_FOUND


class CarriedOverDifferently(Rejected):
    """Die frühere Konferenz „{earlier}“ ist bereits mit anderen Angaben übernommen."""


class EarlierConferenceNotOver(Rejected):
    """Eine frühere Konferenz endet, nachdem sie begonnen hat, und vor heute; angegeben ist {since} bis {until}."""

    kind = Kind.INVALID


# decide


def decide(earlier: Earlier, command: EarlierConferenceCommand) -> Sequence[EarlierConferenceCarriedOver]:
    if not command.since <= command.until < local_day(command.at):
        raise EarlierConferenceNotOver(since=german_day(command.since), until=german_day(command.until))
    known, told = earlier.get(command.earlier), _known(command)
    if known is not None and _known(known) == told:
        return []
    match command:
        case CarryOverConference():
            return _carry_over(known, command.earlier, told)
        case CorrectEarlierConference():
            return _correct(known, command, told)
        case _:
            assert_never(command)


def _carry_over(
    known: EarlierConferenceCarriedOver | None, earlier: Slug, told: EarlierConference
) -> Sequence[EarlierConferenceCarriedOver]:
    if known is not None:
        raise CarriedOverDifferently(earlier=earlier)
    return [EarlierConferenceCarriedOver(earlier=earlier, **dict(told))]


def _correct(
    known: EarlierConferenceCarriedOver | None, correct: CorrectEarlierConference, told: EarlierConference
) -> Sequence[EarlierConferenceCarriedOver]:
    if known is None:
        raise EarlierConferenceUnknown(earlier=correct.earlier)
    must_stand(correct.replaces, _known(known))
    return [EarlierConferenceCarriedOver(earlier=correct.earlier, reason=correct.reason, **dict(told))]


def _known(of: EarlierConferenceCarriedOver | _Carry) -> EarlierConference:
    return EarlierConference(**{name: getattr(of, name) for name in KNOWN_OF_IT})
