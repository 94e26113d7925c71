"""The passwords of MongoDB's users as files, one each."""

from __future__ import annotations

import secrets
from pathlib import Path

from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.private_files import write_whole
from deploy.rights.mongo import users


def passwords_in(folder: Path) -> dict[str, str]:
    """By user. Missing ones are created, readable by their owner alone; a removed one is thereby renewed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {one.name: _password(password_file(folder, one.name)) for one in users()}


def _password(file: Path) -> str:
    if not file.exists():
        write_whole(file, secrets.token_urlsafe(32).encode())
    return file.read_text().strip()
