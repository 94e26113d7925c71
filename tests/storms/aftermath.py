"""After the storm: time passes until nothing waits any more, and what is left is gathered as evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aiokafka import TopicPartition

from shared.contracts.topics import PEOPLE
from shared.kernel.time import iso
from shared.runtime.commands.unpublished import MARKS, NOTED
from shared.runtime.mongo.driver import BEGINNING
from shared.runtime.publishing.state_topics import markers_of
from tests.storms import deployment as deployments
from tests.storms.deployment import Deployment
from tests.storms.evidence import Document, Evidence, Line, ServiceState
from tests.storms.turns import operate

HEAL_SECONDS = 120.0


async def settled(deployment: Deployment, clients: Sequence[asyncio.Task[None]]) -> list[str]:
    """Lets time pass until nothing waits any more; what still does when the time is over."""
    loop, waits = deployment.around.wire.loop, [""]
    ends = loop.time() + HEAL_SECONDS
    while waits and loop.time() < ends:
        await asyncio.sleep(1.0)
        deployment.around.clock.ahead += timedelta(minutes=15)
        operate(deployment)
        busy = sum(not client.done() for client in clients)
        waits = [f"{busy} clients wait for an answer"] if busy else waiting(deployment)
    return waits


def waiting(deployment: Deployment) -> list[str]:
    around, found = deployment.around, []
    for service in deployment.services:
        people = around.cluster.table(service, "people").majority.values()
        found += [f"{service}: unpublished {row['_id']}" for row in people if not row["published"]]
        found += [f"{service}: unpublished {commit}" for commit in unpublished(deployment, service)]
        found += [f"{service}: {place} unread" for place in unread(deployment, service)]
        rows = around.cluster.table(service, "parked").majority.values()
        found += [f"{service}: {row['reason']} {row['_id']}" for row in rows if row["stream"]]
    suspended = {one["address"] for one in projection(deployment, "notifications", "addresses") if is_suspended(one)}
    found += [
        f"mail {row['_id']}"
        for row in projection(deployment, "notifications", "mails")
        if row["not_before"] and not (row["state"] == "held" and row["address"] in suspended)
    ]
    found += [
        f"reminder {row['_id']}" for row in projection(deployment, "meetings", "reminders") if is_due(deployment, row)
    ]
    known = {key for key, row in around.cluster.table("members", "people").majority.items() if row["details"]}
    found += [f"erase {row['_id']}" for row in projection(deployment, "members", "erased") if row["_id"] in known]
    return found


def unpublished(deployment: Deployment, service: str) -> list[str]:
    journal, marks, noted = (
        deployment.around.cluster.table(service, name).majority for name in ("journal", MARKS, NOTED)
    )
    upto = {writer: mark["recorded"] for writer, mark in marks.items()}
    return [key for key, one in journal.items() if key in noted or one["recorded"] > upto.get(one["writer"], BEGINNING)]


def unread(deployment: Deployment, service: str) -> list[TopicPartition]:
    """Neither committed nor handled: a commit that was lost is made up for by the next one, or by the next process."""
    read = dict(deployment.around.broker.group(service).committed)
    for life in deployment.lives.values():
        if life.prepared and life.service is not None and life.process.name.startswith(service):
            for place, position in deployment.handled(life.service).items():
                read[place] = max(read.get(place, 0), position)
    return [
        place
        for place, partition in deployment.around.broker.partitions.items()
        if place.topic in deployments.SERVICES[service].topics and read.get(place, 0) < len(partition.log)
    ]


def projection(deployment: Deployment, service: str, name: str) -> list[Document]:
    return list(deployment.around.cluster.table(service, f"view_{name}").majority.values())


def is_suspended(address: Document) -> bool:
    """Its mails wait for the office, and no office is here."""
    return bool(address["state"] == "suspended")


def is_due(deployment: Deployment, row: Document) -> bool:
    return row["due"] is not None and row["due"] <= iso(deployment.around.clock.now())


def gathered(
    deployment: Deployment, history: Sequence[Line], logs: Sequence[Any], unsettled: Sequence[str]
) -> Evidence:
    around = deployment.around
    tables = around.cluster.tables
    services = {
        service: ServiceState(
            deployment.described(service),
            {name: table.majority for (database, name), table in tables.items() if database == service},
            {(place.topic, place.partition): at for place, at in around.broker.group(service).committed.items()},
            around.cluster.table(service, "journal").durable_since,
        )
        for service in deployment.services
    }
    records = [record for partition in around.broker.partitions.values() for record in partition.log]
    contacts = around.cluster.table("notifications", "contacts")
    gone = {key for key, row in contacts.majority.items() if row["details"] is None}
    erased = {key: contacts.changed_at[key] for key in gone.difference(markers_of(PEOPLE))}
    postbox = around.postbox
    return Evidence(
        history,
        deployment.served,
        services,
        records,
        around.broker.readable_since,
        postbox.copies,
        postbox.refused,
        erased,
        logs,
        deployment.died,
        unsettled,
    )
