"""What members listens to, and the loops that announce and erase people."""

from __future__ import annotations

import asyncio

import structlog
from faststream.kafka import KafkaRouter

from services.members.domain.person import PERSON, AnnounceCorrection, AnnouncePerson
from services.members.people import People
from services.members.queries import to_be_erased
from services.members.service import SERVICE
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Busy
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

LOOK_SECONDS, AGAIN_SECONDS = 10.0, 1.0


def subscribers(deliver: Deliver) -> KafkaRouter:
    router = KafkaRouter()

    @router.subscriber(*SERVICE.topics, group_id=SERVICE.name, title="members hears", **AT_LEAST_ONCE)
    async def hear(records: Records) -> None:
        """Folds its own events into seats, working groups and people to erase. No event leads to a command here.

        It also reads the topic of people, to correct it: a stopping relay may have written an old state last.
        """
        await deliver(records)

    return router


async def announce_people(people: People, executor: Executor, clock: Clock, recorded: Nudge) -> None:
    """Also after a crash between the recording and the event, and people recorded before this event existed.

    A correction is announced once its details are on their topic: a mail because of it already uses them.
    """
    while True:
        try:
            await announce_once(people, executor, clock)
            await recorded.within(LOOK_SECONDS)
        except (MongoUnavailable, Busy) as error:
            log.warning("announcing people waits", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)


async def announce_once(people: People, executor: Executor, clock: Clock) -> None:
    for conference, person in await people.unannounced():
        announce = AnnouncePerson(conference=conference, at=clock.now(), by="members", person=person)
        await executor.execute(announce, Request(f"announce:{conference}:{person}"))
        await people.mark_announced(person)
    for conference, person, version in await people.corrected():
        correction = AnnounceCorrection(conference=conference, at=clock.now(), by="members", person=person)
        await executor.execute(correction, Request(f"correction:{conference}:{person}:{version}"))
        await people.mark_told(person, version)


async def erase_people(
    projections: ProjectionStore, executor: Executor, people: People, clock: Clock, announced: Nudge
) -> None:
    """Carries out ``PersonErased`` here too, also after a crash between the event and its effect."""
    while True:
        try:
            await erase_once(projections, executor, people, clock)
            await announced.within(LOOK_SECONDS)
        except MongoUnavailable as error:
            log.warning("erasure waits", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)


async def erase_once(projections: ProjectionStore, executor: Executor, people: People, clock: Clock) -> None:
    """The projection says whom to look at, the journal alone whether to erase them: that cannot be undone."""
    for gone in await to_be_erased(projections, people):
        stream = stream_name(gone["conference"], PERSON.kind, gone["_id"])
        if (await executor.state(PERSON, stream)).erased:
            await people.erase(gone["conference"], gone["_id"], clock.now())
