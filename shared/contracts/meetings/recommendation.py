"""A recommendation: drafted by a working group, adopted by the plenary, reported to the committee, answered."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from shared.contracts.not_public import A_DRAFT, NOT_AGREED, THE_OFFICE
from shared.contracts.obligations import ObligationDue
from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day
from shared.kernel.values import LeftOut


class OfRecommendation(Event):
    """Something happens to one recommendation."""

    recommendation: Slug
    """The recommendation: the last part of the stream's name."""


class RecommendationDrafted(OfRecommendation):
    """{working_group} drafts recommendation {recommendation}.

    Said once for each recommendation, before anything else of it.
    """

    german: ClassVar[str] = "{working_group} entwirft die Empfehlung {recommendation}."
    not_public: ClassVar[str] = A_DRAFT

    working_group: Slug
    """The working group that drafts it."""
    title: Line
    """What it recommends, in one line."""
    text: LeftOut[Prose | None] = None
    """Its whole text."""
    reasons: LeftOut[Prose | None] = None
    """Why it is recommended."""


class RecommendationSubmitted(OfRecommendation):
    """Recommendation {recommendation} is submitted to session {session}.

    Said when it is put before a session of the plenary; until it is adopted, another session may take its place.
    """

    german: ClassVar[str] = "Die Empfehlung {recommendation} wird in {session} eingebracht."
    not_public: ClassVar[str] = A_DRAFT

    session: Slug
    """The session that is to decide."""
    title: LeftOut[Line | None] = None
    """What it recommends, in one line."""


class RecommendationAdopted(OfRecommendation):
    """Recommendation {recommendation} is adopted by session {session}.

    Said because the session has decided so; once more where it was recorded wrongly how it has.
    """

    german: ClassVar[str] = "Die Empfehlung {recommendation} ist in {session} beschlossen."

    session: Slug
    """The session that has decided."""
    by: Literal["consensus", "majority"]
    """How it has decided."""
    title: LeftOut[Line | None] = None
    """What it recommends, in one line."""
    working_group: LeftOut[Slug | None] = None
    """The working group that has drafted it."""
    public: LeftOut[bool | None] = None
    """Whether the public may hear the agenda item by which it was adopted. Not said by events of old."""


class AdoptionTakenBack(OfRecommendation):
    """Recommendation {recommendation} is not adopted by session {session} after all: {reason}.

    Said when the decision was recorded wrongly. It is still submitted to the session, and nobody owes an answer to it.
    """

    german: ClassVar[str] = "Die Empfehlung {recommendation} ist in {session} doch nicht beschlossen: {reason}."

    session: Slug
    """The session whose decision was recorded wrongly."""
    reason: Line
    """Why; nothing about a person."""


class RecommendationReported(OfRecommendation):
    """Recommendation {recommendation} is reported to the committee.

    Said for each report to a committee of the council.
    """

    german: ClassVar[str] = "Die Empfehlung {recommendation} ist dem Ausschuss berichtet."

    committee: Line
    """The committee."""
    on: date
    """The day of the report."""
    title: LeftOut[Line | None] = None
    """What it recommends, in one line."""


class RecommendationAddressed(OfRecommendation):
    """{name} is to answer recommendation {recommendation} by {due_on}.

    Said for each addressee; once more when it is to answer by another day.
    """

    german: ClassVar[str] = "Zur Empfehlung {recommendation} hat bis {due_on} zu antworten: {name}."
    not_public: ClassVar[str] = NOT_AGREED

    addressee: Slug
    """Who is to answer."""
    name: Line
    """What the addressee is called."""
    due_on: Day
    """The day by which it is to answer."""


class ResponseDue(OfRecommendation, ObligationDue):
    """The answer of {name} to recommendation {recommendation} is owed by {due_on}.

    Said at each stage, from its adoption until it is answered.
    """

    german: ClassVar[str] = "Die Antwort auf die Empfehlung {recommendation} steht bis {due_on} aus: {name}."
    not_public: ClassVar[str] = THE_OFFICE

    addressee: Slug
    """Who is to answer."""
    name: Line
    """What the addressee is called."""
    title: Line
    """What it recommends, in one line."""


