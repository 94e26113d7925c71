"""`kpk open`: reactions that a rule refused and that wait for the office."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from deploy.kpk.calls import call
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.services import service_called
from deploy.kpk.stack import Data, say
from deploy.kpk.tables import show_texts
from shared.contracts.topics import SERVICES
from shared.declarations.open_points import SettleOpenPoint

COLUMNS = ("since", "reaction", "rule", "about", "reacted_to", "point")
ACTING = tuple(name for name in SERVICES if SettleOpenPoint.__name__ in service_called(name).given)
"""The services with reactions."""


def add_to(app: typer.Typer) -> None:
    app.command("open")(somewhere(open_points))


def open_points(
    conference: Annotated[str, typer.Argument(help="The conference, for instance stuttgart.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show the open points of a conference; settle one with: kpk send SERVICE SettleOpenPoint."""
    where, query = installation(data), urlencode({"conference": conference})
    rows = {name: call(where, name, "GET", f"/open-points?{query}").told["items"] for name in ACTING}
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif any(rows.values()):
        show_points(rows)
    else:
        say("no open points")


def show_points(rows: dict[str, list[dict[str, Any]]]) -> None:
    titles = ("service", *(name.replace("_", " ") for name in COLUMNS))
    told = ((name, *(str(point[field]) for field in COLUMNS)) for name, points in rows.items() for point in points)
    show_texts(titles, told)
