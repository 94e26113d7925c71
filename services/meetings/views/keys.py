"""Which documents an event touches."""

from __future__ import annotations

from collections.abc import Iterable

from shared.contracts.subscriptions import Delivered


def of_stream(delivered: Delivered) -> Iterable[str]:
    """The one document that tells of the event's stream."""
    return (delivered.envelope.stream,)


def of_conference(delivered: Delivered) -> Iterable[str]:
    return (delivered.envelope.conference,)
