"""What the digest says of obligations that their service announces by stages: which are reached and not done.

A stage says what is owed by whom and by when; whatever ends or moves an obligation is said by an event, too. The first
stage is as long before the day as the digest looks ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.funding import (
    GrantAmended,
    GrantClosed,
    InterimProofDue,
    InterimProofSubmitted,
    ProofOfUseSubmitted,
)
from shared.contracts.meetings import (
    AddresseeWithdrawn,
    AdoptionTakenBack,
    CoSignatureDue,
    CoSignatureRefused,
    CoSignatureRequested,
    MinutesDraftDue,
    MinutesDrafted,
    PaperCoSigned,
    PaperIssued,
    RecommendationAddressed,
    RecommendationAnswered,
    RecommendationSuperseded,
    ReportDue,
    ReportingRequired,
    ReportSubmitted,
    ReportWithdrawn,
    ResponseDue,
    SessionRescheduled,
    SessionScheduled,
)
from shared.contracts.notifications import Owed
from shared.declarations.projection import Document, projection
from shared.kernel.time import months_after

Stage = ResponseDue | CoSignatureDue | MinutesDraftDue | ReportDue | InterimProofDue
Titled = SessionScheduled | SessionRescheduled
Reported = ReportingRequired | ReportSubmitted | ReportWithdrawn
Moved = RecommendationAddressed | CoSignatureRequested | GrantAmended | Reported
Answered = RecommendationAnswered | AddresseeWithdrawn | PaperCoSigned | CoSignatureRefused
Done = Answered | MinutesDrafted | InterimProofSubmitted
AllDone = RecommendationSuperseded | AdoptionTakenBack | PaperIssued | ProofOfUseSubmitted | GrantClosed

Items = dict[str, Document]
"""The obligations of one stream, by what or whom they name."""


def fold_announced(
    document: Document | None, event: Stage | Titled | Moved | Done | AllDone, envelope: Envelope
) -> Document:
    known = document or {"title": None, "owed": {}}
    if isinstance(event, Titled):
        return {**known, "title": event.appointment.title}
    return {**known, "owed": _owed(known, event)}


def _owed(known: Document, event: Stage | Moved | Done | AllDone) -> Items:
    owed: Items = known["owed"]
    match event:
        case ResponseDue() | CoSignatureDue() | MinutesDraftDue() | ReportDue() | InterimProofDue():
            return {**owed, _subject(event): _said(event, known["title"])}
        case RecommendationAddressed():
            return _named(_moved(owed, event.addressee, event.due_on), event.addressee, event.name)
        case CoSignatureRequested():
            return _moved(owed, event.department, event.due_on)
        case ReportingRequired():  # of a day that is near by another interval, or past, no stage may be left to say
            return _report_by(event.due_on)
        case ReportSubmitted():
            return {name: one for name, one in owed.items() if one["due_on"] == event.next_due.isoformat()}
        case ReportWithdrawn():  # a stage announced for that day is not announced again
            return _report_by(event.next_due)
        case GrantAmended():
            return _as_amended(owed, event)
        case RecommendationAnswered() | AddresseeWithdrawn():
            return _without(owed, event.addressee)
        case PaperCoSigned() | CoSignatureRefused():
            return _without(owed, event.department)
        case InterimProofSubmitted():
            return _without(owed, str(event.year))
        case MinutesDrafted() | RecommendationSuperseded() | AdoptionTakenBack():
            return {}
        case PaperIssued() | ProofOfUseSubmitted() | GrantClosed():
            return {}
        case _:
            assert_never(event)


def _report_by(day: date) -> Items:
    return {"": Owed(what="report", due_on=day).model_dump(mode="json")}


def _subject(event: Stage) -> str:
    match event:
        case ResponseDue():
            return event.addressee
        case CoSignatureDue():
            return event.department
        case InterimProofDue():
            return str(event.year)
        case MinutesDraftDue() | ReportDue():
            return ""
        case _:
            assert_never(event)


def _said(event: Stage, title: str | None) -> Document:
    return _as_owed(event, title).model_dump(mode="json")


def _as_owed(event: Stage, title: str | None) -> Owed:
    match event:
        case ResponseDue():
            return Owed(what="answer", about=event.title, by=event.name, due_on=event.due_on)
        case CoSignatureDue():
            return Owed(what="co_signature", about=event.reference, by=event.department, due_on=event.due_on)
        case MinutesDraftDue():
            return Owed(what="minutes_draft", about=title or event.session, due_on=event.due_on)
        case ReportDue():
            return Owed(what="report", due_on=event.due_on)
        case InterimProofDue():
            return Owed(what="interim_proof", about=event.title, year=event.year, due_on=event.due_on)
        case _:
            assert_never(event)


def _moved(owed: Items, subject: str, due_on: date | None) -> Items:
    """To another day, or to none."""
    if subject not in owed:
        return owed
    return {**owed, subject: {**owed[subject], "due_on": due_on.isoformat()}} if due_on else _without(owed, subject)


def _named(owed: Items, subject: str, name: str) -> Items:
    return {**owed, subject: {**owed[subject], "by": name}} if subject in owed else owed


def _without(owed: Items, subject: str) -> Items:
    return {name: one for name, one in owed.items() if name != subject}


def _as_amended(owed: Items, notice: GrantAmended) -> Items:
    """For the years that the new notice still asks for (ANBest-P 6.1): those that end before its period does."""
    months = notice.conditions.interim_months
    years = [year for year in owed if months is not None and int(year) < notice.period.until.year]
    days = {year: months_after(date(int(year), 12, 31), months or 0).isoformat() for year in years}
    return {year: {**owed[year], "due_on": day} for year, day in days.items()}


def announced_by(last: date, documents: Iterable[Document]) -> list[Owed]:
    """The earliest first."""
    owed = [one for found in documents for one in found["owed"].values() if one["due_on"] <= last.isoformat()]
    said = [Owed(**{**one, "due_on": date.fromisoformat(one["due_on"])}) for one in owed]
    return sorted(said, key=lambda one: (one.due_on, one.what, one.about or ""))


ANNOUNCED = projection("announced", fold_announced, version=3)
