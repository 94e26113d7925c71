"""The AsyncAPI document of one service: its events and its real subscribers."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence

from shared.contracts.asyncapi import Hearing, Known, document
from shared.contracts.registry import READ_AS, STATES
from shared.contracts.topics import EVENT_TOPICS
from shared.declarations.service import Service
from shared.runtime.delivery.subscription import Records, Subscribers


def specification(service: Service, subscribers: Subscribers) -> str:
    """JSON."""
    told = document(service.name, "1", says=[service.name], hears=hearings(service, subscribers), known=Known())
    return json.dumps(told, ensure_ascii=False, indent=1)


def hearings(service: Service, subscribers: Subscribers) -> list[Hearing]:
    """By topic the events that the service's projections and reactions use, in every version."""
    [subscriber] = subscribers(_nobody).subscribers
    why = inspect.cleandoc(subscriber.calls.description or "")
    return [Hearing(service.name, topic, _wanted(service, topic), why) for topic in service.topics]


def _wanted(service: Service, topic: str) -> Sequence[str]:
    if topic in STATES:
        return [STATES[topic].name]
    [owner] = [one.owner for one in EVENT_TOPICS if one.name == topic]
    own = f"kpk.{owner}."
    return sorted(name for name, event in READ_AS.items() if name.startswith(own) and event in service.wanted)


async def _nobody(_: Records) -> None:
    """A description delivers nothing."""
