"""A mailbox as a folder of files (Maildir), each a mail. It is only read: nothing in it is moved, marked or removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import TypeVar

T = TypeVar("T")

MOST_MAILS = 500
"""At most this many, the newest: an answer is of use for some weeks."""
LARGEST_MAIL = 128 * 1024
"""Bytes. A calendar's reply has a few thousand."""
FOLDERS = ("new", "cur")


File = tuple[int, str]
"""The time at which it was written, and its path."""


def mails_in(mailbox: Path, largest: int | None = LARGEST_MAIL) -> list[File]:
    """The newest first, without mails that are too large, trashed or no file. Raises ``OSError``."""
    found = sorted((file for folder in FOLDERS for file in _files(mailbox / folder, largest)), reverse=True)
    return found[:MOST_MAILS]


def all_in(mailbox: Path, read: Callable[[str, int], Sequence[T]], largest: int | None = LARGEST_MAIL) -> Sequence[T]:
    """The results of ``read`` for each mail's path and time, the newest first. Raises ``OSError``."""
    found: list[T] = []
    for written, path in mails_in(mailbox, largest):
        with suppress(FileNotFoundError):
            found += read(path, written)
    return found


def _files(folder: Path, largest: int | None) -> Iterator[File]:
    """A mail that another reader of the mailbox removes meanwhile is left out."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                told = entry.stat(follow_symlinks=False)
                fits = largest is None or told.st_size <= largest
                if S_ISREG(told.st_mode) and fits and not _is_trashed(entry.name):
                    yield told.st_mtime_ns, entry.path


def _is_trashed(name: str) -> bool:
    """The letters after ``:2,`` say what was done with the mail."""
    return "T" in name.partition(":2,")[2]
