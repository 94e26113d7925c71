"""What a session knows of itself, from its first date to its approved minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, assert_never

from services.meetings.domain.session_events import Decided, SessionEvent, as_decided
from shared.contracts.meetings import (
    AgendaChanged,
    AgendaItem,
    AgendaSupplemented,
    Answer,
    AnswersMissing,
    Appointment,
    ApprovedMinutesSent,
    ArrivalRecorded,
    AttendanceCorrected,
    AttendanceWithdrawn,
    ConsensusRecorded,
    DeadlineStageReached,
    DecisionCorrected,
    DepartureRecorded,
    DeputyInvited,
    GuestAdmitted,
    GuestInvited,
    InvitationAnswered,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    MinutesApproved,
    MinutesCorrected,
    MinutesDraftDue,
    MinutesDrafted,
    MinutesObjected,
    MinutesSent,
    Missed,
    ObjectionRejected,
    Protocol,
    QuorumEstablished,
    QuorumMissed,
    Recipient,
    SessionCancelled,
    SessionClosed,
    SessionKind,
    SessionOpened,
    SessionRescheduled,
    SessionScheduled,
    VoteRecorded,
)
from shared.kernel.decider import Command
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.kernel.text import Line
from shared.kernel.time import local_day

# State

Stay = tuple[datetime | None, datetime | None]
Stage = Literal["planned", "open", "closed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Session:
    stage: Stage | None = None
    kind: SessionKind = "plenary"
    working_group: Slug | None = None
    appointment: Appointment | None = None
    second_of: Missed | None = None
    agenda: tuple[AgendaItem, ...] = ()
    guests: tuple[PersonId, ...] = ()
    invitation: InvitationIssued | None = None
    """The newest issue, as it was issued."""
    invited: tuple[Recipient, ...] = ()
    """Everybody who has it and whom it still concerns."""
    deputies: tuple[Recipient, ...] = ()
    """Those of them who are invited in place of a seat's holder."""
    agenda_told: tuple[AgendaItem, ...] = ()
    """As everybody invited knows it."""
    told_at: Mapping[PersonId, datetime] = field(default_factory=dict)
    """When each was last told of the appointment."""
    announced_at: datetime | None = None
    """When everybody was last told of it."""
    edition: int = 0
    """Counts the changes of its recipients or content."""
    answers: Mapping[PersonId, Answer] = field(default_factory=dict)
    """Answers to the present appointment."""
    reminded: date | None = None
    """The session day that people were reminded of."""
    present: tuple[Recipient, ...] = ()
    stays: Mapping[Recipient, Stay] = field(default_factory=dict)
    """For everybody who was there the last arrival and departure; None where no time was given."""
    quorate: bool | None = None
    decided: Mapping[int, Decided] = field(default_factory=dict)
    """By the number of the agenda item, as it was corrected last."""
    opened_at: datetime | None = None
    """Old events do not say so."""
    minutes_due: date | None = None
    """The day by which its minutes are to be drafted; None if the rules in its invitation name none."""
    announced: frozenset[MinutesDraftDue] = frozenset()
    """The announced stages of it."""
    minutes: Literal["drafted", "sent", "approved"] | None = None
    document: Line | None = None
    protocol: Protocol | None = None
    cancelled: SessionCancelled | None = None
    written: int = 0
    """How many editions of the minutes were sent."""
    objections_until: date | None = None
    objections: frozenset[tuple[PersonId, int, Line]] = frozenset()
    """The open objections: by person, agenda item and text."""

    def stays_away(self, person: PersonId) -> bool:
        return self.answers.get(person) in ("decline", "deputy")

    @property
    def seats_present(self) -> int:
        """Seats, not heads: guests have none, and one person may fill two."""
        return len({attendee.seat for attendee in self.present if attendee.seat})

    def places_of(self, person: PersonId) -> tuple[Recipient, ...]:
        """The places in which a person may attend: each invited seat, or as a guest."""
        invited = tuple(recipient for recipient in self.invited if recipient.person == person)
        as_guest = (Recipient(person=person, seat=None),) if person in self.guests else ()
        return invited or as_guest


