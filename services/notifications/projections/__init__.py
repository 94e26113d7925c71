"""What the service remembers: its mails, what the conference and its groups are called, and what mails are about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import assert_never, get_args

from services.notifications.domain.contents import Invites, SeatFilled, Tells, content_of, recipients_of
from services.notifications.domain.course import AboutSession, Answered, Course, Occasion
from services.notifications.domain.mail_state import MailEvent
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import InvitationAnswered
from shared.contracts.members import (
    ConferenceCorrected,
    ConferenceEstablished,
    ContactCorrected,
    HolderLeft,
    MandateCorrected,
    SeatGroupCorrected,
    SeatGroupOpened,
)
from shared.contracts.notifications import (
    AddressBounced,
    ContactCorrection,
    Content,
    Digest,
    Farewell,
    LetterPosted,
    MissingAnswers,
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationHeld,
    NotificationQueued,
    NotificationRequeued,
    NotificationReturned,
    NotificationSent,
    NotificationSuperseded,
    NotificationSuppressed,
    PrintLetterDue,
    Welcome,
)
from shared.contracts.occupancies import SeatEvent, as_documents, from_documents, group_of, seats_after
from shared.contracts.topics import Topic, events_of
from shared.declarations.projection import Document, projection
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.kernel.time import iso

NamedEvent = ConferenceEstablished | ConferenceCorrected | SeatGroupOpened | SeatGroupCorrected


def fold_mail(document: Document | None, event: MailEvent, envelope: Envelope) -> Document:
    known = document or {}
    return {**known, **_changes(known, event)}


def _changes(known: Document, event: MailEvent) -> Document:
    """``not_before`` is when the mail has to be looked at again; None once it is over."""
    match event:
        case NotificationQueued():
            return _queued(event)
        case NotificationAttempted():
            return _attempting(known, event)
        case NotificationDeferred():
            return {"state": "deferred", "reason": event.reason, "not_before": iso(event.not_before)}
        case NotificationSent():
            return _over("sent")
        case NotificationFailed():
            return _over("failed", event.reason)
        case NotificationReturned():
            return {**_over("failed", event.reason), "reports": [*known.get("reports", ()), event.report]}
        case NotificationSuppressed():
            return _over("suppressed", event.reason)
        case NotificationSuperseded():
            return {**_over("superseded"), "superseded_by": event.by}
        case NotificationRequeued():
            again = {"state": "queued", "reason": None, "not_before": known["queued_at"]}
            return {**again, "bounced": False, "address": None}
        case PrintLetterDue():
            return _over("letter")
        case LetterPosted():
            return _over("posted")
        case AddressBounced():
            return {"bounced": True, "address": event.address}
        case NotificationHeld():
            return {"state": "held", "not_before": known["useful_until"], "address": event.address}
        case _:
            assert_never(event)


def _queued(event: NotificationQueued) -> Document:
    told = event.model_dump(mode="json")
    return {
        **told,
        "kind": event.content.kind,
        "session": told["content"].get("session"),
        "state": "queued",
        "reason": None,
        "attempts": 0,
        "tried_again": False,
        "bounced": False,
        "not_before": iso(event.queued_at),
    }


def queued_of(document: Document) -> NotificationQueued:
    """The event with which the document began: it is enough to write the mail."""
    told = {name: document[name] for name in NotificationQueued.model_fields}
    return NotificationQueued.model_validate_json(json.dumps(told))


def _attempting(known: Document, event: NotificationAttempted) -> Document:
    return {
        "state": "attempting",
        "attempts": event.attempt,
        "tried_again": known["tried_again"] or event.ambiguous,
        "not_before": iso(event.answer_by),
    }


def _over(state: str, reason: str | None = None) -> Document:
    return {"state": state, "reason": reason, "not_before": None}


def by_name(event: NamedEvent, envelope: Envelope) -> Iterable[str]:
    conference = envelope.conference
    return (f"{conference}/{event.group}" if isinstance(event, SeatGroupOpened | SeatGroupCorrected) else conference,)


def fold_name(document: Document | None, event: NamedEvent, envelope: Envelope) -> Document:
    known = document or {}
    match event:
        case SeatGroupOpened():
            return {**known, "name": event.name, "kind": event.kind}
        case SeatGroupCorrected():
            return {**known, "name": event.name}
        case _:
            return {**known, "name": event.name, "office": event.office}


def seat_group_of(mail: Document) -> str | None:
    """The key of the seat group's name in the mail."""
    group = mail["content"].get("group")
    return f"{mail['conference']}/{group}" if group else None


