"""What is done with an event: a line in a file, once. Put your own effect there, with the id in the same transaction.

A line has id, type, topic, stream, sequence, taken or skipped, and the event's JSON. Whatever fails ends the program;
started again, it goes on where its file ends. One process a file.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

CONTROL = dict.fromkeys(range(32), " ")

Record = tuple[str, Mapping[str, str], str]
"""Its topic, its headers and its JSON."""


class Events:
    """What the file holds is known again at the next start: so an event that comes twice is one."""

    def __init__(self, path: Path, types: Iterable[str] = (), conference: str = "") -> None:
        """Of other types than these it is only noted that they were there; empty means all, of every conference."""
        self._types, self._conference = set(types), conference
        self._known: set[str] = set()
        self._last: dict[tuple[str, str], int] = {}
        path.touch()
        text = path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]  # a line that a crash has cut short comes again
        for line in whole.decode().split("\n")[:-1]:
            id_, _, topic, stream, sequence, *_ = line.split("\t")
            self._remember(id_, topic, stream, int(sequence))
        self._file = path.open("r+b")
        self._file.truncate(len(whole))
        self._file.seek(len(whole))

    def take(self, records: Iterable[Record]) -> None:
        """Returns when all of them are on the disk: only then may be noted how far they were read."""
        for topic, headers, value in records:
            if line := self._line(topic, headers, value):
                self._file.write(line.encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def _line(self, topic: str, headers: Mapping[str, str], value: str) -> str | None:
        """None: there is nothing to do."""
        try:
            id_, type_, stream = headers["ce_id"], headers["ce_type"], headers["ce_subject"]
            sequence = int(headers["ce_sequence"])
            previous = int(headers.get("ce_previous", sequence - 1))  # a closed topic has every number
        except (KeyError, ValueError):
            say(f"no event: {topic} has a record without an event's headers")
            return None
        if id_ in self._known or self._conference not in ("", headers.get("ce_conference")):
            return None
        if previous > (last := self._last.get((topic, stream), 0)):
            say(f"gap: {stream} in {topic} goes from {last} to {sequence}; {previous} is missing")
        self._remember(id_, topic, stream, sequence)
        what = "taken" if not self._types or type_ in self._types else "skipped"
        columns = (id_, type_, topic, stream, str(sequence), what, value)
        return "\t".join(column.translate(CONTROL) for column in columns) + "\n"

    def _remember(self, id_: str, topic: str, stream: str, sequence: int) -> None:
        self._known.add(id_)
        self._last[topic, stream] = max(sequence, self._last.get((topic, stream), 0))


def must_be_set(*names: str) -> None:
    if missing := [name for name in names if not os.environ.get(name)]:
        sys.exit(f"{', '.join(missing)} must be set, as README.md says")


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
