"""A disk of a few megabytes under a server's data, filled and freed at will."""

from __future__ import annotations

import errno
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

MOUNT_SECONDS = 20
CHUNK = 64 * 1024
FILLER = "filler"


class NoDisk(Exception):
    """Nothing may be mounted here: needs root and the right to mount."""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A tmpfs at ``folder``. What is on it ends with ``close``."""

    folder: Path
    megabytes: int

    def open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._is_open:
            run("mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=700", "tmpfs", str(self.folder))

    def close(self) -> None:
        if self._is_open:
            run("umount", "--lazy", str(self.folder))

    def fill(self) -> None:
        """To the last byte: returns when nothing more can be written."""
        with (self.folder / FILLER).open("ab", buffering=0) as filler:
            size = CHUNK
            while size:
                try:
                    filler.write(bytes(size))
                except OSError as full:
                    if full.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def free(self) -> None:
        (self.folder / FILLER).unlink(missing_ok=True)

    @property
    def left(self) -> int:
        """Bytes that can still be written."""
        told = os.statvfs(self.folder)
        return told.f_bavail * told.f_frsize

    @property
    def _is_open(self) -> bool:
        return self.folder.is_mount()


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=MOUNT_SECONDS, check=False)
    if done.returncode:
        raise NoDisk(f"{' '.join(command)}: {done.stderr.strip()}")
