"""`kpk subscriber`: lets another system of the city read events, with its own login, rights and quota."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.embedded.data_folder import Refused
from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.private_files import write_whole
from deploy.kpk.access.rights import own_folder
from deploy.kpk.access.subscriber_settings import Settings
from deploy.kpk.installation import Installation, installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.running.topics import ask
from deploy.kpk.stack import Data, say
from deploy.kpk.tables import console, table_of
from deploy.rights.readers import Reader, admit, another_password, dismiss, reader_called, readers
from shared.contracts.topics import IN_PUBLIC, SERVICES, events_of, public_of, state_of

Name = Annotated[str, typer.Argument(help="The system's name: a-z, 0-9 and -. Its user is city-NAME.")]
Reads = Annotated[
    list[str] | None, typer.Option("--read", help=f"A service whose events it reads; repeat. {', '.join(SERVICES)}.")
]
PublicOnly = Annotated[bool, typer.Option("--public-only", help="Only the service's public topic, not its own topic.")]
Passwords = Annotated[
    Path | None,
    typer.Option("--passwords", help="The folder of the users' passwords; by default the stack's, else secrets/kafka."),
]
UNFILTERED = (
    "Kafka cannot filter by conference: it gets the events of every conference, and leaves out those of others "
    "by the header ce_conference."
)


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Let other systems of the city read events.", no_args_is_help=True)
    group.command()(somewhere(add))
    group.command("list")(somewhere(list_subscribers))
    group.command()(somewhere(rotate))
    group.command()(somewhere(remove))
    app.add_typer(group, name="subscriber")


def add(
    name: Name,
    read: Reads = None,
    public_only: PublicOnly = False,
    passwords: Passwords = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add a system and print its settings. If repeated, the new services count; the password stays."""
    user, services = reader_called(name), services_named(read, public_only)
    where = installation(data)
    file = password_file(folder_of(where, passwords), user)
    closed = [] if public_only else [events_of(service).name for service in services]
    password = own_password(where, user, file)
    ask(admit(where.kafka, user, closed, password))
    write_whole(file, password.encode())
    public = [public_of(service).name for service in services if service in IN_PUBLIC]
    states = [state_of(service).name for service in services if service in IN_PUBLIC]
    settings = Settings.of(where.kafka, user, file, [*public, *closed], states)
    if as_json:
        typer.echo(json.dumps({**settings.as_json(), "note": UNFILTERED}, indent=2))
    else:
        typer.echo(f"{settings.text()}\n# {UNFILTERED}")


def list_subscribers(data: Data = None, as_json: AsJson = False) -> None:
    """Show the systems, what they read, and the lag of each of their groups."""
    found = ask(readers(installation(data).kafka))
    if as_json:
        typer.echo(json.dumps([as_told(one) for one in found], indent=2))
    elif not found:
        say("no other system reads events: kpk subscriber add NAME --read SERVICE")
    else:
        show(found)


def rotate(name: Name, passwords: Passwords = None, data: Data = None) -> None:
    """Give a system a new password; connections with the old one end within five minutes."""
    user, where = reader_called(name), installation(data)
    file = password_file(folder_of(where, passwords), user)
    must_be_there(where, user)
    password = new_password()
    ask(another_password(where.kafka, user, password))
    write_whole(file, password.encode())
    say(f"{user} has another password, in {file}")


def remove(name: Name, passwords: Passwords = None, data: Data = None) -> None:
    """Remove a system's access. Its groups keep their offsets: if added again, it continues there."""
    user, where = reader_called(name), installation(data)
    file = password_file(folder_of(where, passwords), user)
    if not file.exists():
        must_be_there(where, user)
    file.unlink(missing_ok=True)  # first, because a starting broker admits every user whose password is there
    ask(dismiss(where.kafka, user))
    say(f"{user} reads nothing more")


def services_named(read: Sequence[str] | None, public_only: bool) -> list[str]:
    """Raises ``Refused``."""
    for service in read or ():
        if service not in SERVICES:
            raise Refused(f"--read {service} is not understood: say one of {', '.join(SERVICES)}")
        if public_only and service not in IN_PUBLIC:
            raise Refused(f"{service} says nothing in public: say one of {', '.join(IN_PUBLIC)}")
    if not read:
        raise Refused(f"it is not said what is read: --read one of {', '.join(SERVICES)}; repeat it for more")
    return list(dict.fromkeys(read))


def folder_of(where: Installation, passwords: Path | None) -> Path:
    """Created if missing, so that no password is set which cannot be written down."""
    folder = passwords or own_folder(where) or Path("secrets/kafka")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def own_password(where: Installation, user: str, file: Path) -> str:
    """The existing one, or a new one. Raises ``Refused`` if it is kept elsewhere."""
    if file.exists():
        return file.read_text().strip()
    if user in {one.user for one in ask(readers(where.kafka))}:
        raise Refused(f"{file} is not there, but {user} has a password: name its folder with --passwords, or rotate it")
    return new_password()


def new_password() -> str:
    return secrets.token_urlsafe(32)


def must_be_there(where: Installation, user: str) -> None:
    known = [one.user for one in ask(readers(where.kafka))]
    if user not in known:
        raise Refused(f"there is no {user}: there are {', '.join(known) or 'none'}")


def as_told(one: Reader) -> dict[str, Any]:
    return {"user": one.user, "topics": list(one.topics), "quota": dict(one.quota), "lag": dict(one.lag)}


def show(found: Sequence[Reader]) -> None:
    table = table_of("subscriber", "group", "lag", "reads")
    for one in found:
        groups = [(group, str(lag)) for group, lag in one.lag.items()] or [("has read nothing yet", "-")]
        for group, lag in groups:
            table.add_row(one.user, group, lag, ", ".join(topic.removeprefix("kpk.") for topic in one.topics))
    console.print(table)
