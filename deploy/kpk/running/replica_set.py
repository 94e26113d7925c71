"""`kpk replica-set form HOST:PORT`: forms the replica set of the compose file's mongod, which needs one for writes."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded.data_folder import Refused
from deploy.embedded.kafka_secrets import ca_file
from deploy.embedded.mongo_guard import own_login
from deploy.kpk.stack import say
from deploy.rights.mongo_passwords import passwords_in
from deploy.rights.mongo_users import apply
from shared.runtime.mongo.driver import directly
from shared.runtime.mongo.replica_set import is_primary

PATIENCE, PAUSE = 60.0, 0.5
NAME = "rs0"

Address = Annotated[
    str, typer.Argument(metavar="HOST:PORT", help="The address as every service reaches it; it is stored.")
]
Secrets = Annotated[
    Path,
    typer.Option("--secrets", help="mongod's key, the users' passwords and the CA, as kpk rights secrets made it."),
]


def add_to(app: typer.Typer) -> None:
    replica_set = typer.Typer(help="Form the replica set (one member) for the containers.", no_args_is_help=True)
    replica_set.callback()(lambda: None)
    replica_set.command()(form)
    app.add_typer(replica_set, name="replica-set")


def form(address: Address, secrets: Secrets = Path("secrets/mongo")) -> None:
    """Form a replica set of this mongod only, wait until it is primary, and set its users and rights.

    Once, and again at each start: then only what differs from the table is set.
    """
    for line in asyncio.run(_formed(address, secrets)):
        say(line)
    say(f"{address} is primary of {NAME}, its users and rights are as the table says")


async def _formed(address: str, secrets: Path) -> list[str]:
    login = {**own_login(secrets), "tls": "true", "tlsCAFile": str(ca_file(secrets))}
    if not await _primary(address, login):
        raise Refused(f"{address} is no primary after {PATIENCE:.0f} s: see the log of mongod")
    async with directly(address, login=login) as client:
        return await apply(client, passwords_in(secrets))


async def _primary(address: str, login: Mapping[str, str]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if await is_primary(address, NAME, login):
            return True
        await asyncio.sleep(PAUSE)
    return False
