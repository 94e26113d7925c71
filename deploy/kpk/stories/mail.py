"""`kpk mail`: the states of mails, as notifications reports them. It contains nobody's name or address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from deploy.kpk.calls import call
from deploy.kpk.installation import Installation, installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.stack import Data, say
from deploy.kpk.stories.sentences import SHORT
from deploy.kpk.tables import show_texts

COLUMNS = ("mail", "kind", "session", "seat", "state", "reason", "attempts", "not_before")
OPEN = ("queued", "attempting", "deferred")


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(mail))


def mail(
    conference: Annotated[str, typer.Argument(help="The conference, for instance stuttgart.")],
    session: Annotated[str | None, typer.Option(help="Only those about this session.")] = None,
    state: Annotated[
        str | None,
        typer.Option(help="For instance deferred, sent or failed; by default all."),
    ] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only unfinished mails.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show the mails of a conference and their states; for one mail: kpk trace MAIL."""
    asked = {"conference": conference, "session": session, "state": state}
    found = pages(installation(data), {name: value for name, value in asked.items() if value})
    rows = [row for row in found if not waiting or row["state"] in OPEN]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        say("no such mail")
        return
    show_texts(COLUMNS, ((cell(row, name) for name in COLUMNS) for row in rows))


def pages(at: Installation, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The newest mail first."""
    while found := call(at, "notifications", "GET", f"/mails?{urlencode(asked)}").told["items"]:
        yield from found
        asked = {**asked, "before": found[-1]["mail"]}


def cell(row: dict[str, Any], name: str) -> str:
    """The part of a mail's id that `kpk trace` understands."""
    text = "-" if row.get(name) is None else str(row[name])
    return text[:SHORT] if name == "mail" else text
