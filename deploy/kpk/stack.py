"""`kpk down`, `kpk status`, and what every command has in common."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded import ending
from deploy.embedded.data_folder import default_folder, nothing_runs
from deploy.embedded.health import health_of
from deploy.embedded.state import State, read_state
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.tables import console, show_health

Data = Annotated[Path | None, typer.Option("--data", help="The data folder; by default KPK_DATA, else .kpk.")]


def add_to(app: typer.Typer) -> None:
    app.command()(down)
    app.command()(somewhere(status))


def down(data: Data = None) -> None:
    """End exactly what `kpk up` started, also after it has crashed."""
    folder = (data or default_folder()).resolve()
    if not asyncio.run(ending.down(folder, say)):
        say(f"nothing is running on {folder}")


def status(data: Data = None, as_json: AsJson = False) -> None:
    """Show processes and services; exit status 1 if anything is amiss."""
    found = installation(data)
    health = asyncio.run(health_of(found.state or found, found.name))
    if as_json:
        typer.echo(json.dumps(health.as_json(), indent=2))
    else:
        show_health(health)
    raise typer.Exit(1 if health.troubles else 0)


def running_state(data: Path | None = None) -> State:
    """Of the embedded stack alone: for what starts and ends its processes."""
    folder = (data or default_folder()).resolve()
    state = read_state(folder)
    if state is None:
        raise nothing_runs(folder)
    return state


def tell(told: Mapping[str, object], sentence: str, as_json: bool) -> None:
    """What a service has answered."""
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        say(sentence)


def say(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
