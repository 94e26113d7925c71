"""Files with a secret in them."""

import json
import os
from pathlib import Path


def write_private(file: Path, content: object, mode: int = 0o600) -> None:
    """Whole or not at all, and with its rights from the first moment."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        json.dump(content, out, indent=2)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
