"""`kpk acts`: what admins did to the running services, and why."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from deploy.kpk.calls import items_of
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.stack import Data, say
from deploy.kpk.tables import show_texts

COLUMNS = ("at", "service", "act", "what", "by", "why")


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(acts))


def acts(
    service: Annotated[str | None, typer.Argument(help="One service; by default all of them.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show acts of admins: parked records, rebuilding, publishing again; the newest first."""
    where = installation(data)
    told = items_of(where, service, "/admin/acts")
    found = [{"service": name, **one} for name, every in told.items() for one in every]
    rows = sorted(found, key=lambda row: str(row["at"]), reverse=True)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif not rows:
        say("nothing was done yet")
    else:
        show_texts(COLUMNS, ((str(row[name] or "-") for name in COLUMNS) for row in rows))
