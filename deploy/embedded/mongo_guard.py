"""Protects an embedded mongod: a key file, its users and their rights.

The key file gives the rights of the server itself. So users and roles are set as in the table at each start, also for
an older folder. A connection from this machine gives no rights.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from deploy.embedded.private_files import write_whole
from deploy.rights import mongo_users
from deploy.rights.mongo_passwords import passwords_in
from shared.runtime.mongo.driver import directly

SYSTEM = "__system"
KEY_BYTES = 64


class MongoGuard:
    def __init__(self, folder: Path) -> None:
        """``folder`` is for its secrets."""
        self.folder = folder

    def prepare(self) -> None:
        """Creates key and passwords, once; an existing file stays."""
        passwords_in(self.folder)
        make_key(self.folder)

    def options(self) -> Sequence[str | Path]:
        return [
            "--keyFile",
            key_file(self.folder),
            "--noscripting",
            "--setParameter",
            "enableLocalhostAuthBypass=false",
        ]

    @property
    def own(self) -> dict[str, str]:
        """The server's own login, for the process that starts it."""
        return own_login(self.folder)

    async def apply(self, address: str) -> None:
        """Raises ``MongoUnavailable``."""
        async with directly(address, login=self.own) as client:
            await mongo_users.apply(client, passwords_in(self.folder))


def key_file(folder: Path) -> Path:
    return folder / "mongod.key"


def make_key(folder: Path) -> None:
    if not key_file(folder).exists():
        write_whole(key_file(folder), secrets.token_hex(KEY_BYTES).encode())


def own_login(folder: Path) -> dict[str, str]:
    told = {"username": SYSTEM, "password": key_file(folder).read_text()}
    return {**told, "authSource": "local", "authMechanism": mongo_users.MECHANISM}


def with_key(uri: str, secrets: Path) -> str:
    """A server's address with its own login: for tests, because no user has all rights."""
    told = own_login(secrets)
    login, rest = f"{told['username']}:{told['password']}", uri.partition("://")[2]
    return f"mongodb://{login}@{rest}&authSource={told['authSource']}&authMechanism={told['authMechanism']}"
