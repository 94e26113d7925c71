"""A closed session is written down: drafted, sent to everybody invited, objected to, corrected, approved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, assert_never

from services.meetings.domain.session_day import must_have_item
from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_protocol import (
    KnownTexts,
    Terms,
    Texts,
    Written,
    as_known,
    joined,
    must_be_written_once,
    must_tell_what_is_known,
    protocol_of,
    texts_of,
)
from services.meetings.domain.session_stage import NotInvited, must_be
from services.meetings.domain.session_state import AboutSession, Session
from shared.contracts.meetings import (
    ApprovedMinutesSent,
    Count,
    MinutesApproved,
    MinutesCorrected,
    MinutesDrafted,
    MinutesObjected,
    MinutesSent,
    ObjectionRejected,
    Protocol,
)
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import days, german_day, local_day
from shared.kernel.values import Supplied

MOST_OBJECTIONS = 10
"""Of one person to one item, open at once: each is one line, and one answer is for all of them."""

MOST_EDITIONS = 40
"""The most editions: with the longest text, a document with all of them stays below 16 MB."""

# Commands


class DraftMinutes(AboutSession):
    """Write the draft of the minutes, item by item, or name the document that holds it."""

    document: Line
    items: Texts | None = None
    known: KnownTexts = ()
    terms: Supplied[Terms]


class SendMinutes(AboutSession):
    """Send the drafted minutes to everybody invited. Holders of seats may object until the day that the rules set."""

    terms: Supplied[Terms]


class CorrectMinutes(AboutSession):
    """Change the text of items in minutes that were sent. Everybody gets the new edition, and may object again.

    A new edition may have the same text if the attendance or a decision was corrected since the last one.
    """

    items: Texts
    known: KnownTexts = ()
    reason: Line
    terms: Supplied[Terms]


class ObjectToMinutes(AboutSession):
    """Record the objection of a seat's holder to the text of an item."""

    person: PersonId
    item: Count
    text: Line


class RejectObjection(AboutSession):
    """Reject all that a person objects to an item: the text stays. A new text for the item answers it without this."""

    person: PersonId
    item: Count
    reason: Line


class ApproveMinutes(AboutSession):
    """Approve minutes that were sent, after the time for objections and with no objection open."""


MinutesCommand = DraftMinutes | SendMinutes | CorrectMinutes | ObjectToMinutes | RejectObjection | ApproveMinutes

# Rejections


class MinutesMissing(Rejected):
    """Die Niederschrift der Sitzung „{session}“ liegt noch nicht im Entwurf vor."""


class MinutesNotSent(Rejected):
    """Die Niederschrift der Sitzung „{session}“ ist noch nicht versandt."""


class MinutesAreSent(Rejected):
    """Die Niederschrift der Sitzung „{session}“ ist versandt; eine neue Fassung entsteht mit „CorrectMinutes“."""


class MinutesAreApproved(Rejected):
    """Die Niederschrift der Sitzung „{session}“ ist bereits genehmigt."""


class MinutesKeptElsewhere(Rejected):
    """Der Text der Niederschrift zur Sitzung „{session}“ liegt nicht hier, sondern in „{document}“."""


class MinutesCorrectedTooOften(Rejected):
    """Die Niederschrift der Sitzung „{session}“ hat {most} Fassungen; mehr sind nicht vorgesehen."""


class ObjectionsAreOver(Rejected):
    """Einwendungen gegen die Niederschrift der Sitzung „{session}“ waren bis zum {until} möglich."""


class TooManyObjections(Rejected):
    """Zu Tagesordnungspunkt {item} sind {most} Einwendungen der Person offen; erst sind sie zu beantworten."""


class ObjectionUnknown(Rejected):
    """Eine offene Einwendung der Person gegen Tagesordnungspunkt {item} der Niederschrift gibt es nicht."""

    kind = Kind.NOT_FOUND


class ObjectionsStillPossible(Rejected):
    """Einwendungen gegen die Niederschrift sind noch bis zum {until} möglich; genehmigt wird sie danach."""


class ObjectionIsOpen(Rejected):
    """Zu Tagesordnungspunkt {item} ist noch eine Einwendung zu beantworten: mit anderem Text oder „RejectObjection“."""


# decide


def decide(session: Session, command: MinutesCommand) -> Sequence[SessionEvent]:
    must_be(session, command.session, "closed")
    match command:
        case DraftMinutes():
            return _draft(session, command)
        case SendMinutes():
            return _send(session, command)
        case CorrectMinutes():
            return _correct(session, command)
        case ObjectToMinutes():
            return _object(session, command)
        case RejectObjection():
            return _reject(session, command)
        case ApproveMinutes():
            return _approve(session, command)
        case _:
            assert_never(command)


