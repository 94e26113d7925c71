"""What a council paper is at any moment: its text, its co-signatures, its decisions, and the paper in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from shared.contracts.meetings import (
    CoSignatureDue,
    CoSignatureRefused,
    CoSignatureRequested,
    MotionItemDecided,
    MotionNumber,
    PaperCorrected,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    PaperSuperseded,
    PaperText,
    PaperWritten,
)
from shared.kernel.decider import Command
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import german_day

# Events

CoSignatureEvent = CoSignatureRequested | PaperCoSigned | CoSignatureRefused | CoSignatureDue
DecisionEvent = MotionItemDecided | PaperDecided
TextEvent = PaperWritten | PaperCorrected
PaperEvent = PaperDrafted | TextEvent | CoSignatureEvent | PaperIssued | DecisionEvent | PaperSuperseded

# State

CoSignature = CoSignatureRequested | PaperCoSigned | CoSignatureRefused


@dataclass(frozen=True, slots=True)
class Paper:
    draft: PaperDrafted | None = None
    text: PaperText | None = None
    """The text as written or corrected last; None if it is kept elsewhere."""
    co_signatures: Mapping[Slug, CoSignature] = field(default_factory=dict)
    """Each department's last answer."""
    issued_on: date | None = None
    items: Mapping[tuple[Line, MotionNumber], MotionItemDecided] = field(default_factory=dict)
    """Each committee's last decision on each item of the motion."""
    decisions: Mapping[Line, PaperDecided] = field(default_factory=dict)
    """Each committee's last decision."""
    superseded: PaperSuperseded | None = None
    announced: frozenset[CoSignatureDue] = frozenset()
    """The announced stages of its co-signatures."""


def evolve(paper: Paper, event: PaperEvent) -> Paper:
    match event:
        case PaperDrafted():
            return replace(paper, draft=event)
        case PaperWritten() | PaperCorrected():
            return replace(paper, text=event.text)
        case CoSignatureRequested() | PaperCoSigned() | CoSignatureRefused():
            return replace(paper, co_signatures={**paper.co_signatures, event.department: event})
        case CoSignatureDue():
            return replace(paper, announced=paper.announced | {event})
        case PaperIssued():
            return replace(paper, issued_on=event.on)
        case MotionItemDecided():
            return replace(paper, items={**paper.items, (event.committee, event.item): event})
        case PaperDecided():
            return replace(paper, decisions={**paper.decisions, event.committee: event})
        case PaperSuperseded():
            return replace(paper, superseded=event)
        case _:
            assert_never(event)


# Commands


class AboutPaper(Command):
    paper: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "paper", self.paper)


# Rejections


class PaperUnknown(Rejected):
    """Eine Vorlage „{paper}“ liegt nicht vor."""

    kind = Kind.NOT_FOUND


class PaperIsIssued(Rejected):
    """Die Vorlage „{paper}“ ist seit {on} ausgegeben."""


class PaperNotIssued(Rejected):
    """Die Vorlage „{paper}“ ist noch nicht ausgegeben."""


class PaperIsSuperseded(Rejected):
    """An die Stelle der Vorlage „{paper}“ ist die Vorlage „{successor}“ getreten; festgehalten wird nur noch dort."""


def must_be_draft(paper: Paper, name: Slug) -> PaperDrafted:
    if paper.draft is None:
        raise PaperUnknown(paper=name)
    if paper.issued_on:
        raise PaperIsIssued(paper=name, on=german_day(paper.issued_on))
    return paper.draft


def must_be_issued(paper: Paper, name: Slug) -> tuple[PaperDrafted, date]:
    """Issued, and not superseded by another paper."""
    if paper.draft is None:
        raise PaperUnknown(paper=name)
    if paper.issued_on is None:
        raise PaperNotIssued(paper=name)
    must_not_be_superseded(paper, name)
    return paper.draft, paper.issued_on


def must_not_be_superseded(paper: Paper, name: Slug) -> None:
    if paper.superseded:
        raise PaperIsSuperseded(paper=name, successor=paper.superseded.successor)
