"""A reaction acts on what was appended after a worker first knew it on that topic, and on nothing earlier."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient

from services.members.domain.seat_group import SEAT_GROUP
from shared.contracts.envelope import Envelope, read_headers
from shared.contracts.meetings import SessionOpened
from shared.contracts.members import OrganisationRegistered, SeatGroupOpened
from shared.declarations.projection import Document, Projection, projection
from shared.declarations.reaction import Reaction, reaction
from shared.kernel.decider import Command
from shared.kernel.identifiers import stream_name
from shared.runtime.commands.execute import Request
from shared.runtime.delivery.introductions import INTRODUCTIONS, NOTED
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Database
from shared.runtime.operating.maintenance import TopicNotRead
from shared.runtime.process import Process
from tests.kit.eventually import eventually
from tests.kit.when import CONFERENCE, NOW
from tests.shared.seat_groups import STREAM, Subject, open_group, opened, record, register, registered
from tests.shared.small_service import MEETINGS, MEMBERS, Place, new_stream, working

pytestmark = pytest.mark.infra

T0, T1, T2 = (NOW + timedelta(days=day) for day in range(3))
SECOND = timedelta(seconds=1)


def fold(
    document: Document | None, event: SeatGroupOpened | OrganisationRegistered | SessionOpened, envelope: Envelope
) -> Document:
    return {"by": 1, "told": [*(document or {"told": []})["told"], envelope.sequence]}


TOLD = projection("told", fold)


def acting(name: str) -> Reaction:
    """Opens a group for each event, named after itself and the event's number."""

    @reaction(name)
    def act(event: SeatGroupOpened | OrganisationRegistered | SessionOpened, envelope: Envelope) -> Iterable[Command]:
        return [open_group(f"{name}-{envelope.sequence}")]

    return act


OLD, NEW = acting("old"), acting("new")


def at(moment: datetime, sequence: int) -> KafkaRecord:
    """An event of a seat group that was appended then."""
    event = opened() if sequence == 1 else registered(sequence)
    return record(sequence, event, timestamp=int(moment.timestamp() * 1000))


async def started(
    database: Database,
    *reactions: Reaction,
    now: datetime,
    has_run: bool = True,
    heard: Sequence[str] = (MEMBERS.name, MEETINGS.name),
    by: Projection = TOLD,
) -> Subject:
    subject = Subject(database, by, reactions, heard)
    await subject.journal.prepare()
    await subject.parked.prepare()
    await subject.introductions.note(now, has_run)
    return subject


async def acted(subject: Subject) -> list[str]:
    """Which groups were opened."""
    return sorted([one["stream"].rpartition("/")[2] async for one in subject.journal._collection.find()])


async def test_a_fresh_service_acts_on_what_comes_after_it_was_prepared(database: Database) -> None:
    service = await started(database, NEW, now=T1, has_run=False)
    await service.process([at(T0, 1), at(T1 - SECOND, 2), at(T1, 3), at(T2, 4)])
    assert await service.told() == [1, 2, 3, 4]
    assert await acted(service) == ["new-3", "new-4"]


async def test_a_service_that_ran_before_introductions_were_noted_loses_nothing(database: Database) -> None:
    service = await started(database, OLD, now=T1)
    await service.process([at(T0, 1), at(T2, 2)])
    assert await acted(service) == ["old-1", "old-2"]


async def test_a_new_reaction_acts_on_nothing_that_was_there_before_it(database: Database) -> None:
    """Not on what had been taken before it, nor on what had been waiting."""
    before = await started(database, OLD, now=T0, has_run=False)
    await before.process([at(T0, 1)])
    service = await started(database, OLD, NEW, now=T1)
    await service.process([at(T1 - SECOND, 2), at(T1 + SECOND, 3)])
    assert await service.told() == [1, 2, 3]
    assert await acted(service) == ["new-3", "old-1", "old-2", "old-3"]


async def test_the_first_reaction_of_a_service_is_new_too(database: Database) -> None:
    before = await started(database, now=T0, has_run=False)
    await before.process([at(T0, 1)])
    service = await started(database, NEW, now=T1)
    await service.process([at(T1 - SECOND, 2), at(T1 + SECOND, 3)])
    assert await acted(service) == ["new-3"]


async def test_an_upgrade_that_was_broken_off_is_begun_again(database: Database) -> None:
    """Noted halfway: what is left has always acted as well."""
    await started(database, OLD, now=T0)
    await database[INTRODUCTIONS].delete_many({"_id": NOTED})
    service = await started(database, OLD, NEW, now=T1)
    await service.process([at(T0, 1)])
    assert await acted(service) == ["new-1", "old-1"]


async def test_its_introduction_outlives_a_restart_and_reading_again(database: Database) -> None:
    history = [at(T0, 1), at(T1 - SECOND, 2), at(T1 + SECOND, 3)]
    before = await started(database, OLD, now=T0, has_run=False)
    await before.process(history[:1])
    await started(database, OLD, NEW, now=T1)
    service = await started(database, OLD, NEW, now=T2)
    for _ in range(2):
        await service.process(history)
    assert await acted(service) == ["new-3", "old-1", "old-2", "old-3"]


