"""Which class a ``ce_type`` names, and the other way round: ``kpk.members.DelegateAppointed.v1``."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from shared.contracts.people import PERSON_DETAILS
from shared.contracts.topics import SERVICES
from shared.kernel.decider import Event


class ClaimedTwice(Exception):
    """Two parts claim the same event, command, projection or reaction: nothing that has both can start."""


def _events_in(module: ModuleType) -> dict[str, type[Event]]:
    declared = (thing for thing in vars(module).values() if isinstance(thing, type))
    return {
        f"kpk.{module.SERVICE}.{event.__name__}.v{event.version}": event
        for event in declared
        if issubclass(event, Event) and event.__module__ == module.__name__
    }


def events_in(modules: Iterable[ModuleType]) -> dict[str, type[Event]]:
    """By name, of several contracts. Raises ``ClaimedTwice``."""
    found: dict[str, type[Event]] = {}
    for module in modules:
        for name, event in _events_in(module).items():
            if name in found:
                raise ClaimedTwice(f"event {name} is claimed by {found[name].__module__} and {module.__name__}")
            found[name] = event
    return found


EVENTS = events_in(import_module(f"shared.contracts.{service}") for service in SERVICES)
"""Those of every service, from its file of contracts."""

STATES = {PERSON_DETAILS.topic.name: PERSON_DETAILS}
"""By topic what travels as state: it has no journal and is never event-sourced."""

NAMES: dict[type[Event], str] = {event: name for name, event in EVENTS.items()}


def type_name(event: Event) -> str:
    return NAMES[type(event)]


def encode(event: Event) -> str:
    """JSON, made once when the event is decided: journalled, hashed and published as exactly these characters."""
    return event.__pydantic_serializer__.to_json(event).decode()


def decode(name: str, data: str | bytes) -> Event:
    """The event of this type. Fields that a newer version added are ignored.

    Raises ``KeyError`` for an unknown type and ``pydantic.ValidationError`` for data that are not this type's.
    """
    return EVENTS[name].__pydantic_validator__.validate_json(data, extra="ignore")  # type: ignore[no-any-return]
