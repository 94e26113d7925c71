"""What only the office's digest asks: for which seats somebody came to a session, and which refusals of other services
are open.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from shared.contracts import funding, meetings, members
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    ArrivalRecorded,
    AttendanceCorrected,
    AttendanceWithdrawn,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    Recipient,
    SessionClosed,
    SessionRescheduled,
    SessionScheduled,
)
from shared.declarations.projection import Document, projection
from shared.kernel.time import iso

HeldEvent = (
    SessionScheduled
    | SessionRescheduled
    | InvitationIssued
    | InvitationExtended
    | InvitationWithdrawn
    | ArrivalRecorded
    | AttendanceCorrected
    | AttendanceWithdrawn
    | SessionClosed
)
Refused = members.ReactionRefused | meetings.ReactionRefused | funding.ReactionRefused
Settled = members.OpenPointSettled | meetings.OpenPointSettled | funding.OpenPointSettled


def fold_held(document: Document | None, event: HeldEvent, envelope: Envelope) -> Document:
    known = document or {"invited": [], "attended": [], "came": [], "closed": False}
    return {**known, **_held(known, event)}


def _held(known: Document, event: HeldEvent) -> Document:
    match event:
        case SessionScheduled():
            return {"kind": event.kind, "starts": iso(event.appointment.starts)}
        case SessionRescheduled():
            return {"starts": iso(event.appointment.starts)}
        case InvitationIssued():
            return {"invited": _places(event.recipients)}
        case InvitationExtended():
            return {"invited": [*known["invited"], *_places(event.places)]}
        case InvitationWithdrawn():
            gone = _places(event.places)
            attended = [place for place in known["attended"] if place not in gone]
            return {"invited": [place for place in known["invited"] if place not in gone], **_attended(attended)}
        case ArrivalRecorded() | AttendanceCorrected():
            return _attended([*_without(known, event), *([[event.person, event.seat]] if event.seat else [])])
        case AttendanceWithdrawn():
            return _attended(_without(known, event))
        case SessionClosed():
            return {"closed": True}
        case _:
            assert_never(event)


def _without(known: Document, event: ArrivalRecorded | AttendanceCorrected | AttendanceWithdrawn) -> list[list[str]]:
    return [place for place in known["attended"] if place != [event.person, event.seat]]


def _attended(attended: list[list[str]]) -> Document:
    """A holder and a deputy may both have come for a seat: it is empty when neither did."""
    return {"attended": attended, "came": sorted({seat for _, seat in attended})}


def _places(recipients: Iterable[Recipient]) -> list[list[str]]:
    return [[one.person, one.seat] for one in recipients if one.seat]


def fold_refusal(_: Document | None, event: Refused | Settled, envelope: Envelope) -> Document:
    return {"state": "open" if isinstance(event, Refused) else "settled"}


HELD = projection("held", fold_held, version=3)
REFUSALS = projection("refusals", fold_refusal, version=2, indexes=("state",))
