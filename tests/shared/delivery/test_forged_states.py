"""What a stranger says on a state topic is told from what its owner says, contradicted, and no obstacle to it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import LARGEST_SEQUENCE, read_headers
from shared.contracts.people import PERSON_DETAILS, PersonContact
from shared.contracts.topics import MOST_AHEAD, PEOPLE
from shared.runtime.delivery.delivery import StatesAreNotKept
from shared.runtime.delivery.parked import FORK
from shared.runtime.delivery.state_copy import State, StateCopy
from shared.runtime.history.gate import HistoriesDiffer
from shared.runtime.kafka.record import KeptRecord
from shared.runtime.mongo.driver import Collection, Database, Session
from shared.runtime.publishing.relay import Outgoing
from shared.runtime.publishing.state_topics import StateTopic
from tests.kit.when import NOW
from tests.shared.seat_groups import Subject

pytestmark = pytest.mark.infra

FORGED = "forged@example.org"


def details(email: str) -> PersonContact:
    return PersonContact(name="Eva Müller", salutation="Guten Tag", email=email, postal_address=None)


class Told:
    """The owner's collection, a reader's copy, and the topic between them, of one person."""

    def __init__(self, database: Database) -> None:
        self.person = str(uuid4())
        self.people = database["people"]
        self.owner = StateTopic(self.people, PERSON_DETAILS)
        self.copy = StateCopy(database["contacts"])
        self.contacts = database["contacts"]
        self.topic: list[State] = []
        self.records: list[Outgoing] = []

    async def says(self, email: str | None) -> None:
        """As the owner's commands do: one version further."""
        changes = {"details": email and details(email).model_dump(), "published": False, "caused_by": None}
        about = {"conference": "stuttgart", "at": NOW, **changes}
        await self.people.update_one({"_id": self.person}, {"$set": about, "$inc": {"version": 1}}, upsert=True)

    def forges(self, version: int, email: str | None = FORGED) -> None:
        self.topic.append((self.person, version, email and details(email)))

    async def publishes(self) -> None:
        async for batch in self.owner.pending(10):
            for one in (one for one in batch if one.token["_id"] == self.person):
                envelope = read_headers(one.records[0].headers)
                value = one.records[0].value
                said = value and PersonContact.model_validate_json(value)
                self.topic.append((self.person, envelope.sequence, said or None))
                await self.owner.published([one])

    async def settles(self) -> None:
        """Until nobody has anything to say any more: each hears the whole topic."""
        heard = 0
        while heard < len(self.topic):
            coming, heard = self.topic[heard:], len(self.topic)
            await hear(self.owner, coming)
            await hear(self.copy, coming)
            await self.publishes()

    async def kept(self) -> tuple[str | None, str | None]:
        """What the owner keeps of the person, and what the reader believes."""
        return await self._email(self.people), await self._email(self.contacts)

    async def _email(self, collection: Collection) -> str | None:
        known = await collection.find_one({"_id": self.person})
        return known["details"]["email"] if known and known["details"] else None


async def hear(reader: StateTopic | StateCopy, states: Sequence[State]) -> None:
    """As delivery does it."""
    refused = set(await reader.refused(states))
    taken = [one for index, one in enumerate(states) if index not in refused]
    await reader.hear(taken, [states[index] for index in sorted(refused)])


@pytest.fixture
def told(database: Database) -> Told:
    return Told(database)


@pytest.mark.parametrize("version", [MOST_AHEAD + 50, 2**31, LARGEST_SEQUENCE])
async def test_a_version_far_ahead_is_no_obstacle_to_what_its_owner_says_next(told: Told, version: int) -> None:
    await told.says("old@example.org")
    await told.publishes()
    told.forges(version)
    await told.says("new@example.org")
    await told.publishes()
    await told.settles()
    assert await told.kept() == ("new@example.org", "new@example.org")
    assert told.topic[-1][1] < version, "whoever reads the topic anew finds the owner's word as the last one"


@pytest.mark.parametrize("ahead", [0, 1, 7, MOST_AHEAD - 1])
@pytest.mark.parametrize("email", [FORGED, None])
async def test_what_a_reader_may_take_for_true_is_contradicted(told: Told, ahead: int, email: str | None) -> None:
    """``ahead`` 0: another content under the version that its owner is about to publish."""
    await told.says("old@example.org")
    told.forges(1 + ahead, email)
    await told.publishes()
    await told.settles()
    assert await told.kept() == ("old@example.org", "old@example.org")


