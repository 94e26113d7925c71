"""The command line as typed, before any command reads it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from deploy.embedded.data_folder import Refused


def must_be_readable(words: Sequence[str]) -> None:
    """Raises ``Refused`` for typical mistakes of scripts: bytes without an encoding, an option without its folder."""
    for before, word in pairwise(("", *words)):
        if any("\ud800" <= letter <= "\udfff" for letter in word):
            shown = word.encode(errors="surrogateescape").decode(errors="backslashreplace")
            raise Refused(f"{shown} is not in UTF-8: type it in a terminal that is, or give it with --body FILE")
        if word == "--data=" or (before == "--data" and not word):
            raise Refused("--data names no folder: say which, or leave it out")
