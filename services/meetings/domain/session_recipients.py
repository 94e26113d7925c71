"""Whom a session's invitation goes to: everybody on the roster and every guest, whenever that changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar, Literal, assert_never

from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_roster import Everybody, Roster, everybody, uncovered
from services.meetings.domain.session_stage import SessionHasBegun, has_begun, must_be
from services.meetings.domain.session_state import AboutSession, Session
from shared.contracts.meetings import (
    DeputyInvited,
    GuestAdmitted,
    GuestInvited,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    Recipient,
)
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import UtcTime, german_moment
from shared.kernel.values import Supplied

# Commands


class AdmitGuest(AboutSession):
    """Let a person attend as a guest. Once the invitation is out, only the guest gets it."""

    person: PersonId


class AdmitGuestPool(AboutSession):
    """Let everybody on the list of a guest pool attend. Once the invitation is out, only they get it."""

    pool: Slug
    people: Supplied[tuple[PersonId, ...]]


class AdjustInvitation(AboutSession):
    """Extend the invitation to people whom the session newly concerns, and withdraw it from the others."""

    given_by: ClassVar[GivenBy] = "service"

    roster: Supplied[Roster]


class CoverSeat(AboutSession):
    """Find somebody to come for a seat whose holder stays away."""

    given_by: ClassVar[GivenBy] = "service"

    seat: Slug
    roster: Supplied[Roster]


RecipientsCommand = AdmitGuest | AdmitGuestPool | AdjustInvitation | CoverSeat

# Rejections


class NobodyOnTheList(Rejected):
    """Auf der Liste des Gästekreises „{pool}“ steht niemand; „JoinGuestPool“ setzt Personen darauf."""

    kind = Kind.NOT_FOUND


class SeatNotCovered(Rejected):
    """Für den Sitz „{seat}“ kommt niemand zur Sitzung „{session}“: Bitte fragen Sie die entsendende Stelle."""


# decide


def decide(session: Session, command: RecipientsCommand) -> Sequence[SessionEvent]:
    match command:
        case AdmitGuest():
            return _admit(session, command, (command.person,))
        case AdmitGuestPool():
            return _admit_pool(session, command)
        case AdjustInvitation():
            return _adjust(session, command)
        case CoverSeat():
            return _cover(session, command)
        case _:
            assert_never(command)


def _admit(session: Session, admit: AdmitGuest | AdmitGuestPool, people: Sequence[PersonId]) -> Sequence[SessionEvent]:
    """Nothing changes for a person who is invited already, also if only for a seat."""
    appointment = must_be(session, admit.session, "planned", "open")
    new = [person for person in people if not session.places_of(person)]
    admitted = [GuestAdmitted(session=admit.session, person=person) for person in new]
    if not new or session.invitation is None or session.stage == "open" or admit.at >= appointment.starts:
        return admitted
    guests = tuple(Recipient(person=person, seat=None) for person in new)
    return [*admitted, GuestInvited(**_later(session, session.invitation, admit.at), recipients=guests)]


def _admit_pool(session: Session, admit: AdmitGuestPool) -> Sequence[SessionEvent]:
    if not admit.people:
        raise NobodyOnTheList(pool=admit.pool)
    return _admit(session, admit, admit.people)


def _adjust(session: Session, adjust: AdjustInvitation) -> Sequence[SessionEvent]:
    """Nobody is told after the session's beginning; then the office has to call them."""
    if session.stage not in ("planned", "open") or session.edition != adjust.roster.edition:
        return []
    events = adjusted(session, adjust.roster, adjust.at)
    if events and session.appointment and has_begun(session, adjust.at):
        raise SessionHasBegun(session=adjust.session, starts=german_moment(session.appointment.starts))
    return events


def _cover(session: Session, cover: CoverSeat) -> Sequence[SessionEvent]:
    if cover.seat in uncovered(session, cover.roster):
        raise SeatNotCovered(seat=cover.seat, session=cover.session)
    return []


