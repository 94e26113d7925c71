"""What has been released and what became of it: within a version of a type a contract only gains optional fields.

Readers in the city are brought up to date last, and journals keep records for ever. So every reader of a version can
read every record of it, older or newer: nothing is removed, renamed, narrowed or widened, and a choice that is not open
takes no new value. Since what was released never changes, agreeing with the last release is agreeing with all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.contract.records import Golden
from deploy.contract.shape import Line, Shape

NEW_VERSION = "say it as a new version beside this one (docs/adding.md, A new version of an event)"


@dataclass(frozen=True, slots=True)
class Release:
    """``since`` is the first version of the product with this type; ``records`` are hashes by file."""

    since: str
    fields: Shape = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)


Released = Mapping[str, Release]


def read_released(file: Path) -> Released:
    told: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return {name: Release(**release) for name, release in told.items()}


def written(released: Released) -> str:
    """One line for each field, so that additions are visible in a comparison."""
    types = (f'"{name}": {_release(release)}' for name, release in sorted(released.items()))
    return "{\n" + ",\n".join(types) + "\n}\n"


def _release(release: Release) -> str:
    parts = {"fields": release.fields, "records": release.records}
    rows = [f' "{name}": {{\n' + ",\n".join(_rows(lines)) + "\n }" for name, lines in parts.items()]
    return ",\n".join([f'{{\n "since": {json.dumps(release.since)}', *rows]) + "\n}"


def _rows(lines: Mapping[str, Any]) -> Iterator[str]:
    return (f"  {json.dumps(name)}: {json.dumps(line, sort_keys=True)}" for name, line in lines.items())


def grown(released: Released, shapes: Mapping[str, Shape], golden: Iterable[Golden], version: str) -> Released:
    """The present contract, added to the released one."""
    found = {name: Release(version) for name in shapes} | dict(released)
    records: dict[str, dict[str, str]] = {name: {} for name in found}
    for one in golden:
        records.setdefault(one.type, {})[one.name] = one.hash
    return {
        name: Release(release.since, {**release.fields, **shapes[name]}, {**release.records, **records[name]})
        for name, release in found.items()
    }


def broken(released: Released, shapes: Mapping[str, Shape], golden: Iterable[Golden]) -> Iterator[str]:
    """Each breach of a released contract, with what to do about it."""
    there = {one.name: one for one in golden}
    for name, release in released.items():
        if name not in shapes:
            yield f"{name} is gone: keep its class, superseded or not; journals and topics have its records for ever"
            continue
        yield from (f"{name}: {problem}" for problem in _changed(release.fields, shapes[name]))
        for file, known in release.records.items():
            if file not in there:
                yield f"{name}: golden record {file} is gone: bring it back; what was published is read for ever"
            elif there[file].hash != known:
                yield f"{name}: golden record {file} is another: bring it back; a new one is a file of its own"
    recorded = {one.type for one in there.values()}
    for name in sorted(shapes.keys() - recorded):
        yield f"{name} has no golden record: add contract/records/{name}.json, as its record stands on the topic"


def _changed(released: Shape, now: Shape) -> Iterator[str]:
    for path, line in released.items():
        if path not in now:
            yield f"field {path} is removed or renamed. Bring it back, or {NEW_VERSION}"
        elif what := _difference(line, now[path]):
            yield f"field {path} {what}. Take it back, or {NEW_VERSION}"
    for path in now.keys() - released.keys():
        if now[path].get("required") and not _belongs_to_something_new(path, released):
            yield f"field {path} is new and has no default: records of before lack it. Give it one, or {NEW_VERSION}"


def _difference(released: Line, now: Line) -> str | None:
    """In words. Only an open choice may get more values."""
    for key in sorted(released.keys() | now.keys()):
        before, after = released.get(key), now.get(key)
        if before == after or (key == "enum" and released.get("open") and set(before or ()) <= set(after or ())):
            continue
        if key == "enum" and before and after and set(before) < set(after):
            return f"takes {', '.join(sorted(set(after) - set(before)))} now, which its readers do not know"
        return f"has another {key}: {json.dumps(before)} became {json.dumps(after)}"
    return None


def _belongs_to_something_new(path: str, released: Shape) -> bool:
    """To a new optional field, or to a new kind of an open choice."""
    parent = path.removesuffix("[]").rpartition(".")[0]
    if not parent:
        return False
    if not parent.endswith(")"):
        return parent not in released
    choice = parent.rpartition("(")[0]
    return bool(released.get(choice, {}).get("open")) and not any(known.startswith(f"{parent}.") for known in released)
