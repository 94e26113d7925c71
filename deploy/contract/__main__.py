"""``python -m deploy.contract [--check]``: write the contract's files, or say which are not up to date.

A contract that its readers could no longer rely on is refused either way, and nothing is written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from deploy.contract.house import house, version
from deploy.contract.privacy import with_topics
from deploy.contract.public_fields import NAME, listed, not_allowed
from deploy.contract.records import golden_in, unreadable
from deploy.contract.released import broken, grown, read_released, written
from deploy.contract.shape import shape_of
from deploy.embedded.process import ROOT
from deploy.kpk.stories.events import page
from shared.contracts.schemas import MODELS, schema_of

FOLDER = ROOT / "contract"
PAGE = ROOT / "docs" / "events.md"
PRIVACY = ROOT / "docs" / "privacy.md"
Files = Mapping[Path, str]


def main(words: Sequence[str], folder: Path = FOLDER) -> int:
    """1 if the contract is broken, or with ``--check`` if a file is not up to date."""
    released, golden = read_released(folder / "released.json"), golden_in(folder / "records")
    shapes = {name: shape_of(schema_of(name)) for name in MODELS}
    problems = [*broken(released, shapes, golden), *chain.from_iterable(map(unreadable, golden))]
    problems += not_allowed(listed(folder / NAME), shapes)
    if problems:
        return _say("the contract is broken", problems)
    released = grown(released, shapes, golden, version())
    files = {
        folder / "released.json": written(released),
        folder / "asyncapi.json": _json(house(released, golden)),
        **{folder / "schemas" / f"{name}.json": _json(schema_of(name)) for name in MODELS},
        PAGE: page(),
        PRIVACY: with_topics(PRIVACY.read_text()),
    }
    if words == ["--check"]:
        stale = sorted(_stale(folder, files))
        return _say("these are not up to date: make contract", stale) if stale else 0
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return 0


def _stale(folder: Path, files: Files) -> list[str]:
    differing = [file.name for file, text in files.items() if not file.exists() or file.read_text() != text]
    return differing + [file.name for file in (folder / "schemas").glob("*") if file not in files]


def _say(what: str, lines: Sequence[str]) -> int:
    sys.stderr.write(f"{what}\n" + "".join(f"- {line}\n" for line in lines))
    return 1


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
