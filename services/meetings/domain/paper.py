"""A council paper is drafted, written and co-signed by the departments concerned before it is issued and decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from services.meetings.domain import paper_decisions, paper_signatures, paper_writing
from services.meetings.domain.paper_decisions import DecisionCommand, RecordCommitteeDecision, RecordItemDecision
from services.meetings.domain.paper_signatures import (
    AnnounceCoSignatures,
    CoSign,
    CoSignatureCommand,
    RefuseCoSignature,
    RequestCoSignature,
    must_be_signed,
)
from services.meetings.domain.paper_state import (
    AboutPaper,
    Paper,
    PaperEvent,
    evolve,
    must_be_draft,
    must_not_be_superseded,
)
from services.meetings.domain.paper_writing import CorrectPaper, SupersedePaper, WritePaper, WritingCommand
from shared.contracts.meetings import PaperDrafted, PaperIssued
from shared.kernel.decider import Decider
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day, local_day

# Commands


class DraftPaper(AboutPaper):
    """Draft a paper for decision or for information, with its council reference."""

    reference: Line
    title: Line
    kind: Literal["decision", "information"]


class IssuePaper(AboutPaper):
    """Issue a paper that all requested departments have co-signed."""

    on: Day


PaperCommand = DraftPaper | WritingCommand | CoSignatureCommand | IssuePaper | DecisionCommand

# Rejections


class PaperDraftedDifferently(Rejected):
    """Die Vorlage „{paper}“ liegt bereits mit anderen Angaben vor."""


class IssueLiesAhead(Rejected):
    """Der {on} liegt in der Zukunft; festgehalten wird, was ausgegeben ist."""

    kind = Kind.INVALID


# decide


def decide(paper: Paper, command: PaperCommand) -> Sequence[PaperEvent]:
    match command:
        case DraftPaper():
            return _draft(paper, command)
        case WritePaper() | CorrectPaper() | SupersedePaper():
            return paper_writing.decide(paper, command)
        case RequestCoSignature() | CoSign() | RefuseCoSignature() | AnnounceCoSignatures():
            return paper_signatures.decide(paper, command)
        case IssuePaper():
            return _issue(paper, command)
        case RecordCommitteeDecision() | RecordItemDecision():
            return paper_decisions.decide(paper, command)
        case _:
            assert_never(command)


def _draft(paper: Paper, draft: DraftPaper) -> Sequence[PaperEvent]:
    wanted = PaperDrafted(paper=draft.paper, reference=draft.reference, title=draft.title, kind=draft.kind)
    if paper.draft is None:
        return [wanted]
    if paper.draft != wanted:
        raise PaperDraftedDifferently(paper=draft.paper)
    must_not_be_superseded(paper, draft.paper)
    return []


def _issue(paper: Paper, issue: IssuePaper) -> Sequence[PaperEvent]:
    if paper.issued_on == issue.on:
        return []
    draft = must_be_draft(paper, issue.paper)
    must_be_signed(paper, issue.paper)
    if issue.on > local_day(issue.at):
        raise IssueLiesAhead(on=german_day(issue.on))
    return [PaperIssued(paper=issue.paper, on=issue.on, reference=draft.reference, title=draft.title)]


PAPER = Decider("paper", Paper(), evolve, decide)
