"""What a service hears and says, as FastStream's own AsyncAPI 3.0 tells it of the service's own subscribers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI

from shared.contracts.registry import EVENTS, NAMES
from shared.contracts.topics import events_of
from shared.declarations.service import Service
from shared.kernel.decider import Event
from shared.runtime.delivery.subscription import Records, Subscribers


def specification(service: Service, subscribers: Subscribers) -> str:
    """JSON. A subscriber's messages are the events that a projection or reaction of the service has a use for."""
    broker = KafkaBroker()
    router = subscribers(_nobody)
    for event in _of(service.name, EVENTS.values()):
        router.publisher(events_of(service.name).name, title=NAMES[event], schema=event, description=_sentence(event))
    for subscriber in router.subscribers:
        subscriber.specification.config.description_ = inspect.cleandoc(subscriber.calls.description or "")
        subscriber.calls.clear()
        for event in sorted(service.wanted, key=NAMES.__getitem__):
            subscriber(_handler(event), filter=_is(NAMES[event]))
    broker.include_router(router)
    app = FastStream(broker, specification=AsyncAPI(title=service.name, version="1"))
    return str(app.schema.to_specification().to_json())


async def _nobody(_: Records) -> None:
    """Nothing is delivered while one only describes."""


def _of(service: str, events: Iterable[type[Event]]) -> Iterable[type[Event]]:
    return (event for event in events if NAMES[event].split(".")[1] == service)


def _sentence(event: type[Event]) -> str:
    return (event.__doc__ or "").split("\n")[0]


def _handler(event: type[Event]) -> Callable[[Any], None]:
    def hear(message: Any) -> None:
        """Described, never called."""

    hear.__name__, hear.__doc__ = NAMES[event], _sentence(event)
    hear.__annotations__ = {"message": event, "return": None}
    return hear


def _is(name: str) -> Callable[[Any], bool]:
    return lambda message: bool(message.headers.get("ce_type") == name)
