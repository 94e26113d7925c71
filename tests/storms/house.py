"""Two services in several processes each, built by the product's own composition, on the model surroundings."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from aiokafka import TopicPartition
from pydantic import SecretStr

from services.meetings import api as meetings_api
from services.meetings import worker as meetings_worker
from services.meetings.domain.session_planning import ChangeAgenda
from services.members import api as members_api
from services.members import worker as members_worker
from services.members.domain.person import RecordPerson
from services.notifications import api as notifications_api
from services.notifications import sending as notifications_sending
from services.notifications import worker as notifications_worker
from services.notifications.domain.mail import MailCommand
from services.notifications.letters.office import Office
from services.notifications.sending import Sending
from shared.contracts.meetings import AgendaItem, InvitationAnswered
from shared.contracts.notifications import NotificationQueued
from shared.contracts.people import PersonDetails
from shared.contracts.registry import EVENTS
from shared.contracts.subscriptions import Delivered, Document, Reaction, View
from shared.contracts.topics import TOPICS
from shared.kernel.decider import Command
from shared.runtime import consumer as runtime_consumer
from shared.runtime import deadlines as runtime_deadlines
from shared.runtime import relay as runtime_relay
from shared.runtime.execute import Answer, Request
from shared.runtime.mongo import MongoUnavailable
from shared.runtime.parts import Declaration, Parts, open_parts
from shared.runtime.settings import ServiceSettings
from tests.kit.when import CONFERENCE
from tests.storms.world.group import Member
from tests.storms.world.loop import SERVERS, Process, VirtualLoop
from tests.storms.world.surroundings import Seam, Surroundings

PROCESSES = 2
OFFICE = Office(CONFERENCE, "Geschäftsstelle", "office@example.org", "example.org")
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

    @property
    def request(self) -> Request:
        return Request(f"office:{self.key}", hashlib.sha256(repr(self.fields).encode()).hexdigest())


def write_down(title: str) -> Callable[[Delivered], Iterable[Command]]:
    """A page of the notebook for each answer: two reactions overwrite one another, so a repetition would show."""

    def react(delivered: Delivered) -> Iterable[Command]:
        page = AgendaItem(number=1, title=f"{title} {delivered.envelope.id}", public=False)
        conference, at = delivered.envelope.conference, delivered.envelope.time
        return [ChangeAgenda(conference=conference, at=at, by="reaction", session=NOTEBOOK, agenda=(page,))]

    return react


NOTES = [Reaction(title, frozenset({InvitationAnswered}), write_down(title)) for title in ("note", "confirm")]
DECLARATIONS = {
    "members": members_worker.declaration(members_api.DECIDERS),
    "meetings": meetings_worker.declaration(meetings_api.DECIDERS),
    "notifications": notifications_worker.declaration(notifications_api.DECIDERS),
}


def events_read_by(declaration: Declaration) -> frozenset[Any]:
    services = {topic.owner for topic in TOPICS if topic.name in declaration.subscribes}
    return frozenset(event for name, event in EVENTS.items() if name.split(".")[1] in services)


@dataclass
class Life:
    """One process of a service from its start to its end."""

    process: Process
    parts: Parts | None = None
    prepared: bool = False


class House:
    """``lives`` holds the present life of each process by name: ``members-1``, ``members-2`` …"""

    def __init__(self, loop: VirtualLoop, around: Surroundings, services: Sequence[str], processes: int) -> None:
        self._loop = loop
        self.around = around
        self.services = tuple(services)
        self.names = [f"{service}-{number + 1}" for service in services for number in range(processes)]
        self.lives: dict[str, Life] = {}
        self.died: list[str] = []
        self.broken: dict[str, tuple[str, float]] = {}
        """By service: the stream whose events its present version can not fold, and until when."""
        self.orders = 0
        self.served: Counter[str] = Counter()
        around.broker.create([topic.name for topic in TOPICS])

    def declaration(self, service: str) -> Declaration:
        """The service's own, and a view that keeps what was applied to it, in order."""
        own = DECLARATIONS[service]
        told = View("told", events_read_by(own), _stream, self._fold_told(service))
        reactions = (*own.reactions, *NOTES) if service == "meetings" else own.reactions
        return replace(own, views=(*own.views, told), reactions=reactions)

    def _fold_told(self, service: str) -> Callable[[Document | None, Delivered], Document]:
        def fold(document: Document | None, delivered: Delivered) -> Document:
            stream, until = self.broken.get(service, ("", 0.0))
            if delivered.envelope.stream == stream and self._loop.time() < until:
                raise BadDeployment
            told = (document or {"told": []})["told"]
            return {"told": [*told, [delivered.envelope.sequence, delivered.envelope.id]]}

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
        parts = life.parts = open_parts(settings_of(service), self.declaration(service))
        steps = [parts.prepare, *([parts.people.prepare] if parts.people else [])]
        while steps:
            try:
                await steps[0]()
                del steps[0]
            except MongoUnavailable:
                await asyncio.sleep(0.2)
        life.prepared = True
        async with asyncio.TaskGroup() as group:
            for loop in (parts.lineage.run, parts.consumer.run, parts.relay.run, parts.deadlines.run):
                group.create_task(loop())
            for extra in (*self._extra(service, parts), self._sweep(parts)):
                group.create_task(extra)

    def _extra(self, service: str, parts: Parts) -> list[Coroutine[Any, Any, None]]:
        """As in each service's ``app.py``."""
        match service:
            case "members":
                assert parts.people is not None
                return [parts.relay_of(parts.people).run(), members_worker.erase_people(parts, parts.people)]
            case "notifications":
                return [notifications_worker.send_what_is_due(parts, self._sending(parts))]
            case _:
                return []

    def _sending(self, parts: Parts) -> Sending:
        async def execute(command: MailCommand) -> Answer:
            self.orders += 1
            return await parts.executor.execute(command, Request(f"sender:{self.orders}"))

        return Sending(execute, parts.contacts.get, self.around.postbox.send, lambda *_: OFFICE, parts.clock.now)

    async def _sweep(self, parts: Parts) -> None:
        """As the watch over the vitals does where something is parked, more often."""
        while True:
            await asyncio.sleep(2.0)
            if self.around.cluster.table(parts.service, "parked").majority:
                with suppress(MongoUnavailable):
                    await parts.delivery.sweep()

    async def obey(self, parts: Parts, order: Order) -> Answer:
        """As the service's HTTP edge does."""
        fields = {"conference": CONFERENCE, "at": parts.clock.now(), "by": "office", **order.fields}
        if "person_known" in order.command.model_fields:
            assert parts.people is not None
            fields["person_known"] = await parts.people.known(order.fields["person"])
        command = order.command(**fields)
        if order.command is RecordPerson:
            assert parts.people is not None
            return await members_api.Recording(parts.journal, parts.people).execute(command, order.request)
        return await parts.executor.execute(command, order.request)

    def handled(self, parts: Parts) -> Mapping[TopicPartition, int]:
        """How far this process has read, if nothing that it has read is open."""
        consumer = parts.consumer
        member = consumer.subscriber.consumer
        is_idle = consumer._idle.is_set() and not consumer._unsettled.records
        return cast("Member", member).positions if member and is_idle else {}

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


