"""What stood there when a form was drawn: it goes along, and whoever changes what somebody else has changed is told."""

from __future__ import annotations

import json
from typing import Any

REPLACES = "replaces"
"""What its values were when a form was drawn that replaces them, as JSON; refused if they were changed since."""
WAS = "was."
"""Before the name of a field: what stood there when the page was asked for."""


def seen(told: str, which: str | None) -> Any:
    """None: nothing. Of a page that has seen several, ``which`` is replaced; under nothing stands what it has seen of
    all others. What is no JSON is the service's to refuse.
    """
    try:
        known = json.loads(told) if told else None
    except (ValueError, RecursionError):
        return told
    return known.get(which, known.get("")) if which is not None and isinstance(known, dict) else known
