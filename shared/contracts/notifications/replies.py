"""What becomes of a calendar's reply that reached the office's mailbox."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.not_public import THE_OFFICE
from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug, Uuid


class ReplyDismissed(Event):
    """A calendar's reply to session {session} is not taken over.

    Said when the office dismisses it. One that it takes over is an answer like every other: meetings says it.
    """

    german: ClassVar[str] = "Eine Antwort aus einem Kalender zur Sitzung {session} ist verworfen."
    not_public: ClassVar[str] = THE_OFFICE

    reply: Uuid
    """The reply: the last part of the stream's name. It tells neither who answered nor what."""
    session: Slug
    """The session."""
