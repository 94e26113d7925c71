"""A mail goes to one person and is delivered once: who tries to send it says so first, one at a time.

When a sender falls silent between trying and telling what came of it, the mail may have arrived. It is then
tried exactly once more: one mail too many in the letter box is better than a delegate who was never invited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from services.notifications.domain.patience import ANSWER_WITHIN, GIVE_UP_AFTER, pause_after
from shared.contracts.notifications import (
    AddressBounced,
    Attempt,
    Content,
    FailureReason,
    MailId,
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationQueued,
    NotificationSent,
    NotificationSuppressed,
    Postponed,
    PrintLetterDue,
    SuppressionReason,
)
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import PersonId, Slug, Uuid, derived_id, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import UtcTime, german_moment

# Events

MailEvent = (
    NotificationQueued
    | NotificationAttempted
    | NotificationSent
    | NotificationDeferred
    | NotificationFailed
    | AddressBounced
    | NotificationSuppressed
    | PrintLetterDue
)

# State

Phase = Literal["queued", "attempting", "deferred", "sent", "over"]


@dataclass(frozen=True, slots=True)
class Mail:
    """``wait_until`` ends the attempt that is under way, or the pause after one that was deferred."""

    phase: Phase | None = None
    person: PersonId = ""
    seat: Slug | None = None
    useful_until: datetime | None = None
    attempts: int = 0
    first_attempt: datetime | None = None
    wait_until: datetime | None = None
    tried_again: bool = False


def evolve(mail: Mail, event: MailEvent) -> Mail:
    match event:
        case NotificationQueued():
            return Mail("queued", event.person, event.seat, event.useful_until)
        case NotificationAttempted():
            return _attempted(mail, event)
        case NotificationDeferred():
            return replace(mail, phase="deferred", wait_until=event.not_before)
        case NotificationSent():
            return replace(mail, phase="sent")
        case NotificationFailed() | NotificationSuppressed() | PrintLetterDue():
            return replace(mail, phase="over")
        case AddressBounced():
            return mail
        case _:
            assert_never(event)


def _attempted(mail: Mail, event: NotificationAttempted) -> Mail:
    return replace(
        mail,
        phase="attempting",
        attempts=event.attempt,
        first_attempt=mail.first_attempt or event.answer_by - ANSWER_WITHIN,
        wait_until=event.answer_by,
        tried_again=mail.tried_again or event.ambiguous,
    )


# Commands


def mail_id(cause: str, kind: str, person: str) -> MailId:
    """One event leads to one mail of a kind to a person, however often the event arrives."""
    return derived_id("mail", cause, kind, person)


class QueueNotification(Command):
    """Write to a person because of an event."""

    given_by: ClassVar[GivenBy] = "service"

    person: PersonId
    seat: Slug | None
    cause: Uuid
    content: Content
    useful_until: UtcTime | None

    @property
    def mail(self) -> MailId:
        return mail_id(self.cause, self.content.kind, self.person)

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "mail", self.mail)


class _AboutMail(Command):
    given_by: ClassVar[GivenBy] = "service"

    mail: MailId

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "mail", self.mail)


class RecordAttempt(_AboutMail):
    """Record that an attempt begins, before the connection to the mail server is opened."""

    attempt: Attempt


class RecordSent(_AboutMail):
    """Record that the mail server took the mail."""

    attempt: Attempt


class RecordDeferral(_AboutMail):
    """Record that the mail server did not take the mail this time."""

    attempt: Attempt
    reason: Postponed


class RecordFailure(_AboutMail):
    """Record that the mail will never be sent."""

    reason: FailureReason


class DuePrintLetter(_AboutMail):
    """Have the mail printed, because its recipient has no e-mail address."""


class SuppressNotification(_AboutMail):
    """Hold a mail back that has not been sent yet."""

    given_by: ClassVar[GivenBy] = "office"

    reason: SuppressionReason


MailCommand = (
    QueueNotification
    | RecordAttempt
    | RecordSent
    | RecordDeferral
    | RecordFailure
    | DuePrintLetter
    | SuppressNotification
)

# Rejections


class MailUnknown(Rejected):
    """Diese Nachricht gibt es nicht."""

    kind = Kind.NOT_FOUND


class MailIsOver(Rejected):
    """Die Nachricht ist bereits abgeschlossen."""


class AttemptIsNotNext(Rejected):
    """Der nächste Versuch dieser Nachricht hat die Nummer {next}."""


class AttemptUnderWay(Rejected):
    """Die Nachricht wird gerade versandt; das Ergebnis steht spätestens am {until} fest."""


class PauseNotOver(Rejected):
    """Der nächste Versuch ist ab {until} erlaubt."""


class TriedAgainAlready(Rejected):
    """Zwei Versuche blieben ohne Antwort; ein weiterer ist nicht erlaubt."""


class PastItsUse(Rejected):
    """Die Nachricht war nur bis {until} von Nutzen."""


class AttemptNotOpen(Rejected):
    """Der Versuch {attempt} dieser Nachricht erwartet kein Ergebnis."""


# decide


def decide(mail: Mail, command: MailCommand) -> Sequence[MailEvent]:
    match command:
        case QueueNotification():
            return _queue(mail, command)
        case RecordAttempt():
            return _attempt(mail, command)
        case RecordSent():
            return _sent(mail, command)
        case RecordDeferral():
            return _defer(mail, command)
        case RecordFailure():
            return _fail(mail, command)
        case DuePrintLetter():
            return _print(mail, command)
        case SuppressNotification():
            return _suppress(mail, command)
        case _:
            assert_never(command)


def _queue(mail: Mail, queue: QueueNotification) -> Sequence[MailEvent]:
    if mail.phase is not None:
        return []
    return [
        NotificationQueued(
            mail=queue.mail,
            person=queue.person,
            seat=queue.seat,
            cause=queue.cause,
            content=queue.content,
            queued_at=queue.at,
            useful_until=queue.useful_until,
        )
    ]


def _attempt(mail: Mail, record: RecordAttempt) -> Sequence[MailEvent]:
    _must_be_unfinished(mail)
    if record.attempt != mail.attempts + 1:
        raise AttemptIsNotNext(next=mail.attempts + 1)
    _must_not_be_under_way(mail, record.at)
    _must_have_paused(mail, record.at)
    _must_be_of_use(mail, record.at)
    ambiguous = mail.phase == "attempting"
    if ambiguous and mail.tried_again:
        raise TriedAgainAlready
    return [
        NotificationAttempted(
            mail=record.mail,
            attempt=record.attempt,
            ambiguous=ambiguous,
            answer_by=record.at + ANSWER_WITHIN,
        )
    ]


def _sent(mail: Mail, record: RecordSent) -> Sequence[MailEvent]:
    """An answer that comes late, during the attempt after it, still says that the mail was delivered."""
    if mail.phase == "sent":
        return []
    _must_be_unfinished(mail)
    if record.attempt > mail.attempts:
        raise AttemptNotOpen(attempt=record.attempt)
    return [NotificationSent(mail=record.mail, attempt=record.attempt)]


def _defer(mail: Mail, record: RecordDeferral) -> Sequence[MailEvent]:
    _must_be_unfinished(mail)
    if mail.phase != "attempting" or record.attempt != mail.attempts:
        raise AttemptNotOpen(attempt=record.attempt)
    if mail.first_attempt and record.at - mail.first_attempt >= GIVE_UP_AFTER:
        return [NotificationFailed(mail=record.mail, reason="gave_up")]
    return [
        NotificationDeferred(
            mail=record.mail,
            attempt=record.attempt,
            reason=record.reason,
            not_before=record.at + pause_after(record.attempt, record.reason),
        )
    ]


def _fail(mail: Mail, record: RecordFailure) -> Sequence[MailEvent]:
    _must_be_unfinished(mail)
    failed = NotificationFailed(mail=record.mail, reason=record.reason)
    if record.reason not in ("rejected", "content_refused"):
        _must_not_be_under_way(mail, record.at)
        return [failed]
    if mail.phase != "attempting":
        raise AttemptNotOpen(attempt=mail.attempts)
    if record.reason == "content_refused":
        return [failed]
    return [failed, AddressBounced(mail=record.mail, person=mail.person, seat=mail.seat)]


def _print(mail: Mail, due: DuePrintLetter) -> Sequence[MailEvent]:
    _must_be_unfinished(mail)
    _must_not_be_under_way(mail, due.at)
    _must_be_of_use(mail, due.at)
    return [PrintLetterDue(mail=due.mail, person=mail.person, seat=mail.seat)]


def _suppress(mail: Mail, suppress: SuppressNotification) -> Sequence[MailEvent]:
    _must_be_unfinished(mail)
    _must_not_be_under_way(mail, suppress.at)
    return [NotificationSuppressed(mail=suppress.mail, reason=suppress.reason)]


def _must_be_unfinished(mail: Mail) -> None:
    if mail.phase is None:
        raise MailUnknown
    if mail.phase in ("sent", "over"):
        raise MailIsOver


def _must_not_be_under_way(mail: Mail, at: datetime) -> None:
    if mail.phase == "attempting" and mail.wait_until and at < mail.wait_until:
        raise AttemptUnderWay(until=german_moment(mail.wait_until))


def _must_have_paused(mail: Mail, at: datetime) -> None:
    if mail.phase == "deferred" and mail.wait_until and at < mail.wait_until:
        raise PauseNotOver(until=german_moment(mail.wait_until))


def _must_be_of_use(mail: Mail, at: datetime) -> None:
    if mail.useful_until and at >= mail.useful_until:
        raise PastItsUse(until=german_moment(mail.useful_until))


MAIL = Decider("mail", Mail(), evolve, decide)
