"""What becomes of a mail: queued, tried, delivered, given up, replaced by a newer one or printed as a letter."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from shared.contracts.notifications.contents import Content
from shared.contracts.open_points import RefusedReaction, SettledPoint
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug, Uuid
from shared.kernel.time import UtcTime
from shared.kernel.values import OPEN, LeftOut, counted_in

Obstacle = Literal["unreachable", "busy", "server_refused", "tls_unavailable", "login_refused"]
"""The mail server takes nothing from us at present, whoever the mail is for."""

OBSTACLES = frozenset(get_args(Obstacle))

Postponed = Literal[Obstacle, "refused_us", "timed_out", "mailbox_full", "try_later"]
"""``refused_us``: at this recipient the server refuses who writes, not whom: by policy, protocol or hanging up."""

Refusal = Literal["rejected", "content_refused"]

MailId = Uuid
Attempt = Annotated[int, Field(ge=1, le=100_000), counted_in("attempts")]
Template = Annotated[int, Field(ge=1, le=10_000), counted_in("versions")]
"""Of the text for one kind of mail, from 1."""

FailureReason = Literal[Refusal, "expired", "erased", "render_failed", "no_contact", "unanswered", "gave_up"]
Return = Literal["rejected", "content_refused", "refused_us", "gave_up"]
"""``rejected``: by the mailbox. ``refused_us``: by policy or protocol. ``gave_up``: nothing took it in time."""

Withheld = Literal["withdrawn", "never_told"]
"""Nothing is left to say: what the mail announces is over, or the recipient never heard of what is called off."""

HeldBack = Literal["withdrawn", "superseded", "told_otherwise"]
SuppressionReason = Literal[HeldBack, Withheld]


class OfMail(Event):
    """Something happens to one mail."""

    not_public: ClassVar[str] = "it is about a person's mails"

    mail: MailId
    """The mail: the last part of the stream's name."""


class NotificationQueued(OfMail):
    """A mail to {person} is queued because of event {cause}.

    Said once for each mail, before anything else of it.
    """

    german: ClassVar[str] = "Ein Schreiben an {person} ist vorgemerkt."

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

    german: ClassVar[str] = "Versuch {attempt} mit Schreiben {mail} beginnt, bis {answer_by} der einzige."

    attempt: Attempt
    """The number of the attempt, from 1."""
    ambiguous: bool
    """Whether the attempt before had no outcome, so that this one may deliver the mail a second time."""
    answer_by: UtcTime
    """When the attempt is over, with an outcome or without."""
    calendar_sequence: LeftOut[Annotated[int, Field(ge=0), counted_in("changes")] | None] = None
    """The SEQUENCE of the calendar part (RFC 5545, 3.8.7.4), for each person and session; absent without one."""
    template: LeftOut[Template | None] = None
    """The version of the text that it is written by. Not said by events of old."""


class NotificationSent(OfMail):
    """Mail {mail} is sent with attempt {attempt}.

    Said when the mail server has taken it.
    """

    german: ClassVar[str] = "Das Schreiben {mail} ist mit Versuch {attempt} versandt."

    attempt: Attempt
    """The number of the attempt."""


class NotificationDeferred(OfMail):
    """Mail {mail} waits until {not_before}: {reason}.

    Said when an attempt has failed in a way that may pass.
    """

    german: ClassVar[str] = "Das Schreiben {mail} wartet bis {not_before}: {reason}."

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

    german: ClassVar[str] = "Das Schreiben {mail} wird nicht versandt: {reason}."

    reason: Annotated[FailureReason, OPEN]
    """Why."""


class NotificationReturned(OfMail):
    """Mail {mail} came back: {reason}.

    Said when a mail server further on reports that it could not deliver what ours had taken. It may be sent again.
    """

    german: ClassVar[str] = "Das Schreiben {mail} kam als unzustellbar zurück: {reason}."

    report: Uuid
    """The report: an opaque id, by which one that is read twice is known."""
    reason: Annotated[Return, OPEN]
    """Why."""


class AddressBounced(OfMail):
    """The address of {person} (seat {seat}) takes no mail.

    Said when a mail server has refused the mailbox for good; the address has to be corrected.
    """

    german: ClassVar[str] = "Die Adresse von {person} (Sitz {seat}) nimmt keine E-Mail an."

    person: PersonId
    """Whose address: an opaque id."""
    seat: Slug | None
    """The seat that the mail was for; null for guests."""
    address: LeftOut[Uuid | None] = None
    """Which of the person's addresses: an opaque id. Absent where it is not theirs any more, and in events of old."""


class NotificationHeld(OfMail):
    """Mail {mail} waits: address {address} of its recipient is suspended.

    Said instead of an attempt. It is queued again when the address is released.
    """

    german: ClassVar[str] = "Das Schreiben {mail} wartet: die Adresse {address} ist gesperrt."

    address: Uuid
    """The address: an opaque id."""


class NotificationSuppressed(OfMail):
    """Mail {mail} is held back for good: {reason}.

    Said when it is not to be sent any more.
    """

    german: ClassVar[str] = "Das Schreiben {mail} wird endgültig zurückgehalten: {reason}."

    reason: Annotated[SuppressionReason, OPEN]
    """Why."""


class NotificationSuperseded(OfMail):
    """Mail {mail} is not sent: mail {by} says what is true now.

    Said when a newer mail to the same person makes it untrue.
    """

    german: ClassVar[str] = "Das Schreiben {mail} wird nicht versandt: was nun gilt, sagt Schreiben {by}."

    by: MailId
    """The newer mail."""


class NotificationRequeued(OfMail):
    """Mail {mail} is queued again.

    Said when the office has it sent again, because it did not arrive and what stood in its way was put right; and when
    an address is released that it waited for, or was refused at.
    """

    german: ClassVar[str] = "Das Schreiben {mail} wird erneut gesandt."


class PrintLetterDue(OfMail):
    """Mail {mail} to {person} is to be printed as a letter.

    Said for people without an e-mail address.
    """

    german: ClassVar[str] = "Das Schreiben {mail} an {person} ist als Brief auszudrucken."

    person: PersonId
    """Whom it is for: an opaque id."""
    seat: Slug | None
    """The seat that it is for; null for guests."""
    template: LeftOut[Template | None] = None
    """The version of the text that it is written by. Not said by events of old."""


class LetterPosted(OfMail):
    """Letter {mail} to {person} is posted.

    Said when the office has printed and posted what was due as a letter.
    """

    german: ClassVar[str] = "Der Brief {mail} an {person} ist zur Post gegeben."

    person: PersonId
    """Whom it is for: an opaque id."""
    seat: Slug | None
    """The seat that it is for; null for guests."""


class ReactionRefused(RefusedReaction):
    """Rule {rule} of {about} refuses {command}, which {reaction} wanted after {reacted_to}: open point {point}.

    Said once for each event and reaction, or for each deadline; it is for the office to look at.
    """

    german: ClassVar[str] = (
        "{rule} in {about} lehnt {command} ab ({reaction} nach {reacted_to}): offener Punkt {point}."
    )


class OpenPointSettled(SettledPoint):
    """Open point {point} is settled: {reason}.

    Said when the office has looked at it.
    """

    german: ClassVar[str] = "Der offene Punkt {point} ist erledigt: {reason}."
