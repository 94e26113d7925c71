"""Who is written to because of what, and why; and of every other event why nobody is. A table for people and tests.

What each mail says follows from its event (``contents.py``); here stands that nothing was forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.contracts import meetings, members
from shared.kernel.decider import Event


@dataclass(frozen=True, slots=True)
class Told:
    """``kind`` is the kind of mail; ``to`` and ``why`` are words for the office."""

    kind: str
    to: str
    why: str


_INVITED = "alle, die eingeladen sind"

TOLD: Mapping[type[Event], Told] = {
    members.DelegateAppointed: Told("welcome", "wer den Sitz erhält", "Beginn des Mandats"),
    members.PostHolderChanged: Told("welcome", "wer das Amt übernimmt", "Sitz kraft Amtes"),
    members.HolderLeft: Told("farewell", "wer den Sitz hatte", "Abschied, bis zwei Wochen danach"),
    members.ContactCorrected: Told("contact", "wessen Kontaktdaten berichtigt sind", "so wird künftig geschrieben"),
    meetings.InvitationIssued: Told("invitation", "alle, die die Sitzung betrifft", "Einladung mit Tagesordnung"),
    meetings.InvitationExtended: Told("invitation", "wer nach der Einladung dazukam", "Einladung mit Tagesordnung"),
    meetings.GuestInvited: Told("invitation", "wer als Gast zugelassen ist", "Einladung mit Tagesordnung"),
    meetings.DeputyInvited: Told("invitation", "die Stellvertretung des Sitzes", "das Mitglied kommt nicht"),
    meetings.InvitationWithdrawn: Told("withdrawal", "wen die Sitzung nicht mehr betrifft", "Termin streichen"),
    meetings.AgendaSupplemented: Told("supplement", _INVITED, "weitere Tagesordnungspunkte"),
    meetings.SessionRescheduled: Told("update", _INVITED, "andere Zeit oder anderer Ort"),
    meetings.SessionCancelled: Told("cancellation", _INVITED, "die Sitzung findet nicht statt"),
    meetings.DeadlineStageReached: Told("reminder", "alle, die nicht abgesagt haben", "die Sitzung ist bald"),
    meetings.AnswersMissing: Told("answers", "die Geschäftsstelle", "Sitze haben nicht geantwortet"),
    meetings.MinutesSent: Told("minutes", _INVITED, "Niederschrift und Frist für Einwendungen"),
    meetings.MinutesCorrected: Told("minutes", _INVITED, "neue Fassung der Niederschrift"),
    meetings.ApprovedMinutesSent: Told("minutes", _INVITED, "genehmigte Niederschrift"),
}

BY_DAY: Mapping[str, Told] = {
    "digest": Told("digest", "die Geschäftsstelle", "jede Woche, was offen ist"),
}
"""Mails that follow from a day and not from an event, by kind."""

_OFFICE = "it is the office's own work, and seen on its pages"
_ON_THE_DAY = "it happens in the room, and the minutes tell it"
_INVITATION_TELLS = "whoever it concerns learns of it with the invitation"
_DRAFT = "it is not said to anybody before it is sent"
_PAPERS = "papers and recommendations go their own way through the administration"
_ORGANISATION = "an organisation has no mailbox here: the office asks it"
_SEAT_ENDS = "whoever had the seat is told once it is over; open invitations are withdrawn by a mail of their own"
_RECORDED = "it corrects or records what was so already"

SILENT: Mapping[type[Event], str] = {
    **dict.fromkeys(
        (members.ReactionRefused, members.OpenPointSettled, meetings.ReactionRefused, meetings.OpenPointSettled),
        _OFFICE,
    ),
    **dict.fromkeys((members.ConferenceEstablished, members.ConferenceCorrected, members.RulesChanged), _OFFICE),
    members.EarlierConferenceCarriedOver: "it is history: whoever was there has been told by others",
    **dict.fromkeys((members.SeatGroupOpened, members.SeatGroupCorrected, members.EntitlementChanged), _OFFICE),
    **dict.fromkeys((members.OrganisationRegistered, members.OrganisationCorrected), _ORGANISATION),
    **dict.fromkeys(
        (members.DelegateNominated, members.NominationConfirmed, members.NominationReturned), _ORGANISATION
    ),
    **dict.fromkeys((members.MandateEnded, members.DeputyEnded, members.MandateWithdrawn), _SEAT_ENDS),
    **dict.fromkeys((members.SeatVacated, members.PostVacated), _SEAT_ENDS),
    **dict.fromkeys((members.MandateCorrected, members.PersonRecorded), _RECORDED),
    members.DeputyAppointed: "a deputy is written to when the seat's holder does not come",
    members.PersonErased: "nobody is written to any more",
    **dict.fromkeys((members.GuestPoolInvited, members.GuestPoolJoined, members.GuestPoolLeft), _INVITATION_TELLS),
    **dict.fromkeys((members.WorkingGroupEstablished, members.WorkingGroupCorrected), _OFFICE),
    **dict.fromkeys((members.WorkingGroupLeadNamed, members.WorkingGroupClosed), _OFFICE),
    **dict.fromkeys((members.WorkingGroupJoined, members.WorkingGroupLeft), _INVITATION_TELLS),
    **dict.fromkeys((meetings.SessionScheduled, meetings.AgendaChanged, meetings.GuestAdmitted), _INVITATION_TELLS),
    meetings.InvitationAnswered: "it is their own answer, and the page of answers confirms it",
    **dict.fromkeys((meetings.ArrivalRecorded, meetings.DepartureRecorded), _ON_THE_DAY),
    **dict.fromkeys((meetings.AttendanceCorrected, meetings.AttendanceWithdrawn), _RECORDED),
    **dict.fromkeys((meetings.SessionOpened, meetings.SessionClosed), _ON_THE_DAY),
    **dict.fromkeys((meetings.QuorumEstablished, meetings.QuorumMissed), _ON_THE_DAY),
    **dict.fromkeys((meetings.ConsensusRecorded, meetings.VoteRecorded), _ON_THE_DAY),
    meetings.DecisionCorrected: "whoever has the minutes gets their next edition, which tells it",
    meetings.MinutesDrafted: _DRAFT,
    **dict.fromkeys((meetings.MinutesObjected, meetings.ObjectionRejected), _OFFICE),
    meetings.MinutesApproved: "whoever was invited gets the approved minutes by an event of their own",
    **dict.fromkeys((meetings.RecommendationDrafted, meetings.RecommendationSubmitted), _PAPERS),
    **dict.fromkeys((meetings.RecommendationAdopted, meetings.RecommendationReported), _PAPERS),
    **dict.fromkeys((meetings.RecommendationRevised, meetings.RecommendationReferredBack), _PAPERS),
    **dict.fromkeys((meetings.RecommendationRejected, meetings.RecommendationWithdrawn), _PAPERS),
    **dict.fromkeys((meetings.RecommendationSuperseded, meetings.RecommendationAddressed), _PAPERS),
    **dict.fromkeys((meetings.RecommendationAnswered, meetings.ResponseCorrected), _PAPERS),
    **dict.fromkeys((meetings.AddresseeWithdrawn, meetings.AdoptionTakenBack), _PAPERS),
    **dict.fromkeys((meetings.ReportingRequired, meetings.ReportDue), _OFFICE),
    **dict.fromkeys((meetings.ReportSubmitted, meetings.ReportWithdrawn), _OFFICE),
    **dict.fromkeys((meetings.ResponseDue, meetings.CoSignatureDue, meetings.MinutesDraftDue), _OFFICE),
    **dict.fromkeys((meetings.PaperDrafted, meetings.PaperIssued, meetings.PaperDecided), _PAPERS),
    **dict.fromkeys((meetings.PaperWritten, meetings.PaperCorrected, meetings.PaperSuperseded), _PAPERS),
    **dict.fromkeys((meetings.SupersessionClaimed, meetings.SupersessionReleased), _PAPERS),
    meetings.MotionItemDecided: _PAPERS,
    **dict.fromkeys((meetings.FocusAreaSet, meetings.FocusAreaChanged, meetings.FocusAreaEnded), _OFFICE),
    **dict.fromkeys((meetings.CoSignatureRequested, meetings.PaperCoSigned, meetings.CoSignatureRefused), _PAPERS),
}
