"""All that happens to a session."""

from __future__ import annotations

from shared.contracts.meetings import (
    AgendaChanged,
    AgendaSupplemented,
    AnswersMissing,
    ApprovedMinutesSent,
    ArrivalRecorded,
    AttendanceCorrected,
    AttendanceWithdrawn,
    ConsensusRecorded,
    DeadlineStageReached,
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
    ObjectionRejected,
    QuorumEstablished,
    QuorumMissed,
    SessionCancelled,
    SessionClosed,
    SessionOpened,
    SessionRescheduled,
    SessionScheduled,
    VoteRecorded,
)

SessionEvent = (
    SessionScheduled
    | AgendaChanged
    | GuestAdmitted
    | InvitationIssued
    | InvitationExtended
    | InvitationWithdrawn
    | GuestInvited
    | DeputyInvited
    | AgendaSupplemented
    | SessionRescheduled
    | SessionCancelled
    | InvitationAnswered
    | DeadlineStageReached
    | AnswersMissing
    | ArrivalRecorded
    | DepartureRecorded
    | AttendanceCorrected
    | AttendanceWithdrawn
    | SessionOpened
    | QuorumEstablished
    | QuorumMissed
    | ConsensusRecorded
    | VoteRecorded
    | SessionClosed
    | MinutesDrafted
    | MinutesDraftDue
    | MinutesSent
    | MinutesCorrected
    | MinutesObjected
    | ObjectionRejected
    | MinutesApproved
    | ApprovedMinutesSent
)
