"""What may stand in public, field by field, and where each value comes from: `contract/public-fields.txt`.

Of a public state each value comes from public events alone, and their names stand there.

The file is written by hand, when somebody who answers for data protection has agreed. ``make check`` compares the
fields with it, a test where their values come from: a field that is not in it is refused, whoever adds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.contract.shape import Shape
from shared.contracts.registry import PUBLIC, PUBLIC_STATES

NAME = "public-fields.txt"
FROM = " < "


def listed(file: Path) -> set[str]:
    """Lines such as ``kpk.meetings.public.SessionOpened.v1 title < SessionScheduled appointment.title``."""
    return {line for line in file.read_text().splitlines() if line and not line.startswith("#")}


def not_allowed(lines: set[str], shapes: Mapping[str, Shape]) -> Iterator[str]:
    """Fields that are not in the list, and listed fields that no longer exist."""
    allowed = {line.partition(FROM)[0] for line in lines} - {f"{name} said" for name in (*PUBLIC, *PUBLIC_STATES)}
    there = {f"{name} {path}" for name in (*PUBLIC, *PUBLIC_STATES) for path in leaves(shapes[name])}
    for field in sorted(there - allowed):
        yield f"{field} may not be public: whoever answers for data protection adds it to contract/{NAME}, or nobody"
    for field in sorted(allowed - there):
        yield f"{field} is in contract/{NAME} and is not there any more: take it out"


def leaves(shape: Shape) -> Iterator[str]:
    """Fields that hold a value of their own."""
    for path in shape:
        if not any(other.startswith((f"{path}.", f"{path}[]")) for other in shape):
            yield path
