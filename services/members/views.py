"""What members remembers for its own queries: every seat with its whole history, and the working groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from services.members.domain.seat_group import SeatGroupEvent
from services.members.domain.working_group import WorkingGroupEvent
from shared.contracts.members import (
    DelegateAppointed,
    MandateEnded,
    PersonErased,
    PostHolderChanged,
    SeatGroupOpened,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.contracts.subscriptions import Delivered, Document, View


def seats_of(delivered: Delivered) -> Iterable[str]:
    conference = delivered.envelope.conference
    match delivered.event:
        case SeatGroupOpened(seats=seats):
            return [f"{conference}/{seat}" for seat in seats]
        case DelegateAppointed(seat=seat) | PostHolderChanged(seat=seat) | MandateEnded(seat=seat):
            return [f"{conference}/{seat}"]
        case _:
            return []


def fold_seat(document: Document | None, delivered: Delivered) -> Document:
    seat = {**(document or {})}
    match delivered.event:
        case SeatGroupOpened() as opened:
            group = {"group": opened.group, "number": opened.number, "name": opened.name, "kind": opened.kind}
            return {**group, "occupancies": [], "occupied": False}
        case DelegateAppointed() as appointed:
            return _occupied(seat, appointed.person, appointed.since.isoformat(), appointed.organisation)
        case PostHolderChanged() as changed:
            return _occupied(seat, changed.person, changed.since.isoformat(), None)
        case MandateEnded() as ended:
            return {**seat, "occupancies": _closed(seat, ended.until.isoformat()), "occupied": False}
        case _:
            return seat


def _occupied(seat: Document, person: str, since: str, organisation: str | None) -> Document:
    sits = {"person": person, "organisation": organisation, "since": since, "until": None}
    return {**seat, "occupancies": [*_closed(seat, since), sits], "occupied": True}


def _closed(seat: Document, until: str) -> list[Document]:
    return [{**sits, "until": sits["until"] or until} for sits in seat["occupancies"]]


def occupant_on(seat: Document, day: str) -> Document | None:
    """Who sat here on that day: from the first day of the mandate, until its last."""
    return next(
        (
            sits
            for sits in reversed(seat["occupancies"])
            if sits["since"] <= day and (sits["until"] is None or day <= sits["until"])
        ),
        None,
    )


def working_group_of(delivered: Delivered) -> Iterable[str]:
    return [delivered.envelope.stream]


def fold_working_group(document: Document | None, delivered: Delivered) -> Document:
    group = {**(document or {})}
    match delivered.event:
        case WorkingGroupEstablished() as made:
            about = {"working_group": made.working_group, "name": made.name, "topics": list(made.topics)}
            return {**about, "members": [], "closed": False}
        case WorkingGroupJoined() as joined:
            member = {"person": joined.person, "seat": joined.seat}
            return {**group, "members": [*group["members"], member]}
        case WorkingGroupLeft(person=person):
            return {**group, "members": [one for one in group["members"] if one["person"] != person]}
        case WorkingGroupClosed():
            return {**group, "closed": True}
        case _:
            return group


def erased_person(delivered: Delivered) -> Iterable[str]:
    return [event.person] if isinstance(event := delivered.event, PersonErased) else []


def fold_erased(document: Document | None, delivered: Delivered) -> Document:
    """Who has to be gone from the collection of people; ``_id`` is the person."""
    return {**(document or {})}


SEATS = View("seats", frozenset(get_args(SeatGroupEvent)), seats_of, fold_seat)
WORKING_GROUPS = View("working_groups", frozenset(get_args(WorkingGroupEvent)), working_group_of, fold_working_group)
ERASED = View("erased", frozenset({PersonErased}), erased_person, fold_erased)
VIEWS = (SEATS, WORKING_GROUPS, ERASED)
