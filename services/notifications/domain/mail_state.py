"""What a mail's history comes to: the events of its stream and the state that they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from services.notifications.domain.patience import USED_UP_BY
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
from shared.kernel.identifiers import PersonId, Slug, Uuid

MailEvent = (
    NotificationQueued
    | NotificationAttempted
    | NotificationSent
    | NotificationDeferred
    | NotificationFailed
    | NotificationReturned
    | AddressBounced
    | NotificationHeld
    | NotificationSuppressed
    | NotificationSuperseded
    | NotificationRequeued
    | PrintLetterDue
    | LetterPosted
)

Phase = Literal["queued", "attempting", "deferred", "held", "sent", "over"]


@dataclass(frozen=True, slots=True)
class Mail:
    """``wait_until`` ends the attempt that is under way, or the pause after one that was deferred.

    ``refusals`` count the answers that were about this mail; ``used_up`` those of them that try its patience.
    ``may_have_arrived``: it was sent, printed or said otherwise, or an attempt has no outcome.
    ``letter_due``: it is to be printed, and nobody has said that it was posted, given it up, or superseded it.
    ``calendar_sequence`` is that of its first attempt, and of every other. ``reports`` said that it came back.
    ``address`` is the one that it waits for, or was refused at.
    """

    phase: Phase | None = None
    person: PersonId = ""
    seat: Slug | None = None
    useful_until: datetime | None = None
    attempts: int = 0
    refusals: int = 0
    used_up: int = 0
    wait_until: datetime | None = None
    tried_again: bool = False
    may_have_arrived: bool = False
    has_failed: bool = False
    calendar_sequence: int | None = None
    letter_due: bool = False
    reports: tuple[Uuid, ...] = ()
    address: Uuid | None = None

    @property
    def is_waiting(self) -> bool:
        return self.phase in ("queued", "attempting", "deferred", "held")

    @property
    def may_be_superseded(self) -> bool:
        """A due letter lies in the office: nobody need send what is not true any more."""
        return self.is_waiting or self.letter_due


def evolve(mail: Mail, event: MailEvent) -> Mail:
    match event:
        case NotificationQueued():
            return Mail("queued", event.person, event.seat, event.useful_until)
        case NotificationAttempted():
            return _attempted(mail, event)
        case NotificationDeferred():
            return _deferred(mail, event)
        case NotificationSent():
            return replace(mail, phase="sent", may_have_arrived=True)
        case PrintLetterDue():
            return replace(mail, phase="over", may_have_arrived=True, letter_due=True)
        case LetterPosted():
            return replace(mail, letter_due=False)
        case NotificationFailed(reason="rejected" | "content_refused"):
            return replace(mail, phase="over", has_failed=True)
        case NotificationFailed():
            return replace(_over(mail), has_failed=True)
        case NotificationReturned():
            return _returned(mail, event)
        case NotificationSuperseded():
            return _over(mail)
        case NotificationRequeued():
            return _requeued(mail)
        case NotificationSuppressed():
            return _over(mail, told=event.reason == "told_otherwise")
        case AddressBounced():
            return replace(mail, address=event.address)
        case NotificationHeld():
            return replace(mail, phase="held", wait_until=None, address=event.address)
        case _:
            assert_never(event)


def _attempted(mail: Mail, event: NotificationAttempted) -> Mail:
    return replace(
        mail,
        phase="attempting",
        attempts=event.attempt,
        wait_until=event.answer_by,
        tried_again=mail.tried_again or event.ambiguous,
        may_have_arrived=mail.may_have_arrived or event.ambiguous,
        calendar_sequence=event.calendar_sequence if mail.calendar_sequence is None else mail.calendar_sequence,
    )


def _deferred(mail: Mail, event: NotificationDeferred) -> Mail:
    return replace(
        mail,
        phase="deferred",
        wait_until=event.not_before,
        refusals=mail.refusals + (event.reason not in OBSTACLES),
        used_up=mail.used_up + (event.reason in USED_UP_BY),
    )


def _requeued(mail: Mail) -> Mail:
    return replace(mail, phase="queued", has_failed=False, refusals=0, used_up=0, wait_until=None, address=None)


def _returned(mail: Mail, event: NotificationReturned) -> Mail:
    """Of two copies another may have arrived, unless there is no such mailbox."""
    return replace(
        mail,
        phase="over",
        has_failed=True,
        may_have_arrived=mail.tried_again and event.reason != "rejected",
        reports=(*mail.reports, event.report),
    )


def _over(mail: Mail, *, told: bool = False) -> Mail:
    """An attempt that ends without an outcome may have delivered the mail."""
    arrived = mail.may_have_arrived or told or mail.phase == "attempting"
    return replace(mail, phase="over", may_have_arrived=arrived, letter_due=False)
