"""The passwords of the broker's users as files, one each: where they are made, and where they are read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from deploy.embedded.data_folder import Refused
from deploy.embedded.kafka_secrets import ENDING, password_file
from deploy.rights.differences import belongs
from deploy.rights.kafka import PRINCIPALS


def make(folder: Path, users: Iterable[str] = ()) -> list[str]:
    """For each principal and ``users``, readable by their owner alone; existing ones stay. Returns the new names."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = [user for user in (*PRINCIPALS, *users) if not password_file(folder, user).exists()]
    for user in made:
        write_private(password_file(folder, user), secrets.token_urlsafe(32).encode())
    return made


def in_folder(folder: Path) -> dict[str, str]:
    """By user. Raises ``Refused`` if there are none, or if one is for a user that is not in the table."""
    found = {file.name.removesuffix(ENDING): file.read_text().strip() for file in folder.glob(f"*{ENDING}")}
    if not found:
        raise Refused(f"{folder} holds no NAME{ENDING}: make them there with kpk rights passwords {folder}")
    for user, password in found.items():
        if not (belongs(user, found) and password):
            raise Refused(f"{password_file(folder, user)}: it is empty, or {user} is no user: see docs/rights.md")
    return found


def write_private(file: Path, content: bytes) -> None:
    """Completely or not at all, and private from the first moment."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    part.replace(file)
