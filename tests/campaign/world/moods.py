"""What a mail server does instead of its duty: at which stage, with whom, how often. A file tells it while it runs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Stage = Literal["connect", "RCPT", "DATA"]
Deed = Literal["serve", "answer", "drop", "keep and drop", "keep and wait", "drip"]

SCRIPT = "script.json"


@dataclass(frozen=True, slots=True)
class Mood:
    """What is done at one stage; at DATA the content has arrived."""

    stage: Stage
    do: Deed = "serve"
    answer: str = "250 OK"
    to: str = ""
    """Recipients in whose address this expression is found. (At connect there is none yet.)"""
    each: int | None = None
    """With each recipient only so often."""
    in_all: int | None = None
    """Only so often."""
    seconds: float = 0.0
    """How long it waits, or how long each byte of its answers takes when it drips."""


class Script:
    """The moods that the file names now. A file that is written again counts from the beginning."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written = (-1, -1)
        self._moods: list[Mood] = []
        self._met: Counter[tuple[Mood, str]] = Counter()
        self._offers_tls = False

    @property
    def offers_tls(self) -> bool:
        self._read()
        return self._offers_tls

    def mood(self, stage: Stage, recipient: str = "") -> Mood:
        """The first that fits and is not used up; asking uses it."""
        self._read()
        for mood in self._moods:
            if mood.stage == stage and re.search(mood.to, recipient) and self._is_left(mood, recipient):
                self._met.update([(mood, recipient), (mood, "in all")])
                return mood
        return Mood(stage)

    def _is_left(self, mood: Mood, recipient: str) -> bool:
        each, in_all = self._met[mood, recipient], self._met[mood, "in all"]
        return (mood.each is None or each < mood.each) and (mood.in_all is None or in_all < mood.in_all)

    def _read(self) -> None:
        if not self._file.exists():
            return
        state = self._file.stat()
        written = (state.st_ino, state.st_mtime_ns)
        if written == self._written:
            return
        told: dict[str, Any] = json.loads(self._file.read_text())
        self._moods, self._offers_tls = [Mood(**row) for row in told["moods"]], bool(told["tls"])
        self._met.clear()
        self._written = written


def write_script(folder: Path, moods: Sequence[Mood], tls: bool) -> None:
    part = folder / f"{SCRIPT}.new"
    part.write_text(json.dumps({"tls": tls, "moods": [asdict(mood) for mood in moods]}))
    part.replace(folder / SCRIPT)
