"""After the storm: time passes until nothing waits any more, and what is left is gathered as evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aiokafka import TopicPartition

from shared.kernel.time import iso
from tests.storms import house as houses
from tests.storms.evidence import Document, Evidence, Line, ServiceState
from tests.storms.house import House
from tests.storms.turns import operate

HEAL_SECONDS = 120.0


async def settled(house: House, clients: Sequence[asyncio.Task[None]]) -> list[str]:
    """Lets time pass until nothing waits any more; what still does when the time is over."""
    loop, waits = house.around.wire.loop, [""]
    ends = loop.time() + HEAL_SECONDS
    while waits and loop.time() < ends:
        await asyncio.sleep(1.0)
        house.around.clock.ahead += timedelta(minutes=15)
        operate(house)
        busy = sum(not client.done() for client in clients)
        waits = [f"{busy} clients wait for an answer"] if busy else waiting(house)
    return waits


def waiting(house: House) -> list[str]:
    around, found = house.around, []
    for service in house.services:
        for collection in ("journal", "people"):
            rows = around.cluster.table(service, collection).majority.values()
            found += [f"{service}: unpublished {row['_id']}" for row in rows if not row["published"]]
        found += [f"{service}: {place} unread" for place in unread(house, service)]
        rows = around.cluster.table(service, "parked").majority.values()
        found += [f"{service}: {row['reason']} {row['_id']}" for row in rows if row["stream"]]
    found += [f"mail {row['_id']}" for row in view(house, "notifications", "mails") if row["not_before"]]
    found += [f"reminder {row['_id']}" for row in view(house, "meetings", "reminders") if is_due(house, row)]
    known = {key for key, row in around.cluster.table("members", "people").majority.items() if row["details"]}
    found += [f"erase {row['_id']}" for row in view(house, "members", "erased") if row["_id"] in known]
    return found


def unread(house: House, service: str) -> list[TopicPartition]:
    """Neither committed nor handled: a commit that was lost is made up for by the next one, or by the next process."""
    read = dict(house.around.broker.group(service).committed)
    for life in house.lives.values():
        if life.prepared and life.parts is not None and life.process.name.startswith(service):
            for place, position in house.handled(life.parts).items():
                read[place] = max(read.get(place, 0), position)
    return [
        place
        for place, partition in house.around.broker.partitions.items()
        if place.topic in houses.DECLARATIONS[service].subscribes and read.get(place, 0) < len(partition.log)
    ]


def view(house: House, service: str, name: str) -> list[Document]:
    return list(house.around.cluster.table(service, f"view_{name}").majority.values())


def is_due(house: House, row: Document) -> bool:
    return row["due"] is not None and row["due"] <= iso(house.around.clock.now())


def gathered(house: House, history: Sequence[Line], logs: Sequence[Any], unsettled: Sequence[str]) -> Evidence:
    around = house.around
    tables = around.cluster.tables
    services = {
        service: ServiceState(
            house.declaration(service),
            {name: table.majority for (database, name), table in tables.items() if database == service},
            {(place.topic, place.partition): at for place, at in around.broker.group(service).committed.items()},
            around.cluster.table(service, "journal").durable_since,
        )
        for service in house.services
    }
    records = [record for partition in around.broker.partitions.values() for record in partition.log]
    contacts = around.cluster.table("notifications", "contacts")
    erased = {key: contacts.changed_at[key] for key, row in contacts.majority.items() if row["details"] is None}
    postbox = around.postbox
    return Evidence(
        history, house.served, services, records, postbox.copies, postbox.refused, erased, logs, house.died, unsettled
    )
