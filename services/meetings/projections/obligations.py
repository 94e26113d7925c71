"""What is owed around meetings, and by whom: answers to recommendations, co-signatures, drafts of minutes, reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import assert_never

from services.meetings.domain.committee_report import AnnounceReport, ReportEvent
from services.meetings.domain.paper_signatures import AnnounceCoSignatures
from services.meetings.domain.recommendation_answers import AnnounceResponses
from services.meetings.domain.session_minutes_due import AnnounceMinutesDraft
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    AddresseeWithdrawn,
    AdoptionTakenBack,
    CoSignatureDue,
    CoSignatureRefused,
    CoSignatureRequested,
    MinutesDraftDue,
    MinutesDrafted,
    PaperCoSigned,
    PaperDrafted,
    PaperIssued,
    RecommendationAddressed,
    RecommendationAdopted,
    RecommendationAnswered,
    RecommendationDrafted,
    RecommendationRevised,
    RecommendationSuperseded,
    ReportDue,
    ReportingRequired,
    ReportSubmitted,
    ReportWithdrawn,
    ResponseDue,
    SessionClosed,
)
from shared.declarations.obligations import PROJECTION, Owed, all_done, done, due_in, name_of, owe, said, with_due
from shared.declarations.projection import Document, projection
from shared.declarations.reaction import Deadline

Asked = RecommendationAddressed | AddresseeWithdrawn | RecommendationAnswered | ResponseDue
Adoption = RecommendationAdopted | AdoptionTakenBack
ResponseEvent = RecommendationDrafted | RecommendationRevised | Adoption | RecommendationSuperseded | Asked
CoSignatureEvent = (
    PaperDrafted | CoSignatureRequested | PaperCoSigned | CoSignatureRefused | PaperIssued | CoSignatureDue
)
MinutesEvent = SessionClosed | MinutesDrafted | MinutesDraftDue

OFFICE = "office"


def fold_obligations(
    document: Document | None, event: ResponseEvent | CoSignatureEvent | MinutesEvent | ReportEvent, envelope: Envelope
) -> Document:
    before = document or {"owed": {}, "due": None}
    if isinstance(event, ReportEvent):
        return _report(before, event, envelope.time)
    if isinstance(event, MinutesEvent):
        return _minutes_draft(before, event, envelope.time)
    if isinstance(event, ResponseEvent):
        return _responses(before, event, envelope.time)
    return _co_signatures(before, event, envelope.time)


def _responses(before: Document, event: ResponseEvent, at: datetime) -> Document:
    match event:
        case RecommendationDrafted():
            told = {"recommendation": event.recommendation, "title": event.title}
            return {**before, **told, "adopted": False, "addressed": {}}
        case RecommendationRevised():
            return {**before, "title": event.title}
        case RecommendationAdopted():
            return _answers_owed({**before, "adopted": True}, at, before["addressed"])
        case AdoptionTakenBack():
            return with_due({**before, "adopted": False}, all_done(before["owed"]))
        case RecommendationAddressed():
            told = {"name": event.name, "due_on": event.due_on.isoformat()}
            addressed = {**before["addressed"], event.addressee: told}
            return _answers_owed({**before, "addressed": addressed}, at, [event.addressee])
        case AddresseeWithdrawn():
            addressed = {name: told for name, told in before["addressed"].items() if name != event.addressee}
            owed = done(before["owed"], name_of(ResponseDue, event.addressee))
            return with_due({**before, "addressed": addressed}, owed)
        case RecommendationAnswered():
            return with_due(before, done(before["owed"], name_of(ResponseDue, event.addressee)))
        case RecommendationSuperseded():
            return with_due(before, all_done(before["owed"]))
        case ResponseDue():
            return with_due(before, said(before["owed"], event, event.addressee))
        case _:
            assert_never(event)


def _answers_owed(before: Document, at: datetime, addressees: Iterable[str]) -> Document:
    """Answers that are due from these addressees, from the adoption on. Answers of others stay as they are."""
    owed: Owed = before["owed"]
    for addressee in addressees if before["adopted"] else ():
        told = before["addressed"][addressee]
        says = {"recommendation": before["recommendation"], "title": before["title"], "addressee": addressee}
        day = date.fromisoformat(told["due_on"])
        owed = owe(owed, ResponseDue, day, at, to=told["name"], subject=addressee, name=told["name"], **says)
    return with_due(before, owed)


def _co_signatures(before: Document, event: CoSignatureEvent, at: datetime) -> Document:
    owed: Owed = before["owed"]
    match event:
        case PaperDrafted():
            return {**before, "paper": event.paper, "reference": event.reference}
        case CoSignatureRequested():
            return with_due(before, _co_signature_owed(before, event, at))
        case PaperCoSigned() | CoSignatureRefused():
            return with_due(before, done(owed, name_of(CoSignatureDue, event.department)))
        case PaperIssued():
            return with_due(before, all_done(owed))
        case CoSignatureDue():
            return with_due(before, said(owed, event, event.department))
        case _:
            assert_never(event)


def _co_signature_owed(before: Document, event: CoSignatureRequested, at: datetime) -> Owed:
    if event.due_on is None:
        return done(before["owed"], name_of(CoSignatureDue, event.department))
    told = {"paper": event.paper, "reference": before["reference"], "department": event.department}
    return owe(before["owed"], CoSignatureDue, event.due_on, at, to=event.department, subject=event.department, **told)


def _minutes_draft(before: Document, event: MinutesEvent, at: datetime) -> Document:
    known = {**before, "session": event.session}
    owed: Owed = known["owed"]
    match event:
        case SessionClosed():
            due_on = event.minutes_due
            owed = owe(owed, MinutesDraftDue, due_on, at, to=OFFICE, session=event.session) if due_on else owed
            return with_due(known, owed)
        case MinutesDrafted():
            return with_due(known, done(owed, name_of(MinutesDraftDue)))
        case MinutesDraftDue():
            return with_due(known, said(owed, event))
        case _:
            assert_never(event)


def _report(before: Document, event: ReportEvent, at: datetime) -> Document:
    known = {**before, "report": True}
    match event:
        case ReportingRequired():
            return with_due(known, owe(known["owed"], ReportDue, event.due_on, at, to=OFFICE))
        case ReportSubmitted() | ReportWithdrawn():
            return with_due(known, _report_owed(known, event, at))
        case ReportDue():
            reached = {**known.get("reached", {}), event.due_on.isoformat(): event.stage}
            return with_due({**known, "reached": reached}, said(known["owed"], event))
        case _:
            assert_never(event)


def _report_owed(known: Document, event: ReportSubmitted | ReportWithdrawn, at: datetime) -> Owed:
    """Another due day is another obligation, with the stage announced for it if it was due before.

    If the day stays the same, so does the obligation.
    """
    owed: Owed = known["owed"]
    day = event.next_due
    if any(item["due_on"] == day.isoformat() for item in owed.values()):
        return owed
    owed = owe({}, ReportDue, day, at, to=OFFICE)
    stage = known.get("reached", {}).get(day.isoformat())
    return owed if stage is None else said(owed, ReportDue(due_on=day, stage=stage))


def announce(
    document: Document, now: datetime
) -> AnnounceResponses | AnnounceCoSignatures | AnnounceMinutesDraft | AnnounceReport:
    edge = {"conference": document["conference"], "at": now, "by": "clock"}
    says = due_in(document, (ResponseDue, CoSignatureDue, MinutesDraftDue, ReportDue))
    if "report" in document:
        return AnnounceReport(**edge, says=says)
    if "session" in document:
        return AnnounceMinutesDraft(**edge, session=document["session"], says=says)
    if "paper" in document:
        return AnnounceCoSignatures(**edge, paper=document["paper"], says=says)
    return AnnounceResponses(**edge, recommendation=document["recommendation"], says=says)


OBLIGATIONS = projection(PROJECTION, fold_obligations, version=6, indexes=("due",))
OBLIGED = Deadline(OBLIGATIONS, announce)