def adjusted(session: Session, roster: Roster, at: UtcTime) -> Sequence[SessionEvent]:
    """The changes after which exactly the people whom the session concerns are invited.

    Nothing before the first invitation. A person who changes seats, or has one of several, is told nothing new.
    """
    if session.invitation is None or session.appointment is None:
        return []
    wanted = everybody(session, roster)
    moved = _moved(session, wanted)
    return [
        *withdrawn_from(session, session.invitation, roster, wanted, later=moved),
        *_extended(session, session.invitation, wanted, at),
        *_withdrawn(session, session.invitation, moved, {place.person for place in moved}, as_deputies=None),
        *deputized(session, session.invitation, wanted, at),
    ]


def _moved(session: Session, wanted: Everybody) -> tuple[Recipient, ...]:
    """The former places of people who change seats: they are asked nothing anew, so their answer has to outlive it.

    Withdrawn before the new place is there, a place would take the answer along.
    """
    new = {_standing(place) for place in wanted.own if place not in session.invited}
    own = (place for place in session.invited if place not in session.deputies)
    return tuple(place for place in own if place not in wanted.own and _standing(place) in new)


def _extended(
    session: Session, invitation: InvitationIssued, wanted: Everybody, at: UtcTime
) -> Sequence[InvitationExtended]:
    known = tuple(place for place in session.invited if place not in session.deputies)
    new = tuple(place for place in wanted.own if place not in known)
    standings = {_standing(place) for place in known}
    told = tuple(place for place in new if _standing(place) not in standings)
    return [InvitationExtended(**_later(session, invitation, at), places=new, recipients=told)] if new else []


def deputized(
    session: Session, invitation: InvitationIssued, wanted: Everybody, at: UtcTime
) -> Sequence[DeputyInvited]:
    """The deputies, each with the seat to come for."""
    new = tuple(place for place in wanted.deputies if place not in session.deputies)
    return [DeputyInvited(**_later(session, invitation, at), recipients=new)] if new else []


def withdrawn_from(
    session: Session,
    invitation: InvitationIssued,
    roster: Roster,
    wanted: Everybody,
    *,
    later: Collection[Recipient] = (),
) -> Sequence[InvitationWithdrawn]:
    """Invited people who are not wanted any more, if only for one of their seats; deputies apart."""
    over = [place for place in session.invited if not wanted.has(place, session) and place not in later]
    stay = {*roster.gone, *(place.person for place in wanted.places)}
    own = tuple(place for place in over if place not in session.deputies)
    deputies = tuple(place for place in over if place in session.deputies)
    return [
        *_withdrawn(session, invitation, own, stay, as_deputies=None),
        *_withdrawn(session, invitation, deputies, stay, as_deputies=True),
    ]


def released(session: Session) -> Sequence[InvitationWithdrawn]:
    """All deputies, because a move asks the holders again."""
    if session.invitation is None:
        return []
    return _withdrawn(session, session.invitation, session.deputies, (), as_deputies=True)


def _withdrawn(
    session: Session,
    invitation: InvitationIssued,
    over: tuple[Recipient, ...],
    stay: Collection[PersonId],
    *,
    as_deputies: Literal[True] | None,
) -> Sequence[InvitationWithdrawn]:
    if not over or session.appointment is None:
        return []
    return [
        InvitationWithdrawn(
            session=invitation.session,
            issue=invitation.issue,
            appointment=session.appointment,
            places=over,
            recipients=tuple(place for place in over if place.person not in stay),
            as_deputies=as_deputies,
        )
    ]


def _later(session: Session, invitation: InvitationIssued, at: UtcTime) -> dict[str, Any]:
    """What people are told who get the newest invitation later than the others."""
    return {
        "session": invitation.session,
        "issue": invitation.issue,
        "kind": session.kind,
        "appointment": session.appointment,
        "agenda": session.agenda_told,
        "voting_seats": invitation.voting_seats,
        "quorum": invitation.quorum,
        "reminder_days": invitation.reminder_days,
        "told_at": at,
        "second_of": session.second_of,
    }


def _standing(place: Recipient) -> tuple[PersonId, bool]:
    """A person is told of a change between a seat and being a guest, but not of another seat."""
    return place.person, place.seat is not None
