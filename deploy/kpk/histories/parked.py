"""`kpk parked list|show|retry|drop`: records that a service could not handle."""

import json
from typing import Annotated, Any
from urllib.parse import quote

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.calls import call, items_of
from deploy.kpk.installation import installation
from deploy.kpk.options import Why, reason_of, somewhere
from deploy.kpk.stack import Data, say, tell
from deploy.kpk.tables import show_texts

Service = Annotated[str, typer.Argument(help="The service that keeps the record.")]
RowId = Annotated[str, typer.Argument(metavar="ID", help="The id from `kpk parked list`.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def add_to(app: typer.Typer) -> None:
    parked = typer.Typer(help="List, retry or drop parked records.", no_args_is_help=True)
    parked.command("list")(somewhere(list_parked))
    parked.command()(somewhere(show))
    parked.command()(somewhere(retry))
    parked.command()(somewhere(drop))
    app.add_typer(parked, name="parked")


def list_parked(
    service: Annotated[str | None, typer.Argument(help="One service; by default all of them.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show parked records and the reasons."""
    where = installation(data)
    rows = items_of(where, service, "/admin/parked")
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    elif any(rows.values()):
        show_rows(rows)
    else:
        say("nothing is parked")


def show_rows(rows: dict[str, list[dict[str, Any]]]) -> None:
    fields = ("id", "reason", "problem", "parked_at")
    told = ((name, *(str(row[field]) for field in fields)) for name, parked in rows.items() for row in parked)
    show_texts(("service", "id", "reason", "problem", "parked at"), told)


def _must_be_an_id(row_id: str) -> str:
    """Every id has a colon."""
    if ":" not in row_id:
        raise Refused(f"{row_id or 'that'} is no id of a parked record: kpk parked list shows them")
    return row_id


def show(service: Service, row_id: RowId, data: Data = None) -> None:
    """Show one parked record with its headers and its value, as JSON."""
    told = call(installation(data), service, "GET", f"/admin/parked/{quote(_must_be_an_id(row_id))}").told
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False))


def retry(service: Service, row_id: RowId, data: Data = None, why: Why = None, as_json: AsJson = False) -> None:
    """Retry a parked record and the records that queue behind it."""
    where, body = installation(data), {"id": _must_be_an_id(row_id), "why": reason_of(why)}
    told = call(where, service, "POST", "/admin/parked/retry", body=body).told
    tell(told, f"{service}: {told['parked']} parked now", as_json)


def drop(
    service: Service,
    row_id: RowId,
    why: Annotated[str, typer.Option(help="The reason; it is stored with the account.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Drop a parked record for ever, and continue after it."""
    body = {"id": _must_be_an_id(row_id), "why": why}
    told = call(installation(data), service, "POST", "/admin/parked/drop", body=body).told
    tell(told, f"{service}: dropped, {told['parked']} parked now", as_json)
