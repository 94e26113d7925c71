"""`kpk acts`: what admins did to the running services, and why."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from deploy.kpk.calls import call
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.stack import Data, say
from deploy.kpk.tables import console, table_of

COLUMNS = ("at", "service", "act", "what", "by", "why")


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(acts))


def acts(
    service: Annotated[str | None, typer.Argument(help="One service; by default all of them.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show what admins did: parked records, rebuilding, publishing again; the newest first."""
    where = installation(data)
    names = [service] if service else list(where.services)
    told = {name: call(where, name, "GET", "/admin/acts").told["items"] for name in names}
    rows = sorted(
        ({"service": name, **one} for name, every in told.items() for one in every), key=lambda row: row["at"]
    )
    rows.reverse()
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif not rows:
        say("nothing was done yet")
    else:
        table = table_of(*COLUMNS)
        for row in rows:
            table.add_row(*(str(row[name] or "-") for name in COLUMNS))
        for column in table.columns:
            column.justify, column.overflow = "left", "fold"
        console.print(table, markup=False)
