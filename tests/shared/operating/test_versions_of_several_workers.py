"""Of several workers one rebuilds, and never behind the back of one that listens: the others wait, or are refused."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import DescribeGroupsResponse_v3
from httpx import ASGITransport, AsyncClient
from structlog.typing import EventDict

from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.topics import BrokerRefuses, has_members
from shared.runtime.mongo.driver import Document
from shared.runtime.operating import versions
from shared.runtime.operating.versions import VERSIONS, OtherVersions
from shared.runtime.process import Process
from tests.kit.eventually import eventually
from tests.shared.members_service import bearer, callers_file
from tests.shared.small_service import AGES_AGO, Held, Place, events, history, listens, new_stream, said, working

pytestmark = [pytest.mark.infra, pytest.mark.long]

REBUILT = "projection rebuilt"
WAITS = "projection versions wait"
LISTENED_TO = "projection has another version, other workers listen still"
FAILED = "batch failed and comes again"


async def lease(place: Place) -> datetime:
    found = await place.database[VERSIONS].find_one({"_id": "history"})
    assert found
    until: datetime = found["leased_until"]
    return until


async def lease_to_another(place: Place, seconds: float) -> None:
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    await place.database[VERSIONS].update_one({}, {"$set": {"leased_until": until, "leased_by": "another"}})


async def end_lease(place: Place) -> None:
    await place.database[VERSIONS].update_one({}, {"$set": {"leased_until": AGES_AGO}})


@pytest.fixture
async def stream(place: Place) -> str:
    """What a worker of the first version has taken."""
    stream = new_stream()
    await place.has_taken(stream, 2, history())
    await place.noted(history=1)
    return stream


async def test_of_two_that_start_at_once_one_rebuilds_and_both_listen(
    place: Place, stream: str, held: Held, lines: list[EventDict]
) -> None:
    both = [place.process(history(2)) for _ in range(2)]
    async with working(both[0]), working(both[1]):
        await held.has_begun()
        await eventually(lambda: all(one.prepared and one.gate.trusted.is_set() for one in both), "both could", 30)
        held.goes_on.set()
        for one in both:
            await listens(one)
    assert held.begun == 1
    assert len(said(lines, REBUILT)) == 1
    assert await place.told(stream) == (2, [1, 2])


async def test_whoever_looked_before_another_had_rebuilt_does_not_rebuild_again(place: Place, stream: str) -> None:
    """Between its look and its lease the other is done, and may listen already."""
    slow = place.process(history(2))
    found = await place.database[VERSIONS].find_one({"_id": "history"})
    assert found
    async with working(place.process(history(2))) as process:
        await listens(process)
        assert not await slow._versions._take_lease(found)
    await slow.close()


async def test_the_lease_of_one_that_died_is_taken_over_when_it_has_run_out(
    place: Place, stream: str, lines: list[EventDict]
) -> None:
    await lease_to_another(place, 1.0)
    until = await lease(place)
    await place.database["rebuilt.3_history"].insert_one({"_id": stream, "by": 2, "told": [1], "sequence": 1})
    async with working(place.process(history(2))) as process:
        await listens(process)
    assert datetime.now(UTC) > until
    assert await place.told(stream) == (2, [1, 2])
    assert [name for name in await place.database.list_collection_names() if "history" in name] == ["view_history"]


async def test_a_lease_is_renewed_for_as_long_as_it_takes(
    place: Place, stream: str, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice; and it is long enough for a machine that stands still for a moment, where a lost lease would be true."""
    monkeypatch.setattr(versions, "LEASE", timedelta(seconds=4))
    async with working(place.process(history(2))) as process:
        await held.has_begun()
        for _ in range(2):
            before = await lease(place)

            async def is_renewed(before: datetime = before) -> bool:
                return await lease(place) > before

            await eventually(is_renewed, "it is renewed")
        held.goes_on.set()
        await listens(process)
    assert held.begun == 1


@pytest.mark.parametrize("to_another", [True, False], ids=["to another", "by time alone"])
async def test_one_that_lost_its_lease_does_not_swap(
    place: Place, stream: str, held: Held, lines: list[EventDict], to_another: bool
) -> None:
    """It was believed dead: somebody else may have rebuilt the projection meanwhile, and written to it since."""
    async with working(place.process(history(2))) as process:
        await held.has_begun()
        await (lease_to_another(place, 1.0) if to_another else end_lease(place))
        held.goes_on.set()
        await eventually(lambda: [line["error"] for line in said(lines, WAITS)] == ["LeaseLost"], "it sees that", 30)
        assert await place.told(stream) == (1, [1, 2])
        await listens(process)
    assert await place.told(stream) == (2, [1, 2])


