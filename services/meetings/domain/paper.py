"""A council paper is co-signed by the departments concerned before it is issued and decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, ClassVar, Literal, assert_never

from pydantic import Field

from shared.contracts.meetings import (
    CoSignatureDue,
    CoSignatureRefused,
    CoSignatureRequested,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
)
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day

# Events

CoSignatureEvent = CoSignatureRequested | PaperCoSigned | CoSignatureRefused | CoSignatureDue
PaperEvent = PaperDrafted | CoSignatureEvent | PaperIssued | PaperDecided

# State

CoSignature = CoSignatureRequested | PaperCoSigned | CoSignatureRefused


@dataclass(frozen=True, slots=True)
class Paper:
    draft: PaperDrafted | None = None
    co_signatures: Mapping[Slug, CoSignature] = field(default_factory=dict)
    """What each department said last."""
    issued_on: date | None = None
    decisions: Mapping[Line, PaperDecided] = field(default_factory=dict)
    """What each committee decided last."""
    announced: frozenset[CoSignatureDue] = frozenset()
    """Which stages of its co-signatures were said."""


def evolve(paper: Paper, event: PaperEvent) -> Paper:
    match event:
        case PaperDrafted():
            return replace(paper, draft=event)
        case CoSignatureRequested() | PaperCoSigned() | CoSignatureRefused():
            return replace(paper, co_signatures={**paper.co_signatures, event.department: event})
        case CoSignatureDue():
            return replace(paper, announced=paper.announced | {event})
        case PaperIssued():
            return replace(paper, issued_on=event.on)
        case PaperDecided():
            return replace(paper, decisions={**paper.decisions, event.committee: event})
        case _:
            assert_never(event)


# Commands


class _AboutPaper(Command):
    paper: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "paper", self.paper)


class DraftPaper(_AboutPaper):
    """Draft a paper for decision or for information, with its council reference."""

    reference: Line
    title: Line
    kind: Literal["decision", "information"]


class RequestCoSignature(_AboutPaper):
    """Ask a department to co-sign, by a day if one is named; after a refusal it may be asked again."""

    department: Slug
    due_on: Day | None = None


class AnnounceCoSignatures(_AboutPaper):
    """Say which stages of a paper's co-signatures are reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[CoSignatureDue, ...], Field(min_length=1)]


class CoSign(_AboutPaper):
    """Record that a department co-signs, with a note or without."""

    department: Slug
    note: Line | None


class RefuseCoSignature(_AboutPaper):
    """Record that a department refuses to co-sign, and why."""

    department: Slug
    reason: Line | None = None


class IssuePaper(_AboutPaper):
    """Issue a paper that everybody asked has co-signed."""

    on: Day


class RecordCommitteeDecision(_AboutPaper):
    """Record what a committee decides on an issued paper."""

    committee: Line
    on: Day
    decision: Literal["adopted", "rejected", "postponed", "noted"]


CoSignatureCommand = RequestCoSignature | CoSign | RefuseCoSignature | AnnounceCoSignatures
PaperCommand = DraftPaper | CoSignatureCommand | IssuePaper | RecordCommitteeDecision

# Rejections


class PaperUnknown(Rejected):
    """Eine Vorlage „{paper}“ liegt nicht vor."""

    kind = Kind.NOT_FOUND


class PaperDraftedDifferently(Rejected):
    """Die Vorlage „{paper}“ liegt bereits mit anderen Angaben vor."""


class PaperIsIssued(Rejected):
    """Die Vorlage „{paper}“ ist seit {on} ausgegeben."""


class PaperNotIssued(Rejected):
    """Die Vorlage „{paper}“ ist noch nicht ausgegeben."""


class CoSignatureNotRequested(Rejected):
    """Die Mitzeichnung von „{department}“ zur Vorlage „{paper}“ ist nicht angefordert."""


class CoSignatureMissing(Rejected):
    """Die Mitzeichnung von „{department}“ zur Vorlage „{paper}“ fehlt noch."""


class DecidedBeforeIssued(Rejected):
    """Die Vorlage ist erst am {on} ausgegeben und kann nicht vorher beschlossen sein."""

    kind = Kind.INVALID


class CommitteeHasDecided(Rejected):
    """Das Gremium „{committee}“ hat über die Vorlage „{paper}“ bereits am {on} beschlossen."""


