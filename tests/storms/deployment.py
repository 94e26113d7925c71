"""Two services in several processes each, built by the product's own composition, on the model surroundings."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from aiokafka import TopicPartition
from pydantic import SecretStr

from services.meetings import app as meetings
from services.meetings.domain.session_planning import ChangeAgenda
from services.meetings.service import SERVICE as MEETINGS
from services.members import app as members
from services.members import worker as members_worker
from services.members.service import SERVICE as MEMBERS
from services.notifications import app as notifications
from services.notifications import sending as notifications_sending
from services.notifications import worker as notifications_worker
from services.notifications.service import SERVICE as NOTIFICATIONS
from services.notifications.settings import NotificationsSettings
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import AgendaItem, InvitationAnswered
from shared.contracts.notifications import NotificationQueued
from shared.contracts.people import PersonDetails
from shared.contracts.registry import EVENTS
from shared.contracts.topics import TOPICS
from shared.declarations.projection import Document, Projection, by_stream
from shared.declarations.reaction import React, Reaction, reaction
from shared.declarations.service import Service
from shared.kernel.decider import Command, Event
from shared.runtime import process as runtime_process
from shared.runtime.commands.execute import Answer, Request
from shared.runtime.delivery import arrivals as runtime_arrivals
from shared.runtime.delivery import deadlines as runtime_deadlines
from shared.runtime.delivery import listener as runtime_listener
from shared.runtime.http.requests import read_seen
from shared.runtime.mongo.changes import Changes
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing import clock as runtime_clock
from shared.runtime.process import Process as ServiceProcess
from shared.runtime.publishing import relay as runtime_relay
from tests.kit.when import CONFERENCE
from tests.storms.world.group import MOST, Member
from tests.storms.world.loop import SERVERS, Process, VirtualLoop
from tests.storms.world.surroundings import Seam, Surroundings

PROCESSES = 2
NOTEBOOK = "notebook"


class BadDeployment(Exception):
    """A fold of a version that was withdrawn again."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asks for, under a key of its own."""

    service: str
    key: str
    command: type[Command]
    fields: dict[str, Any]
    names_answers: bool = False
    """Its client names everything that it was answered before."""

    @property
    def request(self) -> Request:
        return Request(f"office:{self.key}", hashlib.sha256(repr(self.fields).encode()).hexdigest())


def write_down(title: str) -> React[InvitationAnswered]:
    """A page of the notebook for each answer: two reactions overwrite one another, so a repetition would show."""

    def react(event: InvitationAnswered, envelope: Envelope) -> Iterable[Command]:
        page = AgendaItem(number=1, title=f"{title} {envelope.id}", public=False)
        conference, at = envelope.conference, envelope.time
        return [ChangeAgenda(conference=conference, at=at, by="reaction", session=NOTEBOOK, agenda=(page,))]

    return react


NOTES: Sequence[Reaction] = [reaction(title)(write_down(title)) for title in ("note", "confirm")]
SERVICES: Mapping[str, Service] = {service.name: service for service in (MEMBERS, MEETINGS, NOTIFICATIONS)}


def events_heard_by(service: Service) -> frozenset[Any]:
    services = {topic.owner for topic in service.hears}
    return frozenset(event for name, event in EVENTS.items() if name.split(".")[1] in services)


@dataclass
class Life:
    """One process of a service from its start to its end."""

    process: Process
    service: ServiceProcess | None = None

    @property
    def prepared(self) -> bool:
        return self.service is not None and self.service.prepared


