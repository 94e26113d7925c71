"""JSON Schema (2020-12) of what is published, as its readers may rely on it.

Readers have to ignore fields that they do not know, so unknown ones are allowed. What has a default may be absent, as
in older records. Each field says what it means, and ``x-unit`` what it counts.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from string import Formatter
from textwrap import dedent
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema

from shared.contracts.registry import PUBLIC, PUBLIC_STATES, STATES, VERSIONS, read_as
from shared.kernel.values import Value

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MODELS: dict[str, type[Value]] = {
    **VERSIONS,
    **PUBLIC,
    **PUBLIC_STATES,
    **{state.name: state.model for state in STATES.values()},
}
"""By the type's name: events in every version, public ones, public states, and the state of a person."""

UNITS = {"date": "day in Berlin (RFC 3339 full-date)", "date-time": "UTC with milliseconds (RFC 3339 date-time)"}
UNNAMED = "?"
"""Stands for a field that is not there."""
_OURS = ("title", "description", "discriminator", "unit", "open")
"""What pydantic writes for other readers; what is meant for these ones is written anew."""


class _Robust(Formatter):
    def get_value(self, key: int | str, _: object, fields: Mapping[str, Any]) -> Any:
        return fields.get(str(key), UNNAMED)


@cache
def schema_of(name: str) -> Schema:
    """Of one type in one version. ``$defs`` has the parts that its fields are made of."""
    return {"$schema": DIALECT, **MODELS[name].model_json_schema(schema_generator=_Published), "title": name}


def sentence_of(model: type[Value]) -> str:
    """The first line of its docstring: ``Seat {seat} is filled by {person} from {since}.``"""
    return _told(model).split("\n")[0]


def german_of(name: str) -> str:
    """The same in German, of an event or public event; of an older version in the words of today."""
    return read_as(VERSIONS[name] if name in VERSIONS else PUBLIC[name]).german


def filled_in(sentence: str, fields: Mapping[str, object]) -> str:
    """With the fields for their names; one that an older record does not have is a question mark."""
    return _Robust().vformat(sentence, (), fields)


Shape = Literal["cents", "word", "date", "date-time", "text", "other"]
"""What a field holds: an amount, one of given words, a day, a moment, what somebody typed; or an id, a slug …"""


@cache
def shapes_of(name: str) -> Mapping[str, Shape]:
    """By field what it holds, for those who show it; nothing of an unknown type."""
    told = MODELS[name].model_json_schema()["properties"] if name in MODELS else {}
    return {field: _shape(schema) for field, schema in told.items()}


def _shape(schema: Schema) -> Shape:
    """Of what may be left out, what it is otherwise."""
    [told, *_] = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    match told:
        case {"unit": "cents"}:
            return "cents"
        case {"enum": _} | {"const": _}:
            return "word"
        case {"format": "date"}:
            return "date"
        case {"format": "date-time"}:
            return "date-time"
        case {"type": "string"} if "pattern" not in told:
            return "text"
        case _:
            return "other"


def occasion_of(model: type[Value]) -> str:
    """When it is said: the rest of its docstring, as one paragraph."""
    return _words(_told(model).partition("\n\n")[2])


@cache
def meanings_of(model: type[Value]) -> dict[str, str]:
    """By field what it means: the text under it in its class, or in a class that this one is made of."""
    if model is Value:
        return {}
    found: dict[str, str] = {}
    for parent in model.__bases__:
        found |= meanings_of(parent) if issubclass(parent, Value) else {}
    [told] = ast.parse(dedent(inspect.getsource(model))).body
    assert isinstance(told, ast.ClassDef)
    for field, text in pairwise(told.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(meaning))):
                found[name] = _words(meaning)
            case _:
                continue
    return found


class _Published(GenerateJsonSchema):
    def model_schema(self, schema: Any) -> Schema:
        model = schema["cls"]
        told = super().model_schema(schema)
        told.pop("additionalProperties", None)
        meanings = meanings_of(model)
        told["description"] = " ".join(text for text in (sentence_of(model), occasion_of(model)) if text)
        fields = {name: _published(field) for name, field in told.get("properties", {}).items()}
        told["properties"] = {name: {"description": meanings.get(name, ""), **field} for name, field in fields.items()}
        if always := [name for name, field in fields.items() if "const" in field]:
            told["required"] = list(dict.fromkeys([*always, *told.get("required", ())]))
        return told


def _published(node: Any) -> Any:
    if isinstance(node, list):
        return [_published(one) for one in node]
    if not isinstance(node, dict):
        return node
    told = {key: _published(value) for key, value in node.items() if key not in _OURS}
    if unit := node.get("unit") or UNITS.get(node.get("format", "")):
        told["x-unit"] = unit
    return {"anyOf": [told, {"type": "string" if "enum" in told else "object"}]} if node.get("open") else told


def _told(model: type[Value]) -> str:
    return inspect.cleandoc(model.__doc__ or "")


def _words(text: str) -> str:
    """One paragraph, as Markdown writes it."""
    return " ".join(text.split()).replace("``", "`")
