"""The type that a function takes, read at runtime from the same annotation that mypy checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, get_args, get_type_hints


@cache
def classes_in(function: Callable[..., object], parameter: str) -> tuple[type[Any], ...]:
    """The class that a parameter is annotated with, or all those of its union, in their order.

    Raises ``KeyError`` when there is no such parameter, or no annotation.
    """
    annotation = get_type_hints(function)[parameter]
    return get_args(annotation) or (annotation,)


def returned_by(function: Callable[..., Any]) -> type[Any]:
    """The class that a function's result is annotated with. Raises ``KeyError`` when there is no annotation."""
    told: type[Any] = get_type_hints(function)["return"]
    return told
