"""What follows by itself and was refused by a rule is an open point of the office, until the office settles it.

Rules and fold of every service that reacts, over the events of its own contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar, assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.open_points import Name, RefusedReaction, SettledPoint
from shared.declarations.projection import Document
from shared.kernel.decider import Command, GivenBy
from shared.kernel.identifiers import StreamPosition, Uuid, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import iso

KIND = "open-point"

R = TypeVar("R", bound=RefusedReaction)
S = TypeVar("S", bound=SettledPoint)


@dataclass(frozen=True, slots=True)
class OpenPoint:
    known: bool = False
    reason: Line | None = None


def evolved(event: RefusedReaction | SettledPoint) -> OpenPoint:
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
    """Record that a rule refused what follows by itself; it is one open point however often it is refused."""

    given_by: ClassVar[GivenBy] = "service"

    reaction: Name
    reacted_to: StreamPosition
    command: Name
    rule: Name


class SettleOpenPoint(_AboutPoint):
    """Settle an open point, with what was done about it."""

    reason: Line


OpenPointCommand = RecordReactionRefusal | SettleOpenPoint


class OpenPointUnknown(Rejected):
    """Einen offenen Punkt „{point}“ gibt es nicht; die offenen Punkte zeigt die Abfrage „open-points“."""

    kind = Kind.NOT_FOUND


class OpenPointIsSettled(Rejected):
    """Der offene Punkt „{point}“ ist bereits mit einer anderen Begründung erledigt."""


def decided(point: OpenPoint, command: OpenPointCommand, refused: type[R], settled: type[S]) -> Sequence[R | S]:
    match command:
        case RecordReactionRefusal():
            return [] if point.known else [refused(**_told(command))]
        case SettleOpenPoint():
            return _settle(point, command, settled)
        case _:
            assert_never(command)


def _told(command: RecordReactionRefusal) -> dict[str, str]:
    return {name: getattr(command, name) for name in RefusedReaction.model_fields}


def _settle(point: OpenPoint, settle: SettleOpenPoint, settled: type[S]) -> Sequence[S]:
    if not point.known:
        raise OpenPointUnknown(point=settle.point)
    if point.reason is None:
        return [settled(point=settle.point, reason=settle.reason)]
    if point.reason != settle.reason:
        raise OpenPointIsSettled(point=settle.point)
    return []


def shown(document: Document | None, event: RefusedReaction | SettledPoint, envelope: Envelope) -> Document:
    match event:
        case RefusedReaction():
            return {**event.model_dump(mode="json"), "state": "open", "since": iso(envelope.time)}
        case SettledPoint():
            return {**(document or {}), "state": "settled"}
        case _:
            assert_never(event)
