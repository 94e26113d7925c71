"""What a fault does to the deployment and its surroundings, at its moment; and what puts everything right again."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import assert_never

from aiokafka import TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from shared.contracts.envelope import Headers
from shared.contracts.notifications import NotificationSent
from shared.contracts.registry import NAMES, encode
from shared.contracts.topics import events_of
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Busy
from shared.runtime.commands.commit import to_commit
from shared.runtime.delivery.delivery import NoLongerParked
from shared.runtime.delivery.parked import STUCK
from shared.runtime.delivery.stores import Superseded
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.publishing.relay import records_of
from tests.storms.deployment import Deployment, Life
from tests.storms.faults import Turn
from tests.storms.world.loop import SERVERS
from tests.storms.world.topic import PARTITIONS


def prepare(deployment: Deployment, turn: Turn) -> None:
    around = deployment.around
    match turn.kind:
        case "mail answered":
            around.postbox.answers[turn.number] = turn.target
        case "clock wrong":
            around.clock.skews[turn.target] = turn.number
        case _:
            around.wire.loop.call_later(turn.at, partial(happen, deployment, turn), context=SERVERS)


def happen(deployment: Deployment, turn: Turn) -> None:
    around, loop = deployment.around, deployment.around.wire.loop
    match turn.kind:
        case "database lags":
            around.cluster.lag(turn.seconds)
        case "database fails over":
            around.cluster.lag(turn.seconds)
            loop.call_later(turn.seconds * 0.9, around.cluster.fail_over, 0.2, context=SERVERS)
        case "topics lag":
            around.broker.lag(turn.seconds)
        case "topics fail over":
            around.broker.lag(turn.seconds)
            loop.call_later(turn.seconds * 0.9, around.broker.fail_over, turn.seconds, context=SERVERS)
        case "member expelled":
            around.broker.expel(deployment.lives[turn.target].process)
        case "mail server away":
            around.postbox.away_until = loop.time() + turn.seconds
        case "junk in a topic":
            around.broker.plant(TopicPartition(events_of(turn.target).name, 0), b"junk", b"{}", [("ce_id", b"\xff")])
        case "copy before its turn":
            around.broker.be_away(turn.seconds)
            loop.call_later(turn.seconds * 0.9, plant_copy, deployment, turn.target, context=SERVERS)
        case "bad deployment":
            deploy_badly(deployment, turn)
        case "operator retries":
            operate(deployment)
        case "event forged":
            forge_sent(deployment)
        case "mail answered" | "clock wrong":
            raise AssertionError("these hold from the beginning")
        case _:
            assert_never(turn.kind)


def plant_copy(deployment: Deployment, service: str) -> None:
    """While Kafka is away from us, a tool publishes our newest commit, and not those that come before it."""
    broker = deployment.around.broker
    heard = {
        (record.key, dict(record.headers).get("ce_id")) for one in broker.partitions.values() for record in one.log
    }
    waiting = Counter[str]()
    for document in deployment.around.cluster.table(service, "journal").majority.values():
        commit = to_commit(document)
        records = [one for one in records_of(commit, service) if (one.key, dict(one.headers)["ce_id"]) not in heard]
        waiting[commit.stream] += bool(records)
        if waiting[commit.stream] > 1:
            for record in records:
                plant(deployment, record.topic, record.key, record.value, record.headers)
            return


def plant(deployment: Deployment, topic: str, key: bytes, value: bytes | None, headers: Headers) -> None:
    partition = DefaultPartitioner()(key, list(range(PARTITIONS)), list(range(PARTITIONS)))
    deployment.around.broker.plant(TopicPartition(topic, partition), key, value, headers)


def forge_sent(deployment: Deployment) -> None:
    """A stranger says that a mail is sent, in the next place of its stream; notifications alone hears that topic."""
    around, service = deployment.around, "notifications"
    commits = [to_commit(one) for one in around.cluster.table(service, "journal").majority.values()]
    heads = {commit.stream: commit for commit in sorted(commits, key=lambda one: one.first)}
    if not heads:
        return
    head = heads[around.wire.chance("forgeries").choice(sorted(heads))]
    envelope = head.envelopes(service)[-1]
    mail = head.stream.rpartition("/")[2]
    forged = envelope._replace(
        id=derived_id("forged", head.stream, str(head.last + 1)), type=NAMES[NotificationSent], sequence=head.last + 1
    )
    said = encode(NotificationSent(mail=mail, attempt=1)).encode()
    plant(deployment, events_of(service).name, head.stream.encode(), said, forged.headers())


def deploy_badly(deployment: Deployment, turn: Turn) -> None:
    """The service's next events of one stream cannot be folded for a while."""
    for service in deployment.services:
        streams = sorted(
            {one["stream"] for one in deployment.around.cluster.table(service, "journal").majority.values()}
        )
        if streams:
            stream = deployment.around.wire.chance("deployments").choice(streams)
            deployment.broken[turn.target] = (stream, turn.at + turn.seconds)
            return


def operate(deployment: Deployment) -> None:
    """Where something waits for somebody, somebody retries it."""
    for service in deployment.services:
        rows = deployment.around.cluster.table(service, "parked").majority.values()
        lives = [deployment.lives[name] for name in deployment.names if name.startswith(service)]
        ready = [life for life in lives if life.process.running and life.prepared]
        if ready and any(row["reason"] in STUCK for row in rows):
            ready[0].process.spawn(retry_stuck(ready[0]))


async def retry_stuck(life: Life) -> None:
    assert life.service is not None
    try:
        for row in await life.service.parked.overview():
            kept = await life.service.parked.get(row["_id"]) if row["reason"] in STUCK else None
            if kept is not None:
                await life.service.delivery.retry(kept)
    except (MongoUnavailable, Superseded, Busy, NoLongerParked):
        return


def heal(deployment: Deployment) -> None:
    deployment.around.wire.healed = True
    deployment.broken.clear()
    for life in list(deployment.lives.values()):
        life.process.go_on()
