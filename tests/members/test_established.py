"""That a conference is established is asked of the journal until it is so, and of the memory ever after."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from services.members.domain.conference import CONFERENCE, EstablishConference, is_established
from services.members.service import SERVICE
from shared.contracts.registry import EVENTS, decode, type_name
from shared.kernel.decider import Event
from shared.runtime.commands.commit import Commit
from shared.runtime.commands.execute import Executor, Request
from tests.kit.when import edge
from tests.kit.world import ListedJournal

RECORDS = Path(__file__).parents[2] / "contract" / "records"
ESTABLISH = EstablishConference(
    **edge(name="Pflegekonferenz", reference="GRDrs 905/2023", office="Sozialamt", committee="Ausschuss")
)


class CountedReads(ListedJournal):
    reads = 0

    async def in_parts(self, stream: str, after: int = 0) -> AsyncGenerator[list[Commit], None]:
        self.reads += 1
        async for commits in super().in_parts(stream, after):
            yield commits


def executor_on(journal: ListedJournal) -> Executor:
    return Executor(journal, SERVICE.decided_by, lambda: None)


async def established(executor: Executor) -> bool:
    return await executor.has_become(CONFERENCE, ESTABLISH.stream, is_established)


async def test_a_yes_is_read_once() -> None:
    journal = CountedReads()
    await executor_on(journal).execute(ESTABLISH, Request("office:establish"))
    asked, journal.reads = executor_on(journal), 0
    assert [await established(asked) for _ in range(5)] == [True] * 5
    assert journal.reads == 1


async def test_a_no_is_never_remembered() -> None:
    journal = CountedReads()
    here, elsewhere = executor_on(journal), executor_on(journal)
    assert not await established(here)
    await elsewhere.execute(ESTABLISH, Request("office:establish"))
    assert await established(here)


async def test_what_was_changed_from_outside_is_read_anew() -> None:
    journal = CountedReads()
    executor = executor_on(journal)
    await executor.execute(ESTABLISH, Request("office:establish"))
    journal.listed.clear()
    executor.forget()
    assert not await established(executor)


@pytest.mark.parametrize("kind", CONFERENCE.events)
def test_no_event_takes_it_back(kind: type[Event]) -> None:
    told = [golden(name) for name in EVENTS if EVENTS[name] is kind]
    conference = CONFERENCE.fold([golden("kpk.members.ConferenceEstablished.v2"), *told])
    assert told and is_established(conference)


def golden(name: str) -> Any:
    value = json.loads((RECORDS / f"{name}.json").read_text())["value"]
    event = decode(name, json.dumps(value))
    assert type_name(event) == name
    return event
