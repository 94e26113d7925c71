"""What follows by itself in funding and was refused by a rule, until the office has looked at it."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.open_points import RefusedReaction, SettledPoint


class ReactionRefused(RefusedReaction):
    """Rule {rule} of {about} refuses {command}, which {reaction} wanted after {reacted_to}: open point {point}.

    Said once for each event and reaction, or for each deadline; it is for the office to look at.
    """

    german: ClassVar[str] = (
        "{rule} in {about} lehnt {command} ab ({reaction} nach {reacted_to}): offener Punkt {point}."
    )


class OpenPointSettled(SettledPoint):
    """Open point {point} is settled: {reason}.

    Said when the office has looked at it.
    """

    german: ClassVar[str] = "Der offene Punkt {point} ist erledigt: {reason}."
