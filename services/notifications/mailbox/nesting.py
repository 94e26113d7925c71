"""A mail taken apart. Parts in parts are counted before they are looked for: the parser takes seconds for thousands."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message

MOST_NESTED = 20


class TooNested(Exception):
    """Parts within parts are nested deeper than in any useful mail."""


def parts_of(mail: bytes) -> Message:
    """Raises ``TooNested``, and anything that a hostile mail makes the library raise."""
    if sum(map(mail.lower().count, (b"boundary", b"message/"))) > MOST_NESTED:
        raise TooNested
    return message_from_bytes(mail)
