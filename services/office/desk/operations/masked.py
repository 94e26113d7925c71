"""What a record says, without what it says of anybody: an operator sees its shape, and what is opaque."""

from __future__ import annotations

import json
import re
from typing import Any

from services.office.projections import OPAQUE

NAMES = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
"""The form of field names. A key of another form is text, too."""


def masked(content: str | None) -> str:
    """As indented JSON. If it is no JSON, only its length."""
    if content is None:
        return "leer"
    try:
        return json.dumps(_shape(json.loads(content)), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"kein JSON, {len(content)} Zeichen"


def _shape(value: Any) -> Any:
    match value:
        case dict():
            return {_name(name, place): _shape(inner) for place, (name, inner) in enumerate(value.items(), 1)}
        case list():
            return [_shape(inner) for inner in value]
        case str():
            return value if OPAQUE.fullmatch(value) else hidden(value)
        case _:
            return value


def _name(name: str, place: int) -> str:
    return name if NAMES.fullmatch(name) else f"{hidden(name)} {place}"


def hidden(text: str) -> str:
    return f"••• ({len(text)})"
