"""Departments that a council paper concerns co-sign it, with a note or without, or refuse and say why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from services.meetings.domain.paper_state import AboutPaper, CoSignatureEvent, Paper, must_be_draft
from shared.contracts.meetings import CoSignatureDue, CoSignatureRefused, CoSignatureRequested, PaperCoSigned
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day

# Commands


class RequestCoSignature(AboutPaper):
    """Ask a department to co-sign, with a due day or without. After a refusal it may be asked again."""

    department: Slug
    due_on: Day | None = None


class AnnounceCoSignatures(AboutPaper):
    """Announce the stages that a paper's co-signatures have reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[CoSignatureDue, ...], Field(min_length=1)]


class CoSign(AboutPaper):
    """Record that a department co-signs, with or without a note. A long note is given in full beside it."""

    department: Slug
    note: Line | None
    statement: Prose | None = None


class RefuseCoSignature(AboutPaper):
    """Record that a department refuses to co-sign, and why."""

    department: Slug
    reason: Line | None = None


CoSignatureCommand = RequestCoSignature | CoSign | RefuseCoSignature | AnnounceCoSignatures

# Rejections


class CoSignatureNotRequested(Rejected):
    """Die Mitzeichnung von „{department}“ zur Vorlage „{paper}“ ist nicht angefordert."""


class CoSignatureMissing(Rejected):
    """Die Mitzeichnung von „{department}“ zur Vorlage „{paper}“ fehlt noch."""


# decide


def decide(paper: Paper, command: CoSignatureCommand) -> Sequence[CoSignatureEvent]:
    match command:
        case RequestCoSignature():
            return _request(paper, command)
        case CoSign() | RefuseCoSignature():
            return _respond(paper, command)
        case AnnounceCoSignatures():
            return [event for event in command.says if _is_to_say(paper, event)]
        case _:
            assert_never(command)


def _request(paper: Paper, request: RequestCoSignature) -> Sequence[CoSignatureEvent]:
    must_be_draft(paper, request.paper)
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


def _respond(paper: Paper, response: CoSign | RefuseCoSignature) -> Sequence[CoSignatureEvent]:
    must_be_draft(paper, response.paper)
    said, told = paper.co_signatures.get(response.department), _told(response)
    if said == told:
        return []
    if not isinstance(said, CoSignatureRequested):
        raise CoSignatureNotRequested(paper=response.paper, department=response.department)
    return [told]


def _told(response: CoSign | RefuseCoSignature) -> PaperCoSigned | CoSignatureRefused:
    if isinstance(response, RefuseCoSignature):
        return CoSignatureRefused(paper=response.paper, department=response.department, reason=response.reason)
    return PaperCoSigned(
        paper=response.paper, department=response.department, note=response.note, statement=response.statement
    )


def must_be_signed(paper: Paper, name: Slug) -> None:
    """By every department that was asked."""
    for department, said in paper.co_signatures.items():
        if not isinstance(said, PaperCoSigned):
            raise CoSignatureMissing(paper=name, department=department)


def asked_again(paper: Paper, name: Slug) -> list[CoSignatureRequested]:
    """A changed text needs every co-signature again."""
    signed = [department for department, said in paper.co_signatures.items() if isinstance(said, PaperCoSigned)]
    return [CoSignatureRequested(paper=name, department=department) for department in signed]
