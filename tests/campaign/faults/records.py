"""X: a stranger writes into our topics. Each record ends where it belongs, and everything else goes on."""

from __future__ import annotations

import asyncio

import pytest
from confluent_kafka import KafkaException

from tests.campaign.evidence import PEOPLE, TOPICS
from tests.campaign.fault import Fault, Site
from tests.campaign.faults.planting import ENDED, MEMBERS, OWNER, Planted, Stranger, nobody_reads, readers, stream_of
from tests.campaign.kafka_dump import read_everything

FOLDED_BY = {**OWNER, "meetings": "poison", "notifications": "poison"}
"""Who needs to read the event's data; funding only counts it."""
BEHIND = {**OWNER, "meetings": "behind", "notifications": "behind"}
MAILS, SENT = "kpk.notifications.v1", b"kpk.notifications.NotificationSent.v1"
REQUEUED = "kpk.notifications.NotificationRequeued.v1"
TIMES, SAMPLE = 100, 5
MEGABYTE = 1_000_000


async def repeated(site: Site) -> None:
    """Real records, a hundred times each, long after their time."""
    stranger = Stranger(site)
    records = await asyncio.to_thread(read_everything, site.world.at, TOPICS)
    for record in site.random.sample(records, SAMPLE):
        for _ in range(TIMES):
            await stranger.send(record.topic, record.key, record.value, record.headers, {})
    await site.accepted(10)


async def reordered(site: Site) -> None:
    stranger, stream = Stranger(site), stream_of(site, "reordered")
    for sequence in (1, 4, 3, 2):
        await stranger.plant(Planted(stream, sequence))
    await site.accepted(10)


async def gap(site: Site) -> None:
    """What waits behind it is kept, and the service says so."""
    stranger, stream = Stranger(site), stream_of(site, "gap")
    await stranger.plant(Planted(stream, 1))
    await stranger.plant(Planted(stream, 3), readers("gap"))
    await site.until(lambda: _alarmed(site), "meetings says that something is parked")


async def _alarmed(site: Site) -> bool:
    told = await site.ask("meetings", "GET", "/health/ready")
    return any("parked" in reason for reason in told["degraded"])


async def spoiled_data(site: Site) -> None:
    stranger = Stranger(site)
    for what, value in (("truncated", b'{"group": "h'), ("empty", b""), ("other", b'{"x": [1]}')):
        one = Planted(stream_of(site, what), type=ENDED)
        await stranger.send(MEMBERS, one.stream.encode(), value, one.headers(), FOLDED_BY)
        await stranger.plant(Planted(one.stream, 2), BEHIND)
    null = Planted(stream_of(site, "null"))
    await stranger.send(MEMBERS, null.stream.encode(), None, null.headers(), readers("poison"))
    await stranger.plant(Planted(null.stream, 2), readers("behind"))
    await site.accepted(10)


async def spoiled_headers(site: Site) -> None:
    stranger = Stranger(site)
    spoiled: tuple[dict[str, bytes | None], ...] = (
        {"id": None},
        {"subject": b"\xff\xfe"},
        {"sequence": b"-1"},
        {"time": b"yesterday"},
        {"source": b"urn:kpk:funding"},
        {"subject": b"gepflanzt/seat-group/somewhere-else"},
        {"specversion": b"9.9"},
    )
    for other in spoiled:
        one = Planted(stream_of(site, "headers"))
        await stranger.send(MEMBERS, one.stream.encode(), one.value, one.headers(**other), nobody_reads())
    for value in (b"{}", None):
        await stranger.send(PEOPLE, b"somebody", value, [], {"notifications": "quarantine"})
    await site.accepted(10)


async def too_large(site: Site) -> None:
    """As large as the broker takes it, sensible or not; and one that it does not take."""
    stranger = Stranger(site)
    sensible, senseless = Planted(stream_of(site, "large")), Planted(stream_of(site, "senseless"), type=ENDED)
    more = sensible.value[:-1] + b',"of_the_future":"' + b"x" * MEGABYTE + b'"}'
    await stranger.send(MEMBERS, sensible.stream.encode(), more, sensible.headers())
    await stranger.send(MEMBERS, senseless.stream.encode(), b"x" * MEGABYTE, senseless.headers(), FOLDED_BY)
    with pytest.raises(KafkaException, match="MSG_SIZE_TOO_LARGE"):
        await stranger.send(MEMBERS, senseless.stream.encode(), b"x" * 2 * MEGABYTE, senseless.headers())
    await site.accepted(10)


