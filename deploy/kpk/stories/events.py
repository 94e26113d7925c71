"""`kpk events`: the page of all events (docs/events.md), written from the contracts."""

import re
from collections.abc import Iterable
from typing import Any

import typer
from pydantic import TypeAdapter

from deploy.kpk.services import service_called
from shared.contracts.registry import EVENTS, NAMES, PUBLIC, PUBLIC_STATES, VERSIONS
from shared.contracts.schemas import MODELS, occasion_of, schema_of, sentence_of
from shared.contracts.topics import IN_PUBLIC, SERVICES, events_of, public_of, state_of
from shared.kernel.decider import Superseded
from shared.kernel.identifiers import Slug, Uuid

HEAD = """# The events

Written by `make contract` from `shared/contracts`; `make check` keeps it current. Each event is one record: attributes
as CloudEvents headers, the stream as key, the JSON described here as value. For programs there are
[AsyncAPI](../contract/asyncapi.json), a [JSON Schema](../contract/schemas) for each type, and a
[record](../contract/records) of each as it stands on its topic.

Within a version only optional fields are added, and a choice that ends in *or other* may get more values. Ignore fields
and types that you do not know. Amounts are whole cents; moments are UTC with milliseconds, days those of Berlin
(RFC 3339). A key calls one thing within its conference, in small letters, digits and hyphens.
"""

PUBLIC_HEAD = """## In public

Any system of the city may read these topics ([subscribers](subscribers/README.md)). Their events are understood without
any other. They hold no person, no seat's answer or attendance, no title of an item that the public may not hear, no
reason or note: here is [the list of their fields](../contract/public-fields.txt). `ce_sequence` is that of the event
that they follow from, so it has gaps; `ce_previous` is the sequence of the public event before it on the same stream,
0 for the first.
"""

STATE_HEAD = """## What is so now

For whoever begins today: beside each public topic lies a compacted one with the present state of each object, folded
from its public events and nothing else. The key is the stream, `ce_sequence` the number of the last public event that
is in it; a null means that the object is gone. Of several records under a key the one with the highest number counts.
"""


def add_to(app: typer.Typer) -> None:
    app.command()(events)


def events() -> None:
    """Print all events: type, sentence, fields."""
    typer.echo(page(), nl=False)


def page() -> str:
    closed = (section(service) for service in SERVICES if of(service))
    public = (public_section(service) for service in IN_PUBLIC)
    states = (state_section(service) for service in IN_PUBLIC)
    return "\n".join([HEAD, *closed, PUBLIC_HEAD, decisions(), *public, STATE_HEAD, *states, parts()])


def section(service: str) -> str:
    return _table(f"## {service} (`{events_of(service).name}`)\n", "Sentence; when it is said", of(service))


def of(service: str) -> list[str]:
    """None for the service of the pages, which has no events."""
    return [name for name in VERSIONS if name.startswith(f"kpk.{service}.")]


def public_section(service: str) -> str:
    own = [name for name in PUBLIC if name.startswith(f"kpk.{service}.")]
    return _table(f"### {service} in public (`{public_of(service).name}`)\n", "Sentence; when it is said", own)


def state_section(service: str) -> str:
    own = [name for name in PUBLIC_STATES if name.startswith(f"kpk.{service}.")]
    return _table(f"### {service} now (`{state_of(service).name}`)\n", "What is so", own)


def _table(title: str, meaning: str, names: Iterable[str]) -> str:
    rows = [f"| `{name}` | {_meaning(name)} | {fields(schema_of(name))} |" for name in names]
    return "\n".join([title, f"| Type | {meaning} | Fields |", "| --- | --- | --- |", *rows, ""])


def decisions() -> str:
    """For every event whether it may be published to everybody."""
    rows = [f"| `{name}` | {why} |" for name, why in sorted(_decided().items())]
    return "\n".join(["| Event | In public |", "| --- | --- |", *rows, ""])


def _decided() -> dict[str, str]:
    found = dict.fromkeys(EVENTS, "")
    for service in map(service_called, SERVICES):
        found |= {NAMES[event]: f"closed: {why}" for event, why in service.closed.items()}
        found |= {NAMES[event]: "yes, as below" for layer in service.public for event in layer.events}
    return found


def parts() -> str:
    """The parts that several events have in their fields."""
    found: dict[str, dict[str, Any]] = {}
    for name in MODELS:
        found |= schema_of(name).get("$defs", {})
    rows = [f"| {words(name)} | {fields(schema)} |" for name, schema in sorted(found.items())]
    return "\n".join(["## Parts\n", "| Part | Fields |", "| --- | --- |", *rows, ""])


def _meaning(name: str) -> str:
    event = MODELS[name]
    old = f"Not said since {event.superseded_on}." if issubclass(event, Superseded) else ""
    return "<br>".join(filter(None, [sentence_of(event), " ".join(filter(None, [occasion_of(event), old]))]))


def fields(schema: dict[str, Any]) -> str:
    told = schema["properties"].items()
    return "<br>".join(f"`{name}` ({kind(field)}): {field['description']}" for name, field in told)


KEYS = {TypeAdapter(named).json_schema()["pattern"]: word for named, word in ((Slug, "key"), (Uuid, "id"))}
"""By a text's pattern: names of things, which are compared exactly."""


def kind(field: dict[str, Any]) -> str:
    """A field's type in words, with its unit, as in the JSON."""
    match field:
        case {"$ref": part}:
            return words(part.rpartition("/")[2])
        case {"anyOf": [known, {"type": "string" | "object"}]} if "$ref" not in known:
            return f"{kind(known)} or other"
        case {"anyOf": several} | {"oneOf": several}:
            return " or ".join(dict.fromkeys(kind(one) for one in several))
        case {"const": value}:
            return f"`{value}`"
        case {"enum": values}:
            return " or ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": item}:
            return f"list of {kind(item)}"
        case {"type": "integer", "x-unit": unit}:
            return f"whole number, {unit}"
        case _:
            return _plain(field)


def _plain(field: dict[str, Any]) -> str:
    match field:
        case {"format": "date"}:
            return "day"
        case {"format": "date-time"}:
            return "moment, UTC"
        case {"pattern": pattern} if pattern in KEYS:
            return KEYS[pattern]
        case {"type": "string", "maxLength": most}:
            return f"text up to {most:,} characters"
        case _:
            plain = {"string": "text", "integer": "whole number", "boolean": "yes or no", "null": "nothing"}
            return plain[field["type"]]


def words(name: str) -> str:
    """``RulesOfProcedureV1`` is *rules of procedure v1*."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
