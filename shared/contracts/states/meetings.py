"""Sessions, recommendations and council papers as they are now, as far as the public may hear of them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shared.contracts.public.meetings import ItemNumber, PublicItem
from shared.contracts.states.state import PublicState
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import LeftOut, Value

SERVICE = "meetings.state"


class SessionDecision(Value):
    """What a session has decided on one item that the public may hear."""

    item: ItemNumber
    """The number of the agenda item."""
    subject: Line
    """What the item is about."""
    recommendation: Slug | None
    """The recommendation that is decided by it; null for another matter."""
    by: Literal["consensus", "vote"]
    """How it is decided."""
    carried: bool
    """Whether it is carried; what nobody objects to is."""


class Session(PublicState):
    """Session {title} on {starts} at {place}.

    Gone when it is cancelled: it does not take place.
    """

    session: Slug
    """The session: the last part of the stream's name."""
    kind: Literal["plenary", "working_group", "workshop"]
    """Whose session it is; a workshop stands alone."""
    working_group: Slug | None
    """The working group whose session it is; null for the others."""
    title: Line
    """What the session is called."""
    starts: UtcTime
    """When it begins."""
    ends: UtcTime
    """When it ends."""
    place: Line
    """Where it is."""
    state: Literal["scheduled", "open", "closed"]
    """How far it is."""
    agenda: LeftOut[tuple[PublicItem, ...] | None] = None
    """The whole agenda; absent before it is published."""
    quorum: LeftOut[Literal["established", "missed"] | None] = None
    """Whether a plenary had its quorum when that was last established; absent before."""
    decisions: tuple[SessionDecision, ...]
    """What it has decided, in the order of its items."""
    minutes: LeftOut[Line | None] = None
    """The reference of its minutes; absent before they are approved."""


class Report(Value):
    """One report of a recommendation to a committee of the council."""

    committee: Line
    """The committee."""
    on: date
    """The day of the report."""


class Recommendation(PublicState):
    """The recommendation {title}, adopted by {by}.

    As it was adopted: whether another has taken its place since is not told in public. Gone when its adoption is taken
    back.
    """

    recommendation: Slug
    """The recommendation: the last part of the stream's name."""
    title: Line
    """What it recommends, in one line."""
    session: Slug
    """The session that has decided."""
    by: Literal["consensus", "majority"]
    """How it has decided."""
    working_group: Slug
    """The working group that has drafted it."""
    reports: tuple[Report, ...]
    """To whom it was reported, in that order."""


class PaperDecision(Value):
    """What a committee has decided on a council paper."""

    committee: Line
    """The committee."""
    decision: Literal["adopted", "rejected", "postponed", "noted"]
    """What it decides."""
    on: date
    """The day that it decides."""


class Paper(PublicState):
    """Council paper {reference}, {title}, issued on {issued_on}.

    As it was issued: whether another has taken its place since is not told in public.
    """

    paper: Slug
    """The council paper: the last part of the stream's name."""
    reference: Line
    """Its number, as the council quotes it."""
    title: Line
    """What it is about."""
    kind: Literal["decision", "information"]
    """Whether the committee is to decide, or to be informed."""
    issued_on: date
    """The day that it is issued."""
    decisions: tuple[PaperDecision, ...]
    """What the committees have decided, in that order; after a postponement once more."""
