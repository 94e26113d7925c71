"""`kpk rebuild <service> <view>`: a view anew from its topics, without mail and without reactions."""

from typing import Annotated

import typer

from deploy.kpk.calls import call
from deploy.kpk.stack import Data, running_state, say
from deploy.kpk.tables import console

AN_HOUR = 3600.0


def add_to(app: typer.Typer) -> None:
    app.command()(rebuild)


def rebuild(
    service: Annotated[str, typer.Argument(help="The service that keeps the view.")],
    view: Annotated[str, typer.Argument(help="The view's name, for instance seats.")],
    data: Data = None,
) -> None:
    """Fold a view again from the first event on; the old one is read until the new one takes its place."""
    state = running_state(data)
    with console.status(f"rebuilding {view} of {service}"):
        told = call(state, service, "POST", "/admin/rebuild", body={"view": view}, seconds=AN_HOUR).told
    say(", ".join(f"{name}: {count}" for name, count in told.items()))
