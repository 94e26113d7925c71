"""`kpk roster`: imports the office's roster from CSV or XLSX, and exports it."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode

import typer

from deploy.embedded.data_folder import Refused
from deploy.embedded.private_files import write_whole
from deploy.kpk.calls import ask
from deploy.kpk.commands.answered import positions
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.stack import Data, say

FORMATS = {".csv": "text/csv", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
SECONDS = 600.0
"""Seconds: a roster of a thousand rows is some thousand commands."""

OUTCOMES = {"change": "ändert", "unchanged": "unverändert", "refused": "abgelehnt"}

Conference = Annotated[str, typer.Option(envvar="KPK_CONFERENCE", help="The conference, for instance stuttgart.")]
Caller = Annotated[str, typer.Option("--as", help="The account that asks.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the roster; by default today.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Import and export the roster of seats.", no_args_is_help=True)
    group.command("import")(somewhere(import_))
    group.command()(somewhere(export))
    app.add_typer(group, name="roster")


def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with semicolons, or an XLSX workbook.")],
    conference: Conference,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show row by row what would change.")] = False,
    encoding: Annotated[Literal["utf-8", "windows-1252"], typer.Option(help="The encoding of a CSV file.")] = "utf-8",
    caller: Caller = "office",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Import a roster: all of it, or nothing if one row is refused. The same file again changes nothing."""
    where, media_type, content = installation(data), media_type_of(file), content_of(file)
    asked = {"conference": conference, "dry_run": str(dry_run).lower(), "encoding": encoding}
    query = urlencode({**asked, "seen": positions(where)}, doseq=True)
    headers = {"Content-Type": media_type}
    answer = ask(
        where,
        "members",
        "POST",
        f"/roster/import?{query}",
        caller,
        str(uuid.uuid4()),
        SECONDS,
        content=content,
        headers=headers,
    )
    told = answer.json()
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        show(told)
    if told["refused"]:
        raise typer.Exit(1)


def export(
    file: Annotated[Path, typer.Argument(help="The file to write; its suffix selects CSV or XLSX.")],
    conference: Conference,
    on: Day = None,
    caller: Caller = "office",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Export the roster with all addresses: for the office only."""
    where, _ = installation(data), media_type_of(file)
    day = {"on": on.date().isoformat()} if on else {}
    query = urlencode({"conference": conference, **day, "seen": positions(where)}, doseq=True)
    answer = ask(where, "members", "GET", f"/roster{file.suffix.lower()}?{query}", caller, None, SECONDS)
    try:
        write_whole(file, answer.content)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from None
    if as_json:
        typer.echo(json.dumps({"file": str(file), "bytes": len(answer.content)}))
    else:
        say(f"{file} is written; it holds personal data")


def media_type_of(file: Path) -> str:
    if file.suffix.lower() not in FORMATS:
        raise Refused(f"{file} is neither .csv nor .xlsx: save it as one of these")
    return FORMATS[file.suffix.lower()]


def content_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}") from None


def show(told: dict[str, object]) -> None:
    rows = told["rows"]
    assert isinstance(rows, list)
    for row in rows:
        say(f"{row['row']:>5}  {OUTCOMES[row['outcome']]:<12}{row['detail']}")
    say("  ".join(f"{OUTCOMES[outcome]}: {told[outcome]}" for outcome in OUTCOMES))
