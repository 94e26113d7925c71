"""`kpk replica-set form HOST:PORT`: what a mongod of the compose file needs once before anybody can write to it."""

import asyncio
import time
from typing import Annotated

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.stack import say
from shared.runtime.mongo.replica_set import is_primary

PATIENCE, PAUSE = 60.0, 0.5
NAME = "rs0"

Address = Annotated[str, typer.Argument(metavar="HOST:PORT", help="As every service reaches it: the name is kept.")]


def add_to(app: typer.Typer) -> None:
    replica_set = typer.Typer(help="Form the replica set of one that containers use.", no_args_is_help=True)
    replica_set.callback()(lambda: None)
    replica_set.command()(form)
    app.add_typer(replica_set, name="replica-set")


def form(address: Address) -> None:
    """Form a replica set of this mongod alone, once, and wait until it is its primary. Harmless when repeated."""
    if not asyncio.run(_primary(address)):
        raise Refused(f"{address} is no primary after {PATIENCE:.0f} s: see the log of mongod")
    say(f"{address} is primary of {NAME}")


async def _primary(address: str) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if await is_primary(address, NAME):
            return True
        await asyncio.sleep(PAUSE)
    return False