# decide


def decide(paper: Paper, command: PaperCommand) -> Sequence[PaperEvent]:
    match command:
        case DraftPaper():
            return _draft(paper, command)
        case RequestCoSignature():
            return _request(paper, command)
        case CoSign() | RefuseCoSignature():
            return _respond(paper, command)
        case AnnounceCoSignatures():
            return [event for event in command.says if _is_to_say(paper, event)]
        case IssuePaper():
            return _issue(paper, command)
        case RecordCommitteeDecision():
            return _record_decision(paper, command)
        case _:
            assert_never(command)


def _draft(paper: Paper, draft: DraftPaper) -> Sequence[PaperEvent]:
    wanted = PaperDrafted(paper=draft.paper, reference=draft.reference, title=draft.title, kind=draft.kind)
    if paper.draft is None:
        return [wanted]
    if paper.draft != wanted:
        raise PaperDraftedDifferently(paper=draft.paper)
    return []


def _request(paper: Paper, request: RequestCoSignature) -> Sequence[PaperEvent]:
    _must_be_draft(paper, request.paper)
    said = paper.co_signatures.get(request.department)
    wanted = CoSignatureRequested(paper=request.paper, department=request.department, due_on=request.due_on)
    if isinstance(said, PaperCoSigned) or said == wanted:
        return []
    if said and not isinstance(said, CoSignatureRefused) and request.due_on is None:
        return []
    return [wanted]


def _is_to_say(paper: Paper, event: CoSignatureDue) -> bool:
    asked = paper.co_signatures.get(event.department)
    is_owed = isinstance(asked, CoSignatureRequested) and asked.due_on == event.due_on and paper.issued_on is None
    return is_owed and event not in paper.announced


def _respond(paper: Paper, response: CoSign | RefuseCoSignature) -> Sequence[PaperEvent]:
    _must_be_draft(paper, response.paper)
    said, told = paper.co_signatures.get(response.department), _told(response)
    if said == told:
        return []
    if not isinstance(said, CoSignatureRequested):
        raise CoSignatureNotRequested(paper=response.paper, department=response.department)
    return [told]


def _told(response: CoSign | RefuseCoSignature) -> PaperCoSigned | CoSignatureRefused:
    if isinstance(response, RefuseCoSignature):
        return CoSignatureRefused(paper=response.paper, department=response.department, reason=response.reason)
    return PaperCoSigned(paper=response.paper, department=response.department, note=response.note)


def _issue(paper: Paper, issue: IssuePaper) -> Sequence[PaperEvent]:
    if paper.issued_on == issue.on:
        return []
    draft = _must_be_draft(paper, issue.paper)
    for department, said in paper.co_signatures.items():
        if not isinstance(said, PaperCoSigned):
            raise CoSignatureMissing(paper=issue.paper, department=department)
    return [PaperIssued(paper=issue.paper, on=issue.on, reference=draft.reference, title=draft.title)]


def _record_decision(paper: Paper, record: RecordCommitteeDecision) -> Sequence[PaperEvent]:
    draft = _must_be_issued_by(paper, record)
    last = paper.decisions.get(record.committee)
    if last and (last.on, last.decision) == (record.on, record.decision):
        return []
    if last and last.decision != "postponed":
        raise CommitteeHasDecided(paper=record.paper, committee=record.committee, on=german_day(last.on))
    return [
        PaperDecided(
            paper=record.paper,
            committee=record.committee,
            on=record.on,
            decision=record.decision,
            reference=draft.reference,
            title=draft.title,
        )
    ]


def _must_be_draft(paper: Paper, name: Slug) -> PaperDrafted:
    if paper.draft is None:
        raise PaperUnknown(paper=name)
    if paper.issued_on:
        raise PaperIsIssued(paper=name, on=german_day(paper.issued_on))
    return paper.draft


def _must_be_issued_by(paper: Paper, record: RecordCommitteeDecision) -> PaperDrafted:
    if paper.draft is None:
        raise PaperUnknown(paper=record.paper)
    if paper.issued_on is None:
        raise PaperNotIssued(paper=record.paper)
    if record.on < paper.issued_on:
        raise DecidedBeforeIssued(on=german_day(paper.issued_on))
    return paper.draft


PAPER = Decider("paper", Paper(), evolve, decide)
