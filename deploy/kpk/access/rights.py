"""`kpk rights`: compares the rights on Kafka in the table with those at the broker, and sets them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.access import compose_secrets, mongo_rights
from deploy.kpk.installation import Installation, installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.running.topics import ask
from deploy.kpk.stack import Data, say
from deploy.rights import differences as rights
from deploy.rights import passwords as files
from deploy.rights.kafka import READER
from deploy.rights.page import page as whole_page
from deploy.rights.readers import reader_called

Folder = Annotated[Path, typer.Argument(help="The folder of the users' passwords, one file each.")]
Readers = Annotated[
    list[str] | None,
    typer.Option("--reader", help=f"Also for this system, which reads public topics: {READER}NAME; repeat."),
]
Passwords = Annotated[
    Path | None, typer.Option("--passwords", help="The folder of the passwords; by default the stack's own.")
]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Compare and set rights.", no_args_is_help=True)
    group.command()(somewhere(diff))
    group.command()(somewhere(apply))
    group.command("passwords")(make_passwords)
    group.command("secrets")(make_secrets)
    group.command()(page)
    mongo_rights.add_to(group)
    app.add_typer(group, name="rights")


def diff(data: Data = None, as_json: AsJson = False) -> None:
    """Show differences between the broker's users and rights and the table; exit status 1 if there are any."""
    found = ask(rights.differences(installation(data).kafka))
    show(found, as_json, "all rights are as the table says")
    if found:
        raise typer.Exit(1)


def apply(data: Data = None, passwords: Passwords = None, as_json: AsJson = False) -> None:
    """Add missing rights, remove extra ones, and set the users' passwords from a folder."""
    where = installation(data)
    folder = passwords or own_folder(where)
    found = ask(rights.apply(where.kafka, files.in_folder(folder) if folder else None))
    show(found, as_json, "no right was different")


def own_folder(where: Installation) -> Path | None:
    return Path(where.state.kafka_secrets) if where.state and where.state.kafka_secrets else None


def make_passwords(folder: Folder = Path("secrets/kafka"), readers: Readers = None) -> None:
    """Create the users' passwords, once; an existing file does not change."""
    for name in readers or ():
        if reader_called(name) != name:
            raise Refused(f"--reader {name} is not understood: a system that reads events is called {READER}NAME")
    made = files.make(folder, readers or ())
    say(f"{folder}: {', '.join(made)} made" if made else f"{folder}: all are there")


def make_secrets(folder: Annotated[Path, typer.Argument(help="A private folder.")] = Path("secrets")) -> None:
    """Create every secret that docker-compose.yml names, once: callers, passwords, certificates, mongod's key."""
    compose_secrets.make(folder)
    say(f"{folder} has all that docker-compose.yml asks for. It is yours alone: keep it so")


def page() -> None:
    """Print the page of rights: docs/rights.md."""
    typer.echo(whole_page(), nl=False)


def show(found: rights.Differences, as_json: bool, nothing: str) -> None:
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
        return
    for line in found.lines or [nothing]:
        say(line)
