"""A mail goes to one person and is delivered once: who tries to send it says so first, one at a time.

When a sender falls silent between trying and telling what came of it, the mail may have arrived. It is then
tried exactly once more: one mail too many in the letter box is better than a delegate who was never invited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from services.notifications.domain.mail_commands import (
    AddressIsSuspended,
    AttemptIsNotNext,
    AttemptNotOpen,
    AttemptUnderWay,
    DuePrintLetter,
    HoldNotification,
    MailCommand,
    MailIsOver,
    MailUnknown,
    MarkLetterPosted,
    NoLetterDue,
    NothingToResend,
    PastItsUse,
    PauseNotOver,
    QueueNotification,
    RecordAttempt,
    RecordDeferral,
    RecordFailure,
    RecordReturn,
    RecordSent,
    ResendNotification,
    ResumeNotification,
    SupersedeNotification,
    SuppressNotification,
    TriedAgainAlready,
    WithholdNotification,
)
from services.notifications.domain.mail_state import Mail, MailEvent, evolve
from services.notifications.domain.patience import ANSWER_WITHIN, USED_UP_BY, is_used_up, pause_after
from shared.contracts.notifications import (
    OBSTACLES,
    AddressBounced,
    LetterPosted,
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
)
from shared.kernel.decider import Decider
from shared.kernel.time import german_moment


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
        case RecordReturn():
            return _return(mail, command)
        case HoldNotification():
            return _hold(mail, command)
        case ResumeNotification():
            return _resume(mail, command)
        case DuePrintLetter():
            return _print(mail, command)
        case SupersedeNotification():
            return _supersede(mail, command)
        case WithholdNotification() | SuppressNotification():
            return _suppress(mail, command)
        case ResendNotification():
            return _resend(mail, command)
        case MarkLetterPosted():
            return _post(mail, command)
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
    _must_not_be_held(mail)
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
            calendar_sequence=record.calendar_sequence,
            template=record.template,
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
    if record.reason in USED_UP_BY and is_used_up(mail.used_up + 1):
        return [NotificationFailed(mail=record.mail, reason="gave_up")]
    refusals = mail.refusals + (record.reason not in OBSTACLES)
    return [
        NotificationDeferred(
            mail=record.mail,
            attempt=record.attempt,
            reason=record.reason,
            not_before=record.at + pause_after(refusals, record.reason),
        )
    ]


def _fail(mail: Mail, record: RecordFailure) -> Sequence[MailEvent]:
    """A due letter has no attempt. It is lost only with its recipient."""
    failed = NotificationFailed(mail=record.mail, reason=record.reason)
    if mail.letter_due and record.reason in ("erased", "no_contact"):
        return [failed]
    _must_be_unfinished(mail)
    if record.reason not in ("rejected", "content_refused"):
        _must_not_be_under_way(mail, record.at)
        return [failed]
    if mail.phase != "attempting":
        raise AttemptNotOpen(attempt=mail.attempts)
    if record.reason == "content_refused":
        return [failed]
    return [failed, _bounced(mail, record)]


def _return(mail: Mail, record: RecordReturn) -> Sequence[MailEvent]:
    """A report that is known, or about a mail that has not gone out or is over otherwise, says nothing new."""
    if mail.phase is None:
        raise MailUnknown
    if mail.phase != "sent" or record.report in mail.reports:
        return []
    returned = NotificationReturned(mail=record.mail, report=record.report, reason=record.reason)
    return [returned, _bounced(mail, record)] if record.reason == "rejected" else [returned]


def _bounced(mail: Mail, record: RecordFailure | RecordReturn) -> AddressBounced:
    return AddressBounced(mail=record.mail, person=mail.person, seat=mail.seat, address=record.address)


def _hold(mail: Mail, hold: HoldNotification) -> Sequence[MailEvent]:
    """One whose attempt has no outcome is not held: what it may have delivered is found out by the next attempt."""
    _must_be_unfinished(mail)
    if mail.phase == "attempting" and mail.wait_until:
        raise AttemptUnderWay(until=german_moment(mail.wait_until))
    return [] if mail.address == hold.address else [NotificationHeld(mail=hold.mail, address=hold.address)]


def _resume(mail: Mail, resume: ResumeNotification) -> Sequence[MailEvent]:
    """Nothing, where it went on meanwhile. What waited and is of no use any more is given up by whoever sends."""
    was_refused = mail.has_failed and not mail.may_have_arrived and _is_of_use(mail, resume.at)
    if mail.address != resume.address or not (mail.phase == "held" or was_refused):
        return []
    return [NotificationRequeued(mail=resume.mail)]


def _print(mail: Mail, due: DuePrintLetter) -> Sequence[MailEvent]:
    _must_be_unfinished(mail)
    _must_not_be_under_way(mail, due.at)
    _must_be_of_use(mail, due.at)
    return [PrintLetterDue(mail=due.mail, person=mail.person, seat=mail.seat, template=due.template)]


def _supersede(mail: Mail, supersede: SupersedeNotification) -> Sequence[MailEvent]:
    """A due letter too: until it is posted, a newer mail can make it untrue."""
    if not mail.letter_due:
        _must_be_unfinished(mail)
    _must_not_be_under_way(mail, supersede.at)
    return [NotificationSuperseded(mail=supersede.mail, by=supersede.superseded_by)]


def _suppress(mail: Mail, suppress: WithholdNotification | SuppressNotification) -> Sequence[MailEvent]:
    """Whether a due letter is worth its stamp, only the office knows: it may lie in the post, or still on the desk."""
    if not (mail.letter_due and isinstance(suppress, SuppressNotification)):
        _must_be_unfinished(mail)
        _must_not_be_under_way(mail, suppress.at)
    return [NotificationSuppressed(mail=suppress.mail, reason=suppress.reason)]


def _resend(mail: Mail, resend: ResendNotification) -> Sequence[MailEvent]:
    """Only to whom it cannot have arrived: nobody gets a mail twice for it."""
    if mail.phase is None:
        raise MailUnknown
    _must_not_be_held(mail)
    if not mail.has_failed or mail.may_have_arrived:
        raise NothingToResend
    _must_be_of_use(mail, resend.at)
    return [NotificationRequeued(mail=resend.mail)]


def _post(mail: Mail, post: MarkLetterPosted) -> Sequence[MailEvent]:
    if mail.phase is None:
        raise MailUnknown
    if not mail.letter_due:
        raise NoLetterDue
    return [LetterPosted(mail=post.mail, person=mail.person, seat=mail.seat)]


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


def _must_not_be_held(mail: Mail) -> None:
    if mail.phase == "held":
        raise AddressIsSuspended


def _is_of_use(mail: Mail, at: datetime) -> bool:
    return mail.useful_until is None or at < mail.useful_until


def _must_be_of_use(mail: Mail, at: datetime) -> None:
    if mail.useful_until and not _is_of_use(mail, at):
        raise PastItsUse(until=german_moment(mail.useful_until))


MAIL = Decider("mail", Mail(), evolve, decide)
