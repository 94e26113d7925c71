"""`kpk events`: the event language as a page (docs/events.md), written from the contracts themselves."""

import re
from typing import Any

import typer

from deploy.kpk.sentences import template_of
from shared.contracts.registry import EVENTS
from shared.contracts.topics import SERVICES, events_of
from shared.kernel.decider import Event

HEAD = """# The events

Written by `kpk events > docs/events.md` from `shared/contracts`; a test keeps it current. Each event is one record:
attributes as CloudEvents headers, the stream as key, the JSON described here as value. Amounts are cents.
"""


def add_to(app: typer.Typer) -> None:
    app.command()(events)


def events() -> None:
    """Write down all events: type, sentence, fields."""
    typer.echo(page(), nl=False)


def page() -> str:
    return "\n".join([HEAD, *(section(service) for service in SERVICES), parts()])


def section(service: str) -> str:
    own = {name: event for name, event in EVENTS.items() if name.startswith(f"kpk.{service}.")}
    rows = [f"| `{name}` | {template_of(name)} | {fields(event)} |" for name, event in own.items()]
    title = f"## {service} (`{events_of(service).name}`)\n"
    return "\n".join([title, "| Type | Sentence | Fields |", "| --- | --- | --- |", *rows, ""])


def parts() -> str:
    """What the fields of several events are made of."""
    found: dict[str, dict[str, Any]] = {}
    for event in EVENTS.values():
        found.update(event.model_json_schema(mode="serialization").get("$defs", {}))
    rows = [f"| {words(name)} | {fields_of(schema)} |" for name, schema in sorted(found.items())]
    return "\n".join(["## Parts\n", "| Part | Fields |", "| --- | --- |", *rows, ""])


def fields(event: type[Event]) -> str:
    return fields_of(event.model_json_schema(mode="serialization"))


def fields_of(schema: dict[str, Any]) -> str:
    return "<br>".join(f"`{name}`: {kind(field)}" for name, field in schema["properties"].items())


def kind(field: dict[str, Any]) -> str:
    """A field's type in words, as it stands in the JSON."""
    if "$ref" in field:
        return words(field["$ref"].rpartition("/")[2])
    if several := field.get("anyOf") or field.get("oneOf"):
        return " or ".join(dict.fromkeys(kind(one) for one in several))
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {kind(field['items'])}"
    named = {"date": "day", "date-time": "moment"}.get(field.get("format", ""))
    plain = {"string": "text", "integer": "whole number", "boolean": "yes or no", "null": "nothing"}
    return named or plain[field["type"]]


def words(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
