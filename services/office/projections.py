"""What the pages remember: every event in the order of causes, what each thing is found by, and the conferences.

Everything that anybody says may be searched for, so each fold takes every event there is. Values are kept as the events
say them: people are opaque ids, and no free text is about one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Union, assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.funding import (
    DrawdownRequested,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    InterestClaimed,
    InterestPaid,
    OwnContributionRecorded,
    OwnContributionReversed,
    PayoutRecorded,
    ReceiptClaimed,
    RepaymentRecorded,
)
from shared.contracts.meetings import (
    FocusAreaChanged,
    FocusAreaSet,
    PaperDrafted,
    RecommendationDrafted,
    RecommendationRevised,
    SessionScheduled,
)
from shared.contracts.members import (
    ConferenceCorrected,
    ConferenceEstablished,
    EntitlementChanged,
    GuestPoolInvited,
    OrganisationCorrected,
    OrganisationRegistered,
    SeatGroupCorrected,
    SeatGroupOpened,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
)
from shared.contracts.notifications import NotificationQueued
from shared.contracts.registry import EVENTS
from shared.declarations.projection import Document, projection
from shared.kernel.decider import Event
from shared.kernel.identifiers import kind_of, stream_name
from shared.kernel.text import LONGEST_LINE
from shared.kernel.time import iso

MOST_WORDS = 80
"""The most words by which a thing can be found; the first ones stay."""

PARTS = {"seat-group": ("seat",), "grant": ("expense", "drawdown", "commitment", "entry", "claim")}
"""Things within a kind of stream that have names of their own, by the fields that refer to them."""

IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
OPAQUE = re.compile(rf"{IDENTIFIER.pattern}|\d{{4}}-\d\d-\d\d(T.*)?")
"""Ids, hashes, days and moments: nobody searches for them."""


def by_event(_event: Event, envelope: Envelope) -> Iterable[str]:
    return (envelope.id,)


def fold_happened(_document: Document | None, event: Event, envelope: Envelope) -> Document:
    return {
        "type": envelope.type.split(".")[2],
        "service": envelope.type.split(".")[1],
        "at": iso(envelope.time),
        "correlation": envelope.correlation,
        "causation": envelope.causation,
        "name": _name(envelope.stream),
        "fields": event.model_dump(mode="json"),
    }


def by_thing(event: Event, envelope: Envelope) -> Iterable[str]:
    """The stream, and the thing within it that the event is about."""
    fields = PARTS.get(kind_of(envelope.stream), ())
    return (envelope.stream, *(f"{envelope.stream}/{name}" for one in fields if (name := getattr(event, one, None))))


def fold_thing(document: Document | None, event: Event, envelope: Envelope) -> Document:
    before = document or {"title": None, "words": []}
    fields = event.model_dump(mode="json")
    title = name_in(event) or before["title"]
    words = dict.fromkeys([*_words(envelope.stream, title), *before["words"], *_texts(fields)])
    return {
        "kind": kind_of(envelope.stream),
        "title": title,
        "mail": _mail(event) or before.get("mail"),
        "words": list(words)[:MOST_WORDS],
        "last": envelope.type.split(".")[2],
        "at": iso(envelope.time),
    }


def _mail(event: Event) -> Document | None:
    """The kind of mail, its session and its seat."""
    if not isinstance(event, NotificationQueued):
        return None
    session = getattr(event.content, "session", None)
    return {"kind": event.content.kind, "session": session, "seat": event.seat}


def _words(stream: str, title: str | None) -> list[str]:
    """What pages call the thing comes first, so that whatever else is said of it never takes its place."""
    return [_name(stream).lower(), *([title.lower()] if title else [])]


def _name(stream: str) -> str:
    """For a mail or a person it is the id."""
    return stream.rpartition("/")[2]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str() if value and not OPAQUE.fullmatch(value):
            yield value[:LONGEST_LINE].lower()  # a name or title by all of it, longer text by its beginning
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value[:20]:
                yield from _texts(inner)
        case _:
            pass  # numbers and flags


def by_conference(_event: Event, envelope: Envelope) -> Iterable[str]:
    return (envelope.conference,)


def fold_conference(
    document: Document | None,
    event: ConferenceEstablished | ConferenceCorrected | GuestPoolInvited,
    envelope: Envelope,
) -> Document:
    before = document or {"pools": {}}
    if isinstance(event, GuestPoolInvited):
        return {**before, "pools": {**before["pools"], event.pool: event.name}}
    return {**before, **event.model_dump(mode="json", include={"name", "reference", "office", "committee"})}


Named = (
    GuestPoolInvited
    | FocusAreaSet
    | FocusAreaChanged
    | SeatGroupOpened
    | SeatGroupCorrected
    | EntitlementChanged
    | OrganisationRegistered
    | OrganisationCorrected
    | WorkingGroupEstablished
    | WorkingGroupCorrected
    | SessionScheduled
    | PaperDrafted
    | RecommendationDrafted
    | RecommendationRevised
    | GrantApplied
    | GrantAwarded
    | GrantAmended
)


def by_named(event: Named, envelope: Envelope) -> Iterable[str]:
    return (_named(event, envelope),)


def _named(event: Named, envelope: Envelope) -> str:
    """The stream of what the event refers to: a guest pool is invited in the conference's stream, and has its own."""
    if isinstance(event, GuestPoolInvited):
        return stream_name(envelope.conference, "guest-pool", event.pool)
    return envelope.stream


