"""The working groups and who works in them."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.not_public import A_PERSON
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line, Prose
from shared.kernel.values import LeftOut


class WorkingGroupEstablished(Event):
    """Working group {working_group} is established.

    Said once for each working group.
    """

    german: ClassVar[str] = "Die Arbeitsgruppe {working_group} ist eingerichtet."

    working_group: Slug
    """The working group: the last part of the stream's name."""
    name: Line
    """What the working group is called."""
    topics: tuple[Line, ...]
    """What it works on."""


class WorkingGroupCorrected(Event):
    """Working group {working_group} is called {name}: {reason}.

    Said when what the group is called, or works on, was recorded by mistake.
    """

    german: ClassVar[str] = "Die Arbeitsgruppe {working_group} heißt {name}: {reason}."

    working_group: Slug
    """The working group."""
    name: Line
    """What it is called, as it should have been."""
    topics: tuple[Line, ...]
    """What it works on, as it should have been."""
    reason: Line
    """What was wrong; nothing about a person."""


class WorkingGroupJoined(Event):
    """{person} joins working group {working_group}.

    Said for everybody who joins, with a seat in the conference or without.
    """

    german: ClassVar[str] = "{person} arbeitet in {working_group} mit."
    not_public: ClassVar[str] = A_PERSON

    working_group: Slug
    """The working group."""
    person: PersonId
    """Who joins: an opaque id."""
    seat: Slug | None
    """The seat in the conference that the person fills; null without one."""


class WorkingGroupLeft(Event):
    """{person} leaves working group {working_group}.

    Said when somebody leaves while the group goes on.
    """

    german: ClassVar[str] = "{person} verlässt {working_group}."
    not_public: ClassVar[str] = A_PERSON

    working_group: Slug
    """The working group."""
    person: PersonId
    """Who leaves: an opaque id."""


class WorkingGroupLeadNamed(Event):
    """{person} leads working group {working_group}.

    Said when one of its members begins to lead it, in the place of whoever did before. Whoever leaves it leads no more.
    """

    german: ClassVar[str] = "{person} leitet die Arbeitsgruppe {working_group}."
    not_public: ClassVar[str] = A_PERSON

    working_group: Slug
    """The working group."""
    person: PersonId
    """Who leads: an opaque id."""


class WorkingGroupClosed(Event):
    """Working group {working_group} is closed.

    Said when its work is done; its members are no longer invited.
    """

    german: ClassVar[str] = "Die Arbeitsgruppe {working_group} ist beendet."

    working_group: Slug
    """The working group."""
    name: LeftOut[Line | None] = None
    """What the working group is called."""
    results: LeftOut[Prose | None] = None
    """What has come of its work; nothing about a person. Left out where nobody said it."""
    document: LeftOut[Line | None] = None
    """The document that holds the results, as the office quotes it."""