async def of_the_future(site: Site) -> None:
    """An unknown type is stepped over; an unknown version of a known type is not: it waits for newer code."""
    stranger, stream = Stranger(site), stream_of(site, "future")
    await stranger.plant(Planted(stream, 1, type="kpk.members.SeatGroupMerged.v1"))
    await stranger.plant(Planted(stream, 2))
    await stranger.plant(Planted(stream, 3, type="kpk.members.SeatGroupOpened.v2"), readers("poison"))
    await site.accepted(10)


async def forked(site: Site) -> None:
    stranger, stream = Stranger(site), stream_of(site, "fork")
    await stranger.plant(Planted(stream, 1))
    await stranger.plant(Planted(stream, 1, variant=" anders"), readers("fork"))
    await site.accepted(10)


async def forged(site: Site) -> None:
    """A service's own topic says what its journal does not know: a mail that was sent is to be sent once more."""
    stranger, last = Stranger(site), dict[bytes, dict[str, bytes]]()

    async def sent() -> list[bytes]:
        for record in await asyncio.to_thread(read_everything, site.world.at, [MAILS]):
            last[record.key or b""] = {name: value or b"" for name, value in record.headers}
        return sorted(key for key, headers in last.items() if headers["ce_type"] == SENT)

    async def enough() -> bool:
        return len(await sent()) >= SAMPLE

    await site.until(enough, "some mails are sent", 60)
    for key in site.random.sample(await sent(), SAMPLE):
        name, sequence = key.decode().rpartition("/")[2], int(last[key]["ce_sequence"]) + 1
        one = Planted(key.decode(), sequence, type=REQUEUED)
        headers = one.headers(source=b"urn:kpk:notifications", conference=last[key]["ce_conference"])
        await stranger.send(MAILS, key, b'{"mail":"%s"}' % name.encode(), headers, {"notifications": "fork"})
    await site.accepted(10)


async def transactional(site: Site) -> None:
    """What was called off is seen by nobody; what was committed by everybody."""
    stream = stream_of(site, "transaction")
    stranger = Stranger(site, **{"transactional.id": stream})
    await asyncio.to_thread(stranger.producer.init_transactions)
    stranger.producer.begin_transaction()
    await asyncio.to_thread(stranger.write, Planted(stream, 1, variant=" verworfen"))
    await asyncio.to_thread(stranger.producer.abort_transaction)
    stranger.producer.begin_transaction()
    written = await asyncio.to_thread(stranger.write, Planted(stream, 1))
    await asyncio.to_thread(stranger.producer.commit_transaction)
    stranger.note(written)
    # A plain record behind: the marker of a transaction is nobody's to commit.
    await Stranger(site).plant(Planted(stream, 2))
    await site.accepted(10)


FAULTS = (
    Fault("X1", "real records come again, a hundred times each", "records", repeated, short=True),
    Fault("X2", "records of one stream come in the wrong order", "records", reordered, short=True),
    Fault("X3", "a record is missing and never comes", "records", gap, short=True),
    Fault("X4", "truncated, empty, foreign and null values", "records", spoiled_data, short=True),
    Fault(
        "X5", "null and non-UTF-8 headers, wrong source, key, moment and number", "records", spoiled_headers, short=True
    ),
    Fault("X6", "a megabyte in one record, sensible or not; two are refused", "records", too_large, short=True),
    Fault("X8", "types and versions that are not known yet", "records", of_the_future, short=True),
    Fault("X9", "one place in a stream is taken twice", "records", forked, short=True),
    Fault("X10", "a service's own topic says what it has never said", "records", forged),
    Fault("X12", "transactions that are called off and committed", "records", transactional, short=True),
)
