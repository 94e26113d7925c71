"""Says what is wrong with a field and what is allowed, as a German sentence made from the field's JSON schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

NAME = re.compile(r"[a-z0-9_-]{1,40}")
FAULTS = {"missing": "missing", "extra_forbidden": "unknown"}
"""Pydantic's words for faults with a word of their own here; every other fault is ``invalid``."""

MOST = 20


def faults_in(errors: Sequence[Any], schema: Schema) -> list[dict[str, str]]:
    """Each faulty field once: its path, the word for the fault, and what is expected. Without the sent value."""
    told: dict[str, dict[str, str]] = {}
    for error in errors:
        path, field, around = _found(error["loc"], schema)
        fault = FAULTS.get(error["type"], "invalid")
        told.setdefault(path, {"field": path, "fault": fault, "detail": _sentence(fault, field, around, schema)})
    return list(told.values())[:MOST]


def _found(place: Sequence[str | int], schema: Schema) -> tuple[str, Schema | None, Schema]:
    """The path, the field's schema (None if there is no such field), and the schema of the object around it.

    The name of an unknown field was sent too: it is repeated only if it has the form of our names.
    """
    path, field, around = [], schema, schema
    for part in place:
        inner = _inside(field, part, schema)
        path.append(str(part) if inner or NAME.fullmatch(str(part)) else "?")
        if inner is None:
            return ".".join(path), None, field
        field, around = inner, field
    return ".".join(path), field, around


def _inside(schema: Schema, part: str | int, root: Schema) -> Schema | None:
    for branch in _branches(schema, root):
        if isinstance(part, int) and "items" in branch:
            items: Schema = branch["items"]
            return items
        if part in branch.get("properties", {}):
            field: Schema = branch["properties"][part]
            return field
    return None


def _branches(schema: Schema, root: Schema) -> Iterator[Schema]:
    """The schemas that a value may have: one, or each of a union."""
    if "$ref" in schema:
        yield from _branches(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    elif union := schema.get("anyOf") or schema.get("oneOf"):
        for branch in union:
            yield from _branches(branch, root)
    else:
        yield schema


def _sentence(fault: str, field: Schema | None, around: Schema, root: Schema) -> str:
    if field is None:
        known = [name for branch in _branches(around, root) for name in branch.get("properties", {})]
        return f"Diese Angabe gibt es hier nicht. Es gibt: {', '.join(known) or 'keine'}."
    missing = "Diese Angabe fehlt. " if fault == "missing" else ""
    return f"{missing}Erwartet wird: {' oder '.join(_expected(branch) for branch in _branches(field, root))}."


def _expected(schema: Schema) -> str:
    match schema:
        case {"enum": values}:
            return f"einer der Werte {', '.join(map(str, values))}"
        case {"const": value}:
            return f"der Wert {value}"
        case {"type": "integer"}:
            return str(schema.get("description", "ganze Zahl")) + _range(schema, "minimum", "maximum", "")
        case {"type": "string"}:
            return _text(schema)
        case {"type": "boolean"}:
            return "true oder false"
        case {"type": "array"}:
            return "Liste" + _range(schema, "minItems", "maxItems", " Einträge")
        case {"type": "null"}:
            return "null"
        case {"properties": fields}:
            return f"Objekt mit {', '.join(fields)}"
        case _:
            return "ein anderer Wert"


def _text(schema: Schema) -> str:
    formats = {"date": "Tag als JJJJ-MM-TT", "date-time": "Zeitpunkt mit Zone (RFC 3339)"}
    kind = str(schema.get("description") or formats.get(schema.get("format", ""), "Text"))
    return kind + _range(schema, "minLength", "maxLength", " Zeichen")


def _range(schema: Schema, least: str, most: str, unit: str) -> str:
    match schema.get(least), schema.get(most):
        case None, None:
            return ""
        case None, end:
            return f" (höchstens {end}{unit})"
        case start, None:
            return f" (mindestens {start}{unit})"
        case start, end:
            return f" ({start} bis {end}{unit})"
