"""What a foreign fact rests on has arrived, or the wait ends with the sentence that says what has not: on real servers.

The process that waits is not the one that listens: as an API process asks while a worker works.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.ports import free_port
from shared.contracts.topics import PEOPLE
from shared.kernel.rejections import NotUpToDate
from shared.runtime.commands.facts import Seen
from shared.runtime.delivery import arrivals
from shared.runtime.delivery.arrivals import (
    BrokerSilent,
    PositionNotReached,
    ProjectionOutdated,
    RecordsLost,
    RecordsUnderWay,
    StreamHeldUp,
)
from shared.runtime.delivery.bookmarks import BOOKMARKS
from shared.runtime.kafka.partitioner import number_of
from shared.runtime.kafka.record import KeptRecord
from shared.runtime.process import Process
from tests.kit.eventually import eventually
from tests.kit.patience import be_patient
from tests.shared.seat_groups import opened, record
from tests.shared.small_service import MEMBERS, Place, events, history, new_kind, new_stream, working

pytestmark = pytest.mark.infra

NUMBERS = tuple(range(MEMBERS.partitions))


@pytest.fixture
async def asker(place: Place) -> AsyncIterator[Process]:
    process = place.process(history())
    await process.prepare()
    yield process
    await process.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


async def late(asker: Process, *streams: str, seen: Seen = MappingProxyType({})) -> NotUpToDate:
    with pytest.MonkeyPatch.context() as brief:
        brief.setattr(arrivals, "WITHIN", 0.3)
        with pytest.raises(NotUpToDate) as late:
            await asker.arrivals.wait(MEMBERS, streams, seen)
    assert "{" not in late.value.detail
    return late.value


def partition_of(stream: str) -> int:
    return number_of(stream.encode(), NUMBERS)


def streams_apart(number: int) -> list[str]:
    """So many streams in so many partitions."""
    found: dict[int, str] = {}
    while len(found) < number:
        stream = new_stream()
        found.setdefault(partition_of(stream), stream)
    return list(found.values())


async def test_what_lies_in_the_topic_when_one_asks_is_in_the_projection_when_one_reads(
    place: Place, asker: Process
) -> None:
    kind = new_kind()
    async with working(place.process(history())):
        for _ in range(20):
            stream = new_stream(kind)
            await place.publish(*events(stream, 1, 2, 3))
            await asker.arrivals.wait(MEMBERS, [kind], {})
            assert await place.told(stream) == (1, [1, 2, 3])


async def test_nobody_listens_and_the_wait_ends(place: Place, asker: Process) -> None:
    stream = new_stream()
    await place.publish(*events(stream, 1, 2))
    no = await late(asker, stream)
    assert isinstance(no, RecordsUnderWay) and "members" in no.detail
    async with working(place.process(history())):
        await eventually(lambda: place.told(stream), "a worker has come", 30)
        await asker.arrivals.wait(MEMBERS, [stream], {})


async def test_whether_something_is_late_is_asked_without_waiting(place: Place, asker: Process) -> None:
    """Of a state topic by the key, whose partition alone matters."""
    mine, other = str(uuid4()), str(uuid4())
    while partition_of(other) == partition_of(mine):
        other = str(uuid4())
    ends = await asker._ends.of(PEOPLE)
    for number, end in ends.items():
        missing = number == partition_of(mine)
        await place.database[BOOKMARKS].insert_one({"_id": f"{PEOPLE.name}:{number}", "next": end - missing})
    if ends[partition_of(mine)] == 0:
        await place.publish(KeptRecord(PEOPLE.name, partition_of(mine), 0, mine.encode(), None, []))
    assert isinstance(await asker.arrivals.late(PEOPLE, [mine]), RecordsUnderWay)
    assert await asker.arrivals.late(PEOPLE, [other]) is None


async def test_only_the_partitions_of_the_streams_matter(place: Place, asker: Process) -> None:
    mine, other = streams_apart(2)
    await place.publish(*events(mine, 1), *events(other, 1))
    ends = await asker._ends.of(MEMBERS)
    mark = {"_id": f"{MEMBERS.name}:{partition_of(mine)}", "next": ends[partition_of(mine)]}
    await place.database[BOOKMARKS].insert_one(mark)
    await asker.arrivals.wait(MEMBERS, [mine], {})
    assert isinstance(await late(asker, "stuttgart/seat-group/"), RecordsUnderWay)


async def test_a_position_that_somebody_names_is_waited_for(place: Place, asker: Process) -> None:
    kind = new_kind()
    stream, other = new_stream(kind), new_stream(kind)
    async with working(place.process(history())):
        await place.publish(*events(stream, 1))
        await asker.arrivals.wait(MEMBERS, [stream], {})
        no = await late(asker, stream, seen={stream: 2})
        assert isinstance(no, PositionNotReached) and f"{stream}:2" in no.detail
        await asker.arrivals.wait(MEMBERS, [stream], {stream: 1, other: 9})
        asked = asyncio.create_task(asker.arrivals.wait(MEMBERS, [kind], {stream: 2}))
        await place.publish(*events(stream, 2))
        await asked
        assert await place.told(stream) == (1, [1, 2])


async def test_a_parked_stream_is_late_and_others_are_not(place: Place, asker: Process) -> None:
    kind = new_kind()
    poisoned, sound = new_stream(kind), new_stream(kind)
    async with working(place.process(history())) as worker:
        await place.publish(*events(sound, 1), record(1, opened(), poisoned, value=b"{}"))
        await eventually(lambda: worker.parked.of_streams([poisoned]), "it is parked", 30)
        await asker.arrivals.wait(MEMBERS, [sound], {})
        no = await late(asker, poisoned)
        assert isinstance(no, StreamHeldUp) and poisoned in no.detail
        assert isinstance(await late(asker, kind), StreamHeldUp)
        await asker.arrivals.wait(MEMBERS, [sound], {})
        [row] = (await worker.parked.of_streams([poisoned]))[poisoned]
        await worker.delivery.drop(row, "admin", "broken")
        await asker.arrivals.wait(MEMBERS, [poisoned], {})


async def test_a_projection_of_another_version_is_late(place: Place, asker: Process) -> None:
    stream = new_stream()
    async with working(place.process(history())):
        await place.publish(*events(stream, 1))
        await asker.arrivals.wait(MEMBERS, [stream], {})
    newer = place.process(history(2))
    await newer.prepare()
    assert isinstance(await late(newer, stream), ProjectionOutdated)
    await newer.close()


async def test_a_topic_that_ends_before_its_bookmark_has_lost_records(place: Place, asker: Process) -> None:
    stream = new_stream()
    ends = await asker._ends.of(MEMBERS)
    mark = {"_id": f"{MEMBERS.name}:{partition_of(stream)}", "next": ends[partition_of(stream)] + 1}
    await place.database[BOOKMARKS].insert_one(mark)
    assert isinstance(await late(asker, stream), RecordsLost)


async def test_nobody_answers_at_the_brokers_address(place: Place) -> None:
    place.bootstrap = f"127.0.0.1:{free_port()}"
    asker = place.process(history())
    await asker.prepare()
    assert isinstance(await late(asker, new_stream()), BrokerSilent)
    await asker.close()


async def test_a_broker_that_stops_and_comes_back(place: Place, own_kafka: Kafka) -> None:
    """Neither a silent nor an absent one is taken for an answer; the first question to one that is back is answered."""
    place.bootstrap = own_kafka.bootstrap
    asker, stream = place.process(history()), new_stream()
    await asker.prepare()
    try:
        await asker.arrivals.wait(MEMBERS, [stream], {})
        await silent(asker, stream, own_kafka)
        await own_kafka.stop()
        assert isinstance(await late(asker, stream), BrokerSilent)
        await own_kafka.start()
        await asker.arrivals.wait(MEMBERS, [stream], {})
    finally:
        await asker.close()


async def silent(asker: Process, stream: str, broker: Kafka) -> None:
    """Its process is stopped: lines stay open, and nobody answers. The wait is bounded all the same."""
    assert broker.pid
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        await eventually(
            lambda: " T " in Path(f"/proc/{broker.pid}/stat").read_text(), "it is stopped, not only told to"
        )
        async with asyncio.timeout(20):
            assert isinstance(await late(asker, stream), BrokerSilent)
    finally:
        os.kill(broker.pid, signal.SIGCONT)


async def test_how_far_streams_are_known(place: Place, asker: Process) -> None:
    stream, other = sorted([new_stream(), new_stream()])
    await place.has_taken(stream, 3)
    await place.has_taken(other, 1)
    assert await asker.arrivals.known([other]) == (f"{other}:1",)
    assert await asker.arrivals.known(["stuttgart/seat-group/"]) == (f"{stream}:3", f"{other}:1")
    assert await asker.arrivals.known([new_stream(), f"{stream}-2"]) == ()