class Deployment:
    """``lives`` holds the present life of each process by name: ``members-1``, ``members-2`` …"""

    def __init__(self, loop: VirtualLoop, around: Surroundings, services: Sequence[str], processes: int) -> None:
        self._loop = loop
        self.around = around
        self.services = tuple(services)
        self.names = [f"{service}-{number + 1}" for service in services for number in range(processes)]
        self.lives: dict[str, Life] = {}
        self.died: list[str] = []
        self.broken: dict[str, tuple[str, float]] = {}
        """By service: the stream whose events its present version cannot fold, and until when."""
        self.served: Counter[str] = Counter()
        around.broker.create([topic.name for topic in TOPICS])

    def described(self, service: str) -> Service:
        """The service's own, and a projection that keeps what was applied to it, in order."""
        own = SERVICES[service]
        told = Projection("told", events_heard_by(own), self._fold_told(service), by_stream, 1, ())
        reactions = (*own.reactions, *NOTES) if service == "meetings" else own.reactions
        return replace(own, projections=(*own.projections, told), reactions=reactions)

    def _fold_told(self, service: str) -> Callable[[Document | None, Event, Envelope], Document]:
        def fold(document: Document | None, event: Event, envelope: Envelope) -> Document:
            stream, until = self.broken.get(service, ("", 0.0))
            if envelope.stream == stream and self._loop.time() < until:
                raise BadDeployment
            told = (document or {"told": []})["told"]
            return {"told": [*told, [envelope.sequence, envelope.id]]}

        return fold

    def start(self, name: str) -> None:
        process = Process(self._loop, name)
        self.lives[name] = Life(process)
        process.spawn(self._live(self.lives[name]))

    async def _live(self, life: Life) -> None:
        name = life.process.name
        try:
            await self._work(life, name.partition("-")[0])
        except Exception as error:  # noqa: BLE001 - whatever a process dies of is told, and a supervisor restarts it
            self.died.append(f"{name}: {error!r}")
            life.process.kill()
            self._loop.call_later(0.5, self.start, name, context=SERVERS)

    async def _work(self, life: Life, service: str) -> None:
        life.service = built(service, self.described(service))
        await life.service.work()

    async def obey(self, service: ServiceProcess, order: Order, seen: Iterable[str] = ()) -> Answer:
        """As the service's HTTP edge does."""
        fields = {"conference": CONFERENCE, "at": service.clock.now(), "by": "office", **order.fields}
        supplied: dict[str, object] = {}
        if not order.fields.keys() >= service.facts.supplies.get(order.command, {}).keys():
            supplied = await service.facts.of(
                order.command, order.command.model_construct(**fields), read_seen([*seen])
            )
        return await service.execute(order.command(**{**supplied, **fields}), order.request)

    def handled(self, service: ServiceProcess) -> Mapping[TopicPartition, int]:
        """How far this process has read, if nothing that it has read is open."""
        listener, progress = service.listener, service.delivery.progress
        is_idle = listener._idle.is_set() and not progress.is_open
        return cast("Member", listener.consumer).positions if listener.consumer and is_idle else {}

    # What faults do to it

    def kill(self, process: Process, down: float) -> None:
        if self.lives[process.name].process is process and not process.killed:
            process.kill()
            self.around.broker.lose_session(process)
            self._loop.call_later(down, self.start, process.name, context=SERVERS)

    def stop(self, process: Process, away: float) -> None:
        if process.running:
            process.stop()
            self.around.broker.lose_session(process)
            self._loop.call_later(away, process.go_on, context=SERVERS)


@cache
def settings_of(name: str) -> NotificationsSettings:
    """Those of any service; what it does not ask for is left alone."""
    return NotificationsSettings(
        mongo_uri=SecretStr("mongodb://localhost"),
        mongo_database=name,
        kafka_bootstrap="127.0.0.1:1",
        http_port=0,
        callers_file=Path("none"),
        smtp_host="model",
        smtp_port=1,
        mail_from="office@example.org",
    )


def built(name: str, service: Service) -> ServiceProcess:
    """By the service's own composition root."""
    match name:
        case "members":
            return members.build(settings_of(name), "worker", service)
        case "meetings":
            return meetings.build(settings_of(name), "worker", service)
        case _:
            return notifications.build(settings_of(name), "worker", service)


async def sweep(_measure: object, _counters: object, _alarms: object, sweep: Callable[[], Awaitable[None]]) -> None:
    """In the place of the watch over the gauges, which sweeps where something is parked, and less often."""
    while True:
        await asyncio.sleep(2.0)
        with suppress(MongoUnavailable):
            await sweep()


async def told_of_nothing(_: Changes) -> None:
    """In the place of changes, which only save time: everybody looks by himself, as where they are broken."""


def brief(queued: NotificationQueued, _to: PersonDetails, email: str, *_more: object) -> bytes:
    """Instead of a whole letter, which takes longer than all else: which mail, what for, to whom."""
    return f"{queued.mail} {queued.cause} {queued.content.kind} {queued.person} {email}".encode()


def unhurried() -> list[Seam]:
    """Polling less often changes nothing but how long a run takes; small batches are soon full ones."""
    return [
        (runtime_relay, "POLL_SECONDS", 0.8),
        (runtime_listener, "BATCH", MOST),
        (runtime_relay, "COMMITS_AT_ONCE", 3),
        (runtime_listener, "MOST_UNSETTLED", 10),
        (runtime_arrivals, "LOOK_SECONDS", 0.1),
        (runtime_deadlines, "POLL_SECONDS", 1.0),
        (runtime_process, "RETRY_SECONDS", 0.2),
        (Changes, "run", told_of_nothing),
        (runtime_clock, "LOOK_SECONDS", 0.8),
        (runtime_process, "watch", sweep),
        (notifications_worker, "POLL_SECONDS", 0.8),
        (members_worker, "LOOK_SECONDS", 1.0),
        (notifications_sending, "message", brief),
    ]
