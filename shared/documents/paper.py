"""A council paper as a page and as a document, with the parts and words of GRDrs 905/2023, made of its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.contracts.german import WORDS
from shared.contracts.meetings import (
    Consultation,
    CoSignatureRefused,
    CoSignatureRequested,
    MotionItemDecided,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperText,
    Purpose,
)
from shared.documents.typeset import paragraphs, rendered, typeset
from shared.kernel.time import german_day

KINDS = {"decision": "Beschlussvorlage", "information": "Mitteilungsvorlage"}
PURPOSES: dict[Purpose, str] = {
    "decision": "Beschlussfassung",
    "preliminary": "Vorberatung",
    "information": "Kenntnisnahme",
}
NONE = ("---",)
"""As the council's own papers say that there is nothing."""


@dataclass(frozen=True)
class Told:
    """What the events of one paper say last, each in the order in which it was first said."""

    draft: PaperDrafted
    text: PaperText
    issued_on: date | None
    co_signatures: Sequence[CoSignatureRequested | PaperCoSigned | CoSignatureRefused]
    items: Sequence[MotionItemDecided]
    decisions: Sequence[PaperDecided]
    successor: str | None


def as_page(paper: Told) -> str:
    return rendered("paper.html.j2", {"paper": parts_of(paper)})


def as_pdf(paper: Told) -> bytes:
    return typeset("paper.typ", {"paper": parts_of(paper)})


def parts_of(paper: Told) -> dict[str, Any]:
    """``sections`` have a heading and paragraphs, or a numbered list, or both."""
    draft, text = paper.draft, paper.text
    return {
        "reference": draft.reference,
        "title": draft.title,
        "kind": KINDS[draft.kind],
        "facts": _facts(paper),
        "path": [_step(step) for step in text.consultations],
        "sections": [*_matter(text), *_around(paper)],
        "signed_as": text.signed_as,
        "annexes": list(text.annexes) or list(NONE),
        "decisions": [_decision(paper, one) for one in paper.decisions],
    }


def _facts(paper: Told) -> list[tuple[str, str]]:
    text = paper.text
    return [
        ("Vorgelegt von", text.originator),
        *([("GZ", text.file_sign)] if text.file_sign else []),
        ("Datum", german_day(text.dated)),
        ("Stand", _status(paper)),
    ]


def _status(paper: Told) -> str:
    if paper.successor:
        return f"ersetzt durch {paper.successor}"
    return f"ausgegeben am {german_day(paper.issued_on)}" if paper.issued_on else "Entwurf"


def _step(step: Consultation) -> tuple[str, str, str, str]:
    sitting = "öffentlich" if step.public else "nicht öffentlich"
    return step.committee, PURPOSES[step.purpose], sitting, german_day(step.on)


def _matter(text: PaperText) -> list[dict[str, Any]]:
    return [
        *([_section("Beschlussantrag", numbered=text.motion)] if text.motion else []),
        _section("Begründung", *text.reasons),
        *([_section("Klimarelevanz", text.climate)] if text.climate else []),
        *([_section("Finanzielle Auswirkungen", text.finances)] if text.finances else []),
    ]


def _around(paper: Told) -> list[dict[str, Any]]:
    return [
        _section(
            "Mitzeichnung der beteiligten Stellen", *([_co_signature(said) for said in paper.co_signatures] or NONE)
        ),
        _section("Vorliegende Anfragen/Anträge", *(paper.text.pending or NONE)),
        _section("Erledigte Anfragen/Anträge", *(paper.text.settled or NONE)),
    ]


def _section(heading: str, *texts: str, numbered: Sequence[str] = ()) -> dict[str, Any]:
    return {"heading": heading, "paragraphs": paragraphs(*texts), "numbered": list(numbered)}


def _co_signature(said: CoSignatureRequested | PaperCoSigned | CoSignatureRefused) -> str:
    name = said.department.upper()
    match said:
        case CoSignatureRequested():
            return f"{name}: angefordert"
        case CoSignatureRefused():
            return f"{name}: abgelehnt{f' – {said.reason}' if said.reason else ''}"
        case PaperCoSigned():
            note = said.statement or said.note
            return f"{name}: mitgezeichnet{f' mit Hinweis: {note}' if note else ' ohne Hinweis'}"


def _decision(paper: Told, whole: PaperDecided) -> Mapping[str, Any]:
    """What a committee decided, and beneath it its items where they were decided one by one."""
    items = sorted((one for one in paper.items if one.committee == whole.committee), key=lambda one: one.item)
    return {
        "heading": f"{whole.committee} am {german_day(whole.on)}: {WORDS[whole.decision]}",
        "items": [f"Nr. {one.item}: {_item(one)}" for one in items],
    }


def _item(one: MotionItemDecided) -> str:
    return f"{WORDS[one.decision]}{f' – {one.wording}' if one.wording else ''}"
