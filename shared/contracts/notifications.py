"""What the notifications service tells the world: which mail is wanted, tried, delivered or given up.

A mail names its recipient by opaque id and seat only. With ``NotificationQueued``, the person's contact and what the
conference and the seat group are called, and nothing else, the whole mail can be written, the same each time.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from shared.contracts.meetings import AgendaItem, Appointment, Issue, Missed, Seats, SessionKind
from shared.contracts.open_points import RefusedReaction, SettledPoint
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug, Uuid
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import OPEN, LeftOut, Value, counted_in

SERVICE = "notifications"

Obstacle = Literal["unreachable", "busy", "server_refused", "tls_unavailable", "login_refused"]
"""The mail server takes nothing from us at present, whoever the mail is for."""

OBSTACLES = frozenset(get_args(Obstacle))

Postponed = Literal[Obstacle, "refused_us", "timed_out", "mailbox_full", "try_later"]
"""``refused_us``: at this recipient the server refuses who writes, not whom: by policy, protocol or hanging up."""

Refusal = Literal["rejected", "content_refused"]

MailId = Uuid
Attempt = Annotated[int, Field(ge=1, le=100_000), counted_in("attempts")]
FailureReason = Literal[Refusal, "expired", "erased", "render_failed", "no_contact", "unanswered", "gave_up"]
Withheld = Literal["withdrawn", "never_told"]
"""Nothing is left to say: what the mail announces is over, or the recipient never heard of what is called off."""

HeldBack = Literal["withdrawn", "superseded", "told_otherwise"]
SuppressionReason = Literal[HeldBack, Withheld]


class Welcome(Value):
    """To somebody who fills a seat."""

    kind: Literal["welcome"] = "welcome"
    """That it is a welcome."""
    group: Slug
    """The seat group."""
    since: date
    """The first day on the seat."""


class Invitation(Value):
    """To everybody who may attend a session; whoever has no seat is its guest."""

    kind: Literal["invitation"] = "invitation"
    """That it is an invitation."""
    session: Slug
    """The session."""
    session_kind: SessionKind
    """Whose session it is."""
    issue: Issue
    """The number of this version of the invitation, from 1."""
    appointment: Appointment
    """When and where."""
    agenda: tuple[AgendaItem, ...]
    """What is on the agenda."""
    voting_seats: Seats
    """All seats of the conference, also vacant ones."""
    quorum: Seats
    """Seats that must be present; 0 where no quorum is required."""
    short_notice: Line | None
    """The recorded reason for inviting later than the rules ask for."""
    as_deputy: LeftOut[bool | None] = None
    """True for whoever is invited in the place of a seat's holder."""
    second_of: LeftOut[Missed | None] = None
    """The session that missed its quorum, where this is the second one about its matters."""


class Update(Value):
    """The session has another time or place."""

    kind: Literal["update"] = "update"
    """That it is an update."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where from now on."""


class Cancellation(Value):
    """The session does not take place."""

    kind: Literal["cancellation"] = "cancellation"
    """That it is a cancellation."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where it would have been."""
    reason: Line
    """Why."""


class Withdrawal(Value):
    """The session takes place, and its invitation does not concern the recipient any more."""

    kind: Literal["withdrawal"] = "withdrawal"
    """That it is the withdrawal of an invitation."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where it takes place."""
    as_deputy: LeftOut[bool | None] = None
    """True for whoever was invited in the place of a seat's holder."""


class Supplement(Value):
    """The agenda of the session has further items."""

    kind: Literal["supplement"] = "supplement"
    """That it is a supplement to the agenda."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where; it stays as it was."""
    agenda: tuple[AgendaItem, ...]
    """The whole agenda."""
    added: tuple[AgendaItem, ...]
    """The items that are new."""


class Reminder(Value):
    """The session begins soon."""

    kind: Literal["reminder"] = "reminder"
    """That it is a reminder."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where."""


