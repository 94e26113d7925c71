"""Frozen, strict values: external data are either exactly right or refused (no coercion, no unknown field)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Value(BaseModel):
    """A part of an event or a command. Two values with the same content are equal."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


LeftOut = Annotated[T, Field(exclude_if=lambda value: value is None)]
"""A field that is not written where it is None: an event from before it was added stays, character for character."""


def counted_in(unit: str) -> Any:
    """What a whole number counts, for its schema: cents, days, seats … Beside ``Field`` in an ``Annotated``."""
    return Field(json_schema_extra={"unit": unit})


OPEN: Any = Field(json_schema_extra={"open": True})
"""A choice that is published as open: readers have to expect values that they do not know, so one may be added."""


@dataclass(frozen=True, slots=True)
class SuppliedByService:
    """Marks a field that the service fills in at its edge; callers can neither see nor set it."""


Supplied = Annotated[T, SuppliedByService()]
