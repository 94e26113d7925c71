"""What a long history costs, on the real mongod: a simulated one hands out all of it in one turn of the loop."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from shared.contracts.registry import decode
from shared.kernel.decider import Event
from shared.runtime.commands.commit import Commit, Recorded, to_document
from shared.runtime.commands.execute import Request
from shared.runtime.commands.journal import OF_STREAM_AT_ONCE, Journal
from shared.runtime.mongo.driver import Database
from tests.kit.servers import BOTH_DRIVERS
from tests.shared.seat_groups import commit, executor, opened, register, registered

pytestmark = [pytest.mark.infra, BOTH_DRIVERS]


async def test_the_first_command_on_a_long_stream_holds_nobody_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long history few events are folded between two turns of the loop, and one commit of each part is hashed."""
    await Journal(database["journal"]).prepare()
    number = 6 * OF_STREAM_AT_ONCE
    history = [opened(), *(registered(one) for one in range(1, number))]
    await database["journal"].insert_many([to_document(commit(at, one)) for at, one in enumerate(history, start=1)])
    seen, hash_of = Counter[str](), Commit.hash
    in_a_turn: list[int] = [0]

    def counted(one: Recorded) -> Event:
        seen["folded"] += 1
        in_a_turn[-1] += 1
        return decode(one.type, one.data)

    def hashed(one: Commit) -> str:
        seen["hashed"] += 1
        return hash_of(one)

    async def keep_turning() -> None:
        while True:
            await asyncio.sleep(0)
            in_a_turn.append(0)

    monkeypatch.setattr(Recorded, "event", counted)
    monkeypatch.setattr(Commit, "hash", hashed)
    turning = asyncio.create_task(keep_turning())
    answer = await executor(database).execute(register(number), Request("office:1"))
    turning.cancel()
    assert answer.sequence == number + 1
    assert seen["folded"] == number, "each once"
    assert max(in_a_turn) <= OF_STREAM_AT_ONCE
    assert seen["hashed"] <= number / OF_STREAM_AT_ONCE + 3
