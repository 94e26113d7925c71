"""Files that contain a secret."""

import json
import os
import secrets
from pathlib import Path


def write_private(file: Path, content: object, mode: int = 0o600) -> None:
    """Completely or not at all, and private from the first moment."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        json.dump(content, out, indent=2)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def link_keys_file(data: Path) -> Path:
    return data / "secrets" / "answers.keys"


def make_link_keys(file: Path) -> None:
    """The key for personal links, unless it exists: a new key would invalidate all links that were sent."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"{secrets.token_hex(32)}\n")
