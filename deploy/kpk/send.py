"""`kpk send <service> <Command> --field value …`: any command, from the same model as its route."""

import json
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.calls import Called, call
from deploy.kpk.installation import installation
from deploy.kpk.options import somewhere
from deploy.kpk.sentences import sentence_of
from deploy.kpk.services import service_called
from deploy.kpk.stack import Data, say
from shared.contracts.topics import SERVICES
from shared.kernel.decider import Command
from shared.runtime.commands.routes import body_model, role_of

FREE = {"allow_extra_args": True, "ignore_unknown_options": True}

Body = Annotated[
    str | None, typer.Option("--body", metavar="FILE", help="The whole command as JSON; - reads standard input.")
]


def add_to(app: typer.Typer) -> None:
    app.command(context_settings=FREE)(somewhere(send))


def send(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")],
    command: Annotated[str | None, typer.Argument(help="For instance AppointDelegate; without it: a list.")] = None,
    body: Body = None,
    caller: Annotated[
        str | None, typer.Option("--as", help="Whose token is shown; by default one of the role that may.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency key; by default a random one.")] = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Show the answer as JSON.")] = False,
) -> None:
    """Give a command: its fields as --field value, nested ones as JSON; without a command: what there is."""
    commands = service_called(service).given
    if command is None:
        show_commands(list(commands.values()))
        return
    if command not in commands:
        raise Refused(f"{service} has no command {command}: name one of {', '.join(commands)}")
    given = commands[command]
    asked = {**read_body(body), **arguments(given, context.args)}
    where, shown, used = installation(data), caller or role_of(given), key or str(uuid.uuid4())
    show_answer(call(where, service, "POST", f"/commands/{command}", shown, asked, used), as_json)


def arguments(command: type[Command], words: Sequence[str]) -> dict[str, Any]:
    """``--working-group AG-A`` or ``--working-group=AG-A`` as the command's field ``working_group``."""
    schema = body_model(command).model_json_schema()
    fields: dict[str, Any] = {}
    rest = list(words)
    while rest:
        option, has_value, value = rest.pop(0).partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or name not in schema["properties"]:
            named = ", ".join(f"--{known.replace('_', '-')}" for known in schema["properties"])
            raise Refused(f"{command.__name__} does not understand {option}: it takes {named}")
        if not has_value and not rest:
            raise Refused(f"{option} needs a value")
        fields[name] = value_of(option, value if has_value else rest.pop(0), schema["properties"][name], schema)
    return fields


def value_of(option: str, text: str, field: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """Text for fields that are text, JSON for all others; ``null`` where a field may be left empty."""
    kinds = kinds_of(field, schema)
    if "string" in kinds and not (text == "null" and "null" in kinds):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(f"{option} takes JSON ({' or '.join(sorted(kinds))}), and {text} is none") from None


def kinds_of(field: Mapping[str, Any], schema: Mapping[str, Any]) -> set[str]:
    if "$ref" in field:
        return kinds_of(schema["$defs"][field["$ref"].rpartition("/")[2]], schema)
    branches = [*field.get("anyOf", []), *field.get("oneOf", []), *field.get("allOf", [])]
    if branches:
        return set[str]().union(*(kinds_of(branch, schema) for branch in branches))
    if "type" in field:
        return {field["type"]}
    return {"string" if isinstance(value, str) else "integer" for value in field.get("enum", [field.get("const")])}


def read_body(source: str | None) -> dict[str, Any]:
    if source is None:
        return {}
    try:
        told = json.loads(sys.stdin.read() if source == "-" else Path(source).read_text())
    except OSError as error:
        raise Refused(f"{source} cannot be read: {error.strerror}") from None
    except ValueError:
        raise Refused(f"{source} is not JSON") from None
    if not isinstance(told, dict):
        raise Refused(f"{source} is not a JSON object")
    return told


def show_commands(commands: Sequence[type[Command]]) -> None:
    for command in commands:
        say(f"{command.__name__}: {(command.__doc__ or '').partition(chr(10))[0]}")
        for line in fields_of(command):
            say(f"    {line}")


def fields_of(command: type[Command]) -> list[str]:
    schema = body_model(command).model_json_schema()
    required = schema.get("required", [])
    return [
        f"--{name.replace('_', '-')} {' or '.join(sorted(kinds_of(field, schema)))}"
        + ("" if name in required else " (may be left out)")
        for name, field in schema["properties"].items()
    ]


def show_answer(called: Called, as_json: bool) -> None:
    told = called.told
    if as_json:
        typer.echo(json.dumps({**told, "replayed": called.replayed}, indent=2, ensure_ascii=False))
        return
    events = told.get("events", [])
    for place, event in enumerate(events, start=told.get("sequence", 0) - len(events) + 1):
        say(f"{told['stream']}:{place}  {sentence_of(event['type'], event['data'])}")
    if not events:
        say(f"{told['stream']}  accepted, without an event")
    if called.replayed:
        say("this was the answer to the same key before: nothing happened again")
