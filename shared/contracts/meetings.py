"""What the meetings service tells the world: sessions, invitations, recommendations and council papers.

Whoever has to be written to because of an event stands in it as ``recipients`` (opaque ids), frozen when it
was decided: nobody downstream has to guess who was meant.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.open_points import RefusedReaction, SettledPoint
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug, StreamPosition
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import LeftOut, Value

SERVICE = "meetings"

Count = Annotated[int, Field(ge=0, le=10_000)]
Tally = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""What was counted or added up, never typed by anybody; as large as a calendar's numbers may be (RFC 5545, 3.3.8)."""

SessionKind = Literal["plenary", "working_group", "workshop"]
Answer = Literal["accept", "decline", "deputy"]


class Recipient(Value):
    """Somebody to write to; ``seat`` is None for guests."""

    person: PersonId
    seat: Slug | None


class AgendaItem(Value):
    number: Annotated[int, Field(ge=1, le=99)]
    title: Line
    public: bool


class Appointment(Value):
    """What a calendar shows. ``revision`` is its SEQUENCE: raised by another start, end or place only."""

    title: Line
    starts: UtcTime
    ends: UtcTime
    place: Line
    revision: Tally


class SessionScheduled(Event):
    """Session {session} is scheduled."""

    session: Slug
    kind: SessionKind
    working_group: Slug | None
    appointment: Appointment


class AgendaChanged(Event):
    """Session {session} has a new agenda."""

    session: Slug
    agenda: tuple[AgendaItem, ...]


class GuestAdmitted(Event):
    """{person} may attend session {session} as a guest."""

    session: Slug
    person: PersonId


class InvitationIssued(Event):
    """Invitation {issue} to session {session} is issued."""

    session: Slug
    issue: Tally
    kind: SessionKind
    appointment: Appointment
    agenda: tuple[AgendaItem, ...]
    voting_seats: Tally
    recipients: tuple[Recipient, ...]
    snapshot: str
    """SHA-256 of appointment, agenda, seats and recipients as they were: it proves what people were told."""
    quorum: Tally = 0
    """Seats that must be present, by the rules of that day; 0 where no quorum is needed."""
    reminder_days: Count = 0
    """How many days before the start a reminder follows."""
    reason: Line | None = None
    """Why the notice may be shorter than the rules allow."""
    known_up_to: LeftOut[tuple[StreamPosition, ...] | None] = None
    """Where the office wanted it issued without waiting: the streams of members that the recipients were taken from."""


class SessionRescheduled(Event):
    """Session {session} is moved."""

    session: Slug
    appointment: Appointment
    recipients: tuple[Recipient, ...]


class SessionCancelled(Event):
    """Session {session} is cancelled."""

    session: Slug
    appointment: Appointment
    reason: Line
    recipients: tuple[Recipient, ...]


class InvitationAnswered(Event):
    """{person} answers the invitation to {session}: {answer}."""

    session: Slug
    person: PersonId
    seat: Slug | None
    answer: Answer


class DeadlineStageReached(Event):
    """Session {session} begins soon: its reminder is due."""

    session: Slug
    deadline: Literal["session"]
    appointment: Appointment
    recipients: tuple[Recipient, ...]


class ArrivalRecorded(Event):
    """{person} arrives at session {session}."""

    session: Slug
    person: PersonId
    seat: Slug | None


class DepartureRecorded(Event):
    """{person} leaves session {session}."""

    session: Slug
    person: PersonId
    seat: Slug | None


class SessionOpened(Event):
    """Session {session} is opened."""

    session: Slug


class QuorumEstablished(Event):
    """Session {session} has its quorum: {present} of {voting_seats} seats, {needed} needed."""

    session: Slug
    present: Tally
    voting_seats: Tally
    needed: Tally


class QuorumMissed(Event):
    """Session {session} misses its quorum: {present} of {voting_seats} seats, {needed} needed."""

    session: Slug
    present: Tally
    voting_seats: Tally
    needed: Tally


class ConsensusRecorded(Event):
    """Session {session} agrees on agenda item {item}."""

    session: Slug
    item: Count
    recommendation: Slug | None
    present: Tally


class VoteRecorded(Event):
    """Session {session} votes on agenda item {item}: {yes} yes, {no} no, {abstentions} abstentions."""

    session: Slug
    item: Count
    recommendation: Slug | None
    yes: Count
    no: Count
    abstentions: Count
    present: Tally
    carried: bool


class SessionClosed(Event):
    """Session {session} is closed."""

    session: Slug


class MinutesDrafted(Event):
    """The minutes of session {session} are drafted."""

    session: Slug
    document: Line


class MinutesSent(Event):
    """The minutes of session {session} are sent."""

    session: Slug
    document: Line
    appointment: Appointment
    recipients: tuple[Recipient, ...]


class MinutesApproved(Event):
    """The minutes of session {session} are approved."""

    session: Slug


class RecommendationDrafted(Event):
    """{working_group} drafts recommendation {recommendation}."""

    recommendation: Slug
    working_group: Slug
    title: Line


class RecommendationSubmitted(Event):
    """Recommendation {recommendation} is submitted to session {session}."""

    recommendation: Slug
    session: Slug


class RecommendationAdopted(Event):
    """Recommendation {recommendation} is adopted by session {session}."""

    recommendation: Slug
    session: Slug
    by: Literal["consensus", "majority"]


class RecommendationReported(Event):
    """Recommendation {recommendation} is reported to the committee."""

    recommendation: Slug
    committee: Line
    on: date


class PaperDrafted(Event):
    """Council paper {reference} is drafted."""

    paper: Slug
    reference: Line
    title: Line
    kind: Literal["decision", "information"]


class CoSignatureRequested(Event):
    """{department} is asked to co-sign paper {paper}."""

    paper: Slug
    department: Slug


class PaperCoSigned(Event):
    """{department} co-signs paper {paper}."""

    paper: Slug
    department: Slug
    note: Line | None


class CoSignatureRefused(Event):
    """{department} refuses to co-sign paper {paper}."""

    paper: Slug
    department: Slug


class PaperIssued(Event):
    """Paper {paper} is issued."""

    paper: Slug
    on: date


class PaperDecided(Event):
    """The committee decides on paper {paper}: {decision}."""

    paper: Slug
    committee: Line
    on: date
    decision: Literal["adopted", "rejected", "postponed", "noted"]


class ReactionRefused(RefusedReaction):
    """Rule {rule} of {about} refuses {command}, which {reaction} wanted after {reacted_to}: open point {point}."""


class OpenPointSettled(SettledPoint):
    """Open point {point} is settled: {reason}."""
