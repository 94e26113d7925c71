"""The text of a council paper: written before it is issued, corrected until it is decided, then only superseded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.meetings.domain.paper_signatures import asked_again
from services.meetings.domain.paper_state import AboutPaper, Paper, PaperEvent, must_be_draft, must_be_issued
from shared.contracts.meetings import (
    MotionItemDecided,
    PaperCorrected,
    PaperDecided,
    PaperDrafted,
    PaperSuperseded,
    PaperText,
    PaperWritten,
)
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.values import Value

# Commands


class PaperSays(Value):
    text: PaperText | None = None


class WritePaper(AboutPaper):
    """Write the whole text of a paper. Departments that have co-signed another text are asked again."""

    text: PaperText
    replaces: PaperSays | None = None


class CorrectPaper(AboutPaper):
    """Correct an issued paper that is not decided yet. Its motion cannot change."""

    text: PaperText
    replaces: PaperSays | None = None
    reason: Line


class SupersedePaper(AboutPaper):
    """Record that another issued paper takes the place of an issued one."""

    successor: Slug
    reason: Line


WritingCommand = WritePaper | CorrectPaper | SupersedePaper

# Rejections


class MotionMissing(Rejected):
    """Eine Beschlussvorlage braucht einen Beschlussantrag mit mindestens einer Nummer."""

    kind = Kind.INVALID


class MotionOfInformation(Rejected):
    """Eine Mitteilungsvorlage enthält keinen Beschlussantrag."""

    kind = Kind.INVALID


class CommitteeTwiceOnPath(Rejected):
    """Das Gremium „{committee}“ steht zweimal in der Beratungsfolge; jedes Gremium wird einmal genannt."""

    kind = Kind.INVALID


class InformationPaperIsNotDecided(Rejected):
    """Eine Mitteilungsvorlage geht nur zur Kenntnisnahme an „{committee}“; zu beschließen ist darin nichts."""

    kind = Kind.INVALID


class PaperNotWritten(Rejected):
    """Der Wortlaut der Vorlage „{paper}“ ist hier nicht erfasst; erfasst wird er, bevor sie ausgegeben ist."""

    kind = Kind.NOT_FOUND


class MotionIsIssued(Rejected):
    """Der Beschlussantrag der Vorlage „{paper}“ ist ausgegeben; einen anderen stellt eine neue Vorlage."""


class PaperIsDecided(Rejected):
    """Über die Vorlage „{paper}“ hat „{committee}“ entschieden; an ihre Stelle kann nur eine neue treten."""


class PaperSucceedsItself(Rejected):
    """Eine Vorlage kann nicht durch sich selbst ersetzt werden."""

    kind = Kind.INVALID


# decide


def decide(paper: Paper, command: WritingCommand) -> Sequence[PaperEvent]:
    match command:
        case WritePaper():
            return _write(paper, command)
        case CorrectPaper():
            return _correct(paper, command)
        case SupersedePaper():
            return _supersede(paper, command)
        case _:
            assert_never(command)


def _write(paper: Paper, write: WritePaper) -> Sequence[PaperEvent]:
    draft = must_be_draft(paper, write.paper)
    _must_fit(draft, write.text)
    if paper.text == write.text:
        return []
    must_stand(write.replaces, PaperSays(text=paper.text))
    return [PaperWritten(paper=write.paper, text=write.text), *asked_again(paper, write.paper)]


def _correct(paper: Paper, correct: CorrectPaper) -> Sequence[PaperEvent]:
    draft, _ = must_be_issued(paper, correct.paper)
    _must_fit(draft, correct.text)
    if paper.text is None:
        raise PaperNotWritten(paper=correct.paper)
    if paper.text == correct.text:
        return []
    if paper.text.motion != correct.text.motion:
        raise MotionIsIssued(paper=correct.paper)
    must_stand(correct.replaces, PaperSays(text=paper.text))
    _must_not_be_decided(paper, correct.paper)
    return [PaperCorrected(paper=correct.paper, text=correct.text, reason=correct.reason)]


def _must_fit(draft: PaperDrafted, text: PaperText) -> None:
    if draft.kind == "decision" and not text.motion:
        raise MotionMissing
    if draft.kind == "information":
        _must_only_inform(text)
    committees = [step.committee for step in text.consultations]
    for committee in committees:
        if committees.count(committee) > 1:
            raise CommitteeTwiceOnPath(committee=committee)


def _must_only_inform(text: PaperText) -> None:
    if text.motion:
        raise MotionOfInformation
    for step in text.consultations:
        if step.purpose != "information":
            raise InformationPaperIsNotDecided(committee=step.committee)


def _must_not_be_decided(paper: Paper, name: Slug) -> None:
    every: list[MotionItemDecided | PaperDecided] = [*paper.items.values(), *paper.decisions.values()]
    for said in every:
        if said.decision != "postponed":
            raise PaperIsDecided(paper=name, committee=said.committee)


def _supersede(paper: Paper, supersede: SupersedePaper) -> Sequence[PaperEvent]:
    if supersede.successor == supersede.paper:
        raise PaperSucceedsItself
    wanted = PaperSuperseded(paper=supersede.paper, successor=supersede.successor, reason=supersede.reason)
    if paper.superseded == wanted:
        return []
    must_be_issued(paper, supersede.paper)
    return [wanted]
