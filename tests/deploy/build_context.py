"""Which files of the tree a Dockerfile brings into its image: its last stage's COPY lines, past its .dockerignore.

As much of both formats as this project uses; a line in another form is refused, never passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Rule:
    fits: re.Pattern[str]
    brings: bool

    @classmethod
    def read(cls, line: str) -> Rule:
        """A pattern fits a file, or any folder above it; ``**`` is any number of folders, also none."""
        *folders, last = line.removeprefix("!").split("/")
        assert last != "**" and not set(line) & set("?[]\\"), f"not understood: {line}"
        above = "".join("(?:[^/]+/)*" if folder == "**" else f"{_name(folder)}/" for folder in folders)
        return cls(re.compile(f"{above}{_name(last)}(?:/.*)?"), line.startswith("!"))


def _name(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", "[^/]*")


def rules_of(dockerignore: str) -> list[Rule]:
    return [Rule.read(line) for line in dockerignore.splitlines() if line and not line.startswith("#")]


def is_taken(path: str, rules: Sequence[Rule]) -> bool:
    """As the last rule says that fits; what none fits is taken."""
    return next((rule.brings for rule in reversed(rules) if rule.fits.fullmatch(path)), True)


def copies_of(dockerfile: str) -> Iterator[tuple[str, str]]:
    """From where in the tree to where in the working folder, in the last stage."""
    for line in dockerfile.rpartition("\nFROM ")[2].splitlines():
        instruction, *words = line.split() or [""]
        assert instruction != "ADD"
        if instruction == "COPY" and not words[0].startswith("--from="):
            source, target = words
            yield source, target


def image_files(root: Path, dockerfile: Path) -> dict[str, Path]:
    """Each file by its place under the image's working folder."""
    rules = rules_of(dockerfile.with_name(f"{dockerfile.name}.dockerignore").read_text())
    return {
        place: file
        for source, target in copies_of(dockerfile.read_text())
        for place, file in _placed(root / source, target)
        if is_taken(file.relative_to(root).as_posix(), rules)
    }


def _placed(source: Path, target: str) -> Iterator[tuple[str, Path]]:
    if source.is_file():
        yield str(PurePosixPath(target) / source.name if target.endswith("/") else PurePosixPath(target)), source
    for file in source.rglob("*"):
        if file.is_file():
            yield str(PurePosixPath(target) / file.relative_to(source)), file