def settings_of(service: str) -> ServiceSettings:
    return SETTINGS[service]


SETTINGS = {
    service: ServiceSettings(
        mongo_uri=SecretStr("mongodb://model"),
        mongo_database=service,
        kafka_bootstrap="model",
        http_port=0,
        callers_file=Path("none"),
    )
    for service in DECLARATIONS
}


def brief(queued: NotificationQueued, _to: PersonDetails, email: str, *_more: object) -> bytes:
    """Instead of a whole letter, which takes longer than all else: which mail, what for, to whom."""
    return f"{queued.mail} {queued.cause} {queued.content.kind} {queued.person} {email}".encode()


def unhurried() -> list[Seam]:
    """Polling less often changes nothing but how long a run takes; small batches are soon full ones."""
    return [
        (runtime_relay, "POLL_SECONDS", 0.8),
        (runtime_consumer, "BATCH", 4),
        (runtime_relay, "COMMITS_AT_ONCE", 3),
        (runtime_consumer, "MOST_UNSETTLED", 10),
        (runtime_deadlines, "POLL_SECONDS", 1.0),
        (notifications_worker, "POLL_SECONDS", 0.8),
        (notifications_sending, "message", brief),
    ]


def _stream(delivered: Delivered) -> Iterable[str]:
    return (delivered.envelope.stream,)
