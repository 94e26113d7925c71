"""What the members service tells the world: who may send delegates, which seats there are and who fills them.

Source of the words: council paper GRDrs 905/2023, lines 145-233. People are opaque ids here.
"""

from shared.contracts.members.conference import (
    ConferenceCorrected,
    ConferenceEstablished,
    ConferenceEstablishedV1,
    ContactCorrected,
    GuestPoolInvited,
    Months,
    PersonErased,
    PersonRecorded,
    QuorumPercent,
    RulesChanged,
    RulesOfProcedure,
    RulesOfProcedureV1,
    RulesVersion,
)
from shared.contracts.members.earlier_conference import EarlierConferenceCarriedOver
from shared.contracts.members.guest_pools import GuestPoolJoined, GuestPoolLeft
from shared.contracts.members.mandates import (
    DelegateAppointed,
    DeputyAppointed,
    DeputyEnded,
    EndReason,
    HolderLeft,
    MandateCorrected,
    MandateEnded,
    MandateWithdrawn,
    PostHolderChanged,
    PostVacated,
    Role,
    SeatVacated,
)
from shared.contracts.members.open_point import OpenPointSettled, ReactionRefused
from shared.contracts.members.seat_groups import (
    DelegateNominated,
    EntitlementChanged,
    NominationConfirmed,
    NominationReturned,
    OrganisationCorrected,
    OrganisationRegistered,
    SeatGroupCorrected,
    SeatGroupOpened,
)
from shared.contracts.members.working_groups import (
    WorkingGroupClosed,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeadNamed,
    WorkingGroupLeft,
)

SERVICE = "members"

__all__ = [
    "SERVICE",
    "ConferenceCorrected",
    "ConferenceEstablished",
    "ConferenceEstablishedV1",
    "ContactCorrected",
    "DelegateAppointed",
    "DelegateNominated",
    "DeputyAppointed",
    "DeputyEnded",
    "EarlierConferenceCarriedOver",
    "EndReason",
    "EntitlementChanged",
    "GuestPoolInvited",
    "GuestPoolJoined",
    "GuestPoolLeft",
    "HolderLeft",
    "MandateCorrected",
    "MandateEnded",
    "MandateWithdrawn",
    "Months",
    "NominationConfirmed",
    "NominationReturned",
    "OpenPointSettled",
    "OrganisationCorrected",
    "OrganisationRegistered",
    "PersonErased",
    "PersonRecorded",
    "PostHolderChanged",
    "PostVacated",
    "QuorumPercent",
    "ReactionRefused",
    "Role",
    "RulesChanged",
    "RulesOfProcedure",
    "RulesOfProcedureV1",
    "RulesVersion",
    "SeatGroupCorrected",
    "SeatGroupOpened",
    "SeatVacated",
    "WorkingGroupClosed",
    "WorkingGroupCorrected",
    "WorkingGroupEstablished",
    "WorkingGroupJoined",
    "WorkingGroupLeadNamed",
    "WorkingGroupLeft",
]