async def test_while_another_worker_listens_nothing_is_rebuilt(
    place: Place, stream: str, lines: list[EventDict], tmp_path: Path
) -> None:
    newer = place.process(history(2), callers_file=callers_file(tmp_path))
    async with working(place.process(history())) as older:
        await listens(older)
        async with working(newer):
            await eventually(lambda: said(lines, LISTENED_TO), "it says that it waits", 30)
            await place.publish(*events(stream, 3))
            await place.tells(stream, 1, 1, 2, 3)
            for what in ("retry", "drop"):
                assert await refusal(newer, what) == "NotListening", "it would fold by another version"
            await older.listener.stop()
            await place.tells(stream, 2, 1, 2, 3)
            await listens(newer)
    assert {line["log_level"] for line in said(lines, LISTENED_TO)} == {"warning"}
    assert said(lines, FAILED) == []


async def test_one_that_joined_before_the_lease_was_taken_is_seen(
    place: Place, stream: str, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It found no lease, and whoever took it then had looked for members before."""
    older, newer = place.process(history()), place.process(history(2))
    await newer.prepare()
    take = newer._versions._take_lease
    async with AsyncExitStack() as until_the_end:

        async def join_first(found: Document) -> bool:
            await listens(await until_the_end.enter_async_context(working(older)))
            await newer.gate.look()
            return await take(found)

        async def looked() -> bool:
            assert not await newer._versions._is_up_to_date(newer.service.projections[0])
            return older.listener.connected

        monkeypatch.setattr(newer._versions, "_take_lease", join_first)
        await eventually(looked, "its broker knows the group", 30)
        assert held.begun == 0, "the other delivers into what would be replaced"
    await newer.close()


async def refusal(process: Process, what: str) -> str:
    """Of what an admin wants to be done to a parked record."""
    transport, asked = ASGITransport(process.app), {"id": "one", "why": "so"}
    async with AsyncClient(transport=transport, base_url="http://small", headers=bearer("admin")) as client:
        answer = await client.post(f"/admin/parked/{what}", json=asked)
    assert answer.status_code == 409
    return str(answer.json()["type"])


async def test_one_that_would_listen_waits_while_another_rebuilds(place: Place, stream: str, held: Held) -> None:
    """Though its own version is still the one that is noted."""
    async with working(place.process(history(2))) as newer:
        await held.has_begun()
        older = place.process(history())
        await older.prepare()
        assert not await older._versions._is_up_to_date(older.service.projections[0])
        held.goes_on.set()
        await listens(newer)
        assert not await older._versions._is_up_to_date(older.service.projections[0])
        await older.close()


async def test_one_that_has_joined_during_a_rebuild_delivers_nothing(
    place: Place, stream: str, held: Held, lines: list[EventDict]
) -> None:
    """It had looked a moment before the lease was taken, and nobody saw it: it was no member yet."""
    older = place.process(history())
    await older.prepare()
    await older.gate.look()
    async with working(place.process(history(2))) as newer:
        await held.has_begun()
        listening = asyncio.create_task(older.listener.run())
        await listens(older)
        await place.publish(*events(stream, 3))
        await eventually(lambda: said(lines, FAILED), "it is refused", 30)
        held.goes_on.set()
        await listens(newer)
        assert {line["error"] for line in said(lines, FAILED)} == {"OtherVersions"}
        with pytest.raises(OtherVersions):
            await older.listener.require_admitted()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await older.close()
        await place.tells(stream, 2, 1, 2, 3)


async def test_a_broker_that_does_not_know_the_group_yet_is_asked_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its restart it says so, and names no members."""

    async def loading(_self: AIOKafkaAdminClient, groups: list[str]) -> list[DescribeGroupsResponse_v3]:
        return [DescribeGroupsResponse_v3(0, [(14, groups[0], "", "", "", [], 0)])]

    assert not await has_members(KafkaAccess(place.bootstrap), place.name)
    monkeypatch.setattr(AIOKafkaAdminClient, "describe_consumer_groups", loading)
    with pytest.raises(BrokerRefuses, match="LoadInProgress"):
        await has_members(KafkaAccess(place.bootstrap), place.name)
