"""``kpk privacy proof``: whatever is left of a person is found, wherever it lies, and told with its date."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from deploy.kpk.privacy.proof import ERASED, Proof, Search, _folder, prove
from deploy.kpk.privacy.traces import Found, Needles, Place
from services.members.people import People
from services.notifications.contacts import Contacts
from shared.contracts.people import PersonDetails
from shared.contracts.topics import EVENT_TOPICS, GONE_WITHIN, PEOPLE, PUBLIC_TOPICS, SERVICES, STATE_TOPICS
from shared.runtime.commands.execute import Request
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database, connect
from shared.runtime.mongo.oplog import REACHES_DAYS
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import Relay
from tests.kit.when import CONFERENCE

NAME = "Änne Grünwald-Ößner"
DETAILS = PersonDetails(
    name=NAME,
    salutation="Guten Tag Frau Grünwald-Ößner",
    email="aenne@traces.example.org",
    postal_address="Zur Post 7 \\ 70173 Stuttgart",
)
LATER = timedelta(milliseconds=GONE_WITHIN) + timedelta(hours=1)
MUCH_LATER = timedelta(days=REACHES_DAYS + 1)
COLLECTIONS = ("journal", "journal_conflicts", "view_seats", "parked", "parked_dropped", "nobody_knows_what_for")


@pytest.mark.parametrize(
    "content",
    [
        NAME.encode(),
        NAME.lower().encode(),
        json.dumps({"x": NAME}).encode(),
        b"To: AENNE@traces.example.org",
        json.dumps(DETAILS.postal_address).encode(),
        f"Dear {DETAILS.salutation},".encode(),
    ],
)
def test_details_are_found_in_every_form(content: bytes) -> None:
    needles = Needles("id")
    needles.learn(DETAILS.model_dump(mode="json"))
    assert needles.find(content) == "details"
    assert needles.find(b"Guten Tag Frau id Kraus") == "id"
    assert needles.find(b"Guten Tag") is None


def test_a_file_that_a_server_renames_meanwhile_is_found_under_its_other_name(tmp_path: Path) -> None:
    """Kafka renames what its cleaner wrote, and what it is about to remove."""
    segments = tmp_path / "kafka" / "data" / f"{PEOPLE.name}-0"
    segments.mkdir(parents=True)
    (segments / "0.log").write_text("nothing")
    (segments / "5.log.cleaned").write_text(NAME)

    class Renames(Needles):
        def find(self, content: bytes) -> Found | None:
            if content == b"nothing":
                (segments / "5.log.cleaned").rename(segments / "5.log.swap")
            return super().find(content)

    search = Search(Renames("id", frozenset({NAME})), datetime.now(UTC), erased=True)
    [kafka] = [place for place in _folder(search, tmp_path) if place.name == "kafka: files"]
    assert (kafka.verdict, kafka.where) == ("LEFT", [f"{PEOPLE.name}-0/5.log.swap"])


class House:
    """Its databases and topics, with everything that a person leaves in them while she lives and when she is erased."""

    def __init__(self, mongod: Mongod, kafka: Kafka, folder: Path) -> None:
        self.person, self.prefix, self.folder = str(uuid4()), f"proof_{uuid4().hex[:8]}_", folder
        self.mongo_uri, self.kafka = mongod.uri, kafka
        self.sessions = {service: connect(mongod.uri, f"{self.prefix}{service}") for service in SERVICES}
        self.people, self.contacts = People(self["members"]["people"]), Contacts(self["notifications"]["contacts"])

    def __getitem__(self, service: str) -> Database:
        return self.sessions[service].database

    async def knows_her(self) -> None:
        await self.people.record(CONFERENCE, self.person, DETAILS, datetime.now(UTC), Request("office:1"))
        await self.contacts.hear([(self.person, 1, DETAILS)])
        await self["meetings"]["view_roster"].insert_one({"_id": "seat", "person": self.person})
        await self.publish()

    async def erases_her(self) -> None:
        stream = f"{CONFERENCE}/person/{self.person}"
        await self["members"]["journal"].insert_one({"_id": stream, "stream": stream, "events": [{"type": ERASED}]})
        await self.people.erase(CONFERENCE, self.person, datetime.now(UTC))
        await self.contacts.hear([(self.person, 2, None)])
        await self.publish()

    async def publish(self) -> None:
        publisher = KafkaPublisher(self.kafka.access)
        await publisher.connect()
        assert await Relay(self.people, publisher, Nudge()).round()
        await publisher.close()

    async def plant(self, topic: str, key: bytes, value: bytes | None, **headers: bytes) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap) as producer:
            await producer.send_and_wait(topic, value, key, headers=list(headers.items()))

    async def prove(self, after: timedelta = timedelta(), also: str | None = None) -> Proof:
        needles = Needles(self.person, frozenset([also] if also else []))
        folder, now = str(self.folder), datetime.now(UTC) + after
        return await prove(needles, self.mongo_uri, self.kafka.access, folder, self.prefix, now)


@pytest.fixture
async def house(mongod: Mongod, planted_kafka: Kafka) -> AsyncIterator[House]:
    house = House(mongod, planted_kafka, planted_kafka.folder.parent)
    yield house
    for session in house.sessions.values():
        await session.close()


def verdicts(found: Proof) -> dict[str, str]:
    return {place.name: place.verdict for place in found.places if place.verdict != "nothing"}


def place(found: Proof, name: str) -> Place:
    [one] = [one for one in found.places if one.name == name]
    return one


HERS = ("members: people", "notifications: contacts")
ON_KAFKA = (f"topic {PEOPLE.name}", "kafka: files")


@pytest.mark.infra
@pytest.mark.timeout(240)
async def test_before_and_after_an_erasure_and_with_something_left_in_every_place(house: House) -> None:
    await house.knows_her()
    before = await house.prove()
    assert not before.erased and before.left == []
    kept = dict.fromkeys((*HERS, *ON_KAFKA, "mongod: oplog"), "kept")
    assert verdicts(before) == {**kept, "meetings: view_roster": "id only", "backups": "not searched"}

    await house.erases_her()
    after, ids = await house.prove(), dict.fromkeys((*HERS, "meetings: view_roster", "members: journal"), "id only")
    assert after.erased and after.left == []
    assert verdicts(after) == {**ids, **dict.fromkeys((*ON_KAFKA, "mongod: oplog"), "going"), "backups": "not searched"}
    now, on_kafka, oplog = datetime.now(UTC), place(after, ON_KAFKA[0]).gone_by, place(after, "mongod: oplog").gone_by
    assert on_kafka and now < on_kafka <= now + timedelta(milliseconds=GONE_WITHIN)
    assert oplog and on_kafka < oplog <= now + timedelta(days=REACHES_DAYS)
    assert {one.name for one in (await house.prove(LATER)).left} == set(ON_KAFKA), "nobody has compacted it"
    assert {one.name for one in (await house.prove(MUCH_LATER)).left} == {*ON_KAFKA, "mongod: oplog"}

    planted = await everywhere(house)
    left = await house.prove(LATER, also=NAME)
    assert {one.name for one in left.left} == planted
    assert place(left, "mail sink").verdict == "delivered"
    assert all(one.where for one in left.left), "where exactly, but never what"
    assert "Grünwald" not in repr(left)


async def everywhere(house: House) -> set[str]:
    """Something of her is left in each of these places; mostly her name, in many forms."""
    remainder = {"what": NAME, "data": DETAILS.model_dump_json(), "raw": NAME.encode()}
    for service in SERVICES:
        for number, name in enumerate(COLLECTIONS):
            field = list(remainder)[number % 3]
            await house[service][name].insert_one({"_id": "left", field: remainder[field]})
    for number, topic in enumerate((*EVENT_TOPICS, *PUBLIC_TOPICS, *STATE_TOPICS)):
        key, value, header = [NAME.encode() if at == number % 3 else b"nothing" for at in range(3)]
        await house.plant(topic.name, key, value, x=header)
    await house.plant(PEOPLE.name, house.person.encode(), DETAILS.model_dump_json().encode())
    await house["members"]["people"].update_one({"_id": house.person}, {"$set": {"body_key": "k"}})
    await house["notifications"]["contacts"].update_one(
        {"_id": house.person}, {"$set": {"refused": {"email": DETAILS.email, "address": house.person}}}
    )
    for log in ("logs/members.log", "mongod/mongod.log", "logs/meetings.log.1"):
        file = house.folder / log
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"a line\n{json.dumps({'to': NAME})}\n")
    (house.folder / "mail").mkdir()
    mail = f"To: {DETAILS.email}\nContent-Type: text/plain; charset=utf-8\n\n{NAME}"
    (house.folder / "mail" / "000001-a.eml").write_text(mail)
    return {
        *(f"{service}: {name}" for service in SERVICES for name in COLLECTIONS),
        *(f"topic {topic.name}" for topic in (*EVENT_TOPICS, *PUBLIC_TOPICS, *STATE_TOPICS)),
        *HERS,
        *ON_KAFKA,
        *(f"log {name}" for name in ("logs/members.log", "mongod/mongod.log", "logs/meetings.log.1")),
    }
