"""A whole run: where, how much, what came out. Kept as JSON, so that table, page and documentation say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import orjson
from pydantic import TypeAdapter

from tests.bench.measured import RowResult
from tests.bench.row import Size


@dataclass(frozen=True, slots=True)
class Result:
    at: datetime
    machine: Mapping[str, str]
    size: Size
    rows: list[RowResult]

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))

    @classmethod
    def read(cls, file: Path) -> Self:
        """Raises ``FileNotFoundError``, and ``ValidationError`` when another version wrote it."""
        return TypeAdapter(cls).validate_json(file.read_bytes())
