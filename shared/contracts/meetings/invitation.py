"""An invitation after it went out: whom it reaches later, whom it concerns no more, and what is added to its agenda."""

from __future__ import annotations

from typing import Annotated, ClassVar

from shared.contracts.meetings.session import (
    AgendaItem,
    Appointment,
    Count,
    Issue,
    Missed,
    OfSession,
    Recipient,
    Seats,
    SessionKind,
)
from shared.contracts.not_public import WHO_COMES
from shared.kernel.time import UtcTime
from shared.kernel.values import LeftOut, counted_in


class InvitedLater(OfSession):
    """Somebody gets the newest invitation after the others."""

    issue: Issue
    """The number of the invitation that the others have."""
    kind: SessionKind
    """Whose session it is."""
    appointment: Appointment
    """When and where, as it is by now."""
    agenda: tuple[AgendaItem, ...]
    """The agenda that the others know."""
    voting_seats: Seats
    """All seats of the conference, also vacant ones."""
    recipients: tuple[Recipient, ...]
    """Who has to be told."""
    quorum: Seats
    """Seats that must be present; 0 where no quorum is required."""
    reminder_days: Annotated[Count, counted_in("days")]
    """How many days before the start a reminder follows."""
    told_at: UtcTime
    """When it was said: no reminder follows within a day."""
    second_of: LeftOut[Missed | None] = None
    """The session that missed its quorum, where this is the second one about its matters."""


class InvitationExtended(InvitedLater):
    """Invitation {issue} to session {session} goes to those whom it concerns by now.

    Said when the roster has changed since the invitation; those who are in ``places`` and not in ``recipients`` are
    invited for another seat already.
    """

    german: ClassVar[str] = "Die Einladung {issue} zu {session} geht an alle, die sie nun auch betrifft."
    not_public: ClassVar[str] = WHO_COMES

    places: tuple[Recipient, ...]
    """The seats, each with who fills it, that are invited beside those before."""


class GuestInvited(InvitedLater):
    """Invitation {issue} to session {session} goes to a guest who was admitted later.

    Said when a guest is admitted after the invitation went out.
    """

    german: ClassVar[str] = "Ein später zugelassener Gast ist zu {session} eingeladen (Einladung {issue})."
    not_public: ClassVar[str] = WHO_COMES


class DeputyInvited(InvitedLater):
    """Invitation {issue} to session {session} goes to deputies: the holders of their seats do not come.

    Said when a seat's holder has declined, or sends somebody, and its standing deputy has no seat of their own; each
    recipient is there for the seat beside them.
    """

    german: ClassVar[str] = (
        "Die Stellvertretung nicht kommender Mitglieder ist zu {session} eingeladen (Einladung {issue})."
    )
    not_public: ClassVar[str] = WHO_COMES


class InvitationWithdrawn(OfSession):
    """Invitation {issue} to session {session} is withdrawn from those whom it concerns no more.

    Said when the roster has changed since the invitation; who stays invited for another seat, was erased or has died is
    in ``places`` and not in ``recipients``.
    """

    german: ClassVar[str] = "Die Einladung {issue} zu {session} ist zurückgenommen, wo sie nicht mehr betrifft."
    not_public: ClassVar[str] = WHO_COMES

    issue: Issue
    """The number of the newest invitation."""
    appointment: Appointment
    """When and where the session takes place."""
    places: tuple[Recipient, ...]
    """The seats, each with who filled it, that are not invited any more; they count nowhere."""
    recipients: tuple[Recipient, ...]
    """Who has to be told."""
    as_deputies: LeftOut[bool | None] = None
    """True where they were invited as the deputies of these seats."""


class AgendaSupplemented(OfSession):
    """The agenda of session {session} is supplemented.

    Said when items are added after the invitation went out; everybody invited is told.
    """

    german: ClassVar[str] = "Die Tagesordnung der Sitzung {session} ist ergänzt."

    agenda: tuple[AgendaItem, ...]
    """The whole agenda."""
    added: tuple[AgendaItem, ...]
    """The items that are new."""
    appointment: Appointment
    """When and where; it stays as it was."""
    recipients: tuple[Recipient, ...]
    """Who has to be told."""
