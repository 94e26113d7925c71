"""A service like the others, with one projection: ``python -m tests.bench.service worker``.

It runs in the way of production: the process, its consumer, delivery with positions and parking, the relay and the
deadlines beside it, its logs.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from faststream.kafka import KafkaRouter

from shared.contracts.envelope import Envelope
from shared.contracts.members import OrganisationRegistered
from shared.contracts.topics import SERVICES, events_of
from shared.declarations.projection import Document, projection
from shared.declarations.service import Service
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records
from shared.runtime.process import Process, open_session
from shared.runtime.settings import Role, ServiceSettings
from shared.runtime.start import start
from tests.bench.data import TOPIC


class BenchSettings(ServiceSettings):
    """``group`` is the service's name and its consumer group."""

    group: str


def fold_group(document: Document | None, event: OrganisationRegistered, envelope: Envelope) -> Document:
    """Who registered last, and how many have."""
    registered = (document or {"registered": 0})["registered"] + 1
    return {"organisation": event.organisation, "name": event.name, "group": event.group, "registered": registered}


GROUPS = projection("groups", fold_group)
BENCH = Service("bench", (events_of(SERVICES[0]),), projections=(GROUPS,))
assert BENCH.topics == (TOPIC,)


def build(settings: BenchSettings, role: Role) -> Process:
    service = replace(BENCH, name=settings.group)

    def subscribers(deliver: Deliver) -> KafkaRouter:
        router = KafkaRouter()

        @router.subscriber(TOPIC, group_id=service.name, **AT_LEAST_ONCE)
        async def hear(records: Records) -> None:
            await deliver(records)

        return router

    return Process(service, settings, role, open_session(service, settings), subscribers)


if __name__ == "__main__":
    sys.exit(start(BENCH, build, lambda _: KafkaRouter(), sys.argv[1:]))
