"""Command models are the one definition from which routes, the OpenAPI page, ``kpk send`` and tests' builders come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

from shared.kernel.decider import Command, Decider
from shared.kernel.values import SuppliedByService

CallerRole = Literal["office", "approver", "admin", "monitor"]
Supply = Callable[[Any], Awaitable[object]]
"""Reads a fact that the decision needs, given the body of what the caller asked for."""

Supplies = Mapping[type[Command], Mapping[str, Supply]]
"""For each command the supplied fields that are neither the clock nor the caller, and where they come from."""


class Body(BaseModel):
    """What a caller may say: strict, and nothing beside it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class CommandRoute:
    """A command that callers may give, who decides it and who may give it."""

    command: type[Command]
    decider: Decider[Any, Any, Any]
    role: CallerRole = "office"


@cache
def body_model(command: type[Command]) -> type[Body]:
    """The command without its supplied fields: they can be neither seen nor set from outside."""
    asked: dict[str, Any] = {
        name: (info.annotation, info)
        for name, info in command.model_fields.items()
        if not any(isinstance(mark, SuppliedByService) for mark in info.metadata)
    }
    return create_model(command.__name__, __base__=Body, __doc__=command.__doc__, **asked)


def complete(command: type[Command], body: BaseModel, supplied: Mapping[str, object]) -> Command:
    """The command as it is decided: what was asked, and what the service knows."""
    asked = {name: getattr(body, name) for name in type(body).model_fields}
    return command(**asked, **supplied)  # type: ignore[arg-type]
