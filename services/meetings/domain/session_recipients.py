"""Whom a session's invitation goes to: everybody on the roster and every guest, whenever that changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, assert_never

from services.meetings.domain.session_stage import must_be
from services.meetings.domain.session_state import AboutSession, Session, SessionEvent
from shared.contracts.meetings import (
    Count,
    GuestAdmitted,
    GuestInvited,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    Recipient,
    Tally,
)
from shared.contracts.members import QuorumPercent
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import PersonId
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import Supplied, Value

# Commands


class Roster(Value):
    """Whom a session concerns, and by which rules, as it is known now.

    ``gone`` are those of its guests and of whoever is invited that were erased or have died: nobody writes to them.
    ``edition`` is the session's from before the roster was read: what has changed since may rest on a newer one. None
    where nothing can have changed.
    """

    voting_seats: Tally
    recipients: tuple[Recipient, ...]
    notice_days: Count
    shortest_notice_days: Count
    reminder_days: Count
    quorum_percent: QuorumPercent | None
    gone: tuple[PersonId, ...] = ()
    edition: Count | None = None
    conference_name: Line | None = None
    group_name: Line | None = None


class AdmitGuest(AboutSession):
    """Let a person attend as a guest; after the invitation went out, the guest gets it alone."""

    person: PersonId


class AdjustInvitation(AboutSession):
    """Extend the invitation to those whom the session concerns by now, and withdraw it from the others."""

    given_by: ClassVar[GivenBy] = "service"

    roster: Supplied[Roster]


RecipientsCommand = AdmitGuest | AdjustInvitation

# decide


def decide(session: Session, command: RecipientsCommand) -> Sequence[SessionEvent]:
    match command:
        case AdmitGuest():
            return _admit(session, command)
        case AdjustInvitation():
            return _adjust(session, command)
        case _:
            assert_never(command)


def _admit(session: Session, admit: AdmitGuest) -> Sequence[SessionEvent]:
    appointment = must_be(session, admit.session, "planned", "open")
    if session.places_of(admit.person):
        return []
    admitted = GuestAdmitted(session=admit.session, person=admit.person)
    if session.invitation is None or session.stage == "open" or admit.at >= appointment.starts:
        return [admitted]
    return [
        admitted,
        GuestInvited(
            session=admit.session,
            issue=session.invitation.issue,
            kind=session.kind,
            appointment=appointment,
            agenda=session.agenda_told,
            voting_seats=session.invitation.voting_seats,
            recipients=(Recipient(person=admit.person, seat=None),),
            quorum=session.invitation.quorum,
            reminder_days=session.invitation.reminder_days,
            told_at=admit.at,
        ),
    ]


def _adjust(session: Session, adjust: AdjustInvitation) -> Sequence[SessionEvent]:
    is_planned = session.stage == "planned" and session.appointment and adjust.at < session.appointment.starts
    if not is_planned or session.edition != adjust.roster.edition:
        return []
    return adjusted(session, adjust.roster, adjust.at)


def everybody(session: Session, roster: Roster) -> tuple[Recipient, ...]:
    listed = {recipient.person for recipient in roster.recipients}
    guests = (Recipient(person=guest, seat=None) for guest in session.guests if guest not in listed)
    return (*roster.recipients, *(guest for guest in guests if guest.person not in roster.gone))


def adjusted(session: Session, roster: Roster, at: UtcTime) -> Sequence[SessionEvent]:
    """What has to be told so that everybody whom the session concerns is invited, and nobody else.

    Nothing before the first invitation. Who changes seats, or has one of several, is told nothing new.
    """
    if session.invitation is None or session.appointment is None:
        return []
    wanted = everybody(session, roster)
    new = tuple(place for place in wanted if place not in session.invited)
    withdrawn = withdrawn_from(session, session.invitation, roster, wanted)
    if not new:
        return withdrawn
    known = {_standing(place) for place in session.invited}
    extended = InvitationExtended(
        session=session.invitation.session,
        issue=session.invitation.issue,
        kind=session.kind,
        appointment=session.appointment,
        agenda=session.agenda_told,
        voting_seats=session.invitation.voting_seats,
        places=new,
        recipients=tuple(place for place in new if _standing(place) not in known),
        quorum=session.invitation.quorum,
        reminder_days=session.invitation.reminder_days,
        told_at=at,
    )
    return [*withdrawn, extended]


def withdrawn_from(
    session: Session, invitation: InvitationIssued, roster: Roster, wanted: Sequence[Recipient]
) -> Sequence[InvitationWithdrawn]:
    """From those who are invited and are not wanted any more, be it for one of their seats."""
    over = tuple(place for place in session.invited if place not in wanted)
    if not over or session.appointment is None:
        return []
    stay = {*roster.gone, *(place.person for place in wanted)}
    return [
        InvitationWithdrawn(
            session=invitation.session,
            issue=invitation.issue,
            appointment=session.appointment,
            places=over,
            recipients=tuple(place for place in over if place.person not in stay),
        )
    ]


def _standing(place: Recipient) -> tuple[PersonId, bool]:
    """A guest who gets a seat, and who keeps coming as a guest, has to know."""
    return place.person, place.seat is not None