async def test_an_old_reaction_acts_on_a_topic_newly_listened_to_from_then_on(database: Database) -> None:
    """Though it wanted events of that topic all the time."""
    session = new_stream()
    sessions = [
        record(n, SessionOpened(session="one"), session, owner="meetings", timestamp=int(moment.timestamp() * 1000))
        for n, moment in ((1, T0 + SECOND), (2, T1 + SECOND))
    ]
    await started(database, OLD, now=T0, has_run=False, heard=[MEMBERS.name])
    service = await started(database, OLD, now=T1)
    await service.process([*sessions, at(T0 + SECOND, 1)])
    assert await service.told(session) == [1, 2]
    assert await acted(service) == ["old-1", "old-2"]
    causes = {one["causation"] async for one in database["journal"].find()}
    assert causes == {read_headers(one.headers).id for one in (sessions[1], at(T0, 1))}


def narrow(document: Document | None, event: SeatGroupOpened | OrganisationRegistered, envelope: Envelope) -> Document:
    raise ValueError


async def test_a_parked_event_keeps_its_own_time(database: Database) -> None:
    before = await started(database, OLD, now=T0, has_run=False, by=projection("told", narrow))
    await before.process([at(T0 + SECOND, 1), at(T1 + SECOND, 2)])
    assert await before.reasons() == [(1, "poison"), (2, "behind")]
    service = await started(database, OLD, NEW, now=T1)
    await service.delivery.retry((await service.parked.of_streams([STREAM]))[STREAM][0])
    assert await service.told() == [1, 2]
    assert await acted(service) == ["new-2", "old-1", "old-2"]


async def test_what_was_parked_before_times_were_kept_is_later_than_any(database: Database) -> None:
    before = await started(database, OLD, now=T0, has_run=False, by=projection("told", narrow))
    await before.process([at(T0 - SECOND, 1)])
    await database["parked"].update_many({}, {"$unset": {"timestamp": True}})
    service = await started(database, OLD, NEW, now=T1)
    await service.delivery.retry((await service.parked.of_streams([STREAM]))[STREAM][0])
    assert await acted(service) == ["new-1", "old-1"]


# In whole processes, on a real broker


@pytest.fixture
async def members(place: Place) -> AsyncIterator[Place]:
    """Its name is its topic's, and its group's: nothing is left of that."""
    place.name = "members"
    yield place
    admin = AdminClient({"bootstrap.servers": place.bootstrap})
    for answer in admin.delete_consumer_groups(["members"]).values():
        await asyncio.to_thread(answer.result, 20)


@reaction("register")
def registering(event: SeatGroupOpened, envelope: Envelope) -> Iterable[Command]:
    return [register(1, event.group)]


@reaction("open")
def opening(event: SeatGroupOpened | SessionOpened, envelope: Envelope) -> Iterable[Command]:
    return [open_group(event.session)] if isinstance(event, SessionOpened) else []


def group_stream(group: str) -> str:
    return stream_name(CONFERENCE, "seat-group", group)


async def opens(process: Process) -> str:
    """A group; then its stream."""
    group = uuid4().hex
    await process.execute(open_group(group), Request(group))
    return group_stream(group)


async def has_taken(process: Process, stream: str, last: int) -> None:
    await eventually(lambda: process.positions.reached(stream, last, 0), f"{stream}:{last} is taken", 30)


async def has_nothing_left(process: Process) -> bool:
    return set((await process.listener.lag()).values()) == {0}


async def test_a_new_reaction_lets_be_what_was_there_in_a_real_service(members: Place) -> None:
    async with working(members.process(TOLD, deciders=[SEAT_GROUP])) as process:
        earlier = await opens(process)
        await has_taken(process, earlier, 1)
    for _ in range(2):
        async with working(members.process(TOLD, deciders=[SEAT_GROUP], reactions=[registering])) as process:
            later = await opens(process)
            await has_taken(process, later, 2)
            with pytest.raises(TopicNotRead) as no:
                await process.maintenance.read_again("kpk.nobody.v1")
            assert MEMBERS.name in no.value.detail
            await process.maintenance.read_again(MEMBERS.name)
            await eventually(lambda: has_nothing_left(process), "everything is read again", 30)
            assert len(await process.journal.read(earlier)) == 1


async def test_on_a_new_topic_it_is_the_brokers_time_that_counts(members: Place) -> None:
    """Not what the publisher says: the earlier record claims to be of the future, the later one to be ages old."""
    stream, earlier, later = new_stream(), uuid4().hex, uuid4().hex
    sessions = [
        record(n, SessionOpened(session=session), stream, owner="meetings")
        for n, session in enumerate((earlier, later), start=1)
    ]
    async with working(members.process(TOLD, deciders=[SEAT_GROUP], reactions=[opening])) as process:
        await has_taken(process, await opens(process), 1)
        await members.publish(sessions[0], timestamp_ms=int(datetime(2100, 1, 1, tzinfo=UTC).timestamp() * 1000))
    hears = [MEMBERS, MEETINGS]
    async with working(members.process(TOLD, deciders=[SEAT_GROUP], reactions=[opening], hears=hears)) as process:
        await has_taken(process, stream, 1)
        await members.publish(sessions[1], timestamp_ms=0)
        await has_taken(process, group_stream(later), 1)
        await members.tells(stream, 1, 1, 2, name="told")
        assert await process.journal.read(group_stream(earlier)) == []