def evolve(session: Session, event: SessionEvent) -> Session:
    match event:
        case SessionScheduled():
            return replace(
                session,
                stage="planned",
                kind=event.kind,
                working_group=event.working_group,
                appointment=event.appointment,
                second_of=event.second_of,
            )
        case AgendaChanged():
            return replace(session, agenda=event.agenda)
        case GuestAdmitted():
            return replace(session, guests=(*session.guests, event.person))
        case InvitationIssued():
            return _issued(session, event)
        case InvitationExtended():
            return _told(replace(session, invited=(*session.invited, *event.places)), event)
        case GuestInvited():
            return _told(replace(session, invited=(*session.invited, *event.recipients)), event)
        case DeputyInvited():
            return _deputized(session, event)
        case InvitationWithdrawn():
            return _withdrawn(session, event)
        case AgendaSupplemented():
            return replace(session, agenda=event.agenda, agenda_told=event.agenda, edition=session.edition + 1)
        case SessionRescheduled():
            moved = replace(session, appointment=event.appointment, answers={}, announced_at=event.told_at)
            return _told(moved, event)
        case SessionCancelled():
            return replace(session, stage="cancelled", cancelled=event)
        case InvitationAnswered():
            return replace(session, answers={**session.answers, event.person: event.answer})
        case DeadlineStageReached():
            return replace(session, reminded=local_day(event.appointment.starts))
        case ArrivalRecorded():
            return _stayed(session, _attendee(event), event.arrived_at, None)
        case DepartureRecorded():
            since = session.stays.get(_attendee(event), (None, None))[0]
            return _stayed(session, _attendee(event), since, event.left_at, is_gone=True)
        case AttendanceCorrected():
            is_gone = event.left_at is not None
            return _stayed(session, _attendee(event), event.arrived_at, event.left_at, is_gone=is_gone)
        case AttendanceWithdrawn():
            return _never_came(session, (_attendee(event),))
        case SessionOpened():
            return replace(session, stage="open", opened_at=event.opened_at)
        case QuorumEstablished() | QuorumMissed():
            return replace(session, quorate=isinstance(event, QuorumEstablished))
        case ConsensusRecorded() | VoteRecorded():
            return replace(session, decided={**session.decided, event.item: event})
        case DecisionCorrected():
            return replace(session, decided={**session.decided, event.item: as_decided(event)})
        case SessionClosed():
            return replace(session, stage="closed", minutes_due=event.minutes_due)
        case MinutesDraftDue():
            return replace(session, announced=session.announced | {event})
        case MinutesDrafted():
            return replace(session, minutes="drafted", document=event.document, protocol=event.protocol)
        case MinutesSent():
            return replace(
                session, minutes="sent", written=1, protocol=event.protocol, objections_until=event.objections_until
            )
        case MinutesCorrected():
            return _corrected(session, event)
        case MinutesObjected():
            return replace(session, objections=session.objections | {(event.person, event.item, event.text)})
        case ObjectionRejected():
            meant = event.person, event.item
            return replace(session, objections=frozenset(one for one in session.objections if one[:2] != meant))
        case MinutesApproved():
            return replace(session, minutes="approved")
        case ApprovedMinutesSent() | AnswersMissing():
            return session
        case _:
            assert_never(event)


def _issued(session: Session, event: InvitationIssued) -> Session:
    """In old events a copy of the same issue went to a guest who was admitted later."""
    if session.invitation and session.invitation.issue == event.issue:
        return _told(replace(session, invited=(*session.invited, *event.recipients)), event)
    issued = replace(session, invitation=event, invited=event.recipients, deputies=(), agenda_told=event.agenda)
    return _told(replace(issued, announced_at=event.told_at), event)


def _deputized(session: Session, event: DeputyInvited) -> Session:
    invited, deputies = (*session.invited, *event.recipients), (*session.deputies, *event.recipients)
    return _told(replace(session, invited=invited, deputies=deputies), event)


def _told(
    session: Session, event: InvitationIssued | InvitationExtended | GuestInvited | DeputyInvited | SessionRescheduled
) -> Session:
    """Old events do not say when; it was long ago."""
    told = {to.person: event.told_at for to in event.recipients if event.told_at}
    return replace(session, told_at={**session.told_at, **told}, edition=session.edition + 1)


def _withdrawn(session: Session, event: InvitationWithdrawn) -> Session:
    """A person who is not invited any more has no answer and no attendance."""
    invited = tuple(place for place in session.invited if place not in event.places)
    people = {place.person for place in invited}
    return replace(
        _never_came(session, event.places),
        invited=invited,
        deputies=tuple(place for place in session.deputies if place not in event.places),
        answers={person: answer for person, answer in session.answers.items() if person in people},
        edition=session.edition + 1,
    )


def _stayed(
    session: Session, who: Recipient, since: datetime | None, until: datetime | None, *, is_gone: bool = False
) -> Session:
    others = tuple(attendee for attendee in session.present if attendee != who)
    present = others if is_gone else (*others, who)
    return replace(session, present=present, stays={**session.stays, who: (since, until)})


def _never_came(session: Session, places: tuple[Recipient, ...]) -> Session:
    present = tuple(attendee for attendee in session.present if attendee not in places)
    stays = {place: stay for place, stay in session.stays.items() if place not in places}
    return replace(session, present=present, stays=stays)


def _corrected(session: Session, event: MinutesCorrected) -> Session:
    """A new text for an item answers the objections to it."""
    known = session.protocol.items if session.protocol else ()
    same = {one.item.number for one in event.protocol.items if one in known}
    return replace(
        session,
        written=event.edition,
        protocol=event.protocol,
        objections_until=event.objections_until,
        objections=frozenset(one for one in session.objections if one[1] in same),
    )


def _attendee(event: ArrivalRecorded | DepartureRecorded | AttendanceCorrected | AttendanceWithdrawn) -> Recipient:
    return Recipient(person=event.person, seat=event.seat)


# Commands


class AboutSession(Command):
    session: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "session", self.session)
