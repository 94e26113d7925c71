"""Golden records: at least one of each type and version as it stands on its topic, kept and read for ever.

A file `kpk.members.SeatGroupOpened.v1.json` has topic, key, headers and value; a further one has a word before `.json`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.contracts.envelope import Malformed, read_headers
from shared.contracts.registry import EVENTS, PUBLIC, PUBLIC_STATES, READ_AS, decode, encode
from shared.contracts.schemas import MODELS

FILE = re.compile(r"(kpk\.[a-z]+(?:\.public|\.state)?\.[A-Za-z]+\.v[1-9][0-9]*)(\.[a-z-]+)?\.json")


@dataclass(frozen=True, slots=True)
class Golden:
    """``text`` is the whole file; ``type`` is from its name."""

    name: str
    type: str
    text: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def record(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.text)
        return told

    @property
    def value(self) -> str:
        """Exactly as on the topic."""
        return json.dumps(self.record["value"], ensure_ascii=False, separators=(",", ":"))


def golden_in(folder: Path) -> list[Golden]:
    """Raises ``ValueError`` for a file whose name is no type."""
    found = []
    for file in sorted(folder.glob("*.json")):
        named = FILE.fullmatch(file.name)
        if named is None:
            raise ValueError(f"{file.name} is not named after a type: kpk.<service>.<Event>.v<version>[.<word>].json")
        found.append(Golden(file.name, named[1], file.read_text()))
    return found


def unreadable(golden: Golden) -> Iterator[str]:
    """Why today's code cannot read the record, or would write it differently."""
    try:
        headers = read_headers((name, value.encode()) for name, value in golden.record["headers"].items())
        if headers.type != golden.type:
            yield f"{golden.name}: its header ce_type says {headers.type}"
        if golden.type in READ_AS:
            event = decode(golden.type, golden.value)
            if golden.type in EVENTS and encode(event) != golden.value:
                yield f"{golden.name}: would be written as {encode(event)}"
        else:
            read = MODELS[golden.type].model_validate_json(golden.value)
            if golden.type in (*PUBLIC, *PUBLIC_STATES) and (now := read.model_dump_json()) != golden.value:
                yield f"{golden.name}: would be written as {now}"
    except (Malformed, ValidationError, KeyError, ValueError) as error:
        yield f"{golden.name}: cannot be read: {str(error).splitlines()[0]}"
