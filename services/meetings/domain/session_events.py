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
    | DecisionCorrected
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


Decided = ConsensusRecorded | VoteRecorded


def as_decided(corrected: DecisionCorrected) -> Decided:
    """The decision as if it had been recorded so at once."""
    told = corrected.model_dump(include=set(ConsensusRecorded.model_fields))
    if corrected.by == "consensus":
        return ConsensusRecorded(**told)
    return VoteRecorded(
        **told,
        yes=corrected.yes or 0,
        no=corrected.no or 0,
        abstentions=corrected.abstentions or 0,
        carried=corrected.carried,
    )


def is_carried(decided: Decided) -> bool:
    return isinstance(decided, ConsensusRecorded) or decided.carried
