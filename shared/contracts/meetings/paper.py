"""A council paper: drafted, co-signed by the departments concerned, issued and decided."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from shared.contracts.meetings.paper_text import ItemOutcome, MotionNumber, PaperText
from shared.contracts.not_public import A_DRAFT, NOT_AGREED, THE_OFFICE
from shared.contracts.obligations import ObligationDue
from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day
from shared.kernel.values import OPEN, LeftOut


class OfPaper(Event):
    """Something happens to one council paper."""

    paper: Slug
    """The council paper: the last part of the stream's name."""


class PaperDrafted(OfPaper):
    """Council paper {reference} is drafted.

    Said once for each paper, before anything else of it.
    """

    german: ClassVar[str] = "Die Vorlage {reference} ist entworfen."
    not_public: ClassVar[str] = A_DRAFT

    reference: Line
    """Its number, as the council quotes it: GRDrs 905/2023."""
    title: Line
    """What it is about."""
    kind: Literal["decision", "information"]
    """Whether the committee is to decide, or to be informed."""


class PaperWritten(OfPaper):
    """Council paper {paper} has its text.

    Said before it is issued, each time that its text changes. Whoever has co-signed another text is asked again.
    """

    german: ClassVar[str] = "Die Vorlage {paper} hat ihren Wortlaut."
    not_public: ClassVar[str] = A_DRAFT

    text: PaperText
    """The whole text from now on."""


class PaperCorrected(OfPaper):
    """Council paper {paper} is corrected: {reason}.

    Said when it is issued and not decided; what is to be decided stays as it was.
    """

    german: ClassVar[str] = "Die Vorlage {paper} ist berichtigt: {reason}."
    not_public: ClassVar[str] = NOT_AGREED

    text: PaperText
    """The whole text from now on."""
    reason: Line
    """Why it is corrected."""


class PaperSuperseded(OfPaper):
    """Paper {successor} takes the place of paper {paper}: {reason}.

    Said when another paper is issued in its place; nothing is decided on this one any more.
    """

    german: ClassVar[str] = "An die Stelle der Vorlage {paper} tritt {successor}: {reason}."
    not_public: ClassVar[str] = NOT_AGREED

    successor: Slug
    """The paper that takes its place."""
    reason: Line
    """Why."""


class CoSignatureRequested(OfPaper):
    """{department} is asked to co-sign paper {paper}.

    Said for each department that is concerned; after a refusal it may be asked again.
    """

    german: ClassVar[str] = "{department} ist um Mitzeichnung der Vorlage {paper} gebeten."
    not_public: ClassVar[str] = THE_OFFICE

    department: Slug
    """The department of the city."""
    due_on: LeftOut[Day | None] = None
    """The day by which it is to answer, where one was named."""


class CoSignatureDue(OfPaper, ObligationDue):
    """The co-signature of {department} to paper {reference} is owed by {due_on}.

    Said at each stage, until the department has signed or refused, or the paper is issued.
    """

    german: ClassVar[str] = "Die Mitzeichnung von {department} zur Vorlage {reference} steht bis {due_on} aus."
    not_public: ClassVar[str] = THE_OFFICE

    department: Slug
    """The department of the city."""
    reference: Line
    """The paper's number, as the council quotes it."""


class PaperCoSigned(OfPaper):
    """{department} co-signs paper {paper}.

    Said when the department agrees.
    """

    german: ClassVar[str] = "{department} zeichnet die Vorlage {paper} mit."
    not_public: ClassVar[str] = THE_OFFICE

    department: Slug
    """The department of the city."""
    note: Line | None
    """What it wants to have noted; null without a note."""
    statement: LeftOut[Prose | None] = None
    """Its note in full, where it is longer than a line."""


class CoSignatureRefused(OfPaper):
    """{department} refuses to co-sign paper {paper}.

    Said when the department does not agree; the paper cannot be issued meanwhile.
    """

    german: ClassVar[str] = "{department} lehnt die Mitzeichnung der Vorlage {paper} ab."
    not_public: ClassVar[str] = THE_OFFICE

    department: Slug
    """The department of the city."""
    reason: LeftOut[Line | None] = None
    """Why it does not agree. Not said by events of old."""


class PaperIssued(OfPaper):
    """Paper {paper} is issued.

    Said once, when everybody asked has co-signed.
    """

    german: ClassVar[str] = "Die Vorlage {paper} ist ausgegeben."

    on: date
    """The day that it is issued."""
    reference: LeftOut[Line | None] = None
    """Its number, as the council quotes it."""
    title: LeftOut[Line | None] = None
    """What it is about."""


class MotionItemDecided(OfPaper):
    """{committee} decides on item {item} of the motion of paper {paper}: {decision}.

    Said for each item of the motion, of papers that have their text; after a postponement once more.
    """

    german: ClassVar[str] = "{committee} entscheidet über Antrag {item} der Vorlage {paper}: {decision}."
    not_public: ClassVar[str] = NOT_AGREED

    committee: Line
    """The committee."""
    on: date
    """The day of its decision."""
    item: MotionNumber
    """The number of the item, from 1."""
    decision: Annotated[ItemOutcome, OPEN]
    """What it decides."""
    wording: LeftOut[Prose | None] = None
    """The item as it was decided, where it was amended."""


class PaperDecided(OfPaper):
    """The committee decides on paper {paper}: {decision}.

    Said for each committee, behind the last item of the motion; after a postponement once more.
    """

    german: ClassVar[str] = "Der Ausschuss entscheidet über die Vorlage {paper}: {decision}."

    committee: Line
    """The committee."""
    on: date
    """The day of its decision."""
    decision: Literal["adopted", "rejected", "postponed", "noted"]
    """What it decides: postponed while any item of the motion is, rejected if each of them is."""
    reference: LeftOut[Line | None] = None
    """The paper's number, as the council quotes it."""
    title: LeftOut[Line | None] = None
    """What the paper is about."""
