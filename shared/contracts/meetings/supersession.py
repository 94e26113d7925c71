"""What is about to take the place of what: claimed before it happens, a stream for all papers and one for all
recommendations of a conference.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from shared.contracts.not_public import THE_OFFICE
from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug, Uuid
from shared.kernel.time import UtcTime
from shared.kernel.values import LeftOut

Superseding = Literal["paper", "recommendation"]


class OfSupersession(Event):
    """Something happens to a try to supersede one by another."""

    kind: Superseding
    """Of what kind both are: the last part of the stream's name."""
    claim: Uuid
    """The try: a request that is sent once more is the same one."""
    superseded: Slug
    """Whose place is to be taken."""
    successor: Slug
    """What is to take it."""


class SupersessionClaimed(OfSupersession):
    """{successor} is about to take the place of {superseded}.

    Said before it does: from then on nothing else is superseded by what is itself about to be.
    """

    german: ClassVar[str] = "{successor} soll an die Stelle von {superseded} treten."
    not_public: ClassVar[str] = THE_OFFICE

    attempt: LeftOut[Uuid | None] = None
    """The event that supersedes it, if it comes to that; null of what was claimed before this was said."""
    at: LeftOut[UtcTime | None] = None
    """Since when it is claimed."""


class SupersessionReleased(OfSupersession):
    """{successor} does not take the place of {superseded}.

    Said when a try was claimed and then refused, or given up.
    """

    german: ClassVar[str] = "{successor} tritt nicht an die Stelle von {superseded}."
    not_public: ClassVar[str] = THE_OFFICE

    gives_up: ClassVar[bool] = True