class RecommendationAnswered(OfRecommendation):
    """{name} answers recommendation {recommendation}: {answer}.

    Said once for each addressee, with the reasons that the law asks for.
    """

    german: ClassVar[str] = "Zur Empfehlung {recommendation} liegt die Antwort vor: {name}, {answer}."
    not_public: ClassVar[str] = NOT_AGREED

    addressee: Slug
    """Who has answered."""
    name: Line
    """What the addressee is called."""
    on: Day
    """The day of the answer."""
    answer: Literal["considered", "partly", "not"]
    """How far it is considered."""
    reasons: Prose
    """Why, as the addressee says it."""


class AddresseeWithdrawn(OfRecommendation):
    """{name} is not to answer recommendation {recommendation}: {reason}.

    Said when it was named by mistake and has not answered. It may be named again.
    """

    german: ClassVar[str] = "Zur Empfehlung {recommendation} ist nicht mehr gefragt: {name}. Grund: {reason}."
    not_public: ClassVar[str] = NOT_AGREED

    addressee: Slug
    """Who need not answer."""
    name: Line
    """What the addressee is called."""
    reason: Line
    """Why."""


class ResponseCorrected(OfRecommendation):
    """The answer of {name} to recommendation {recommendation} is corrected: {reason}.

    Said when it was recorded wrongly. It takes the place of all that was recorded of this answer before.
    """

    german: ClassVar[str] = (
        "Berichtigt ist die Antwort auf die Empfehlung {recommendation}: {name}, {answer}. {reason}."
    )
    not_public: ClassVar[str] = NOT_AGREED

    addressee: Slug
    """Who has answered."""
    name: Line
    """What the addressee is called."""
    on: Day
    """The day of the answer."""
    answer: Literal["considered", "partly", "not"]
    """How far it is considered."""
    reasons: Prose
    """Why, as the addressee says it."""
    reason: Line
    """Why it is corrected."""


class RecommendationReferredBack(OfRecommendation):
    """Session {session} refers recommendation {recommendation} back to its working group: {reason}.

    Said when the session wants it worked on; it may be revised and submitted again.
    """

    german: ClassVar[str] = "{session} verweist die Empfehlung {recommendation} zurück: {reason}."
    not_public: ClassVar[str] = A_DRAFT

    session: Slug
    """The session that it was submitted to."""
    reason: Line
    """Why."""


class RecommendationRevised(OfRecommendation):
    """Recommendation {recommendation} is revised: {reason}.

    Said until it is adopted; what it says now stands in place of all that was said before.
    """

    german: ClassVar[str] = "Die Empfehlung {recommendation} ist überarbeitet: {reason}."
    not_public: ClassVar[str] = A_DRAFT

    title: Line
    """What it recommends, in one line."""
    text: LeftOut[Prose | None] = None
    """Its whole text."""
    reasons: LeftOut[Prose | None] = None
    """Why it is recommended."""
    reason: Line
    """Why it is revised."""


class RecommendationRejected(OfRecommendation):
    """Session {session} rejects recommendation {recommendation}: {reason}.

    Said once; it is not submitted again.
    """

    german: ClassVar[str] = "{session} lehnt die Empfehlung {recommendation} ab: {reason}."
    not_public: ClassVar[str] = A_DRAFT

    session: Slug
    """The session that it was submitted to."""
    reason: Line
    """Why."""


class RecommendationWithdrawn(OfRecommendation):
    """Recommendation {recommendation} is withdrawn: {reason}.

    Said before it is adopted, when the working group does not stand by it any more.
    """

    german: ClassVar[str] = "Die Empfehlung {recommendation} ist zurückgezogen: {reason}."
    not_public: ClassVar[str] = A_DRAFT

    reason: Line
    """Why."""


class RecommendationSuperseded(OfRecommendation):
    """Recommendation {recommendation} is superseded by {successor}: {reason}.

    Said when another adopted recommendation takes its place; nobody owes an answer to it any more.
    """

    german: ClassVar[str] = "An die Stelle der Empfehlung {recommendation} tritt {successor}: {reason}."
    not_public: ClassVar[str] = NOT_AGREED

    successor: Slug
    """The recommendation that takes its place."""
    reason: Line
    """Why."""
    title: Line
    """What it has recommended, in one line."""
