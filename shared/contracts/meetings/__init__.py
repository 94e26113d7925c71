"""What the meetings service tells the world: sessions, invitations, recommendations and council papers.

Whoever has to be written to because of an event stands in it as ``recipients`` (opaque ids), frozen when it
was decided: nobody downstream has to guess who was meant.
"""

from shared.contracts.meetings.invitation import (
    AgendaSupplemented,
    DeputyInvited,
    GuestInvited,
    InvitationExtended,
    InvitationWithdrawn,
)
from shared.contracts.meetings.open_point import OpenPointSettled, ReactionRefused
from shared.contracts.meetings.paper import (
    CoSignatureRefused,
    CoSignatureRequested,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
)
from shared.contracts.meetings.recommendation import (
    RecommendationAdopted,
    RecommendationDrafted,
    RecommendationReported,
    RecommendationSubmitted,
)
from shared.contracts.meetings.session import (
    AgendaChanged,
    AgendaItem,
    Answer,
    Appointment,
    Count,
    DeadlineStageReached,
    GuestAdmitted,
    InvitationAnswered,
    InvitationIssued,
    Issue,
    Recipient,
    Seats,
    SessionCancelled,
    SessionKind,
    SessionRescheduled,
    SessionScheduled,
    Tally,
)
from shared.contracts.meetings.session_held import (
    ArrivalRecorded,
    AttendanceCorrected,
    AttendanceWithdrawn,
    ConsensusRecorded,
    DepartureRecorded,
    MinutesApproved,
    MinutesDrafted,
    MinutesSent,
    QuorumEstablished,
    QuorumMissed,
    SessionClosed,
    SessionOpened,
    VoteRecorded,
)

SERVICE = "meetings"

__all__ = [
    "AgendaChanged",
    "AgendaItem",
    "AgendaSupplemented",
    "Answer",
    "Appointment",
    "ArrivalRecorded",
    "AttendanceCorrected",
    "AttendanceWithdrawn",
    "CoSignatureRefused",
    "CoSignatureRequested",
    "ConsensusRecorded",
    "Count",
    "DeadlineStageReached",
    "DepartureRecorded",
    "DeputyInvited",
    "GuestAdmitted",
    "GuestInvited",
    "InvitationAnswered",
    "InvitationExtended",
    "InvitationIssued",
    "InvitationWithdrawn",
    "Issue",
    "MinutesApproved",
    "MinutesDrafted",
    "MinutesSent",
    "OpenPointSettled",
    "PaperCoSigned",
    "PaperDecided",
    "PaperDrafted",
    "PaperIssued",
    "QuorumEstablished",
    "QuorumMissed",
    "ReactionRefused",
    "Recipient",
    "RecommendationAdopted",
    "RecommendationDrafted",
    "RecommendationReported",
    "RecommendationSubmitted",
    "Seats",
    "SessionCancelled",
    "SessionClosed",
    "SessionKind",
    "SessionOpened",
    "SessionRescheduled",
    "SessionScheduled",
    "Tally",
    "VoteRecorded",
]