def fold_name(document: Document | None, event: Named, envelope: Envelope) -> Document:
    """The office's name for a thing, and for its ``parts``: a group's organisations, a grant's lines."""
    stream = _named(event, envelope)
    before = document or {"kind": kind_of(stream), "key": _name(stream), "parts": {}}
    if name := event.name if isinstance(event, GuestPoolInvited) else name_in(event):
        before = {**before, "title": name}
    parts = before["parts"]
    match event:
        case OrganisationRegistered() | OrganisationCorrected():
            return {**before, "parts": {**parts, event.organisation: event.name}}
        case EntitlementChanged():
            return {**before, "seats": len(event.seats)}
        case GrantAwarded() | GrantAmended():
            return {**before, "parts": {**parts, **{line.line: line.name for line in event.lines}}}
        case SeatGroupOpened():
            return {**before, "seats": len(event.seats)}
        case _:
            return before


def name_in(event: Event) -> str | None:
    """The name that the event gives to its thing. Other names and titles in it are those of other things."""
    match event:
        case PaperDrafted():
            return event.reference
        case ReceiptClaimed():
            return event.receipt_number
        case SessionScheduled():
            return event.appointment.title
        case SeatGroupOpened() | SeatGroupCorrected() | WorkingGroupEstablished() | WorkingGroupCorrected():
            return event.name
        case ConferenceEstablished() | ConferenceCorrected():
            return event.name
        case RecommendationDrafted() | RecommendationRevised() | FocusAreaSet() | FocusAreaChanged():
            return event.title
        case GrantApplied() | GrantAwarded() | GrantAmended():
            return event.title
        case _:
            return None


Entered = (
    DrawdownRequested
    | PayoutRecorded
    | OwnContributionRecorded
    | OwnContributionReversed
    | RepaymentRecorded
    | InterestClaimed
    | InterestPaid
)


def by_entry(event: Entered, envelope: Envelope) -> Iterable[str]:
    what, name = _entry(event)
    return (f"{envelope.stream}/{what}/{name}",)


def _entry(event: Entered) -> tuple[str, str]:
    match event:
        case DrawdownRequested() | PayoutRecorded():
            return "drawdown", event.drawdown
        case OwnContributionRecorded() | OwnContributionReversed():
            return "hours", event.entry
        case RepaymentRecorded():
            return "repayment", event.repayment
        case InterestClaimed() | InterestPaid():
            return "interest", event.claim
        case _:
            assert_never(event)


ENTERED = {
    PayoutRecorded: "paid",
    OwnContributionReversed: "reversed",
    DrawdownRequested: "requested",
    InterestClaimed: "claimed",
    InterestPaid: "paid",
}


def fold_entry(document: Document | None, event: Entered, envelope: Envelope) -> Document:
    """A grant's drawdown, repayment, interest claim or record of hours, in its present state."""
    what, name = _entry(event)
    before = document or {"what": what, "name": name, "on": None}
    told = event.model_dump(mode="json", include={"on", "amount", "role", "quarter_hours", "activity"})
    return {**before, **told, "state": ENTERED.get(type(event), "recorded")}


for _fold in (fold_happened, fold_thing):
    _fold.__annotations__["event"] = Union[tuple(EVENTS.values())]  # noqa: UP007 - made from the registry

NAMES = projection("names", fold_name, by_named, version=3)
ENTRIES = projection("entries", fold_entry, by_entry, version=4, indexes=("stream",))
CONFERENCES = projection("conferences", fold_conference, by_conference, version=2)
HAPPENED = projection(
    "happened",
    fold_happened,
    by_event,
    version=2,
    indexes=("at", "conference at", "type at", "stream sequence", "correlation at", "causation", "name"),
)
THINGS = projection("things", fold_thing, by_thing, version=4, indexes=("conference at",))
PROJECTIONS = (CONFERENCES, ENTRIES, HAPPENED, NAMES, THINGS)
