"""Whether anything is sent at all: the office stops it when something goes wrong, and has it go on."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.not_public import THE_OFFICE
from shared.kernel.decider import Event
from shared.kernel.text import Line


class OfDispatch(Event):
    """Something happens to the sending of all mails and letters of a conference."""

    not_public: ClassVar[str] = THE_OFFICE

    reason: Line
    """Why, as the office says it. It names nobody."""


class DispatchStopped(OfDispatch):
    """No mail of the conference goes out any more: {reason}.

    Said when the office stops it. Mails are still queued, and wait; what is under way comes to its end.
    """

    german: ClassVar[str] = "Es geht kein Schreiben mehr hinaus: {reason}."


class DispatchResumed(OfDispatch):
    """Mails of the conference go out again: {reason}.

    Said when the office has it go on. What waited and is of use still is sent, in its order.
    """

    german: ClassVar[str] = "Die Schreiben gehen wieder hinaus: {reason}."
