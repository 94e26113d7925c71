"""K6, K10, K11, M9: broker and database are not of one history any more. Services notice, wait, and are put right."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from confluent_kafka import OFFSET_END, TopicPartition
from confluent_kafka.admin import NewPartitions  # type: ignore[attr-defined]

from deploy.embedded.program import StartFailed
from shared.contracts.topics import PARTITIONS
from shared.runtime.kafka.topics import apply_topics
from tests.campaign.drain import left_over
from tests.campaign.evidence import HEARS, PEOPLE, SERVICES, TOPICS
from tests.campaign.fault import Fault, Site
from tests.campaign.kafka_dump import admin, ends, places, read_everything
from tests.campaign.single import single_nodes
from tests.kit.confluent import At

NOTICED_WITHIN, BEHEADED_WITHIN = 60.0, 120.0
ANSWER_SECONDS = 20.0
FUNDING = "kpk.funding.v1"
READERS = [name for name, topics in HEARS.items() if FUNDING in topics]
HEAR_OF_PEOPLE = ("members", "notifications")


async def broker_emptied(site: Site, *, published: int = 300, waiting: int = 30) -> None:
    """Topics are there again, but empty: nothing may be published into them before what is missing."""
    await site.accepted(published)
    await site.kill("kafka")
    await asyncio.to_thread(shutil.rmtree, single_nodes(site.world).kafka.folder / "data")
    await site.accepted(waiting)
    await site.start("kafka")
    await apply_topics(site.world.access)
    await all_noticed(site, SERVICES, "kpk republish")
    await site.accepted(30)
    assert not any((await asyncio.to_thread(ends, site.world.at, TOPICS)).values()), "a gate was open"
    for service in SERVICES:
        await republished(site, service)
    site.outsider.begin_again()
    await site.accepted(20)


async def partition_added(site: Site) -> None:
    """While nobody runs, with commits that wait: whoever reads such a topic refuses to work."""
    await site.accepted(100)
    await site.kill("kafka")
    await site.accepted(60)
    for name in SERVICES:
        await site.kill(name)
    await site.start("kafka")
    await asyncio.to_thread(_add_partition, site.world.at)
    for name in SERVICES:
        if name not in READERS:
            await site.start(name)
    for name in READERS:
        await refuses_to_start(site, name)
    await _no_stream_is_torn(site)
    await topic_made_anew(site, READERS)


async def partition_added_live(site: Site) -> None:
    """While everybody runs: no stream may go on in another partition."""
    await site.accepted(100)
    await asyncio.to_thread(_add_partition, site.world.at)
    await site.restart("kafka")  # whoever reconnects learns of the partition
    await site.accepted(150)
    await _no_stream_is_torn(site)
    await site.kill("funding")
    await refuses_to_start(site, "funding")
    await topic_made_anew(site, ["funding"])


async def refuses_to_start(site: Site, name: str) -> None:
    program = site.program(name)
    with suppress(StartFailed):
        await program.start()
    await site.until(lambda: not program.is_running, f"{name} refuses to work on such a topic", NOTICED_WITHIN)
    assert program.exit_code == 1, f"it ended with {program.exit_code}"


async def topic_made_anew(site: Site, waiting: Iterable[str]) -> None:
    """``waiting`` are those that do not run."""
    await asyncio.to_thread(_delete_topic, site.world.at)
    await site.until(lambda: not places(site.world.at, [FUNDING]), "the topic is gone")
    await apply_topics(site.world.access)
    for name in waiting:
        await site.start(name)
    await all_noticed(site, ["funding"], "kpk republish")
    await republished(site, "funding")
    site.outsider.begin_again()
    await site.accepted(20)


async def database_restored(site: Site) -> None:
    """From a copy that is older than the topics: what happened since is taken from them."""
    data = single_nodes(site.world).mongod.folder / "data"
    copy = data.with_name("copy")
    await site.program("mongod").stop()
    await asyncio.to_thread(shutil.copytree, data, copy)
    await site.start("mongod")
    await site.accepted(100)
    await at_rest(site)
    await site.kill("mongod")
    await asyncio.to_thread(_replace, data, copy)
    await site.start("mongod")
    await all_noticed(site, SERVICES, "kpk recover")
    for service in SERVICES:
        site.note(
            "M9", "recovered", service=service, **await site.ask(service, "POST", "/admin/recover", {"why": "Kampagne"})
        )
    site.load.go_on()
    await site.accepted(30)


async def beginning_gone(site: Site) -> None:
    """As retention would have it. A projection is not lost to it, and the topic is filled again from the journal."""
    await site.accepted(100)
    await at_rest(site)
    await asyncio.to_thread(_delete_records, site.world.at)
    await all_noticed(site, ["funding"], "kpk republish", BEHEADED_WITHIN)
    await republished(site, "funding")
    site.outsider.begin_again()
    site.load.go_on()
    await site.accepted(30)


async def at_rest(site: Site) -> None:
    """An acknowledged command that is in no topic yet would be gone with the database: that is what backups cost."""
    await site.load.rest()
    await site.until(lambda: asyncio.to_thread(_nothing_left, site), "everything is published", 60)


def _nothing_left(site: Site) -> bool:
    return not left_over(site.world.at, site.world.mongo_uri)


async def all_noticed(site: Site, services: Iterable[str], remedy: str, within: float = NOTICED_WITHIN) -> None:
    for service in services:

        async def noticed(service: str = service) -> bool:
            told = await site.ask(service, "GET", "/health/ready")
            return any(remedy in reason for reason in told["degraded"])

        await site.until(noticed, f"{service} says: {remedy}", within)


async def republished(site: Site, service: str) -> None:
    """As `kpk republish` does it."""
    await site.ask(service, "POST", "/admin/republish", {"since": None, "why": "Kampagne"})
    topics = [f"kpk.{service}.v1", *([PEOPLE] if service == "members" else [])]
    for topic in topics:
        for reader, heard in HEARS.items():
            if topic in heard or (topic == PEOPLE and reader in HEAR_OF_PEOPLE):
                await site.ask(reader, "POST", "/admin/read-again", {"topic": topic, "why": "Kampagne"})


async def _no_stream_is_torn(site: Site) -> None:
    """Another number of partitions sends a key elsewhere."""
    records = await asyncio.to_thread(read_everything, site.world.at, [FUNDING])
    places: dict[bytes | None, set[int]] = {}
    for record in records:
        places.setdefault(record.key, set()).add(record.partition)
    torn = {key: found for key, found in places.items() if len(found) > 1}
    assert not torn, f"streams go on in another partition: {torn}"


def _add_partition(at: At) -> None:
    asked = admin(at)
    for answer in asked.create_partitions([NewPartitions(FUNDING, PARTITIONS + 1)]).values():
        answer.result(ANSWER_SECONDS)


def _delete_records(at: At) -> None:
    everything = [TopicPartition(FUNDING, number, OFFSET_END) for number in range(PARTITIONS)]
    asked = admin(at)
    for answer in asked.delete_records(everything).values():
        answer.result(ANSWER_SECONDS)


def _delete_topic(at: At) -> None:
    asked = admin(at)
    for answer in asked.delete_topics([FUNDING]).values():
        answer.result(ANSWER_SECONDS)


def _replace(data: Path, copy: Path) -> None:
    shutil.rmtree(data)
    copy.rename(data)


FAULTS = (
    Fault("K6", "the broker comes back with an empty folder", "histories", broker_emptied, alone=True),
    Fault(
        "K6-early",
        "the same, with more unpublished commits than the topics had records",
        "histories",
        partial(broker_emptied, published=50, waiting=400),
        alone=True,
    ),
    Fault("K10", "a topic has one partition too many at the start", "histories", partition_added, alone=True),
    Fault("K10-live", "a topic gets another partition under load", "histories", partition_added_live, alone=True),
    Fault("K11", "the beginning of a topic is gone", "histories", beginning_gone, alone=True),
    Fault("M9", "the database is restored from an older copy", "histories", database_restored, alone=True),
)
