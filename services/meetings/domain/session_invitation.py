"""An invitation is a snapshot: appointment, agenda, seats and recipients are frozen with each issue."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import ClassVar, assert_never

from services.meetings.domain.session_state import (
    AboutSession,
    NotInvited,
    Session,
    SessionEvent,
    must_be,
    must_be_invited,
)
from shared.contracts.meetings import (
    Answer,
    Appointment,
    Count,
    DeadlineStageReached,
    GuestAdmitted,
    InvitationAnswered,
    InvitationIssued,
    Recipient,
    SessionKind,
    Tally,
)
from shared.contracts.members import QuorumPercent
from shared.kernel.decider import AsKnown, GivenBy
from shared.kernel.identifiers import PersonId
from shared.kernel.rejections import Rejected
from shared.kernel.text import Line
from shared.kernel.time import german_moment, local_day
from shared.kernel.values import Supplied, Value

# Commands


class Roster(Value):
    """Who is to be invited, and by which rules, on the day of the invitation."""

    voting_seats: Tally
    recipients: tuple[Recipient, ...]
    notice_days: Count
    shortest_notice_days: Count
    reminder_days: Count
    quorum_percent: QuorumPercent | None


class AdmitGuest(AboutSession):
    """Let a person attend as a guest; after the invitation went out, the guest gets it alone."""

    person: PersonId


class IssueInvitation(AboutSession, AsKnown):
    """Invite everybody on the roster and every guest. Short notice needs a reason."""

    reason: Line | None
    roster: Supplied[Roster]


class AnswerInvitation(AboutSession):
    """Record what an invited person answers."""

    person: PersonId
    answer: Answer


class AnnounceReminder(AboutSession):
    """Remind everybody invited who has not declined."""

    given_by: ClassVar[GivenBy] = "service"


InvitationCommand = AdmitGuest | IssueInvitation | AnswerInvitation | AnnounceReminder

# Rejections


class AgendaMissing(Rejected):
    """Die Sitzung „{session}“ hat noch keine Tagesordnung."""


class NobodyToInvite(Rejected):
    """Zur Sitzung „{session}“ ist niemand einzuladen."""


class NoticeTooShort(Rejected):
    """Bis zum {starts} sind es {left} Tage. Üblich sind {notice}, unter {shortest} ist ein Grund nötig."""


class SessionHasBegun(Rejected):
    """Die Sitzung „{session}“ hat am {starts} begonnen."""


# decide


def decide(session: Session, command: InvitationCommand) -> Sequence[SessionEvent]:
    match command:
        case AdmitGuest():
            return _admit(session, command)
        case IssueInvitation():
            return _issue(session, command)
        case AnswerInvitation():
            return _answer(session, command)
        case AnnounceReminder():
            return _remind(session, command)
        case _:
            assert_never(command)


def _admit(session: Session, admit: AdmitGuest) -> Sequence[SessionEvent]:
    appointment = must_be(session, admit.session, "planned", "open")
    if session.places_of(admit.person):
        return []
    admitted = GuestAdmitted(session=admit.session, person=admit.person)
    if session.invitation is None or session.stage == "open":
        return [admitted]
    guest = Recipient(person=admit.person, seat=None)
    update = {"appointment": appointment, "recipients": (guest,)}
    return [admitted, sealed(session.invitation.model_copy(update=update))]


def _issue(session: Session, issue: IssueInvitation) -> Sequence[SessionEvent]:
    appointment = must_be(session, issue.session, "planned")
    if not session.agenda:
        raise AgendaMissing(session=issue.session)
    recipients = _everybody(session, issue.roster)
    if not recipients:
        raise NobodyToInvite(session=issue.session)
    if _is_told(session, issue.roster, recipients):
        return []
    _must_keep_notice(appointment, issue)
    return [_invitation(session, appointment, issue, recipients)]


def _answer(session: Session, reply: AnswerInvitation) -> Sequence[SessionEvent]:
    must_be(session, reply.session, "planned")
    addressed = [recipient for recipient in session.invited if recipient.person == reply.person]
    if not addressed:
        raise NotInvited(session=reply.session)
    if session.answers.get(reply.person) == reply.answer:
        return []
    return [
        InvitationAnswered(session=reply.session, person=reply.person, seat=recipient.seat, answer=reply.answer)
        for recipient in addressed
    ]


def _remind(session: Session, remind: AnnounceReminder) -> Sequence[SessionEvent]:
    appointment = must_be(session, remind.session, "planned")
    must_be_invited(session, remind.session)
    if session.reminded and local_day(appointment.starts) <= session.reminded:
        return []
    if remind.at >= appointment.starts:
        raise SessionHasBegun(session=remind.session, starts=german_moment(appointment.starts))
    return [
        DeadlineStageReached(
            session=remind.session,
            deadline="session",
            appointment=appointment,
            recipients=tuple(to for to in session.invited if session.answers.get(to.person) != "decline"),
        )
    ]


def _everybody(session: Session, roster: Roster) -> tuple[Recipient, ...]:
    listed = {recipient.person for recipient in roster.recipients}
    guests = (Recipient(person=guest, seat=None) for guest in session.guests if guest not in listed)
    return (*roster.recipients, *guests)


def _is_told(session: Session, roster: Roster, recipients: tuple[Recipient, ...]) -> bool:
    """Nothing new since the last issue: a move was told on its own."""
    last = session.invitation
    return last is not None and (last.agenda, last.voting_seats, set(last.recipients)) == (
        session.agenda,
        roster.voting_seats,
        set(recipients),
    )


def _must_keep_notice(appointment: Appointment, issue: IssueInvitation) -> None:
    left = (local_day(appointment.starts) - local_day(issue.at)).days
    if left < issue.roster.shortest_notice_days and issue.reason is None:
        raise NoticeTooShort(
            starts=german_moment(appointment.starts),
            left=left,
            notice=issue.roster.notice_days,
            shortest=issue.roster.shortest_notice_days,
        )


def _invitation(
    session: Session, appointment: Appointment, issue: IssueInvitation, recipients: tuple[Recipient, ...]
) -> InvitationIssued:
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
            quorum=_quorum(session.kind, issue.roster),
            reminder_days=issue.roster.reminder_days,
            reason=issue.reason,
            known_up_to=issue.known_up_to,
        )
    )


def _quorum(kind: SessionKind, roster: Roster) -> int:
    """Rounded up to a whole seat: half of 49 are 25. Only a plenary needs one, where the rules say so."""
    if kind != "plenary" or roster.quorum_percent is None:
        return 0
    return -(-roster.voting_seats * roster.quorum_percent // 100)


def sealed(invitation: InvitationIssued) -> InvitationIssued:
    """With the hash of what it tells: ``sealed(event) == event`` proves an event of the past."""
    told = invitation.model_dump_json(include={"appointment", "agenda", "voting_seats", "recipients"})
    return invitation.model_copy(update={"snapshot": sha256(told.encode()).hexdigest()})
