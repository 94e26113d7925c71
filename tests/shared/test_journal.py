"""The journal on the real mongod: one insert, two unique keys, and the order in which the relay reads."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise

import pytest

from shared.kernel.rejections import Rejected
from shared.runtime.commands.execute import Answer, CommandIdReused, Request
from shared.runtime.commands.journal import CommandRepeated, Commit, Journal, StreamMoved, to_document
from shared.runtime.mongo.driver import Database
from tests.kit.servers import BOTH_DRIVERS
from tests.shared.seat_groups import STREAM, commit, executor, open_group, opened, register, registered

pytestmark = [pytest.mark.infra, BOTH_DRIVERS]


@pytest.fixture
async def journal(database: Database) -> Journal:
    journal = Journal(database["journal"])
    await journal.prepare()
    return journal


async def test_what_was_appended_is_read_in_order(journal: Journal) -> None:
    first, second = commit(1, opened()), commit(2, registered(1))
    await journal.append(first)
    await journal.append(second)
    assert await journal.read(STREAM) == [first, second]
    assert await journal.read(STREAM, after=1) == [second]
    assert await journal.size() == 2


async def test_of_two_commits_on_the_same_state_one_wins(journal: Journal) -> None:
    await journal.append(commit(1, opened()))
    with pytest.raises(StreamMoved):
        await journal.append(commit(1, opened(), salt="other"))


async def test_a_command_id_is_used_once_for_ever(journal: Journal) -> None:
    first = commit(1, opened())
    await journal.append(first)
    again = commit(2, registered(1))._replace(command=first.command, events=first.events)
    with pytest.raises(CommandRepeated):
        await journal.append(again)


async def test_the_relay_reads_in_the_order_of_insertion(journal: Journal) -> None:
    streams = [f"stuttgart/seat-group/{name}" for name in ("z", "a", "m")]
    for stream in streams:
        await journal.append(commit(1, opened(), stream))
    for stream in reversed(streams):
        await journal.append(commit(2, registered(1), stream))
    waiting = await unpublished(journal)
    assert [one.stream for one in waiting] == [*streams, *reversed(streams)]
    await journal.mark_published(waiting[:4])
    assert await unpublished(journal) == waiting[4:]
    assert (await journal.backlog())[0] == 2


async def unpublished(journal: Journal, at_once: int = 4) -> list[Commit]:
    return [commit async for batch in journal.unpublished(at_once) for commit in batch]


async def test_what_waits_is_read_as_it_stood_when_reading_began(journal: Journal) -> None:
    streams = [f"stuttgart/seat-group/{number}" for number in range(5)]
    for stream in streams:
        await journal.append(commit(1, opened(), stream))
    async with aclosing(journal.unpublished(2)) as batches:
        first = await anext(batches)
        await journal.append(commit(2, registered(1), streams[4]))
        await journal.mark_published(first)
        others = [one async for batch in batches for one in batch]
    assert [one.id for one in (*first, *others)] == [f"{stream}:1" for stream in streams]


async def test_a_history_changed_by_hand_shows(journal: Journal, database: Database) -> None:
    await journal.append(commit(1, opened()))
    forged = {"events.0.data": to_document(commit(1, registered(1)))["events"][0]["data"]}
    await database["journal"].update_one({"_id": f"{STREAM}:1"}, {"$set": forged})
    [(read, written)] = [one async for one in journal.commits()]
    assert read.hash() != written


async def test_a_repeated_command_gets_the_first_answer_also_after_a_restart(
    journal: Journal, database: Database
) -> None:
    first = await executor(database).execute(open_group(), Request("office:1", "body"))
    again = await executor(database).execute(open_group(), Request("office:1", "body"))
    assert again == replace(first, replayed=True)
    with pytest.raises(CommandIdReused):
        await executor(database).execute(open_group(), Request("office:1", "other body"))


async def test_a_repeated_command_is_answered_although_it_would_be_refused_now(
    journal: Journal, database: Database
) -> None:
    members = executor(database)
    first = await members.execute(open_group(seats=2), Request("office:1"))
    with pytest.raises(Rejected):
        await members.execute(open_group(seats=3), Request("office:2"))
    assert (await members.execute(open_group(seats=3), Request("office:1"))).events == first.events


async def test_nothing_new_to_say_leaves_no_trace(journal: Journal, database: Database) -> None:
    members = executor(database)
    await members.execute(open_group(), Request("office:1"))
    assert await members.execute(open_group(), Request("office:2")) == Answer(STREAM, 1, ())
    assert await journal.size() == 1


async def test_nothing_is_refused_on_what_is_only_remembered(journal: Journal, database: Database) -> None:
    one, other = executor(database), executor(database)
    with pytest.raises(Rejected):
        await one.execute(register(1), Request("office:1"))
    await other.execute(open_group(), Request("office:2"))
    assert (await one.execute(register(1), Request("office:3"))).sequence == 2


async def test_nothing_is_left_out_on_what_is_only_remembered(journal: Journal, database: Database) -> None:
    one, other = executor(database), executor(database)
    await one.execute(open_group(), Request("office:1"))
    await other.execute(register(1), Request("office:2"))
    assert await one.execute(open_group(), Request("office:3")) == Answer(STREAM, 2, ())


async def test_nothing_is_accepted_on_what_is_only_remembered(journal: Journal, database: Database) -> None:
    one, other = executor(database), executor(database)
    await one.execute(open_group(), Request("office:1"))
    await other.execute(register(1), Request("office:2"))
    assert await one.execute(register(1), Request("office:3")) == Answer(STREAM, 2, ())
    assert await journal.size() == 2


async def test_racing_commands_are_all_executed_once(journal: Journal, database: Database) -> None:
    executors = [executor(database) for _ in range(4)]
    await executors[0].execute(open_group(), Request("office:open"))
    await asyncio.gather(
        *(executors[number % 4].execute(register(number % 8), Request(f"office:{number % 8}")) for number in range(16))
    )
    commits = await journal.read(STREAM)
    assert [one.first for one in commits] == list(range(1, 10))
    assert len({one.command.id for one in commits}) == 9
    assert all(later.previous == earlier.hash() for earlier, later in pairwise(commits))
