"""A recommendation: drafted by a working group, adopted by the plenary, reported to the committee."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.values import LeftOut


class OfRecommendation(Event):
    """Something happens to one recommendation."""

    recommendation: Slug
    """The recommendation: the last part of the stream's name."""


class RecommendationDrafted(OfRecommendation):
    """{working_group} drafts recommendation {recommendation}.

    Said once for each recommendation, before anything else of it.
    """

    working_group: Slug
    """The working group that drafts it."""
    title: Line
    """What it recommends, in one line."""


class RecommendationSubmitted(OfRecommendation):
    """Recommendation {recommendation} is submitted to session {session}.

    Said when it is put before a session of the plenary; until it is adopted, another session may take its place.
    """

    session: Slug
    """The session that is to decide."""
    title: LeftOut[Line | None] = None
    """What it recommends, in one line."""


class RecommendationAdopted(OfRecommendation):
    """Recommendation {recommendation} is adopted by session {session}.

    Said once, because the session has decided so.
    """

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


class RecommendationReported(OfRecommendation):
    """Recommendation {recommendation} is reported to the committee.

    Said for each report to a committee of the council.
    """

    committee: Line
    """The committee."""
    on: date
    """The day of the report."""
    title: LeftOut[Line | None] = None
    """What it recommends, in one line."""
