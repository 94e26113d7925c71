"""If a rule refuses a reaction's command, this is an open point of the office until the office settles it.

It works in the same way in every service with reactions, with two events of the service's own contract. Its two
commands are the only ones that several services decide, each about its own refusals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeVar, assert_never, get_args

from shared.contracts.envelope import Envelope
from shared.contracts.open_points import Name, RefusedReaction, SettledPoint, StreamName
from shared.declarations.projection import Document, Projection, projection
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import StreamPosition, Uuid, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import iso

KIND, PROJECTION = "open-point", "open_points"

R = TypeVar("R", bound=RefusedReaction)
S = TypeVar("S", bound=SettledPoint)

OpenPointEvent = RefusedReaction | SettledPoint


@dataclass(frozen=True, slots=True)
class OpenPoint:
    known: bool = False
    reason: Line | None = None


def evolve(_: OpenPoint, event: OpenPointEvent) -> OpenPoint:
    match event:
        case RefusedReaction():
            return OpenPoint(known=True)
        case SettledPoint():
            return OpenPoint(known=True, reason=event.reason)
        case _:
            assert_never(event)


class _AboutPoint(Command):
    point: Uuid

    @property
    def stream(self) -> str:
        return stream_name(self.conference, KIND, self.point)


class RecordReactionRefusal(_AboutPoint):
    """Record that a rule refused what follows by itself."""

    given_by: ClassVar[GivenBy] = "service"

    reaction: Name
    reacted_to: StreamPosition
    command: Name
    about: StreamName
    rule: Name


class SettleOpenPoint(_AboutPoint):
    """Settle an open point, with what was done about it."""

    reason: Line


OpenPointCommand = RecordReactionRefusal | SettleOpenPoint
IN_EVERY_SERVICE: tuple[type[Command], ...] = get_args(OpenPointCommand)


class OpenPointUnknown(Rejected):
    """Einen offenen Punkt „{point}“ gibt es hier nicht; die offenen Punkte zeigt „kpk open“."""

    kind = Kind.NOT_FOUND


class OpenPointIsSettled(Rejected):
    """Der offene Punkt „{point}“ ist bereits mit einer anderen Begründung erledigt."""


class OpenPoints(NamedTuple):
    decider: Decider[OpenPoint, Any, Any]
    projection: Projection


def open_points(refused: type[R], settled: type[S]) -> OpenPoints:
    """Of the service whose contract has these events."""

    def decide(point: OpenPoint, command: OpenPointCommand) -> Sequence[R | S]:
        match command:
            case RecordReactionRefusal():
                return [] if point.known else [refused(**_told(command))]
            case SettleOpenPoint():
                return [settled(point=command.point, reason=command.reason)] if _is_open(point, command) else []
            case _:
                assert_never(command)

    def evolve_own(point: OpenPoint, event: OpenPointEvent) -> OpenPoint:
        return evolve(point, event)

    def fold(document: Document | None, event: OpenPointEvent, envelope: Envelope) -> Document:
        return shown(document, event, envelope)

    for function in (evolve_own, fold):
        function.__annotations__["event"] = refused | settled  # what they take is known only here
    return OpenPoints(Decider(KIND, OpenPoint(), evolve_own, decide), projection(PROJECTION, fold, indexes=("state",)))


def _told(command: RecordReactionRefusal) -> dict[str, str]:
    return {name: getattr(command, name) for name in RefusedReaction.model_fields}


def _is_open(point: OpenPoint, settle: SettleOpenPoint) -> bool:
    if not point.known:
        raise OpenPointUnknown(point=settle.point)
    if point.reason not in (None, settle.reason):
        raise OpenPointIsSettled(point=settle.point)
    return point.reason is None


def shown(document: Document | None, event: OpenPointEvent, envelope: Envelope) -> Document:
    match event:
        case RefusedReaction():
            return {**event.model_dump(mode="json"), "state": "open", "since": iso(envelope.time)}
        case SettledPoint():
            return {**(document or {}), "state": "settled"}
        case _:
            assert_never(event)
