"""The rights on a real broker: every cell of the table is tried, and every way in that is not one."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaError

from deploy.embedded import certificates
from deploy.embedded.guard import Guard
from deploy.embedded.kafka import Kafka
from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.ports import free_port
from deploy.rights import passwords
from deploy.rights.differences import apply, differences
from deploy.rights.kafka import GROUPS, PRINCIPALS, TOPICS, wanted
from shared.contracts.envelope import Envelope, source_of
from shared.contracts.topics import EVENT_TOPICS, PEOPLE, events_of
from shared.kernel.identifiers import derived_id
from shared.runtime.kafka import rights, sessions
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.ends import TopicEnds
from shared.runtime.kafka.producer import Producer
from shared.runtime.kafka.rights import CLUSTER, Grant, change
from shared.runtime.kafka.topics import administering, apply_topics
from shared.runtime.kafka.users import remove_users, set_passwords, users
from tests.kit.attempts import REFUSED, Cell, batch, connected, possible, produce
from tests.kit.eventually import eventually
from tests.kit.servers import running

pytestmark = pytest.mark.infra

READER, NEIGHBOUR = "city-archive", "city-archive2"
STRANGER = "stranger"
"""Has a password and no right."""

EVERYBODY = (*PRINCIPALS, READER, NEIGHBOUR, STRANGER)
NAMES = {
    "topic": (*(topic.name for topic in TOPICS), "__consumer_offsets", "kpk.unknown.v1"),
    "group": (*GROUPS, "members-copy", f"{READER}.copy", f"{NEIGHBOUR}.copy", "anything"),
    "transactional id": ("relay",),
}
IMPLIED = {"describe": ("read", "write", "delete", "alter"), "describe configs": ("alter configs",)}
SESSION_MS = 2_000
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def guarded(own_folder: Path) -> Iterator[Kafka]:
    """Over TLS, as `kpk up --tls` starts it, and with a second listener for clients, whose sessions are short."""
    guard = Guard(own_folder / "secrets", tls=True)
    passwords.make(guard.folder, [READER, NEIGHBOUR])
    broker = Kafka(own_folder / "kafka", guard=guard)
    broker.settings = short_sessions(broker, guard)
    with running(broker):
        asyncio.run(prepared(broker))
        yield broker


def short_sessions(broker: Kafka, guard: Guard) -> dict[str, str]:
    broker.ports.append(port := free_port())
    told = dict(
        one.split("=", 1) for one in guard.settings(broker.port, broker.controller_port).splitlines() if "=" in one
    )
    login = "scram-sha-512"
    return {
        "listeners": f"{told['listeners']},SHORT://127.0.0.1:{port}",
        "listener.security.protocol.map": f"{told['listener.security.protocol.map']},SHORT:{guard.protocol}",
        f"listener.name.short.{login}.sasl.jaas.config": told[f"listener.name.client.{login}.sasl.jaas.config"],
        f"listener.name.short.{login}.connections.max.reauth.ms": str(SESSION_MS),
    }


async def prepared(broker: Kafka) -> None:
    await apply_topics(broker.access)
    async with administering(broker.access) as admin:
        await set_passwords(admin, {STRANGER: strangers_password(broker).read_text()})

        async def is_there() -> bool:
            return STRANGER in await users(admin)

        await eventually(is_there, "the broker knows the stranger")


def strangers_password(broker: Kafka) -> Path:
    """Not where the others lie: whose password lies there is somebody."""
    file = password_file(broker.folder, STRANGER)
    file.write_text("strange-password")
    return file


def as_(broker: Kafka, user: str) -> KafkaAccess:
    assert broker.guard
    access = broker.guard.access(broker.bootstrap, user if user != STRANGER else "members")
    return replace(access, user=user, password_file=strangers_password(broker)) if user == STRANGER else access


def allowed(user: str) -> set[Cell]:
    """What the table says, with what an operation brings with it."""
    own = [grant for grant in wanted(EVERYBODY) if grant.principal == user]
    cells = {
        (grant.kind, name, grant.operation)
        for grant in own
        for name in NAMES.get(grant.kind, (CLUSTER,))
        if name == grant.name or (grant.pattern == "prefixed" and name.startswith(grant.name))
    }
    for brought, by in IMPLIED.items():
        cells |= {(kind, name, brought) for kind, name, operation in cells if operation in by and kind != "cluster"}
    may_write = any(operation == "write" for _, _, operation in cells)
    return cells | ({("cluster", CLUSTER, "idempotent write")} if may_write else set())


async def wrongly(broker: Kafka) -> dict[str, set[Cell]]:
    """By user what is possible and not allowed, or the other way round."""

    async def of(user: str) -> set[Cell]:
        async with connected(as_(broker, user).options()) as admin:
            return await possible(admin, NAMES) ^ allowed(user)

    found = await asyncio.gather(*map(of, EVERYBODY))
    return {user: cells for user, cells in zip(EVERYBODY, found, strict=True) if cells}


async def test_every_cell_is_as_the_table_says_also_after_a_restart(guarded: Kafka) -> None:
    assert await wrongly(guarded) == {}
    await guarded.stop()
    await guarded.start()
    await prepared(guarded)
    assert await wrongly(guarded) == {}


async def test_a_right_too_much_or_too_little_is_found_and_mended(guarded: Kafka) -> None:
    too_much, missing = (
        Grant("meetings", "topic", "kpk.members.v1", "write"),
        Grant("monitor", "group", "members", "describe"),
    )
    async with administering(guarded.access) as admin:
        await change(admin, [too_much], [missing])
    assert await wrongly(guarded) == {
        "meetings": {("topic", "kpk.members.v1", "write")},
        "monitor": {("group", "members", "describe")},
    }
    found = await differences(as_(guarded, "admin"))
    assert [*found.too_much, *found.missing, *found.strangers] == [too_much, missing, STRANGER]
    await apply(as_(guarded, "admin"))
    assert not await differences(as_(guarded, "admin"))
    with pytest.raises(KafkaError):
        async with connected(as_(guarded, STRANGER).options()):
            pass
    await prepared(guarded)


async def test_a_system_is_let_in_no_more_when_its_password_is_taken_out(guarded: Kafka) -> None:
    assert guarded.guard
    others = {user: text for user, text in passwords.in_folder(guarded.guard.folder).items() if user != NEIGHBOUR}
    assert (await apply(as_(guarded, "admin"), others)).strangers == {NEIGHBOUR, STRANGER}
    async with administering(guarded.access) as admin:
        assert await users(admin) == set(others)
        assert not [grant for grant in await rights.grants(admin) if grant.principal == NEIGHBOUR]
    with pytest.raises(KafkaError):
        await line(guarded.port, as_(guarded, NEIGHBOUR).options())
    await guarded.guard.apply(60)
    await prepared(guarded)


async def line(port: int, options: dict[str, Any]) -> None:
    """To this very listener, and one question. Raises what a client is told."""
    connection = await connection_to(port, options)
    try:
        await connection.send(rights._Describe())
    finally:
        connection.close()


async def connection_to(port: int, options: dict[str, Any]) -> AIOKafkaConnection:
    told = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    return await create_conn("127.0.0.1", port, request_timeout_ms=5_000, **told)


LISTENERS = ["client", "internal", "controller"]


@pytest.mark.parametrize("listener", LISTENERS)
async def test_only_who_is_known_gets_in(
    guarded: Kafka, listener: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    port = dict(zip(("client", "controller", "internal"), guarded.ports[:3], strict=True))[listener]
    member, own = as_(guarded, "members").options(), guarded.access.options()
    certificates.make(tmp_path / "ca", tmp_path / "key", "kpk-broker")
    strange = ssl.create_default_context(cafile=guarded.access.ca_file)
    strange.load_cert_chain(tmp_path / "key", tmp_path / "key")
    without = ssl.create_default_context(cafile=guarded.access.ca_file)
    refused = {
        "no login": {"security_protocol": "PLAINTEXT"},
        "wrong password": {**member, "sasl_plain_password": "wrong-password"},
        "unknown user": {**member, "sasl_plain_username": "nobody"},
        "the broker's name": {**member, "sasl_plain_username": "CN=kpk-broker"},
        "another mechanism": {**member, "sasl_mechanism": "SCRAM-SHA-256"},
        "plain password": {**member, "sasl_mechanism": "PLAIN"},
        "no certificate": {"security_protocol": "SSL", "ssl_context": without},
        "another CA's": {"security_protocol": "SSL", "ssl_context": strange},
        "login in the clear": {**member, "security_protocol": "SASL_PLAINTEXT", "ssl_context": None},
        "another CA": {**member, "ssl_context": ssl.create_default_context()},
    }
    if listener == "client":
        await line(port, member)
        refused["the broker's certificate"] = own
    else:
        await line(port, own)
        refused["a member"] = member
    for options in refused.values():
        with pytest.raises((KafkaError, OSError, TimeoutError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(line(port, options), 10)
    secrets = [file.read_text() for file in guarded.guard.folder.glob("*.password")]  # type: ignore[union-attr]
    told = caplog.text + guarded.log.read_text()
    assert not [secret for secret in secrets if secret in told]


def forged(event: str, stream: str, **headers: bytes | None) -> tuple[str, bytes]:
    """A topic and a record, as its owner would write it: whoever hears it would obey."""
    owner, own = event.partition(".")[0], derived_id("forged", event, stream)
    conference = stream.partition("/")[0]
    envelope = Envelope(own, f"kpk.{event}.v1", source_of(owner), stream, NOW, 1, conference, own, own)
    told = {**dict(envelope.headers()), **headers}
    return events_of(owner).name, batch(stream.encode(), b"{}", tuple(told.items()))


FORGERIES = {
    "the next event of a true stream": forged("members.MandateEnded", "ulm/seat-group/a"),
    "an appointment": forged("members.PostHolderChanged", "ulm/seat-group/new"),
    "an erasure": forged("members.PersonErased", "ulm/person/a"),
    "another's source": forged("members.MandateEnded", "ulm/seat-group/a", ce_source=b"urn:kpk:meetings"),
    "poisoned headers": forged("members.Nonsense", "ulm/x/a", ce_id=None),
    "no headers": (events_of("members").name, batch()),
    "another address for somebody": (PEOPLE.name, batch(b"somebody", b'{"email": "attacker@example.org"}')),
    "a null for somebody": (PEOPLE.name, batch(b"somebody", None)),
    "a mail": forged("notifications.NotificationQueued", "ulm/mail/a"),
    "a session called off": forged("meetings.SessionCancelled", "ulm/session/a"),
    "a grant": forged("funding.GrantAwarded", "ulm/grant/a"),
}


@pytest.mark.parametrize("what", FORGERIES)
async def test_nobody_can_write_what_another_says(guarded: Kafka, what: str) -> None:
    topic, record = FORGERIES[what]
    [writer] = [one.writer for one in TOPICS if one.name == topic]
    before = await ends(guarded)
    for user in EVERYBODY:
        async with connected(as_(guarded, user).options()) as admin:
            assert (await produce(admin, topic, record) in REFUSED) == (user != writer)
    with pytest.raises(KafkaError):
        async with connected({"bootstrap_servers": guarded.bootstrap}) as admin:
            await produce(admin, topic, record)
    assert await ends(guarded) == {**before, topic: before[topic] + 1}, "by its owner alone"


async def ends(broker: Kafka) -> dict[str, int]:
    asked = TopicEnds(broker.access)
    try:
        return {topic.name: sum((await asked.of(topic)).values()) for topic in (*EVENT_TOPICS, PEOPLE)}
    finally:
        await asked.close()


def at_short_sessions(broker: Kafka, user: str) -> dict[str, Any]:
    return {**as_(broker, user).options(), "bootstrap_servers": f"127.0.0.1:{broker.ports[3]}"}


async def test_who_does_not_log_in_again_is_cut(guarded: Kafka) -> None:
    connection = await connection_to(guarded.ports[3], at_short_sessions(guarded, READER))
    await connection.send(rights._Describe())

    async def is_cut() -> bool:
        try:
            await connection.send(rights._Describe())
        except KafkaError:
            return True
        return False

    await eventually(is_cut, "the session is over", 10)


@pytest.fixture
def renewing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a service, and put back afterwards."""
    for name in ("send", "_do_sasl_handshake"):
        monkeypatch.setattr(AIOKafkaConnection, name, getattr(AIOKafkaConnection, name))
    sessions.renew()


