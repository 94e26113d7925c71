"""An invitation is a snapshot: appointment, agenda, seats and recipients are frozen with each issue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import ClassVar, assert_never

from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_notice import must_keep_notice
from services.meetings.domain.session_recipients import adjusted, deputized, withdrawn_from
from services.meetings.domain.session_roster import Roster, everybody
from services.meetings.domain.session_stage import must_be, must_be_ahead, must_be_invited
from services.meetings.domain.session_state import AboutSession, Session, evolve
from shared.contracts.meetings import (
    AnswersMissing,
    Appointment,
    DeadlineStageReached,
    InvitationIssued,
    Recipient,
)
from shared.kernel.decider import AsKnown, GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected
from shared.kernel.text import Line
from shared.kernel.time import days, local_day
from shared.kernel.values import Supplied

REMINDER_KEEPS_AWAY = days(1)
"""Between a reminder and what it repeats: nobody gets two mails about one appointment within a day."""

# Commands


class IssueInvitation(AboutSession, AsKnown):
    """Invite everybody on the roster and every guest. Short notice needs a reason."""

    reason: Line | None
    roster: Supplied[Roster]


class AnnounceReminder(AboutSession):
    """Remind everybody invited who has not declined."""

    given_by: ClassVar[GivenBy] = "service"


InvitationCommand = IssueInvitation | AnnounceReminder

# Rejections


class AgendaMissing(Rejected):
    """Die Sitzung „{session}“ hat noch keine Tagesordnung."""


class NobodyToInvite(Rejected):
    """Zur Sitzung „{session}“ ist niemand einzuladen."""


class InvitationChangedMeanwhile(Rejected):
    """Die Einladung zur Sitzung „{session}“ hat sich in diesem Augenblick geändert. Bitte noch einmal einladen."""


# decide


def decide(session: Session, command: InvitationCommand) -> Sequence[SessionEvent]:
    match command:
        case IssueInvitation():
            return _issue(session, command)
        case AnnounceReminder():
            return _remind(session, command)
        case _:
            assert_never(command)


def _issue(session: Session, issue: IssueInvitation) -> Sequence[SessionEvent]:
    appointment = must_be_ahead(session, issue.session, issue.at)
    if not session.agenda:
        raise AgendaMissing(session=issue.session)
    wanted = everybody(session, issue.roster)
    if not wanted.own:
        raise NobodyToInvite(session=issue.session)
    if issue.roster.edition not in (None, session.edition):
        raise InvitationChangedMeanwhile(session=issue.session)
    if _is_told(session, issue.roster):
        return adjusted(session, issue.roster, issue.at)
    invitation = _invitation(session, appointment, issue, wanted.own)
    must_keep_notice(appointment.starts, issue, *_notice(session, issue.roster))
    return [
        *withdrawn_from(session, session.invitation or invitation, issue.roster, wanted),
        invitation,
        *deputized(evolve(session, invitation), invitation, wanted, issue.at),
    ]


def _remind(session: Session, remind: AnnounceReminder) -> Sequence[SessionEvent]:
    """Nothing while everybody has just been told. The deadline moves, and the reminder is checked again."""
    must_be(session, remind.session, "planned")
    must_be_invited(session, remind.session)
    if _is_recent(session.announced_at, remind.at):
        return []
    appointment = must_be_ahead(session, remind.session, remind.at)
    if session.reminded and local_day(appointment.starts) <= session.reminded:
        return []
    recipients = tuple(
        to
        for to in session.invited
        if session.answers.get(to.person) != "decline" and not _is_recent(session.told_at.get(to.person), remind.at)
    )
    return [
        DeadlineStageReached(
            session=remind.session, deadline="session", appointment=appointment, recipients=recipients
        ),
        *_missing(session, remind.session, appointment),
    ]


def _missing(session: Session, name: Slug, appointment: Appointment) -> Sequence[AnswersMissing]:
    silent = (to.seat for to in session.invited if to.seat and to.person not in session.answers)
    seats = tuple(dict.fromkeys(silent))
    return [AnswersMissing(session=name, appointment=appointment, seats=seats)] if seats else []


def _is_recent(told_at: datetime | None, at: datetime) -> bool:
    return told_at is not None and at - told_at < REMINDER_KEEPS_AWAY


def _is_told(session: Session, roster: Roster) -> bool:
    """Whether people know all that a new invitation would say. A move has been told on its own."""
    last = session.invitation
    return last is not None and (session.agenda_told, last.voting_seats) == (session.agenda, roster.voting_seats)


def _invitation(
    session: Session, appointment: Appointment, issue: IssueInvitation, recipients: tuple[Recipient, ...]
) -> InvitationIssued:
    usual, shortest = _notice(session, issue.roster)
    return sealed(
        InvitationIssued(
            session=issue.session,
            issue=session.invitation.issue + 1 if session.invitation else 1,
            kind=session.kind,
            appointment=appointment,
            agenda=session.agenda,
            voting_seats=issue.roster.voting_seats,
            recipients=recipients,
            snapshot="",
            quorum=_quorum(session, issue.roster),
            reminder_days=issue.roster.reminder_days,
            reason=issue.reason,
            known_up_to=issue.known_up_to,
            told_at=issue.at,
            notice_days=usual,
            shortest_notice_days=shortest,
            conference_name=issue.roster.conference_name,
            group_name=issue.roster.group_name,
            second_of=session.second_of,
            rules_version=issue.roster.rules_version,
            minutes_days=issue.roster.minutes_days,
        )
    )


def _notice(session: Session, roster: Roster) -> tuple[int, int]:
    """The usual and the shortest notice, in days; a second session has its own."""
    if session.second_of:
        return roster.second_notice_days, roster.second_notice_days
    return roster.notice_days, roster.shortest_notice_days


def _quorum(session: Session, roster: Roster) -> int:
    """Rounded up to whole seats: half of 49 is 25. Only a plenary needs one, if its rules say so."""
    if session.kind != "plenary" or roster.quorum_percent is None:
        return 0
    if session.second_of:
        return min(roster.second_quorum, roster.voting_seats)
    return -(-roster.voting_seats * roster.quorum_percent // 100)


def sealed(invitation: InvitationIssued) -> InvitationIssued:
    """With the hash of its content. ``sealed(event) == event`` proves that an old event is unchanged."""
    told = invitation.model_dump_json(include={"appointment", "agenda", "voting_seats", "recipients"})
    return invitation.model_copy(update={"snapshot": sha256(told.encode()).hexdigest()})
