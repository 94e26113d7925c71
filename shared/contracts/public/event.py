"""What all public events are."""

from __future__ import annotations

from shared.kernel.decider import Event


class PublicEvent(Event):
    """Follows from one event of a stream and what the stream has told before; nobody decides it."""