@pytest.mark.usefixtures("renewing")
async def test_sessions_are_renewed_under_way_until_the_user_is_taken_away(guarded: Kafka) -> None:
    topic, options = events_of("funding").name, at_short_sessions(guarded, "funding")
    producer = Producer(**options, enable_idempotence=True, acks="all")
    consumer = AIOKafkaConsumer(group_id="funding", enable_auto_commit=False, **options)
    await asyncio.gather(producer.start(), consumer.start())
    here = TopicPartition(topic, 0)
    consumer.assign([here])
    await consumer.seek_to_end()
    read: list[bytes] = []
    sent = [str(number).encode() for number in range(4 * SESSION_MS // 100)]
    for value in sent:
        await producer.send_and_wait(topic, value, partition=0)
        read += [one.value for records in (await consumer.getmany(timeout_ms=100)).values() for one in records]
        await consumer.commit()
    assert not producer.dropped.done(), "the one connection lives through several sessions"
    await eventually(lambda: read_more(consumer, read, len(sent)), "all is read")
    assert read == sent, "each once and in order"
    await consumer.stop()

    async with administering(guarded.access) as admin:
        await remove_users(admin, ["funding"])
    await asyncio.wait_for(producer.dropped, 10)
    await producer.end()
    await guarded.guard.apply(60)  # type: ignore[union-attr]
    await prepared(guarded)


async def read_more(consumer: AIOKafkaConsumer, read: list[bytes], number: int) -> bool:
    read += [one.value for records in (await consumer.getmany(timeout_ms=100)).values() for one in records]
    return len(read) >= number


async def test_another_password_takes_the_old_one_s_place(guarded: Kafka) -> None:
    old = as_(guarded, READER)
    await line(guarded.port, old.options())
    async with administering(as_(guarded, "admin")) as admin:
        await set_passwords(admin, {READER: "another-one"})
    with pytest.raises(KafkaError):
        await line(guarded.port, old.options())
    await line(guarded.port, {**old.options(), "sasl_plain_password": "another-one"})
    await guarded.guard.apply(60)  # type: ignore[union-attr]
