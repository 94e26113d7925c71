"""`kpk rights mongo`: creates MongoDB's users, their roles and the indexes, as the table says."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.installation import Installation, installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.stack import Data, say
from deploy.rights.mongo import ADMIN
from deploy.rights.mongo_passwords import passwords_in
from deploy.rights.mongo_users import apply
from shared.runtime.mongo.access import USERS_IN
from shared.runtime.mongo.driver import MongoUnavailable, connect

Passwords = Annotated[
    Path | None,
    typer.Option("--passwords", help="The folder of the users' passwords, one file each; missing ones are created."),
]


def add_to(group: typer.Typer) -> None:
    group.command("mongo")(somewhere(mongo))


def mongo(data: Data = None, passwords: Passwords = None, as_json: AsJson = False) -> None:
    """Set MongoDB's users, roles and indexes as in the table. The login needs the right to change users."""
    where = installation(data)
    folder = passwords or own_folder(where)
    try:
        changed = asyncio.run(_apply(where.mongo_as(ADMIN), folder))
    except MongoUnavailable as error:
        raise Refused(f"MongoDB refuses or is away ({type(error).__name__}): see its log") from None
    if as_json:
        typer.echo(json.dumps({"changed": changed}, indent=2))
        return
    for line in changed or ["no user and no role was different"]:
        say(line)


async def _apply(uri: str, folder: Path) -> list[str]:
    session = connect(uri, USERS_IN)
    try:
        return await apply(session.database.client, passwords_in(folder))
    finally:
        await session.close()


def own_folder(where: Installation) -> Path:
    if where.state and where.state.mongo_secrets:
        return Path(where.state.mongo_secrets)
    raise Refused("say where the passwords of MongoDB's users lie: --passwords FOLDER")
