"""`kpk send <service> <Command> --field value …`: any command, from the same model as its route."""

import json
import sys
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.calls import Called, call
from deploy.kpk.commands.answered import positions, remember
from deploy.kpk.commands.fields import Field, fields_of
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.services import service_called
from deploy.kpk.stack import Data, say
from deploy.kpk.stories.sentences import Teller
from shared.contracts.topics import SERVICES
from shared.kernel.decider import Command
from shared.runtime.commands.routes import body_model, role_of
from shared.runtime.http import strict_json

FREE = {"allow_extra_args": True, "ignore_unknown_options": True}

Body = Annotated[
    str | None, typer.Option("--body", metavar="FILE", help="The whole command as JSON; - reads standard input.")
]


def add_to(app: typer.Typer) -> None:
    app.command(context_settings=FREE)(somewhere(send))


def send(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    context: typer.Context,
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")],
    command: Annotated[str | None, typer.Argument(help="For instance AppointDelegate; without it: a list.")] = None,
    body: Body = None,
    caller: Annotated[
        str | None, typer.Option("--as", help="The account that sends it; by default one of the required role.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Idempotency key; by default a random one.")] = None,
    seen: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STREAM:NUMBER",
            help="A position to wait for, in addition to the answers of this installation in the last ten minutes.",
        ),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Send a command: its fields as --field value, nested ones as --object.field; without a command: list all."""
    commands = service_called(service).given
    if command is None:
        show_commands(list(commands.values()), as_json)
        return
    if command not in commands:
        raise Refused(f"{service} has no command {command}: name one of {', '.join(commands)}")
    given = commands[command]
    asked = whole(given, over(read_body(body), arguments(given, context.args)))
    where, shown, used = installation(data), caller or role_of(given), key or str(uuid.uuid4())
    named = urlencode({"seen": [*positions(where), *(seen or ())]}, doseq=True)
    called = call(where, service, "POST", f"/commands/{command}?{named}", shown, asked, used)
    remember(where, called.told["stream"], called.told["sequence"])
    show_answer(called, Teller(where.language), as_json)


def arguments(command: type[Command], words: Sequence[str]) -> dict[str, Any]:
    """``--working-group AG-A`` or ``--working-group=AG-A`` as the command's field ``working_group``.

    Of two values for one field neither is lost: only lists and objects take an option again.
    """
    known = {field.option: field for field in fields_of(schema_of(command))}
    told: dict[str, Any] = {}
    rest, said = list(words), set[str]()
    while rest:
        option, has_value, value = rest.pop(0).partition("=")
        if option not in known:
            raise Refused(f"{command.__name__} does not understand {option}: it takes {', '.join(known)}")
        if option in said and not known[option].adds:
            raise Refused(f"{option} is said twice: say it once")
        said.add(option)
        if not has_value and not rest:
            raise Refused(f"{option} needs a value: {known[option].takes}")
        put(told, known[option], known[option].read(value if has_value else rest.pop(0)))
    return told


def put(told: dict[str, Any], field: Field, value: Any) -> None:
    """At its place in the enclosing objects; a repeated list option adds to the list."""
    *above, last = field.path
    for name in above:
        inner = told.setdefault(name, {})
        if not isinstance(inner, dict):
            raise Refused(f"{field.option} is a part of {field.option.rpartition('.')[0]}, and that is no object")
        told = inner
    match told.get(last), value:
        case list() as before, list():
            told[last] = before + value
        case dict() as before, dict():
            told[last] = before | value
        case _:
            told[last] = value


def over(body: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """The body with what the command line says in its place, field by field also within an object."""
    both = {name for name in said if isinstance(said[name], dict) and isinstance(body.get(name), dict)}
    return {**body, **said, **{name: over(body[name], said[name]) for name in both}}


def whole(command: type[Command], told: dict[str, Any]) -> dict[str, Any]:
    """Missing optional lists become empty. Raises ``Refused`` if a required field is missing."""
    missing = []
    for field in fields_of(schema_of(command)):
        around = inside(told, field.path[:-1])
        if around is None or field.path[-1] in around:
            continue
        if field.nullable and not field.has_default:
            around[field.path[-1]] = None
        elif field.required and not field.has_parts:
            missing.append(f"{field.option} ({field.takes})")
        elif field.required:
            around[field.path[-1]] = {}
    if missing:
        raise Refused(f"{command.__name__} lacks " + "\n  ".join(["these:", *missing]))
    return told


def inside(told: Any, path: Sequence[str]) -> dict[str, Any] | None:
    """The object there; None if none was given."""
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told if isinstance(told, dict) else None


@cache
def schema_of(command: type[Command]) -> dict[str, Any]:
    return body_model(command).model_json_schema()


def read_body(source: str | None) -> dict[str, Any]:
    """JSON in the service's form: amounts are whole cents."""
    if source is None:
        return {}
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        strict_json.check(content)
    except OSError as error:
        raise Refused(f"{source} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Refused(f"{source} is not JSON that a service takes: {error}") from None
    told = json.loads(content)
    if not isinstance(told, dict):
        raise Refused(f"{source} is not a JSON object")
    return told


def show_commands(commands: Sequence[type[Command]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({command.__name__: schema_of(command) for command in commands}, indent=2))
        return
    for command in commands:
        say(f"{command.__name__}: {(command.__doc__ or '').partition(chr(10))[0]}")
        for field in fields_of(schema_of(command)):
            say(f"    {field.option}  {field.takes}{'' if field.required else ' (may be left out)'}")


def show_answer(called: Called, teller: Teller, as_json: bool) -> None:
    told = called.told
    if as_json:
        typer.echo(json.dumps({**told, "replayed": called.replayed}, indent=2, ensure_ascii=False))
        return
    events = told.get("events", [])
    for place, event in enumerate(events, start=told.get("sequence", 0) - len(events) + 1):
        say(f"{told['stream']}:{place}  {teller.event(event['type'], event['data'])}")
    if not events:
        say(f"{told['stream']}  accepted, without an event")
    if called.replayed:
        say("this was the answer to the same key before: nothing happened again")
