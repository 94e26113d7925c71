"""Files of this user's own, with secrets or personal data in most of them: written completely or not at all."""

import contextlib
import json
import os
import secrets
from pathlib import Path


def write_whole(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Private from the first moment. Raises ``OSError`` with the file's name: then the old content stays, and nothing
    of the new one is left.
    """
    part = file.with_name(file.name + ".part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(file)) from None


def write_private(file: Path, content: object, mode: int = 0o600) -> None:
    """As JSON. Raises ``OSError``."""
    write_whole(file, json.dumps(content, indent=2).encode(), mode)


def link_keys_file(data: Path) -> Path:
    return data / "secrets" / "answers.keys"


def make_link_keys(file: Path) -> None:
    """The key for personal links, unless it exists: a new key would invalidate all links that were sent."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(file, f"{secrets.token_hex(32)}\n".encode())
