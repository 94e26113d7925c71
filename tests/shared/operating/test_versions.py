"""A projection has the version that its service declares before a worker listens: what has another is rebuilt first."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from structlog.typing import EventDict

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from deploy.embedded.ports import free_port
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import SessionOpened
from shared.contracts.members import OrganisationRegistered, SeatGroupOpened
from shared.declarations.projection import Document, projection
from shared.declarations.reaction import reaction
from shared.kernel.decider import Command
from shared.runtime import process as runtime_process
from shared.runtime.mongo.driver import connect
from shared.runtime.operating.versions import VERSIONS
from tests.campaign.world.proxy import Proxy
from tests.kit.eventually import eventually
from tests.shared.seat_groups import record
from tests.shared.small_service import (
    MEETINGS,
    MEMBERS,
    Held,
    Place,
    events,
    history,
    listens,
    new_stream,
    said,
    working,
)

pytestmark = pytest.mark.infra


REBUILT = "projection rebuilt"
WAITS = "projection versions wait"
LISTENED_TO = "projection has another version, other workers listen still"


async def test_a_fresh_service_notes_what_it_declares_and_rebuilds_nothing(
    place: Place, lines: list[EventDict]
) -> None:
    stream = new_stream()
    await place.publish(*events(stream, 1, 2))
    async with working(place.process(history(3), history(1, "other"))):
        await place.tells(stream, 3, 1, 2)
    assert await place.versions() == {"history": 3, "other": 1}
    assert said(lines, REBUILT) == []


async def test_what_was_folded_before_versions_were_noted_is_of_the_first(place: Place, lines: list[EventDict]) -> None:
    stream = new_stream()
    await place.has_taken(stream, 2, history(), history(1, "changed"))
    async with working(place.process(history(), history(2, "changed"))) as process:
        await listens(process)
    assert await place.versions() == {"history": 1, "changed": 2}
    assert [line["projection"] for line in said(lines, REBUILT)] == ["changed"]
    assert await place.told(stream) == (1, [1, 2])
    assert await place.told(stream, "changed") == (2, [1, 2])


@pytest.mark.parametrize("declared", [3, 1], ids=["raised", "rolled back"])
async def test_another_version_is_rebuilt_beside_the_live_one_before_the_worker_listens(
    place: Place, held: Held, declared: int
) -> None:
    stream, acted = new_stream(), list[str]()

    @reaction("act")
    def act(event: SeatGroupOpened | OrganisationRegistered, envelope: Envelope) -> Iterable[Command]:
        acted.append(f"{envelope.stream}:{envelope.sequence}")
        return []

    await place.has_taken(stream, 3, history(2))
    await place.noted(history=2)
    before = await place.database["positions"].find_one({"_id": stream})
    async with working(place.process(history(declared), reactions=[act])) as process:
        await held.has_begun()
        assert await place.told(stream) == (2, [1, 2, 3])
        assert not process.listener.connected
        held.goes_on.set()
        await place.tells(stream, declared, 1, 2, 3)
        assert await place.database["positions"].find_one({"_id": stream}) == before
        assert not [one for one in acted if one.startswith(stream)]
        await place.publish(*events(stream, 4))
        await place.tells(stream, declared, 1, 2, 3, 4)
    assert await place.versions() == {"history": declared}
    assert [one for one in acted if one.startswith(stream)] == [f"{stream}:4"]
    assert [name for name in await place.database.list_collection_names() if "history" in name] == ["view_history"]
    indexes = await place.database["view_history"].index_information()
    assert {"_id_", "conference_1", "by_1"} == set(indexes)


async def test_a_new_projection_tells_of_everything_from_the_beginning(place: Place, lines: list[EventDict]) -> None:
    stream = new_stream()
    await place.has_taken(stream, 3, history())
    await place.noted(history=1)
    async with working(place.process(history(), history(1, "new"))) as process:
        await listens(process)
    assert [line["projection"] for line in said(lines, REBUILT)] == ["new"]
    assert await place.told(stream, "new") == (1, [1, 2, 3])


async def test_a_projection_that_comes_back_tells_of_what_was_taken_without_it(place: Place) -> None:
    """After a roll-back to a declaration that did not have it."""
    stream = new_stream()
    await place.has_taken(stream, 2, history(), history(1, "new"))
    await place.noted(history=1, new=1)
    await place.publish(*events(stream, 3))
    async with working(place.process(history())):
        await place.tells(stream, 1, 1, 2, 3)
    async with working(place.process(history(), history(1, "new"))):
        await place.tells(stream, 1, 1, 2, 3, name="new")


async def test_a_topic_newly_listened_to_is_read_from_its_beginning(place: Place) -> None:
    """By a new projection, and by one that was there for other topics."""
    stream, session = new_stream(), new_stream()

    def both(document: Document | None, event: SeatGroupOpened | SessionOpened, envelope: Envelope) -> Document:
        return {"by": 1, "told": [envelope.sequence]}

    await place.publish(record(1, SessionOpened(session="one"), session, owner="meetings"))
    await place.has_taken(stream, 1, history(1, "old"))
    await place.noted(old=1)
    projections = [projection(name, both) for name in ("old", "new")]
    async with working(place.process(*projections, hears=[MEMBERS, MEETINGS])):
        for name in ("old", "new"):
            await place.tells(session, 1, 1, name=name)
            assert await place.told(stream, name) == (1, [1])


async def test_what_is_parked_stays_out_until_it_is_retried(place: Place) -> None:
    stream = new_stream()

    def narrow(document: Document | None, event: OrganisationRegistered, envelope: Envelope) -> Document:
        if envelope.sequence == 3:
            raise ValueError
        return {"by": 1, "told": [*(document or {"told": []})["told"], envelope.sequence]}

    await place.publish(*events(stream, 1, 2, 3, 4))
    async with working(place.process(projection("history", narrow))) as process:
        await place.tells(stream, 1, 2)
        await eventually(lambda: process.parked.of_streams([stream]), "the third is parked")
    async with working(place.process(history(2))) as process:
        await listens(process)
        assert await place.told(stream) == (2, [1, 2])
        row = (await process.parked.of_streams([stream]))[stream][0]
        await process.delivery.retry(row)
        assert await place.told(stream) == (2, [1, 2, 3, 4])


async def test_a_fold_that_raises_ends_the_worker_and_leaves_everything_as_it_was(place: Place) -> None:
    stream = new_stream()

    def broken(document: Document | None, event: SeatGroupOpened, envelope: Envelope) -> Document:
        raise ZeroDivisionError

    await place.has_taken(stream, 1, history())
    process = place.process(projection("history", broken, version=2))
    with pytest.raises(ExceptionGroup) as died:
        await process.work()
    await process.close()
    assert died.group_contains(ZeroDivisionError)
    assert await place.told(stream) == (1, [1])
    assert await place.versions() == {"history": 1}
    assert await place.database[VERSIONS].count_documents({"leased_by": None}) == 1


async def test_nothing_is_rebuilt_from_a_topic_that_lost_records(place: Place, lines: list[EventDict]) -> None:
    """What they told would be gone, and would never come again: the positions stand behind it."""
    stream, lost = new_stream(), {"_id": f"{MEMBERS.name}:0", "next": 2**40}
    await place.has_taken(stream, 2, history())
    await place.database["bookmarks"].insert_one(lost)
    async with working(place.process(history(2))):
        await eventually(lambda: "HistoriesDiffer" in [line["error"] for line in said(lines, WAITS)], "it waits", 30)
        assert await place.told(stream) == (1, [1, 2])
        await place.database["bookmarks"].delete_one({"_id": lost["_id"]})
        await place.tells(stream, 2, 1, 2)


@pytest.mark.parametrize("away", ["kafka", "mongod"])
async def test_it_waits_for_servers_that_are_away(
    place: Place,
    kafka: Kafka,
    mongod: Mongod,
    held: Held,
    lines: list[EventDict],
    monkeypatch: pytest.MonkeyPatch,
    away: str,
) -> None:
    stream, line = new_stream(), Proxy(free_port(), kafka.port if away == "kafka" else mongod.port)
    await line.start()
    monkeypatch.setattr(runtime_process, "connect", lambda uri, name: connect(uri, name, within=1.0))
    await place.has_taken(stream, 2, history())
    if away == "kafka":
        place.bootstrap = f"127.0.0.1:{line.port}"
    else:
        place.mongo_uri = f"mongodb://127.0.0.1:{line.port}/?directConnection=true"
    async with working(place.process(history(2))) as process:
        await held.has_begun()
        line.cut()
        held.goes_on.set()
        await eventually(lambda: said(lines, WAITS), "it waits", 30)
        assert await place.told(stream) == (1, [1, 2])
        line.heal()
        await place.tells(stream, 2, 1, 2)
        await listens(process)
    await line.stop()
