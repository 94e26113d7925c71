"""Which events people are written to about, and what each of them is told."""

from __future__ import annotations

from typing import assert_never

from services.notifications.domain.office import office_in
from shared.contracts.meetings import (
    AgendaSupplemented,
    AnswersMissing,
    ApprovedMinutesSent,
    DeadlineStageReached,
    DeputyInvited,
    GuestInvited,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    MinutesCorrected,
    MinutesSent,
    SessionCancelled,
    SessionRescheduled,
)
from shared.contracts.members import ContactCorrected, DelegateAppointed, HolderLeft, PostHolderChanged
from shared.contracts.notifications import (
    Cancellation,
    ContactCorrection,
    Content,
    Farewell,
    Invitation,
    Minutes,
    MissingAnswers,
    Reminder,
    Supplement,
    Update,
    Welcome,
    Withdrawal,
)
from shared.kernel.identifiers import ConferenceSlug, PersonId, Slug

SeatFilled = DelegateAppointed | PostHolderChanged
ToldToOne = SeatFilled | HolderLeft | ContactCorrected
Invites = InvitationIssued | InvitationExtended | GuestInvited | DeputyInvited
ToldToMany = (
    Invites
    | InvitationWithdrawn
    | AgendaSupplemented
    | SessionRescheduled
    | SessionCancelled
    | DeadlineStageReached
    | MinutesSent
    | MinutesCorrected
    | ApprovedMinutesSent
)
Tells = ToldToOne | ToldToMany | AnswersMissing
"""Everything that a mail can be about; ``AnswersMissing`` is for the office."""


def content_of(event: Tells) -> Content:
    match event:
        case DelegateAppointed() | PostHolderChanged():
            return Welcome(group=event.group, since=event.since)
        case HolderLeft():
            return Farewell(group=event.group, until=event.until)
        case ContactCorrected():
            return ContactCorrection()
        case AnswersMissing():
            return MissingAnswers(session=event.session, appointment=event.appointment, seats=event.seats)
        case InvitationIssued() | InvitationExtended() | GuestInvited() | DeputyInvited():
            return _invitation(event)
        case InvitationWithdrawn():
            return Withdrawal(session=event.session, appointment=event.appointment, as_deputy=event.as_deputies)
        case AgendaSupplemented():
            return Supplement(
                session=event.session, appointment=event.appointment, agenda=event.agenda, added=event.added
            )
        case SessionRescheduled():
            return Update(session=event.session, appointment=event.appointment)
        case SessionCancelled():
            return Cancellation(session=event.session, appointment=event.appointment, reason=event.reason)
        case DeadlineStageReached():
            return Reminder(session=event.session, appointment=event.appointment)
        case MinutesSent() | MinutesCorrected() | ApprovedMinutesSent():
            return _minutes(event)
        case _:
            assert_never(event)


def _minutes(event: MinutesSent | MinutesCorrected | ApprovedMinutesSent) -> Minutes:
    return Minutes(
        session=event.session,
        appointment=event.appointment,
        document=event.document,
        protocol=event.protocol,
        edition=event.edition,
        reason=event.reason if isinstance(event, MinutesCorrected) else None,
        objections_until=None if isinstance(event, ApprovedMinutesSent) else event.objections_until,
        approved=True if isinstance(event, ApprovedMinutesSent) else None,
    )


def _invitation(event: Invites) -> Invitation:
    return Invitation(
        session=event.session,
        session_kind=event.kind,
        issue=event.issue,
        appointment=event.appointment,
        agenda=event.agenda,
        voting_seats=event.voting_seats,
        quorum=event.quorum,
        short_notice=event.reason if isinstance(event, InvitationIssued) else None,
        second_of=event.second_of,
        as_deputy=True if isinstance(event, DeputyInvited) else None,
    )


def recipients_of(event: Tells, conference: ConferenceSlug) -> dict[PersonId, Slug | None]:
    """A person with two seats gets one mail, for the first seat. A farewell is not sent long afterwards."""
    match event:
        case HolderLeft(long_ago=True):
            return {}
        case DelegateAppointed() | PostHolderChanged() | HolderLeft():
            return {event.person: event.seat}
        case ContactCorrected():
            return {event.person: None}
        case AnswersMissing():
            return {office_in(conference): None}
        case _:
            return {to.person: to.seat for to in reversed(event.recipients)}
