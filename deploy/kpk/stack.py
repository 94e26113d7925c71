"""`kpk down`, `kpk status`, and the running stack as every other command finds it."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded import ending
from deploy.embedded.data_folder import Refused, default_folder, named
from deploy.embedded.health import health_of
from deploy.embedded.state import State, read_state
from deploy.kpk.tables import console, show_health

Data = Annotated[Path | None, typer.Option("--data", help="The data folder; by default KPK_DATA, else .kpk.")]


def add_to(app: typer.Typer) -> None:
    app.command()(down)
    app.command()(status)


def down(data: Data = None) -> None:
    """End exactly what `kpk up` started, also after it has crashed."""
    folder = (data or default_folder()).resolve()
    if not asyncio.run(ending.down(folder, say)):
        say(f"nothing is running on {folder}")


def status(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show processes and services; exit status 1 if anything is amiss."""
    health = asyncio.run(health_of(running_state(data)))
    if as_json:
        typer.echo(json.dumps(health.as_json(), indent=2))
    else:
        show_health(health)
    raise typer.Exit(1 if health.troubles else 0)


def running_state(data: Path | None = None) -> State:
    """For every command that needs a running stack."""
    folder = (data or default_folder()).resolve()
    state = read_state(folder)
    if state is None:
        raise Refused(f"nothing is running on {folder}. Start it: kpk up --detach{named(folder)}")
    return state


def say(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
