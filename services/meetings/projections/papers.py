"""What became of recommendations and council papers."""

from __future__ import annotations

from typing import assert_never

from services.meetings.domain.paper import PaperEvent
from services.meetings.domain.recommendation import RecommendationEvent
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    CoSignatureRefused,
    CoSignatureRequested,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    RecommendationAdopted,
    RecommendationDrafted,
    RecommendationReported,
    RecommendationSubmitted,
)
from shared.declarations.projection import Document, projection


def fold_recommendation(document: Document | None, event: RecommendationEvent, envelope: Envelope) -> Document:
    before = document or {"session": None, "adopted_by": None, "reports": []}
    return {**before, **_recommendation(before, event)}


def _recommendation(before: Document, event: RecommendationEvent) -> Document:
    match event:
        case RecommendationDrafted():
            return {**event.model_dump(mode="json"), "state": "drafted"}
        case RecommendationSubmitted():
            return {"state": "submitted", "session": event.session}
        case RecommendationAdopted():
            return {"state": "adopted", "adopted_by": event.by}
        case RecommendationReported():
            report = event.model_dump(mode="json", exclude={"recommendation"})
            return {"state": "reported", "reports": [*before["reports"], report]}
        case _:
            assert_never(event)


def fold_paper(document: Document | None, event: PaperEvent, envelope: Envelope) -> Document:
    before = document or {"co_signatures": [], "issued_on": None, "decisions": []}
    return {**before, **_paper(before, event)}


def _paper(before: Document, event: PaperEvent) -> Document:
    match event:
        case PaperDrafted():
            return {**event.model_dump(mode="json"), "state": "drafted"}
        case CoSignatureRequested():
            return _co_signature(before, event.department, "requested")
        case PaperCoSigned():
            return _co_signature(before, event.department, "signed", event.note)
        case CoSignatureRefused():
            return _co_signature(before, event.department, "refused")
        case PaperIssued():
            return {"state": "issued", "issued_on": event.on.isoformat()}
        case PaperDecided():
            decision = event.model_dump(mode="json", exclude={"paper"})
            return {"state": "decided", "decisions": [*before["decisions"], decision]}
        case _:
            assert_never(event)


def _co_signature(before: Document, department: str, state: str, note: str | None = None) -> Document:
    others = [signature for signature in before["co_signatures"] if signature["department"] != department]
    return {"co_signatures": [*others, {"department": department, "state": state, "note": note}]}


RECOMMENDATIONS = projection("recommendations", fold_recommendation)
PAPERS = projection("papers", fold_paper)
