"""What a conference carries over from those that went before it. Nothing follows from it: it is history."""

from __future__ import annotations

from typing import ClassVar

from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day
from shared.kernel.values import LeftOut


class EarlierConferenceCarriedOver(Event):
    """Of earlier conference {earlier}, {name}, it is carried over what it was from {since} to {until}.

    Said when what was there before this software is recorded, and again with a reason when that is corrected: what is
    said last holds. Its working groups are names; nobody works in them, and nobody is written to.
    """

    german: ClassVar[str] = "Übernommen ist die frühere Konferenz {name}, {since} bis {until}."
    not_public: ClassVar[str] = "the council's papers tell it"

    earlier: Slug
    """The earlier conference."""
    name: Line
    """What it was called."""
    since: Day
    """Its first day."""
    until: Day
    """Its last day."""
    working_groups: tuple[Line, ...]
    """What its working groups were called."""
    document: LeftOut[Line | None] = None
    """Where its results stand, as the council quotes it."""
    results: LeftOut[Prose | None] = None
    """What has come of it; nothing about a person."""
    reason: LeftOut[Line | None] = None
    """What was wrong before, where it is corrected; nothing about a person."""
