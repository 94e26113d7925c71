"""What `kpk send` was answered lately on a data folder: the next command names it, and so is decided on no less."""

import json
import time
from pathlib import Path

from deploy.kpk.installation import Installation

REMEMBERED_SECONDS = 600.0
"""Longer than events are under way; a position that went with a database that was put back holds up nobody for long."""

MOST = 50

Answers = dict[str, tuple[int, float]]
"""By stream the last sequence, and when it was answered."""


def remember(where: Installation, stream: str, sequence: int) -> None:
    """At 0 there is no event to name."""
    if (file := _file(where)) and sequence:
        answers = {**_lately(file), stream: (sequence, time.time())}
        newest = sorted(answers.items(), key=lambda one: one[1][1])[-MOST:]
        file.write_text(json.dumps(dict(newest)))


def positions(where: Installation) -> list[str]:
    """``<stream>:<sequence>``, each as a query's ``seen`` takes it."""
    file = _file(where)
    return [f"{stream}:{sequence}" for stream, (sequence, _) in _lately(file).items()] if file else []


def _lately(file: Path) -> Answers:
    try:
        kept: Answers = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):  # two at once may have written it: it helps the memory, and is no record
        return {}
    return {stream: one for stream, one in kept.items() if one[1] > time.time() - REMEMBERED_SECONDS}


def _file(where: Installation) -> Path | None:
    """None beyond the embedded stack: there is no folder, and positions are named by hand."""
    return Path(where.state.data) / "answered.json" if where.state else None
