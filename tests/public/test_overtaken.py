"""A broker keeps the last record of a key: were it an older state, that would be so for ever.

So what one relay says late, behind what another has said meanwhile, is said again.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from services.members.service import SERVICE
from shared.contracts.topics import state_of
from shared.runtime.commands.commit import Commit
from shared.runtime.commands.journal import Journal
from shared.runtime.history.drift import BEGINNINGS
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from shared.runtime.publishing.public import PublicLayer, Told, said
from shared.runtime.publishing.relay import JournalOutbox, Outgoing, Relay
from tests.public.test_layer import append, chained, headers_of, new_stream

pytestmark = pytest.mark.infra

NOW = state_of("members").name
[SEAT_GROUP] = [one for one in SERVICE.public if one.decider.kind == "seat-group"]


class Broker:
    """Of all relays one. ``before`` happens when one of them is about to say something, once."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []
        self.before: Callable[[], Awaitable[object]] | None = None
        self.takes = 1_000_000

    async def publish(self, records: Sequence[Outgoing]) -> list[bool]:
        before, self.before = self.before, None
        if before:
            await before()
        taken = records[: self.takes]
        self.records += taken
        return [place < len(taken) for place in range(len(records))]

    def numbers(self) -> list[int]:
        return [int(headers_of(one)["ce_sequence"]) for one in self.records if one.topic == NOW]

    def last(self) -> Mapping[bytes, Outgoing]:
        return {one.key: one for one in self.records if one.topic == NOW}


@pytest.fixture
async def journal(database: Database) -> Journal:
    journal = Journal(database["journal"])
    await journal.prepare()
    return journal


def relay(database: Database, broker: Broker, nudge: Callable[[], None] = lambda: None) -> Relay:
    """Of a worker of its own."""
    own = Journal(database["journal"])
    public = PublicLayer(SERVICE, own, database[BEGINNINGS], nudge)
    return Relay(JournalOutbox(own, "members", public), broker, Nudge())


def present(commits: Sequence[Commit]) -> Outgoing | None:
    told = Told(SEAT_GROUP.decider.initial)
    for commit in commits:
        _, told = said(SEAT_GROUP, told, commit, "members")
    return told.present


async def test_what_another_has_overtaken_is_said_again_behind_it(database: Database, journal: Journal) -> None:
    broker, commits, nudged = Broker(), chained(new_stream()), list[bool]()
    slow, other = relay(database, broker, lambda: nudged.append(True)), relay(database, broker)
    assert await other.round()
    await append(journal, commits[0])

    async def overtake() -> None:
        await append(journal, *commits[1:])
        assert await other.round()

    broker.before = overtake
    assert await slow.round()
    assert broker.numbers()[-2:] == [5, 1], "the older one came behind"
    assert nudged, "so it looks again at once"
    assert await slow.round()
    assert broker.numbers()[-1] == 5
    number = len(broker.records)
    assert await slow.round()
    assert len(broker.records) == number, "and that is all"


@pytest.mark.parametrize("seed", range(12))
async def test_whoever_breaks_off_or_comes_late_the_last_is_what_follows_from_all(
    database: Database, journal: Journal, seed: int
) -> None:
    chance, broker = random.Random(seed), Broker()
    streams = [chained(new_stream()) for _ in range(3)]
    relays = [relay(database, broker) for _ in range(2)]
    left = {place: list(commits) for place, commits in enumerate(streams)}
    while any(left.values()):
        for _ in range(chance.randint(1, 3)):
            if waiting := left[chance.randrange(3)]:
                await append(journal, waiting.pop(0))
        now, other = chance.sample(relays, 2)
        broker.takes = chance.choice((1, 2, 5, 1_000_000))
        broker.before = other.round if chance.random() < 0.5 else None
        await now.round()
    broker.takes, broker.before = 1_000_000, None
    for _ in range(2):
        for one in relays:
            assert await one.round()
    assert broker.last() == {commits[0].stream.encode(): present(commits) for commits in streams}