async def test_an_erased_person_does_not_come_back(told: Told) -> None:
    await told.says("old@example.org")
    await told.says(None)
    await told.publishes()
    told.forges(3)
    await told.settles()
    assert await told.kept() == (None, None)


async def test_what_the_owner_says_is_refused_by_nobody(told: Told) -> None:
    for email in ("a@example.org", "b@example.org", None):
        await told.says(email)
        await told.publishes()
    assert await told.owner.refused(told.topic) == []
    assert await told.copy.refused(told.topic) == []
    await told.settles()
    assert len(told.topic) == 3 + 1, "what was replaced meanwhile is said over once"


def record_of(told: Told, version: int) -> KeptRecord:
    sent = told.owner._outgoing(
        {
            "_id": told.person,
            "version": version,
            "details": details(FORGED).model_dump(),
            "conference": "stuttgart",
            "at": NOW,
            "caused_by": None,
        }
    )
    return KeptRecord(PEOPLE.name, 0, 5, sent.key, sent.value, sent.headers)


async def test_what_is_refused_is_parked_without_its_content_and_never_taken_for_a_null(
    told: Told, database: Database
) -> None:
    service = Subject(database, states={PEOPLE.name: told.copy})
    await hear(told.copy, [(told.person, 1, details("old@example.org"))])
    await service.process([record_of(told, LARGEST_SEQUENCE)])
    [shown] = await service.parked.overview()
    row = await service.parked.get(shown["_id"])
    assert row is not None
    assert (row.reason, row.stream, row.record.value) == (FORK, None, None)
    with pytest.raises(StatesAreNotKept):
        await service.delivery.retry(row)
    assert (await told.kept())[1] == "old@example.org"
    await service.delivery.drop(row, "admin", "gefälscht")
    assert await service.parked.count() == 0


async def test_behind_a_gate_that_closes_nothing_is_contradicted(told: Told, database: Database) -> None:
    """A database that was put back is behind its topic: what that says is true."""
    service = Subject(database, states={PEOPLE.name: told.owner})
    await told.says("old@example.org")
    service.gate.closed = True
    with pytest.raises(HistoriesDiffer):
        await service.process([record_of(told, 2)])
    assert await told.people.find_one({"_id": told.person, "version": 1}) is not None
    assert await service.parked.count() == 0


async def test_a_copy_that_ran_ahead_is_put_back_unless_somebody_was_faster(told: Told) -> None:
    await told.contacts.insert_one({"_id": told.person, "version": 2**53, "details": None})
    true = (told.person, 4, details("true@example.org"))
    await told.copy.put_back(true, from_version=7)
    assert (await told.copy.versions([told.person])) == {told.person: 2**53}
    await told.copy.put_back(true, from_version=2**53)
    assert (await told.copy.versions([told.person])) == {told.person: 4}
    assert (await told.kept())[1] == "true@example.org"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.sampled_from(["a@example.org", "b@example.org"])),
        st.tuples(st.just("forges"), st.sampled_from([1, 2, 3, 4, 900, MOST_AHEAD + 50, 2**31, LARGEST_SEQUENCE])),
        st.tuples(st.just("publishes"), st.none()),
        st.tuples(st.just("settles"), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=25)
@given(steps=STEPS)
def test_a_copy_ends_as_its_owner_wherever_strangers_speak(
    session: Session, loop: asyncio.Runner, steps: Sequence[tuple[str, object]]
) -> None:
    loop.run(_wherever_they_speak(session, steps))


async def _wherever_they_speak(session: Session, steps: Sequence[tuple[str, object]]) -> None:
    told, last = Told(session.database), "first@example.org"
    await told.says(last)
    for step, what in steps:
        match step, what:
            case "says", str(email):
                last = email
                await told.says(email)
            case "forges", int(version):
                told.forges(version)
            case "publishes", _:
                await told.publishes()
            case _:
                await told.settles()
    await told.publishes()
    await told.settles()
    assert await told.kept() == (last, last)
