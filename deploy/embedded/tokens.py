"""Who may call: secrets made once per data folder. The services only ever get their hashes."""

import hashlib
import json
import os
import secrets
from pathlib import Path

ROLES = {
    "office": "office",
    "office-2": "office",
    "approver": "approver",
    "admin": "admin",
    "monitor": "monitor",
}

OF_A_CONFERENCE = ("office", "office-2", "approver", "admin")
"""The installation as a whole is watched by the operator's monitor."""


def tokens_file(data: Path) -> Path:
    return data / "tokens.json"


def callers_file(data: Path) -> Path:
    return data / "callers.json"


def make_tokens(data: Path, *conferences: str) -> None:
    """Leaves existing tokens as they are: whoever was given one can go on using it.

    The operator's own accounts act for every conference; for each of ``conferences`` there are accounts of its own,
    that act for no other: ``ulm.office``.
    """
    known = read_tokens(data) if tokens_file(data).exists() else {}
    wanted = [*ROLES, *(f"{conference}.{role}" for conference in conferences for role in OF_A_CONFERENCE)]
    if missing := {name: secrets.token_urlsafe(32) for name in wanted if name not in known}:
        write_private(tokens_file(data), {**known, **missing})
    # Hashes of long random tokens: a container's own user must be able to read them.
    write_private(callers_file(data), callers(read_tokens(data)), mode=0o644)


def read_tokens(data: Path) -> dict[str, str]:
    tokens: dict[str, str] = json.loads(tokens_file(data).read_text())
    return tokens


def callers(tokens: dict[str, str]) -> list[dict[str, object]]:
    return [_account(name, token) for name, token in tokens.items() if name.rpartition(".")[2] in ROLES]


def _account(name: str, token: str) -> dict[str, object]:
    conference, _, role = name.rpartition(".")
    return {
        "name": name,
        "role": ROLES[role],
        "sha256": hashlib.sha256(token.encode()).hexdigest(),
        "conferences": [conference or "*"],
    }


def write_private(file: Path, content: object, mode: int = 0o600) -> None:
    """Whole or not at all, and with its rights from the first moment."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        json.dump(content, out, indent=2)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
