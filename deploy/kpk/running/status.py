"""`kpk status` and `kpk down`."""

import asyncio
import json

import typer

from deploy.embedded import ending
from deploy.embedded.data_folder import Refused, default_folder
from deploy.embedded.health import health_of
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.profiles import file
from deploy.kpk.stack import Data, say
from deploy.kpk.tables import show_health


def add_to(app: typer.Typer) -> None:
    app.command()(down)
    app.command()(somewhere(status))


def down(data: Data = None) -> None:
    """Stop exactly what `kpk up` started, also after `kpk up` has crashed."""
    folder = (data or default_folder()).resolve()
    if not asyncio.run(ending.down(folder, say)):
        say(f"nothing is running on {folder}")


def status(data: Data = None, as_json: AsJson = False) -> None:
    """Show processes and services; exit status 1 if anything is wrong."""
    found = installation(data)
    if not (found.state or found.services):
        raise Refused(f"{found.name} names no service to ask: say --url SERVICE=URL, or write it into {file()}")
    health = asyncio.run(health_of(found.state or found, found.name))
    if as_json:
        typer.echo(json.dumps(health.as_json(), indent=2))
    else:
        show_health(health)
    raise typer.Exit(1 if health.troubles else 0)
