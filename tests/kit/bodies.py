"""Request bodies drawn from a command's schema: few names, so that they collide, and all extremes."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from tests.kit.when import CONFERENCE, person

Schema = dict[str, Any]

NAMES = ("a", "a", "a", "a-1", "a-1", "a-50", "b", "z" * 77, f"{'z' * 77}-50", "z" * 80)
DAYS = ("1990-01-01", "2199-12-31", "2024-02-29", "2024-04-23", "1989-12-31", "2200-01-01", "0001-01-01", "9999-12-31")
MOMENTS = (
    "1990-01-01T00:00:00+01:00",
    "2199-12-31T22:59:59.999999Z",
    "2024-04-23T12:00:00Z",
    "2024-04-23T15:00:00.1+02:00",
    "2024-10-27T02:30:00+02:00",
    "1989-12-31T22:59:59Z",
    "2199-12-31T23:00:00Z",
    "9999-12-31T23:30:00Z",
    "0001-01-01T00:00:00Z",
)
TEXTS = (
    "Rathaus",
    " ",
    "ä" * 300,
    "\u0958" * 300,
    "𝒳" * 300,
    '";,:\\<x@y>' * 30,
    "B" * 300,
    "=?utf-8?q?x?=",
    "a\u0300",
)
ADDRESSES = ("eva@example.org", f"{'e' * 64}@{'.'.join(['d' * 60] * 3)}.org", "o'neil+x@sub.müller.example", "x@y")


@cache
def bodies_of(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """JSON values: most are accepted, some lie just outside of what the schema or a rule allows."""
    return values_of(model.model_json_schema()).map(_made_to_fit)


def values_of(schema: Schema) -> st.SearchStrategy[Any]:
    return _values(schema, schema.get("$defs", {}), "")


def _values(schema: Schema, defined: Schema, name: str) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _values(defined[schema["$ref"].rpartition("/")[2]], defined, name)
    if "const" in schema:
        return st.just(schema["const"])
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return st.one_of([_values(choice, defined, name) for choice in choices])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            return _objects(schema, defined)
        case "array":
            return _arrays(schema, defined, name)
        case "integer":
            return _numbers(schema)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case _:
            return _texts(schema, name)


def _objects(schema: Schema, defined: Schema) -> st.SearchStrategy[Any]:
    fields = {name: _values(one, defined, name) for name, one in schema.get("properties", {}).items()}
    required = schema.get("required", ())
    return st.fixed_dictionaries(
        {name: fields[name] for name in required},
        optional={name: field for name, field in fields.items() if name not in required},
    )


def _arrays(schema: Schema, defined: Schema, name: str) -> st.SearchStrategy[Any]:
    least = schema.get("minItems", 0)
    most = min(schema.get("maxItems", least + 3), least + 3)
    return st.lists(_values(schema["items"], defined, name), min_size=least, max_size=most)


def _numbers(schema: Schema) -> st.SearchStrategy[int]:
    least, most = schema.get("minimum", 0), schema.get("maximum", 2**64)
    return st.sampled_from([least, most, 1, 2, 100]) | st.integers(least, most) | st.just(most + 1)


def _texts(schema: Schema, name: str) -> st.SearchStrategy[str]:
    pattern = schema.get("pattern", "")
    if name == "conference":
        return st.just(CONFERENCE)
    if "[0-9a-f]{12}" in pattern:
        return st.sampled_from([person(number) for number in (1, 2)])
    if pattern:
        return st.sampled_from(NAMES)
    if schema.get("format") == "date":
        return st.sampled_from(DAYS)
    if schema.get("format") == "date-time":
        return st.sampled_from(MOMENTS)
    if name == "email":
        return st.sampled_from(ADDRESSES)
    return st.sampled_from(TEXTS) | st.text(min_size=1, max_size=40)


def _made_to_fit(body: Any) -> Any:
    """Agendas are numbered and plans add up: nothing drawn at random would get past these rules."""
    if isinstance(body, dict):
        for number, item in enumerate(body.get("agenda", ()), start=1):
            item["number"] = number
        if "lines" in body:
            body["amount"] = min(10**11, sum(line["amount"] for line in body["lines"]))
    return body
