"""`kpk rebuild <service> <projection>`: rebuilds a projection from its topics, without mails and reactions."""

from typing import Annotated

import typer

from deploy.kpk.calls import call
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, Why, reason_of, somewhere
from deploy.kpk.stack import Data, tell
from deploy.kpk.tables import console

AN_HOUR = 3600.0


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(rebuild))


def rebuild(
    service: Annotated[str, typer.Argument(help="The service that keeps the projection.")],
    projection: Annotated[str, typer.Argument(help="The projection's name, for instance seats.")],
    data: Data = None,
    why: Why = None,
    as_json: AsJson = False,
) -> None:
    """Rebuild a projection from the first event; queries read the old one until the new one replaces it."""
    where = installation(data)
    body = {"view": projection, "why": reason_of(why)}
    with console.status(f"rebuilding {projection} of {service}"):
        told = call(where, service, "POST", "/admin/rebuild", body=body, seconds=AN_HOUR).told
    tell(told, ", ".join(f"{name}: {count}" for name, count in told.items()), as_json)
