"""One storm: two services under orders while faults strike; then everything heals, what waits is finished, we look."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from aiokafka import TopicPartition
from structlog.testing import capture_logs

from services.members.people import People
from shared.contracts.topics import PEOPLE
from shared.kernel.decider import Event
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.commands.execute import Request
from shared.runtime.mongo.driver import MongoUnavailable, connect
from shared.runtime.process import Process as ServiceProcess
from shared.runtime.publishing.relay import records_of
from tests.kit.when import CONFERENCE, NOW, person
from tests.shared.seat_groups import commit
from tests.storms.aftermath import gathered, settled
from tests.storms.deployment import PROCESSES, Deployment, Life, Order, unhurried
from tests.storms.evidence import Evidence, Line
from tests.storms.faults import STORM_SECONDS, Fault, Turn, drawn
from tests.storms.stories import Story, details, known_facts, told
from tests.storms.turns import heal, prepare
from tests.storms.world.loop import SERVERS, Process, VirtualLoop
from tests.storms.world.surroundings import Seam, Surroundings, in_place
from tests.storms.world.wire import Blow, Wire, settle

PATIENCE = 2.0
UNKNOWN = Line("info")
KNOWN_FACTS = 4
"""Of ten seeds the one whose story is about what invitations rest on."""

Switch = Callable[[Surroundings], Sequence[Seam]]
"""Takes one protective rule out: what stands in for our own code while the storm lasts."""


def nothing_switched(_: Surroundings) -> Sequence[Seam]:
    return ()


@dataclass
class Storm:
    """A seed and its faults say everything: the same two give the same run, to the last call."""

    seed: int
    faults: Sequence[Fault]
    story: Story
    processes: int
    trace: list[str] | None = None
    history: list[Line] = field(default_factory=list)

    def run(self, switch: Switch = nothing_switched) -> Evidence:
        loop, state = VirtualLoop(), random.getstate()
        random.seed(self.seed)
        wire = Wire(loop, self.seed, [fault for fault in self.faults if isinstance(fault, Blow)])
        wire.trace = self.trace
        around = Surroundings(wire)
        ours = in_place([*around.seams(), *unhurried()])
        try:
            with ours, in_place(switch(around)), capture_logs() as logs:
                wire.powers = deployment = Deployment(loop, around, self.story.services, self.processes)
                return loop.run(self._happen(loop, deployment, logs))
        finally:
            random.setstate(state)

    async def _happen(self, loop: VirtualLoop, deployment: Deployment, logs: list[Any]) -> Evidence:
        await publish_people(deployment, self.story.known)
        tell_of_members(deployment, self.story.told_before)
        for name in deployment.names:
            deployment.start(name)
        for fault in self.faults:
            if isinstance(fault, Turn):
                prepare(deployment, fault)
        clients = [
            Process(loop, name).spawn(self._client(deployment, name, orders))
            for name, orders in self.story.clients.items()
        ]
        await asyncio.sleep(STORM_SECONDS)
        heal(deployment)
        return gathered(deployment, self.history, logs, await settled(deployment, clients))

    async def _client(self, deployment: Deployment, name: str, orders: Sequence[Order]) -> None:
        chance = deployment.around.wire.chance(f"{name} pauses")
        answered: dict[str, str] = {}
        for order in orders:
            await asyncio.sleep(chance.random() * 0.3)
            seen = tuple(answered.values()) if order.names_answers else ()
            line = await self._ask(deployment, order, seen)
            while line.kind == "info":
                await asyncio.sleep(0.2)
                line = await self._ask(deployment, order, seen)
            if line.sequence:
                answered[line.stream] = f"{line.stream}:{line.sequence}"

    async def _ask(self, deployment: Deployment, order: Order, seen: tuple[str, ...]) -> Line:
        asked = deployment.around.wire.loop.time()
        act = partial(serve, deployment, order, seen)
        reply = deployment.around.wire.call("order", act, lambda _: UNKNOWN, twice=True)
        try:
            line: Line = await asyncio.wait_for(reply, PATIENCE)
        except TimeoutError:
            line = UNKNOWN
        self.history.append(replace(line, service=order.service, key=order.key, asked=asked, seen=seen))
        return line


def storm(seed: int, kept: Sequence[int] | None = None, calm: bool = False) -> Storm:
    """``kept`` are the places of the faults that strike; ``calm``: none does."""
    chance = random.Random(seed)
    story = known_facts(chance) if seed % 10 == KNOWN_FACTS else told(chance)
    processes = chance.choice((1, PROCESSES, PROCESSES))
    names = [f"{service}-{number + 1}" for service in story.services for number in range(processes)]
    faults = [] if calm else drawn(chance, story.services, names, list(story.clients))
    if kept is not None:
        faults = [faults[place] for place in kept]
    return Storm(seed, faults, story, processes)


def serve(deployment: Deployment, order: Order, seen: tuple[str, ...]) -> Line | asyncio.Future[Line]:
    """Some process of the service takes the order; a stopped one takes it too, and goes on with it later."""
    life = balanced(deployment, order.service)
    if life.process.killed or not life.prepared or life.service is None:
        return UNKNOWN
    deployment.served[order.key] += 1
    reply: asyncio.Future[Line] = deployment.around.wire.loop.create_future()

    def answer(done: asyncio.Task[Line]) -> None:
        if not done.cancelled():
            settle(reply, done.result())

    life.process.spawn(obeyed(deployment, life.service, order, seen)).add_done_callback(answer, context=SERVERS)
    return reply


def balanced(deployment: Deployment, service: str) -> Life:
    """Mostly one that runs; nobody knows at once which does."""
    chance = deployment.around.wire.chance("balancer")
    lives = [deployment.lives[name] for name in deployment.names if name.startswith(service)]
    return chance.choice([life for life in lives if life.process.running or chance.random() < 0.3] or lives)


async def obeyed(deployment: Deployment, service: ServiceProcess, order: Order, seen: tuple[str, ...]) -> Line:
    try:
        answer = await deployment.obey(service, order, seen)
    except Rejected as no:
        return Line("fail", rule=no.rule)
    except (Busy, MongoUnavailable):
        return UNKNOWN
    return Line("ok", stream=answer.stream, sequence=answer.sequence, events=tuple(one.id for one in answer.events))


async def publish_people(deployment: Deployment, known: Sequence[int]) -> None:
    """As the members service did before the storm: through its own outbox, straight into the topic."""
    people = People(connect("mongodb://localhost", "members").database["people"])
    for number in known:
        await people.record(CONFERENCE, person(number), details(number), NOW, Request(f"before:{number}"))
    pending = [one async for batch in people.pending(len(known)) for one in batch] if known else []
    for record in (record for one in pending for record in one.records):
        deployment.around.broker.plant(TopicPartition(PEOPLE.name, 0), record.key, record.value, record.headers)
    await people.published(pending)


def tell_of_members(deployment: Deployment, told: Mapping[str, Sequence[Event]]) -> None:
    """As the members service did before the storm, which has none."""
    for stream, events in told.items():
        for sequence, event in enumerate(events, 1):
            for sent in records_of(commit(sequence, event, stream), "members"):
                place = TopicPartition(sent.topic, 0)
                deployment.around.broker.plant(place, sent.key, sent.value, sent.headers, planted=False)