def _draft(session: Session, draft: DraftMinutes) -> Sequence[SessionEvent]:
    is_sent = session.minutes in ("sent", "approved")
    protocol = _protocol_of(session, draft, () if is_sent else draft.known)
    if (session.document, session.protocol) == (draft.document, protocol):
        return []
    if is_sent:
        raise MinutesAreSent(session=draft.session)
    return [MinutesDrafted(session=draft.session, document=draft.document, protocol=protocol)]


def _protocol_of(session: Session, draft: DraftMinutes, known: KnownTexts) -> Protocol | None:
    if draft.items is None:
        return None
    must_be_written_once(draft.items)
    return protocol_of(session, draft.session, joined(session, draft.items, known), draft.terms)


def _send(session: Session, send: SendMinutes) -> Sequence[SessionEvent]:
    appointment = must_be(session, send.session, "closed")
    if session.document is None:
        raise MinutesMissing(session=send.session)
    if session.minutes != "drafted":
        return []
    return [
        MinutesSent(
            session=send.session,
            document=session.document,
            appointment=appointment,
            recipients=session.invited,
            protocol=as_known(session),
            edition=1 if session.protocol else None,
            objections_until=_until(send.at, send.terms),
        )
    ]


def _correct(session: Session, correct: CorrectMinutes) -> Sequence[SessionEvent]:
    before = _must_be_under_discussion(session, correct.session)
    must_be_written_once(correct.items)
    changed = {one.number for one in correct.items}
    known = [one for one in correct.known if one.number in changed]
    texts = texts_of(session) | {one.number: one.text for one in joined(session, correct.items, known)}
    whole = tuple(Written(number=number, text=text) for number, text in sorted(texts.items()))
    protocol = protocol_of(session, correct.session, whole, correct.terms)
    if protocol.items == before.items and as_known(session) == before:
        return []
    if session.written >= MOST_EDITIONS:
        raise MinutesCorrectedTooOften(session=correct.session, most=MOST_EDITIONS)
    assert session.document
    return [
        MinutesCorrected(
            session=correct.session,
            document=session.document,
            edition=session.written + 1,
            protocol=protocol,
            reason=correct.reason,
            appointment=protocol.appointment,
            recipients=session.invited,
            objections_until=_until(correct.at, correct.terms),
        )
    ]


def _object(session: Session, objection: ObjectToMinutes) -> Sequence[SessionEvent]:
    _must_be_under_discussion(session, objection.session)
    seats = [place.seat for place in session.invited if place.person == objection.person and place.seat]
    if not seats:
        raise NotInvited(session=objection.session)
    must_have_item(session, objection.session, objection.item)
    if (objection.person, objection.item, objection.text) in session.objections:
        return []
    if session.objections_until and local_day(objection.at) > session.objections_until:
        raise ObjectionsAreOver(session=objection.session, until=german_day(session.objections_until))
    if len(_open(session, objection)) >= MOST_OBJECTIONS:
        raise TooManyObjections(item=objection.item, most=MOST_OBJECTIONS)
    return [MinutesObjected(**objection.model_dump(include={"session", "person", "item", "text"}), seat=seats[0])]


def _reject(session: Session, reject: RejectObjection) -> Sequence[SessionEvent]:
    _must_be_under_discussion(session, reject.session)
    if not _open(session, reject):
        raise ObjectionUnknown(item=reject.item)
    return [ObjectionRejected(**reject.model_dump(include={"session", "person", "item", "reason"}))]


def _open(session: Session, about: ObjectToMinutes | RejectObjection) -> list[Line]:
    return [text for person, item, text in session.objections if (person, item) == (about.person, about.item)]


def _approve(session: Session, approve: ApproveMinutes) -> Sequence[SessionEvent]:
    appointment = must_be(session, approve.session, "closed")
    if session.minutes == "approved":
        return []
    if session.minutes != "sent":
        raise MinutesNotSent(session=approve.session)
    _must_be_undisputed(session, approve.at)
    edition = session.written if session.protocol else None
    told: Any = {"document": session.document, "appointment": appointment, "edition": edition}
    if session.protocol is None:
        return [MinutesApproved(session=approve.session, **told)]
    return [
        MinutesApproved(session=approve.session, **told),
        ApprovedMinutesSent(session=approve.session, **told, protocol=session.protocol, recipients=session.invited),
    ]


def _must_be_undisputed(session: Session, at: datetime) -> None:
    if session.objections_until and local_day(at) <= session.objections_until:
        raise ObjectionsStillPossible(until=german_day(session.objections_until))
    must_tell_what_is_known(session)
    if session.objections:
        raise ObjectionIsOpen(item=min(item for _, item, _ in session.objections))


def _must_be_under_discussion(session: Session, name: Slug) -> Protocol:
    if session.minutes == "approved":
        raise MinutesAreApproved(session=name)
    if session.minutes != "sent":
        raise MinutesNotSent(session=name)
    if session.protocol is None:
        raise MinutesKeptElsewhere(session=name, document=session.document)
    return session.protocol


def _until(at: datetime, terms: Terms) -> date | None:
    return None if terms.objection_days is None else local_day(at) + days(terms.objection_days)
