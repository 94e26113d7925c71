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


def tokens_file(data: Path) -> Path:
    return data / "tokens.json"


def callers_file(data: Path) -> Path:
    return data / "callers.json"


def make_tokens(data: Path) -> None:
    """Leaves existing tokens as they are: whoever was given one can go on using it."""
    if not tokens_file(data).exists():
        write_private(tokens_file(data), {name: secrets.token_urlsafe(32) for name in ROLES})
    # Hashes of long random tokens: a container's own user must be able to read them.
    write_private(callers_file(data), callers(read_tokens(data)), mode=0o644)


def read_tokens(data: Path) -> dict[str, str]:
    tokens: dict[str, str] = json.loads(tokens_file(data).read_text())
    return tokens


def callers(tokens: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "role": role, "sha256": hashlib.sha256(tokens[name].encode()).hexdigest()}
        for name, role in ROLES.items()
    ]


def write_private(file: Path, content: object, mode: int = 0o600) -> None:
    """Whole or not at all, and with its rights from the first moment."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        json.dump(content, out, indent=2)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
