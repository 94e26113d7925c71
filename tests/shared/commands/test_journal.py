"""The journal on the real mongod: one insert, two unique keys, and the order in which the relay reads."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from services.members.domain.seat_group import OpenSeatGroup
from shared.kernel.rejections import Rejected
from shared.runtime.commands.commit import Commit, to_document
from shared.runtime.commands.execute import Answer, CommandIdReused, Request
from shared.runtime.commands.journal import BY_STREAM, CommandRepeated, Journal, StreamMoved
from shared.runtime.commands.unpublished import Unpublished
from shared.runtime.mongo.driver import Database, MongoUnavailable
from tests.kit.servers import BOTH_DRIVERS
from tests.kit.when import NOW
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


async def test_what_begins_its_stream_is_decided_without_a_look(
    journal: Journal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenSeatGroup, "begins_stream", True)
    monkeypatch.setattr(Journal, "in_parts", None)
    assert (await executor(database).execute(open_group(), Request("office:1"))).sequence == 1


async def test_of_what_begins_its_stream_the_insert_says_that_somebody_was_first(
    journal: Journal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenSeatGroup, "begins_stream", True)
    first = await executor(database).execute(open_group(), Request("office:1"))
    await executor(database).execute(register(1), Request("office:2"))
    assert await executor(database).execute(open_group(), Request("office:1")) == replace(first, replayed=True)
    assert await executor(database).execute(open_group(), Request("office:3")) == Answer(STREAM, 2, ())
    with pytest.raises(Rejected):
        await executor(database).execute(open_group(seats=3), Request("office:4"))
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


async def test_what_was_refused_between_others_waits_alone(journal: Journal, database: Database) -> None:
    commits = [commit(1, opened(), f"stuttgart/seat-group/{number}") for number in range(6)]
    for one in commits:
        await journal.append(one)
    assert await unpublished(journal) == commits
    await journal.mark_published([commits[0], commits[2]])
    await journal.mark_published([commits[4]])
    left = [commits[1], commits[3], commits[5]]
    assert await unpublished(journal, at_once=1) == left
    assert (await journal.backlog())[0] == 3
    await journal.mark_published(left)
    assert await unpublished(journal) == []
    assert await journal.backlog() == (0, None)
    assert await database["journal"].count_documents({"published": {"$exists": True}}) == 0, "nobody changes a commit"


async def test_what_one_writer_is_late_with_is_not_behind_the_mark_of_another(database: Database) -> None:
    """The server's time of an insert is drawn before it is visible: so two writers' commits may appear out of order."""
    one, other = Journal(database["journal"]), Journal(database["journal"])
    await one.prepare()
    late = {**to_document(commit(1, opened(), "stuttgart/seat-group/late")), "writer": "late"}
    drawn = await database.command("ping")
    await other.append(commit(1, opened()))
    await other.mark_published(await unpublished(other))
    await database["journal"].insert_one({**late, "recorded": drawn["operationTime"]})
    assert [found.id for found in await unpublished(one)] == ["stuttgart/seat-group/late:1"]


async def test_who_does_not_hear_what_became_of_an_insert_goes_on_as_another_writer(
    journal: Journal, database: Database
) -> None:
    """It may appear at any time later, but then as the last of the one before."""
    await journal.append(commit(1, opened()))
    await database.command({"collMod": "journal", "validator": {"never": {"$exists": True}}})
    with pytest.raises(MongoUnavailable):
        await journal.append(commit(2, registered(1)))
    await database.command({"collMod": "journal", "validator": {}})
    await journal.append(commit(2, registered(1)))
    with pytest.raises(StreamMoved):
        await journal.append(commit(2, registered(2), salt="other"))
    await journal.append(commit(3, registered(2)))
    writers = [one["writer"] async for one in database["journal"].find({}).sort("first", 1)]
    assert writers[0] != writers[1] == writers[2]


async def test_what_came_from_the_topic_does_not_wait(journal: Journal) -> None:
    await journal.append_published(commit(1, opened()))
    with pytest.raises(StreamMoved):
        await journal.append_published(commit(1, opened(), salt="other"))
    assert await unpublished(journal) == []
    assert (await journal.backlog())[0] == 0


async def test_what_is_published_while_the_rest_is_read_is_not_among_it(journal: Journal, database: Database) -> None:
    for number in range(2):
        await journal.append(commit(1, opened(), f"stuttgart/seat-group/{number}"))
    await journal.mark_published(await unpublished(journal))
    other, read = Journal(database["journal"]), list[str]()
    async with aclosing(Unpublished(database["journal"]).others(BY_STREAM, 1)) as published:
        async for one in published:
            read.append(one["stream"])
            for writer in (journal, other):
                await writer.append(commit(1, opened(), f"stuttgart/seat-group/{len(read)}-{writer is other}"))
            await other.mark_published(await unpublished(other))
    assert read == ["stuttgart/seat-group/0", "stuttgart/seat-group/1"]


async def test_what_is_published_again_comes_before_what_is_new(journal: Journal) -> None:
    commits = [commit(1, opened()), commit(2, registered(1))]
    for one in commits:
        await journal.append(one)
        await journal.mark_published(await unpublished(journal))
    await journal.append(commit(3, registered(2)))
    assert await journal.publish_again(None) == 2, "one waits already"
    assert await journal.publish_again(None) == 0
    assert (await journal.backlog())[0] == 3
    for at_once in (1, 2, 9):
        assert await unpublished(journal, at_once) == [*commits, commit(3, registered(2))]
    await journal.mark_published(commits)
    assert await unpublished(journal) == [commit(3, registered(2))]


async def test_from_a_moment_on_all_is_published_again_that_was_recorded_since_whatever_clock_decided_it(
    journal: Journal, database: Database
) -> None:
    """A service's clock may be set back, and a reaction has the time of its cause: nobody's stream gets a gap."""
    commits = [commit(1, opened())._replace(at=NOW + timedelta(days=1)), commit(2, registered(1))]
    for one in commits:
        await journal.append(one)
        await journal.mark_published(await unpublished(journal))
    recorded = [one["recorded"].as_datetime() async for one in database["journal"].find({})]
    for never in (max(recorded) + timedelta(hours=1), datetime(2199, 12, 31, tzinfo=UTC)):
        assert await journal.publish_again(never) == 0
    assert await journal.publish_again(min(recorded)) == 2
    assert await unpublished(journal) == commits


async def test_marks_of_a_journal_from_before_are_copied_once(journal: Journal, database: Database) -> None:
    commits = [commit(1, opened()), commit(2, registered(1)), commit(3, registered(2))]
    for one, mark in zip(commits, (True, False, False), strict=True):
        await database["journal"].insert_one({**to_document(one), "published": mark})
    await journal.copy_marks()
    assert (await journal.backlog())[0] == 2
    assert [one async for one in journal.published()] == commits[:1]
    assert await unpublished(journal) == commits[1:]
    await journal.mark_published(commits[1:])
    await journal.copy_marks()
    assert await unpublished(journal) == [], "what is in the documents stays as it was"
    await database["journal"].insert_one({**to_document(commit(4, registered(3))), "published": False})
    await journal.copy_marks()
    assert await unpublished(journal) == [commit(4, registered(3))], "a process of the former release went on"


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_acknowledged_nothing_is_lost_and_each_stream_keeps_its_order(
    seed: int, database: Database
) -> None:
    """Several writers and two relays, which refuse what they like of a round; another publishes all of it again."""
    chance = random.Random(seed)
    writers, relays = [Journal(database["journal"]) for _ in range(3)], [Journal(database["journal"]) for _ in range(2)]
    await writers[0].prepare()
    heads, heard = dict.fromkeys(range(4), 0), dict[str, list[int]]()
    for _ in range(25):
        for _ in range(chance.randint(0, 4)):
            stream = chance.choice(list(heads))
            heads[stream] += 1
            name = f"stuttgart/seat-group/{stream}"
            await chance.choice(writers).append(commit(heads[stream], registered(heads[stream]), name))
        if chance.random() < 0.1:
            await relays[0].publish_again(None)
        refused = {f"stuttgart/seat-group/{number}" for number in heads if chance.random() < 0.4}
        await _relay(chance.choice(relays), refused, chance.randint(1, 5), heard)
        halves = [one.id async for one in writers[0].published()] + [one.id for one in await unpublished(writers[0])]
        assert sorted(halves) == sorted([one.id async for one, _ in writers[0].commits()]), "each in one of the two"
    await _relay(relays[0], set(), 3, heard)
    assert {name: heard[name][-1] for name in heard} == {
        f"stuttgart/seat-group/{n}": heads[n] for n in heads if heads[n]
    }
    assert (await relays[0].backlog()) == (0, None)
    for numbers in heard.values():
        assert _first_seen(numbers) == list(range(1, max(numbers) + 1))


async def _relay(journal: Journal, refused: set[str], at_once: int, heard: dict[str, list[int]]) -> None:
    """As the relay does it: what was refused ends the round."""
    async with aclosing(journal.unpublished(at_once)) as batches:
        async for batch in batches:
            done = [one for one in batch if one.stream not in refused]
            for one in done:
                heard.setdefault(one.stream, []).append(one.first)
            await journal.mark_published(done)
            if len(done) < len(batch):
                return


def _first_seen(numbers: list[int]) -> list[int]:
    return list(dict.fromkeys(numbers))
