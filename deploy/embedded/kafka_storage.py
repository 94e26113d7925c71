"""An empty storage, as ``kafka-storage format`` leaves it, without starting a Java runtime for a second.

Two files: who the broker is (``meta.properties``, KIP-866 and KIP-858), and at which features a new cluster begins.
The second is the same for every broker of one Kafka: it is kept from the first storage, which Kafka's own tool formats.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
from pathlib import Path

CHECKPOINT = "bootstrap.checkpoint"
META = "meta.properties"


def random_id() -> str:
    """In Kafka's form of a UUID. One with a leading "-" would be read as an option."""
    return "k" + secrets.token_urlsafe(16)[1:]


def lay_out(data: Path, checkpoint: Path, cluster: str, node: str) -> None:
    """``checkpoint`` is from another storage of the same Kafka. ``data`` may exist: a disk. Raises ``OSError``."""
    data.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(checkpoint, data / CHECKPOINT)
    told = {"version": "1", "cluster.id": cluster, "node.id": node, "directory.id": random_id()}
    (data / META).write_text("".join(f"{name}={value}\n" for name, value in told.items()))


def keep_checkpoint(data: Path, checkpoint: Path) -> None:
    """Written completely or, where that is impossible, not at all: then Kafka's tool formats the next storage, too."""
    with contextlib.suppress(OSError), tempfile.TemporaryDirectory(dir=checkpoint.parent) as scratch:
        shutil.copyfile(data / CHECKPOINT, Path(scratch) / CHECKPOINT).replace(checkpoint)
