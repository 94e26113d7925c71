"""What a reader may rely on in a schema, as a flat list: one line for each field, also of the parts of a part.

``recipients[].seat`` is a field of each recipient, ``content(welcome).group`` one of a content of the kind ``welcome``.
Sentences and titles are left out: they may be worded better at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.contracts.schemas import Schema

Line = dict[str, Any]
Shape = dict[str, Line]

WORDS = ("description", "title", "examples")


def shape_of(schema: Schema) -> Shape:
    return dict(_fields(schema, schema, ""))


def _fields(part: Schema, schema: Schema, path: str) -> Iterator[tuple[str, Line]]:
    required = part.get("required", ())
    for name, field in part.get("properties", {}).items():
        yield from _lines(field, schema, f"{path}{name}", {"required": name in required})


def _lines(field: Schema, schema: Schema, path: str, known: Line) -> Iterator[tuple[str, Line]]:
    """The line of a field, and the lines of its parts."""
    if "$ref" in field:
        part = schema["$defs"][field["$ref"].rpartition("/")[2]]
        yield path, {**known, **_plain(field), "type": "object"}
        yield from _fields(part, schema, f"{path}.")
    elif several := field.get("anyOf") or field.get("oneOf"):
        yield from _several(several, schema, path, {**known, **_plain(field)})
    elif "items" in field:
        yield path, {**known, **_plain(field)}
        yield from _lines(field["items"], schema, f"{path}[]", {})
    else:
        yield path, {**known, **_plain(field)}


def _several(branches: list[Schema], schema: Schema, path: str, known: Line) -> Iterator[tuple[str, Line]]:
    match branches:
        case [one, {"type": "null"}]:
            yield from _lines(one, schema, path, {**known, "nullable": True})
        case [one, {"type": "string" | "object"}] if "$ref" not in one:
            yield from _lines(one, schema, path, {**known, "open": True})
        case _:
            yield path, {**known, "type": "one of several"}
            for branch in branches:
                part = schema["$defs"][branch["$ref"].rpartition("/")[2]]
                yield from _fields(part, schema, f"{path}({part['properties']['kind']['const']}).")


def _plain(field: Schema) -> Line:
    return {key: value for key, value in field.items() if key not in (*WORDS, "$ref", "anyOf", "oneOf", "items")}