class Minutes(Value):
    """The minutes of a session are there to be read."""

    kind: Literal["minutes"] = "minutes"
    """That it is about minutes."""
    session: Slug
    """The session."""
    appointment: Appointment
    """When and where it was."""
    document: Line
    """The reference of the minutes."""


Content = Annotated[
    Welcome | Invitation | Update | Cancellation | Withdrawal | Supplement | Reminder | Minutes,
    Field(discriminator="kind"),
]


class OfMail(Event):
    """Something happens to one mail."""

    mail: MailId
    """The mail: the last part of the stream's name."""


class NotificationQueued(OfMail):
    """A mail to {person} is queued because of event {cause}.

    Said once for each mail, before anything else of it.
    """

    person: PersonId
    """Whom it is for: an opaque id."""
    seat: Slug | None
    """The seat that it is for; null for guests."""
    cause: Uuid
    """The id of the event that it follows from."""
    content: Annotated[Content, OPEN]
    """What it tells."""
    queued_at: UtcTime
    """The cause's moment; it becomes the mail's date."""
    useful_until: UtcTime | None
    """After this moment it is not sent any more; null: there is no end."""


class NotificationAttempted(OfMail):
    """Attempt {attempt} to send mail {mail} begins; until {answer_by} nobody else tries.

    Said before the connection to the mail server is opened.
    """

    attempt: Attempt
    """The number of the attempt, from 1."""
    ambiguous: bool
    """Whether the attempt before had no outcome, so that this one may deliver the mail a second time."""
    answer_by: UtcTime
    """When the attempt is over, with an outcome or without."""
    calendar_sequence: LeftOut[Annotated[int, Field(ge=0), counted_in("changes")] | None] = None
    """The SEQUENCE of the calendar part (RFC 5545, 3.8.7.4), for each person and session; absent without one."""


class NotificationSent(OfMail):
    """Mail {mail} is sent with attempt {attempt}.

    Said when the mail server has taken it.
    """

    attempt: Attempt
    """The number of the attempt."""


class NotificationDeferred(OfMail):
    """Mail {mail} waits until {not_before}: {reason}.

    Said when an attempt has failed in a way that may pass.
    """

    attempt: Attempt
    """The number of the attempt."""
    reason: Annotated[Postponed, OPEN]
    """What was in the way."""
    not_before: UtcTime
    """The moment of the next attempt, at the earliest."""


class NotificationFailed(OfMail):
    """Mail {mail} will not be sent: {reason}.

    Said once, when nothing more is tried.
    """

    reason: Annotated[FailureReason, OPEN]
    """Why."""


class AddressBounced(OfMail):
    """The address of {person} (seat {seat}) takes no mail.

    Said when the mail server has refused the mailbox for good; the address has to be corrected.
    """

    person: PersonId
    """Whose address: an opaque id."""
    seat: Slug | None
    """The seat that the mail was for; null for guests."""


class NotificationSuppressed(OfMail):
    """Mail {mail} is held back for good: {reason}.

    Said when it is not to be sent any more.
    """

    reason: Annotated[SuppressionReason, OPEN]
    """Why."""


class NotificationSuperseded(OfMail):
    """Mail {mail} is not sent: mail {by} says what is true now.

    Said when a newer mail to the same person makes it untrue.
    """

    by: MailId
    """The newer mail."""


class NotificationRequeued(OfMail):
    """Mail {mail} is queued again.

    Said when the office has it sent again, because it did not arrive and what stood in its way was put right.
    """


class PrintLetterDue(OfMail):
    """Mail {mail} to {person} is to be printed as a letter.

    Said for people without an e-mail address.
    """

    person: PersonId
    """Whom it is for: an opaque id."""
    seat: Slug | None
    """The seat that it is for; null for guests."""


class ReactionRefused(RefusedReaction):
    """Rule {rule} of {about} refuses {command}, which {reaction} wanted after {reacted_to}: open point {point}.

    Said once for each event and reaction, or for each deadline; it is for the office to look at.
    """


class OpenPointSettled(SettledPoint):
    """Open point {point} is settled: {reason}.

    Said when the office has looked at it.
    """
