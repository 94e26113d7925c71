"""What may be wanted of a mail, and the sentences that say no."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.notifications import (
    Attempt,
    Content,
    FailureReason,
    HeldBack,
    MailId,
    Postponed,
    Return,
    Template,
    Withheld,
)
from shared.kernel.decider import Command, GivenBy
from shared.kernel.identifiers import PersonId, Slug, Uuid, derived_id, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import UtcTime

CalendarSequence = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A calendar's integers have 32 bits (RFC 5545, 3.3.8)."""


def mail_id(cause: str, kind: str, person: str) -> MailId:
    """One event leads to one mail of a kind to a person, however often the event arrives."""
    return derived_id("mail", cause, kind, person)


class QueueNotification(Command):
    """Write to a person because of an event."""

    given_by: ClassVar[GivenBy] = "service"
    begins_stream: ClassVar[bool] = True

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
    calendar_sequence: CalendarSequence | None = None
    template: Template | None = None


class RecordSent(_AboutMail):
    """Record that the mail server took the mail."""

    attempt: Attempt


class RecordDeferral(_AboutMail):
    """Record that the mail server did not take the mail this time."""

    attempt: Attempt
    reason: Postponed


class RecordFailure(_AboutMail):
    """Record that the mail will never be sent. ``address`` is what a server refused, where it is the person's still."""

    reason: FailureReason
    address: Uuid | None = None


class RecordReturn(_AboutMail):
    """Record that the mail came back, as a report of a mail server says."""

    report: Uuid
    reason: Return
    address: Uuid | None = None


class HoldNotification(_AboutMail):
    """Have a mail wait until the suspended address of its recipient is released."""

    address: Uuid


class ResumeNotification(_AboutMail):
    """Queue a mail again that waited for the address, or was refused at it."""

    address: Uuid


class DuePrintLetter(_AboutMail):
    """Have the mail printed, because its recipient has no e-mail address."""

    template: Template | None = None


class SupersedeNotification(_AboutMail):
    """Have a newer mail to the same person take the place of one that waits."""

    superseded_by: MailId


class WithholdNotification(_AboutMail):
    """Hold a mail back that has nothing left to say."""

    reason: Withheld


class SuppressNotification(_AboutMail):
    """Hold a mail back that has not been sent yet, or a letter that has not been posted."""

    given_by: ClassVar[GivenBy] = "office"

    reason: HeldBack


class ResendNotification(_AboutMail):
    """Send a mail again that did not arrive, once the contact or whatever stood in its way is put right."""

    given_by: ClassVar[GivenBy] = "office"


class MarkLetterPosted(_AboutMail):
    """Say that a letter which was due is printed and posted."""

    given_by: ClassVar[GivenBy] = "office"


MailCommand = (
    QueueNotification
    | RecordAttempt
    | RecordSent
    | RecordDeferral
    | RecordFailure
    | RecordReturn
    | HoldNotification
    | ResumeNotification
    | DuePrintLetter
    | SupersedeNotification
    | WithholdNotification
    | SuppressNotification
    | ResendNotification
    | MarkLetterPosted
)


class MailUnknown(Rejected):
    """Diese Nachricht gibt es nicht."""

    kind = Kind.NOT_FOUND


class NothingToResend(Rejected):
    """Erneut gesandt wird nur, was nicht angekommen ist; diese Nachricht kam an, wartet noch oder ist überholt."""


class AddressIsSuspended(Rejected):
    """Das Schreiben wartet: die Adresse ist gesperrt, bis sie berichtigt ist oder Sie sie freigeben."""


class NoLetterDue(Rejected):
    """Kein Brief ist hier fällig: die Nachricht ging nicht auf Papier, oder der Brief ist aufgegeben oder überholt."""

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
