"""Which class a ``ce_type`` names, and the other way round: ``kpk.members.DelegateAppointed.v1``."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from shared.contracts.people import PERSON_DETAILS
from shared.contracts.public.event import PublicEvent
from shared.contracts.states.state import PublicState
from shared.contracts.topics import IN_PUBLIC, SERVICES
from shared.kernel.annotations import returned_by
from shared.kernel.decider import Event, Superseded


class ClaimedTwice(Exception):
    """Two parts claim the same event, command, projection or reaction: nothing that has both can start."""


def _events_in(module: ModuleType) -> dict[str, type[Event]]:
    """What others are made of, as ``OfMail``, is not said itself."""
    declared = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Event) and thing.__module__.startswith(module.__name__)
    ]
    made_of = {parent for event in declared for parent in event.__mro__[1:]}
    return {_name_of(event, module): event for event in declared if event not in made_of}


def _name_of(event: type[Event], module: ModuleType) -> str:
    """A superseded version is a class of its own: ``ConferenceEstablishedV1`` is ``ConferenceEstablished.v1``."""
    version = f"V{event.version}" if issubclass(event, Superseded) else ""
    return f"kpk.{module.SERVICE}.{event.__name__.removesuffix(version)}.v{event.version}"


def events_in(modules: Iterable[ModuleType]) -> dict[str, type[Event]]:
    """By name, of several contracts. Raises ``ClaimedTwice``."""
    found: dict[str, type[Event]] = {}
    for module in modules:
        for name, event in _events_in(module).items():
            if name in found:
                raise ClaimedTwice(f"event {name} is claimed by {found[name].__module__} and {module.__name__}")
            found[name] = event
    return found


def read_as(event: type[Event]) -> type[Event]:
    """The class of today that a version leads to, over all versions between."""
    while issubclass(event, Superseded):
        event = returned_by(event.upcast)
    return event


VERSIONS = events_in(import_module(f"shared.contracts.{service}") for service in SERVICES)
"""Every type in every version that was ever said, with its own class: the contract."""

EVENTS = {name: event for name, event in VERSIONS.items() if not issubclass(event, Superseded)}
"""What is said today."""

READ_AS = {name: read_as(event) for name, event in VERSIONS.items()}
"""What a record of each type is to whoever reads it: always a class of today."""

PUBLIC = events_in(import_module(f"shared.contracts.public.{service}") for service in IN_PUBLIC)
"""Every public type in every version, as ``kpk.meetings.public.SessionScheduled.v1``."""

STATES = {PERSON_DETAILS.topic.name: PERSON_DETAILS}
"""By topic what travels as state: it has no journal and is never event-sourced."""

NAMES: dict[type[Event], str] = {event: name for name, event in EVENTS.items()}


def type_name(event: Event) -> str:
    return NAMES[type(event)]


PUBLIC_NAMES = {event: name for name, event in PUBLIC.items()}


def public_name(event: PublicEvent) -> str:
    return PUBLIC_NAMES[type(event)]


def states_in(module: ModuleType) -> dict[str, type[PublicState]]:
    """By name. What a state is made of is none itself."""
    states = [thing for thing in vars(module).values() if isinstance(thing, type) and issubclass(thing, PublicState)]
    return {f"kpk.{module.SERVICE}.{one.__name__}.v{one.version}": one for one in states if one is not PublicState}


PUBLIC_STATES = {
    name: state
    for service in IN_PUBLIC
    for name, state in states_in(import_module(f"shared.contracts.states.{service}")).items()
}
"""Every public state, as ``kpk.meetings.state.Session.v1``."""

STATE_NAMES = {state: name for name, state in PUBLIC_STATES.items()}


def encode(event: Event) -> str:
    """JSON, made once when the event is decided: journalled, hashed and published as exactly these characters."""
    return event.__pydantic_serializer__.to_json(event).decode()


def decode(name: str, data: str | bytes) -> Event:
    """The event of this type, in the words of today. Fields that were added later are ignored.

    Raises ``KeyError`` for an unknown type and ``pydantic.ValidationError`` for data that are not this type's.
    """
    event: Event = VERSIONS[name].__pydantic_validator__.validate_json(data, extra="ignore")
    return event if name in EVENTS else _of_today(event)


def _of_today(event: Event) -> Event:
    while isinstance(event, Superseded):
        event = event.upcast()
    return event
