"""Fixed times and ids for tests: readable, the same in every run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.kernel.identifiers import PersonId, derived_id

NOW = datetime(2024, 1, 15, 9, 0, tzinfo=UTC)
CONFERENCE = "stuttgart"
OFFICE = "office"


def person(number: int) -> PersonId:
    return derived_id("test-person", str(number))


def edge(**fields: Any) -> dict[str, Any]:
    """The fields that every command gets at the edge, with others over them."""
    return {"conference": CONFERENCE, "at": NOW, "by": OFFICE, **fields}