def seat_groups_of(mail: Document) -> list[str]:
    """The keys of all seat groups' names in the mail, each once."""
    named = [group_of(seat) for seat in seats_in(queued_of(mail).content)] if mail["kind"] in SAYING_SEATS else []
    groups = [f"{mail['conference']}/{group}" for group in named]
    own = seat_group_of(mail)
    return list(dict.fromkeys([*([own] if own else []), *groups]))


SayingSeats = MissingAnswers | Digest
SAYING_SEATS = frozenset(one.model_fields["kind"].default for one in get_args(SayingSeats))
"""The kinds of mail that say seats: the others need not be read for it."""


def seats_in(content: Content) -> tuple[Slug, ...]:
    return _seats_said(content) if isinstance(content, SayingSeats) else ()


def _seats_said(content: SayingSeats) -> tuple[Slug, ...]:
    match content:
        case MissingAnswers():
            return content.seats
        case Digest():
            suspended = [one.seat for one in content.suspended or () if one.seat]
            return (*(one.seat for one in content.vacant), *content.without_deputy, *content.absent_twice, *suspended)
        case _:
            assert_never(content)


CourseEvent = SeatEvent | Tells | InvitationAnswered


def by_course(event: CourseEvent, envelope: Envelope) -> Iterable[str]:
    """Sessions, seat groups and people: each is one stream of another service."""
    if isinstance(event, ContactCorrected):
        return (stream_name(envelope.conference, "person", event.person),)
    if isinstance(event, SeatEvent | HolderLeft):
        return (stream_name(envelope.conference, "seat-group", event.group),)
    return (stream_name(envelope.conference, "session", event.session),)


def course_of(conference: str, person: PersonId, about: Content) -> str:
    """The key of the course that a person's mail is about."""
    match about:
        case Welcome() | Farewell():
            return stream_name(conference, "seat-group", about.group)
        case ContactCorrection() | Digest():
            return stream_name(conference, "person", person)
        case _:
            return stream_name(conference, "session", about.session)


def topic_of(about: Content) -> Topic:
    """The topic that tells what the mail is about."""
    return events_of("meetings" if isinstance(about, AboutSession) else "members")


def fold_course(document: Document | None, event: CourseEvent, envelope: Envelope) -> Document:
    known = document or Course().model_dump(mode="json")
    if isinstance(event, InvitationAnswered):
        told = event.model_dump(include={"person", "answer", "seat"})
        answered = Answered(order=envelope.sequence, **told)
        return {**known, "answers": [*known["answers"], answered.model_dump(mode="json")]}
    if isinstance(event, SeatEvent):
        known = {**known, "seats": as_documents(seats_after(from_documents(known["seats"]), event))}
    if isinstance(event, MandateCorrected):
        return {**known, "occasions": [_as_corrected(one, event) for one in known["occasions"]]}
    if not isinstance(event, Tells):
        return known
    return {**known, "occasions": [*known["occasions"], _occasion(event, envelope).model_dump(mode="json")]}


def _occasion(event: Tells, envelope: Envelope) -> Occasion:
    return Occasion(
        order=envelope.sequence,
        cause=envelope.id,
        at=envelope.time,
        content=content_of(event),
        recipients=recipients_of(event, envelope.conference),
        reminder_days=event.reminder_days if isinstance(event, Invites) else 0,
        until=event.until if isinstance(event, SeatFilled) else None,
    )


def _as_corrected(occasion: Document, event: MandateCorrected) -> Document:
    """A waiting welcome gets the corrected days; the correction itself leads to no mail."""
    about = {"kind": "welcome", "group": event.group, "since": event.since.isoformat()}
    is_meant = event.role == "principal" and occasion["recipients"].get(event.person) == event.seat
    if not is_meant or occasion["content"] != about:
        return occasion
    until = event.correct_until.isoformat() if event.correct_until else None
    return {**occasion, "content": {**about, "since": event.correct_since.isoformat()}, "until": until}


def course_in(document: Document) -> Course:
    return Course.model_validate_json(json.dumps({name: document[name] for name in Course.model_fields}))


MAILS = projection(
    "mails",
    fold_mail,
    indexes=(
        "not_before",
        "state queued_at",
        "tried_again",
        "address",
        "conference session kind",
        "conference state kind",
        "conference state queued_at _id",
        "conference queued_at _id",
    ),
)
NAMES = projection("names", fold_name, by_name, version=2)
COURSES = projection("courses", fold_course, by_course, version=3)
PROJECTIONS = (MAILS, NAMES, COURSES)
