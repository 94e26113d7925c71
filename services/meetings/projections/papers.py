"""What became of recommendations and council papers."""

from __future__ import annotations

from typing import assert_never

from services.meetings.domain.paper_state import PaperEvent
from services.meetings.domain.recommendation_state import Answered, Over, RecommendationEvent
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    AddresseeWithdrawn,
    AdoptionTakenBack,
    CoSignatureDue,
    CoSignatureRefused,
    CoSignatureRequested,
    MotionItemDecided,
    PaperCorrected,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    PaperSuperseded,
    PaperWritten,
    RecommendationAddressed,
    RecommendationAdopted,
    RecommendationAnswered,
    RecommendationDrafted,
    RecommendationReferredBack,
    RecommendationRejected,
    RecommendationReported,
    RecommendationRevised,
    RecommendationSubmitted,
    RecommendationSuperseded,
    RecommendationWithdrawn,
    ResponseCorrected,
    ResponseDue,
)
from shared.declarations.projection import Document, projection


def fold_recommendation(document: Document | None, event: RecommendationEvent, envelope: Envelope) -> Document:
    before = document or {"session": None, "adopted_by": None, "reports": [], "addressees": [], "ended": None}
    return {**before, **_recommendation(before, event)}


def _recommendation(before: Document, event: RecommendationEvent) -> Document:
    match event:
        case RecommendationDrafted():
            return {**event.model_dump(mode="json"), "state": "drafted"}
        case RecommendationSubmitted():
            return {"state": "submitted", "session": event.session}
        case RecommendationAdopted():
            return {"state": "adopted", "adopted_by": event.by}
        case AdoptionTakenBack():
            return {"state": "submitted", "adopted_by": None}
        case RecommendationReported():
            report = event.model_dump(mode="json", exclude={"recommendation"})
            return {"state": "reported", "reports": [*before["reports"], report]}
        case RecommendationRevised():
            return {"title": event.title, "text": event.text, "reasons": event.reasons}
        case RecommendationReferredBack():
            return {"state": "referred_back", "session": None}
        case RecommendationRejected() | RecommendationWithdrawn() | RecommendationSuperseded():
            return _ended(event)
        case RecommendationAddressed() | RecommendationAnswered() | ResponseCorrected():
            return _addressee(before, event)
        case AddresseeWithdrawn():
            return {"addressees": [one for one in before["addressees"] if one["addressee"] != event.addressee]}
        case ResponseDue():
            return {}
        case _:
            assert_never(event)


def _ended(event: Over) -> Document:
    match event:
        case RecommendationRejected():
            return {"state": "rejected", "ended": event.reason}
        case RecommendationWithdrawn():
            return {"state": "withdrawn", "ended": event.reason}
        case RecommendationSuperseded():
            return {"state": "superseded", "ended": event.reason, "successor": event.successor}
        case _:
            assert_never(event)


def _addressee(before: Document, event: RecommendationAddressed | Answered) -> Document:
    known = {one["addressee"]: one for one in before["addressees"]}
    unanswered = {"addressee": event.addressee, "on": None, "answer": None, "reasons": None}
    told = event.model_dump(mode="json", exclude={"recommendation", "reason"})
    return {
        "addressees": [*({**known, event.addressee: {**unanswered, **known.get(event.addressee, {}), **told}}).values()]
    }


def fold_paper(document: Document | None, event: PaperEvent, envelope: Envelope) -> Document:
    before = document or _NEW
    if isinstance(event, PaperWritten | PaperCorrected):
        return {**before, **_worded(before, event)}
    return {**before, **_paper(before, event)}


Progress = (
    PaperDrafted
    | CoSignatureRequested
    | PaperCoSigned
    | CoSignatureRefused
    | CoSignatureDue
    | PaperIssued
    | MotionItemDecided
    | PaperDecided
    | PaperSuperseded
)
_NEW: Document = {
    "text": None,
    "corrections": [],
    "co_signatures": [],
    "issued_on": None,
    "items": [],
    "decisions": [],
    "successor": None,
}


def _worded(before: Document, event: PaperWritten | PaperCorrected) -> Document:
    text = event.text.model_dump(mode="json")
    if isinstance(event, PaperCorrected):
        return {"text": text, "corrections": [*before["corrections"], event.reason]}
    return {"text": text}


def _paper(before: Document, event: Progress) -> Document:
    match event:
        case PaperDrafted():
            return {**event.model_dump(mode="json"), "state": "drafted"}
        case CoSignatureRequested():
            return _co_signature(before, event.department, "requested")
        case PaperCoSigned():
            return _co_signature(before, event.department, "signed", event.note, event.statement)
        case CoSignatureRefused():
            return _co_signature(before, event.department, "refused", event.reason)
        case CoSignatureDue():
            return {}
        case PaperIssued():
            return {"state": "issued", "issued_on": event.on.isoformat()}
        case MotionItemDecided():
            return _item(before, event)
        case PaperDecided():
            decision = event.model_dump(mode="json", exclude={"paper"})
            return {"state": "decided", "decisions": [*before["decisions"], decision]}
        case PaperSuperseded():
            return {"state": "superseded", "successor": event.successor}
        case _:
            assert_never(event)


def _item(before: Document, event: MotionItemDecided) -> Document:
    told = event.model_dump(mode="json", exclude={"paper"})
    others = [one for one in before["items"] if (one["committee"], one["item"]) != (event.committee, event.item)]
    return {"items": [*others, told]}


def _co_signature(
    before: Document, department: str, state: str, note: str | None = None, statement: str | None = None
) -> Document:
    others = [signature for signature in before["co_signatures"] if signature["department"] != department]
    in_full = {"statement": statement} if statement else {}
    return {"co_signatures": [*others, {"department": department, "state": state, "note": note, **in_full}]}


RECOMMENDATIONS = projection("recommendations", fold_recommendation, version=2)
PAPERS = projection("papers", fold_paper, version=2)
