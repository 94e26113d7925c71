"""What the notifications service tells the world: which mail is wanted, tried, delivered or given up.

A mail names its recipient by opaque id and seat only. With ``NotificationQueued``, the person's contact and what the
conference and the seat group are called, and nothing else, the whole mail can be written, the same each time.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from shared.contracts.meetings import AgendaItem, Appointment, SessionKind, Tally
from shared.contracts.open_points import RefusedReaction, SettledPoint
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug, Uuid
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import Value

SERVICE = "notifications"

Obstacle = Literal["unreachable", "busy", "server_refused", "tls_unavailable", "login_refused"]
"""The mail server takes nothing from us at present, whoever the mail is for."""

OBSTACLES = frozenset(get_args(Obstacle))

Postponed = Literal[Obstacle, "refused_us", "timed_out", "mailbox_full", "try_later"]
"""``refused_us``: at this recipient the server refuses who writes, not whom: by policy, protocol or hanging up."""

Refusal = Literal["rejected", "content_refused"]

MailId = Uuid
Attempt = Annotated[int, Field(ge=1, le=100_000)]
FailureReason = Literal[Refusal, "expired", "erased", "render_failed", "no_contact", "unanswered", "gave_up"]
Withheld = Literal["withdrawn", "never_told"]
"""Nothing is left to say: what the mail announces is over, or the recipient never heard of what is called off."""

HeldBack = Literal["withdrawn", "superseded", "told_otherwise"]
SuppressionReason = Literal[HeldBack, Withheld]


class Welcome(Value):
    """To somebody who fills a seat."""

    kind: Literal["welcome"] = "welcome"
    group: Slug
    since: date


class Invitation(Value):
    """To everybody who may attend a session; whoever has no seat is its guest.

    ``short_notice`` is the recorded reason for inviting later than the rules ask for.
    """

    kind: Literal["invitation"] = "invitation"
    session: Slug
    session_kind: SessionKind
    issue: Tally
    appointment: Appointment
    agenda: tuple[AgendaItem, ...]
    voting_seats: Tally
    quorum: Tally
    short_notice: Line | None


class Update(Value):
    """The session has another time or place."""

    kind: Literal["update"] = "update"
    session: Slug
    appointment: Appointment


class Cancellation(Value):
    """The session does not take place."""

    kind: Literal["cancellation"] = "cancellation"
    session: Slug
    appointment: Appointment
    reason: Line


class Reminder(Value):
    """The session begins soon."""

    kind: Literal["reminder"] = "reminder"
    session: Slug
    appointment: Appointment


class Minutes(Value):
    """The minutes of a session are there to be read; ``document`` is their reference."""

    kind: Literal["minutes"] = "minutes"
    session: Slug
    appointment: Appointment
    document: Line


Content = Annotated[Welcome | Invitation | Update | Cancellation | Reminder | Minutes, Field(discriminator="kind")]


class NotificationQueued(Event):
    """A mail to {person} is queued because of event {cause}.

    ``queued_at`` is the cause's moment and becomes the mail's date; after ``useful_until`` nothing is sent.
    """

    mail: MailId
    person: PersonId
    seat: Slug | None
    cause: Uuid
    content: Content
    queued_at: UtcTime
    useful_until: UtcTime | None


class NotificationAttempted(Event):
    """Attempt {attempt} to send mail {mail} begins; until {answer_by} nobody else tries.

    ``ambiguous``: the attempt before had no outcome, so that this one may deliver the mail a second time.
    ``calendar_sequence`` is the SEQUENCE of the calendar part (RFC 5545, 3.8.7.4), counted for each person and session;
    None where there is no such part.
    """

    mail: MailId
    attempt: Attempt
    ambiguous: bool
    answer_by: UtcTime
    calendar_sequence: Annotated[int | None, Field(ge=0, exclude_if=lambda value: value is None)] = None


class NotificationSent(Event):
    """Mail {mail} is sent with attempt {attempt}."""

    mail: MailId
    attempt: Attempt


class NotificationDeferred(Event):
    """Mail {mail} waits until {not_before}: {reason}."""

    mail: MailId
    attempt: Attempt
    reason: Postponed
    not_before: UtcTime


class NotificationFailed(Event):
    """Mail {mail} will not be sent: {reason}."""

    mail: MailId
    reason: FailureReason


class AddressBounced(Event):
    """The address of {person} (seat {seat}) takes no mail."""

    mail: MailId
    person: PersonId
    seat: Slug | None


class NotificationSuppressed(Event):
    """Mail {mail} is held back for good: {reason}."""

    mail: MailId
    reason: SuppressionReason


class NotificationSuperseded(Event):
    """Mail {mail} is not sent: mail {by} says what is true now."""

    mail: MailId
    by: MailId


class PrintLetterDue(Event):
    """Mail {mail} to {person} is to be printed as a letter."""

    mail: MailId
    person: PersonId
    seat: Slug | None


class ReactionRefused(RefusedReaction):
    """Rule {rule} of {about} refuses {command}, which {reaction} wanted after {reacted_to}: open point {point}."""


class OpenPointSettled(SettledPoint):
    """Open point {point} is settled: {reason}."""
