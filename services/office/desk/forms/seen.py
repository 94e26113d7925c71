"""What stood there when a form was drawn: it goes along, and whoever changes what somebody else has changed is told."""

from __future__ import annotations

import json
from typing import Any

REPLACES = "replaces"
"""The values that a form replaces, as JSON, as they were when it was drawn. A change since then refuses it."""
WAS = "was."
"""Prefix of a field's name: its value when the page was requested."""


def seen(told: str, which: str | None) -> Any:
    """None if there is nothing. If the page has seen several things, ``which`` is replaced. An empty key has all
    others. The service refuses what is no JSON.
    """
    try:
        known = json.loads(told) if told else None
    except (ValueError, RecursionError):
        return told
    return known.get(which, known.get("")) if which is not None and isinstance(known, dict) else known
