"""Whom a session concerns: holders of seats, the deputies of those who stay away, and guests; each in one part only."""

from __future__ import annotations

from typing import NamedTuple

from services.meetings.domain.session_state import Session
from shared.contracts.meetings import Count, Recipient, Tally
from shared.contracts.members import QuorumPercent, RulesVersion
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line
from shared.kernel.values import Value

SECOND_QUORUM, SECOND_NOTICE_DAYS = 3, 3
"""Defaults for a second session: quorum in seats and notice in days."""


class Roster(Value):
    """Whom a session concerns, and by which rules, as it is known now.

    ``deputies`` are those of all seats. ``gone`` are those of its guests, deputies and of whoever is invited that were
    erased or have died: nobody writes to them. ``edition`` is the session's from before the roster was read: what has
    changed since may rest on a newer one. None where nothing can have changed.
    """

    voting_seats: Tally
    recipients: tuple[Recipient, ...]
    notice_days: Count
    shortest_notice_days: Count
    reminder_days: Count
    quorum_percent: QuorumPercent | None
    rules_version: RulesVersion | None = None
    second_quorum: Count = SECOND_QUORUM
    second_notice_days: Count = SECOND_NOTICE_DAYS
    deputies: tuple[Recipient, ...] = ()
    gone: tuple[PersonId, ...] = ()
    edition: Count | None = None
    minutes_days: Count | None = None
    conference_name: Line | None = None
    group_name: Line | None = None


class Everybody(NamedTuple):
    """``own``: for a seat of their own, or as guests; ``deputies``: in place of a seat's holder."""

    own: tuple[Recipient, ...]
    deputies: tuple[Recipient, ...]

    @property
    def places(self) -> tuple[Recipient, ...]:
        return (*self.own, *self.deputies)

    def has(self, place: Recipient, session: Session) -> bool:
        """Whether the place is invited as it should be: for itself, or as a deputy."""
        return place in (self.deputies if place in session.deputies else self.own)


def everybody(session: Session, roster: Roster) -> Everybody:
    deputies = _deputies(session, roster)
    listed = {place.person for place in (*roster.recipients, *deputies)}
    guests = (Recipient(person=guest, seat=None) for guest in session.guests if guest not in listed)
    return Everybody((*roster.recipients, *(guest for guest in guests if guest.person not in roster.gone)), deputies)


def uncovered(session: Session, roster: Roster) -> frozenset[Slug]:
    """The seats whose holder stays away and for which no deputy comes, as far as is known.

    None if no seat has a deputy: such a conference, or a working group, leaves seats empty.
    """
    if not roster.deputies:
        return frozenset()
    coming = {place.seat for place in _deputies(session, roster) if not session.stays_away(place.person)}
    return _left(session, roster) - coming


def _deputies(session: Session, roster: Roster) -> tuple[Recipient, ...]:
    """One for each open seat that has a deputy. Nobody comes for two seats, or beside a seat of their own.

    A person who is asked already stays asked.
    """
    left, taken = _left(session, roster), {*roster.gone, *(place.person for place in roster.recipients)}
    chosen: list[Recipient] = []
    for place in sorted(roster.deputies, key=lambda one: one not in session.deputies):
        if place.seat in left and place.person not in taken:
            chosen.append(place)
            taken.add(place.person)
    return tuple(chosen)


def _left(session: Session, roster: Roster) -> frozenset[Slug]:
    return frozenset(place.seat for place in roster.recipients if place.seat and session.stays_away(place.person))
