"""A command's fields at the command line: their allowed values, and the value of a typed text.

All of it is derived from the command's JSON schema. The fields of a nested object are options: ``--details.email``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from deploy.embedded.data_folder import Refused
from deploy.kpk.commands.amounts import AMOUNT, cents
from shared.kernel.time import iso, moment_in_berlin
from shared.runtime.http import strict_json

Schema = Mapping[str, Any]

WHOLE = re.compile(r"-?[0-9]{1,18}")
YES, NO = ("yes", "true", "ja"), ("no", "false", "nein")
SLUG, UUID = "^[a-z0-9]+(-[a-z0-9]+)*$", "^[0-9a-f]{8}-"


@dataclass(frozen=True, slots=True)
class Field:
    """``path`` are the names that lead to it. ``kind`` is its schema without references and without null."""

    path: tuple[str, ...]
    kind: Schema
    required: bool
    nullable: bool

    @property
    def option(self) -> str:
        return "--" + ".".join(name.replace("_", "-") for name in self.path)

    @property
    def takes(self) -> str:
        return takes(self.kind)

    @property
    def has_default(self) -> bool:
        return "default" in self.kind

    @property
    def has_parts(self) -> bool:
        return "properties" in self.kind

    @property
    def adds(self) -> bool:
        """Whether a further value goes with the one before."""
        return self.has_parts or self.kind.get("type") == "array"

    def read(self, text: str) -> Any:
        """Raises ``Refused`` with what it takes."""
        if self.nullable and text == "null":
            return None
        try:
            return read(text, self.kind)
        except ValueError as fault:
            said = f" ({fault})" if str(fault) else ""
            raise Refused(f"{self.option} takes {self.takes}, and {text} is none{said}") from None


def fields_of(schema: Schema) -> list[Field]:
    """Every option of a command; an object's own option comes before those of its parts."""
    return _fields_in(schema, schema, (), parent_required=True)


def _fields_in(kind: Schema, schema: Schema, path: tuple[str, ...], parent_required: bool) -> list[Field]:
    found = []
    for name, told in kind["properties"].items():
        inner, nullable = resolved(told, schema)
        required = parent_required and name in kind.get("required", ()) and not nullable
        found.append(Field((*path, name), inner, required, nullable))
        if "properties" in inner:
            found += _fields_in(inner, schema, (*path, name), required)
    return found


def resolved(told: Schema, schema: Schema) -> tuple[Schema, bool]:
    """Its schema, and whether it may be null; parts of lists are resolved too."""
    own = {name: value for name, value in told.items() if name not in ("$ref", "anyOf")}
    if "$ref" in told:
        return resolved({**schema["$defs"][told["$ref"].rpartition("/")[2]], **own}, schema)
    branches = [one for one in told.get("anyOf", ()) if one.get("type") != "null"]
    if len(branches) == 1:
        return resolved({**branches[0], **own}, schema)[0], True
    if "items" in told:
        return {**told, "items": resolved(told["items"], schema)[0]}, False
    if "properties" in told:
        return {**told, "$defs": schema.get("$defs", {})}, False
    return told, False


def takes(kind: Schema) -> str:
    """The allowed form in words, with an example if it is not plain."""
    match kind:
        case {"unit": "cents"}:
            return AMOUNT
        case {"enum": values}:
            return " or ".join(map(str, values))
        case {"const": value}:
            return str(value)
        case {"type": "boolean"}:
            return "yes or no"
        case {"type": "integer"}:
            return f"a whole number{_bounds(kind, 'minimum', 'maximum', 'from {} to {}')}"
        case {"format": "date"}:
            return "a day (2026-01-31 or 31.01.2026)"
        case {"format": "date-time"}:
            return "a moment (2026-01-31T10:00, in Berlin, or with its own zone: 2026-01-31T09:00Z)"
        case {"pattern": str(pattern)} if pattern == SLUG:
            return "a name of small letters, digits and single dashes"
        case {"pattern": str(pattern)} if pattern.startswith(UUID):
            return "an id (a UUID in small letters)"
        case {"type": "array", "items": {"properties": parts}}:
            return f"a JSON list of objects with {', '.join(parts)}{_in_json(kind)}"
        case {"type": "array", "items": item}:
            return f"{takes(item)}; said again for each further one"
        case {"properties": parts}:
            return f"a JSON object with {', '.join(parts)}{_in_json(kind)}, or each of them by itself"
        case {"type": "string"}:
            return f"text{_bounds(kind, 'minLength', 'maxLength', 'of {} to {} characters')}"
        case _:
            return "JSON"


def _in_json(kind: Schema) -> str:
    """What to know about amounts in it."""
    parts = kind.get("items", kind)["properties"].values()
    in_cents = any(part.get("unit") == "cents" for part in parts)
    return ' (amounts as whole cents, or as "400,00 EUR")' if in_cents else ""


def _bounds(kind: Schema, least: str, most: str, form: str) -> str:
    return " " + form.format(kind[least], kind[most]) if least in kind and most in kind else ""


def read(text: str, kind: Schema) -> Any:
    """The JSON value. Raises ``ValueError``; its text, if there is one, says more."""
    match kind:
        case {"unit": "cents"}:
            return cents(text)
        case {"enum": values}:
            return _one_of(text, {str(value): value for value in values})
        case {"const": value}:
            return _one_of(text, {str(value): value})
        case {"type": "boolean"}:
            return _one_of(text.lower(), {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)})
        case {"type": "integer"}:
            return _whole(text, kind)
        case {"format": "date"}:
            return _day(text).isoformat()
        case {"format": "date-time"}:
            return _moment(text)
        case {"type": "array", "items": item} if "properties" not in item and not text.startswith("["):
            return [read(text, item)]
        case {"type": "array"} | {"properties": _}:
            return with_amounts(_json(text), kind)
        case {"type": "string"}:
            return text
        case _:
            return _json(text)


def with_amounts(value: Any, kind: Schema) -> Any:
    """JSON from the command line: whole numbers are cents already, texts with a unit become cents."""
    match value, kind:
        case str(), {"unit": "cents"}:
            return cents(value)
        case list(), {"items": item}:
            return [with_amounts(one, item) for one in value]
        case dict(), {"properties": parts}:
            known = {name: resolved(part, kind)[0] for name, part in parts.items()}
            return {name: with_amounts(one, known.get(name, {})) for name, one in value.items()}
        case _:
            return value


def _one_of(text: str, values: Mapping[str, Any]) -> Any:
    if text not in values:
        raise ValueError
    return values[text]


def _whole(text: str, kind: Schema) -> int:
    if not WHOLE.fullmatch(text):
        raise ValueError
    number = int(text)
    if not kind.get("minimum", number) <= number <= kind.get("maximum", number):
        raise ValueError
    return number


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%d.%m.%Y").date() if "." in text else date.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        raise ValueError from None  # Python's own message does not help somebody who types a day


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError from None
    if "T" not in text and " " not in text:
        raise ValueError("the time of day is missing")
    return iso(moment if moment.tzinfo else moment_in_berlin(moment.date(), moment.time()))


def _json(text: str) -> Any:
    """As strict as the service: a repeated key is an error, so that neither value is lost."""
    strict_json.check(text.encode())
    return json.loads(text)
