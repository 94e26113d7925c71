"""What members listens to: its own events into views, and erasure into the one collection with personal data."""

from __future__ import annotations

import asyncio

import structlog

from services.members.queries import to_be_erased
from services.members.reactions import REACTIONS
from services.members.views import VIEWS
from shared.contracts.topics import PEOPLE, events_of
from shared.runtime.execute import Deciders
from shared.runtime.mongo import MongoUnavailable
from shared.runtime.parts import Declaration, Parts
from shared.runtime.people import People

log = structlog.get_logger()

SERVICE = "members"
SUBSCRIBES = (events_of(SERVICE).name, PEOPLE.name)
ERASE_SECONDS = 1.0


def declaration(deciders: Deciders) -> Declaration:
    return Declaration(SERVICE, deciders, SUBSCRIBES, VIEWS, REACTIONS)


async def erase_people(parts: Parts, people: People) -> None:
    """``PersonErased`` is obeyed here too, also after a crash between the event and its effect."""
    while True:
        try:
            for gone in await to_be_erased(parts.store, people):
                await people.erase(gone["conference"], gone["_id"], parts.clock.now())
        except MongoUnavailable as error:
            log.warning("erasure waits", error=type(error).__name__)
        await asyncio.sleep(ERASE_SECONDS)
