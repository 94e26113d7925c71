"""Shared by all commands: the data folder, and the output."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded.data_folder import default_folder, nothing_runs
from deploy.embedded.state import State, read_state
from deploy.kpk.tables import console

Data = Annotated[Path | None, typer.Option("--data", help="The data folder; by default KPK_DATA, else .kpk.")]


def running_state(data: Path | None = None) -> State:
    """Only for the embedded stack: for commands that start and end its processes."""
    folder = (data or default_folder()).resolve()
    state = read_state(folder)
    if state is None:
        raise nothing_runs(folder)
    return state


def tell(told: Mapping[str, object], sentence: str, as_json: bool) -> None:
    """Prints a service's answer."""
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        say(sentence)


def say(line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True)
