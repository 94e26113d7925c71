"""In which stage a session must be for what is wanted, and what is said where it is in another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.meetings.domain.session_state import Session, Stage
from shared.contracts.meetings import Appointment, InvitationIssued
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_moment


class SessionUnknown(Rejected):
    """Eine Sitzung „{session}“ ist nicht angesetzt."""

    kind = Kind.NOT_FOUND


class SessionNotOpen(Rejected):
    """Die Sitzung „{session}“ ist noch nicht eröffnet."""


class SessionIsOpen(Rejected):
    """Die Sitzung „{session}“ ist eröffnet und noch nicht geschlossen."""


class SessionIsClosed(Rejected):
    """Die Sitzung „{session}“ ist geschlossen."""


class SessionIsCancelled(Rejected):
    """Die Sitzung „{session}“ ist abgesagt."""


class SessionHasBegun(Rejected):
    """Die Sitzung „{session}“ hat am {starts} begonnen."""


class InvitationMissing(Rejected):
    """Zur Sitzung „{session}“ ist noch nicht eingeladen."""


class NotInvited(Rejected):
    """Die Person ist zur Sitzung „{session}“ nicht eingeladen."""


class EndsBeforeItStarts(Rejected):
    """Die Sitzung beginnt am {starts} und kann nicht am {ends} enden."""

    kind = Kind.INVALID


_WRONG_STAGE: Mapping[Stage | None, type[Rejected]] = {
    None: SessionUnknown,
    "planned": SessionNotOpen,
    "open": SessionIsOpen,
    "closed": SessionIsClosed,
    "cancelled": SessionIsCancelled,
}


def must_be(session: Session, name: Slug, *stages: Stage) -> Appointment:
    """The session's appointment, if it is in this stage; otherwise the rejection for the stage it is in."""
    if session.appointment is None or session.stage not in stages:
        raise _WRONG_STAGE[session.stage](session=name)
    return session.appointment


def must_be_ahead(session: Session, name: Slug, at: datetime) -> Appointment:
    """Planned, and by the clock not begun."""
    appointment = must_be(session, name, "planned")
    if at >= appointment.starts:
        raise SessionHasBegun(session=name, starts=german_moment(appointment.starts))
    return appointment


def must_not_be_cancelled(session: Session, name: Slug) -> None:
    """For what would say a cancelled session again: nothing takes a cancellation back."""
    if session.stage == "cancelled":
        raise SessionIsCancelled(session=name)


def must_start_before_end(starts: datetime, ends: datetime) -> None:
    if starts >= ends:
        raise EndsBeforeItStarts(starts=german_moment(starts), ends=german_moment(ends))


def has_begun(session: Session, at: datetime) -> bool:
    """Opened, or by the clock."""
    return session.stage == "open" or (session.appointment is not None and at >= session.appointment.starts)


def must_be_invited(session: Session, name: Slug) -> InvitationIssued:
    if session.invitation is None:
        raise InvitationMissing(session=name)
    return session.invitation
