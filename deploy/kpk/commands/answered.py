"""Recent answers to `kpk send`, by installation: the next command waits for their positions."""

import json
import time
from pathlib import Path
from urllib.parse import quote

import typer

from deploy.embedded.private_files import write_private
from deploy.kpk import profiles
from deploy.kpk.installation import Installation
from deploy.kpk.options import said

REMEMBERED_SECONDS = 600.0
"""Longer than events need to arrive. A position that was lost with a restored database blocks nobody for long."""

MOST = 50

Answers = dict[str, tuple[int, float]]
"""By stream the last sequence, and the time of its answer."""


def remember(where: Installation, stream: str, sequence: int) -> None:
    """Sequence 0 means that there is no event."""
    if (file := _file(where)) and sequence:
        answers = {**_lately(file), stream: (sequence, time.time())}
        newest = sorted(answers.items(), key=lambda one: one[1][1])[-MOST:]
        try:
            write_private(file, dict(newest))
        except OSError as error:
            typer.echo(f"{file} cannot be written ({error.strerror}): name {stream}:{sequence} by --seen", err=True)


def positions(where: Installation) -> list[str]:
    """``<stream>:<sequence>``, each in the form of a query's ``seen``."""
    file = _file(where)
    return [f"{stream}:{sequence}" for stream, (sequence, _) in _lately(file).items()] if file else []


def _lately(file: Path) -> Answers:
    try:
        kept: Answers = json.loads(file.read_text())
    except (OSError, ValueError):  # a convenience only: without it, nothing is lost
        return {}
    return {stream: one for stream, one in kept.items() if one[1] > time.time() - REMEMBERED_SECONDS}


def _file(where: Installation) -> Path | None:
    """In the data folder, or beside the file of profiles. None if servers were named one by one: it may be any
    installation.
    """
    if said().names_parts:
        return None
    if where.state:
        return Path(where.state.data) / "answered.json"
    return profiles.file().with_name(f"answered-{quote(where.profile, safe='')}.json") if where.profile else None
