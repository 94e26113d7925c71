"""The passwords of the broker's users as files, one each: where they are made, and where they are read."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

from deploy.embedded.data_folder import Refused
from deploy.embedded.kafka_secrets import ENDING, password_file
from deploy.embedded.private_files import write_whole
from deploy.rights.differences import belongs
from deploy.rights.kafka import PRINCIPALS


def make(folder: Path, users: Iterable[str] = ()) -> list[str]:
    """For each principal and ``users``, readable by their owner alone; existing ones stay. Returns the new names."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = [user for user in (*PRINCIPALS, *users) if not password_file(folder, user).exists()]
    for user in made:
        write_whole(password_file(folder, user), secrets.token_urlsafe(32).encode())
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
