"""Another system of the city is let in, known, and let out: on a real broker that holds rights, with `kpk` itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from typer.testing import CliRunner

from deploy.embedded.data_folder import Refused
from deploy.embedded.guard import Guard
from deploy.embedded.health import health_of
from deploy.embedded.kafka import Kafka
from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.ports import free_port
from deploy.kpk.installation import Installation
from deploy.kpk.tools import app_for
from deploy.rights import differences
from deploy.rights.kafka import OF_READERS, PRINCIPALS, quota_of
from deploy.rights.readers import reader_called
from services.office.desk.subscribers import Subscribers
from shared.contracts.topics import PUBLIC_TOPICS, STATE_TOPICS
from shared.runtime.kafka import rights
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.groups import _unread
from shared.runtime.kafka.producer import Producer
from shared.runtime.kafka.quotas import quotas, set_quotas
from shared.runtime.kafka.topics import administering, apply_topics
from shared.runtime.kafka.users import users
from tests.kit.attempts import GROUP, TOPIC, commit, connected, fetch
from tests.kit.eventually import eventually
from tests.kit.servers import running

APP = app_for([])

FUNDING, IN_PUBLIC = "kpk.funding.v1", "kpk.funding.public.v1"
ADDED = ("add", "finance", "--read", "funding")


@pytest.fixture(scope="module")
def guarded(own_folder: Path) -> Iterator[Kafka]:
    broker = Kafka(own_folder / "kafka", guard=Guard(own_folder / "secrets"))
    with running(broker):
        asyncio.run(apply_topics(broker.access))
        asyncio.run(said(broker, 3))
        yield broker


async def said(broker: Kafka, number: int) -> None:
    producer = Producer(**broker.access.options())
    await producer.start()
    for count in range(number):
        for topic in (FUNDING, IN_PUBLIC):
            await producer.send_and_wait(topic, str(count).encode(), partition=count)
    await producer.end()


def secrets(broker: Kafka) -> Path:
    assert broker.guard
    return broker.guard.folder


def kpk(broker: Kafka, *words: str) -> str:
    """As the operator, from another folder than the stack's. Raises what `kpk` tells in one line."""
    password = str(password_file(secrets(broker), "admin"))
    login = ("--kafka-protocol", "SASL_PLAINTEXT", "--kafka-user", "admin", "--kafka-password-file", password)
    passwords = ("--passwords", str(secrets(broker))) if words[0] != "list" else ()
    command = ["subscriber", *words, "--bootstrap", broker.bootstrap, *login, *passwords]
    told = CliRunner(env={"KPK_DATA": str(broker.folder / "none")}).invoke(APP, command)
    if told.exception:
        raise told.exception
    return told.stdout


def as_finance(broker: Kafka) -> KafkaAccess:
    assert broker.guard
    return broker.guard.access(broker.bootstrap, "city-finance")


def ask(kafka: KafkaAccess, question: Callable[[Any], Awaitable[int]]) -> int:
    async def asked() -> int:
        async with connected(kafka.options()) as client:
            return await question(client)

    return asyncio.run(asked())


def may_read(broker: Kafka, topic: str) -> bool:
    code = ask(as_finance(broker), lambda client: fetch(client, topic))
    assert code in (0, TOPIC)
    return code == 0


async def state_of(broker: Kafka) -> tuple[set[str], set[rights.Grant], dict[str, dict[str, float]]]:
    async with administering(broker.access) as admin:
        return await users(admin), await rights.grants(admin), await quotas(admin)


@pytest.mark.infra
def test_who_is_added_reads_what_was_named_and_what_is_public_in_groups_of_its_own(guarded: Kafka) -> None:
    told = json.loads(kpk(guarded, *ADDED, "--json"))
    assert "cannot filter by conference" in told["note"]
    assert told["environment"]["SUBSCRIBER_TOPICS"] == f"{IN_PUBLIC},{FUNDING}"
    assert told["environment"]["SUBSCRIBER_STATE_TOPICS"] == "kpk.funding.state.v1"
    of_everybody = (one.name for one in (*PUBLIC_TOPICS, *STATE_TOPICS))
    assert all(may_read(guarded, topic) for topic in (FUNDING, *of_everybody))
    assert not any(may_read(guarded, topic) for topic in ("kpk.members.v1", "kpk.people.v1", "__consumer_offsets"))
    own, others = "city-finance.x", "funding"
    assert ask(as_finance(guarded), lambda client: commit(client, others)) == GROUP
    assert ask(as_finance(guarded), lambda client: commit(client, own)) == TOPIC, "the group may, of another topic"
    assert asyncio.run(state_of(guarded))[2]["city-finance"] == dict(OF_READERS)
    assert not asyncio.run(differences.differences(guarded.access)), "as the table of rights has it"


@pytest.mark.infra
def test_it_stays_when_the_broker_starts_anew(guarded: Kafka) -> None:
    kpk(guarded, *ADDED)
    assert guarded.guard
    asyncio.run(guarded.guard.apply(30))
    assert may_read(guarded, FUNDING)


@pytest.mark.infra
def test_said_again_it_reads_what_is_named_then_with_the_same_password(guarded: Kafka) -> None:
    kpk(guarded, *ADDED)
    before = as_finance(guarded).password
    kpk(guarded, *ADDED, "--public-only")
    assert (may_read(guarded, FUNDING), may_read(guarded, IN_PUBLIC)) == (False, True)
    assert as_finance(guarded).password == before


@pytest.mark.infra
def test_after_rotation_only_the_new_password_lets_in(guarded: Kafka) -> None:
    kpk(guarded, *ADDED)
    old = as_finance(guarded)
    assert old.password and ask(old, lambda client: fetch(client, IN_PUBLIC)) == 0
    kpk(guarded, "rotate", "finance")
    with pytest.raises(KafkaError):
        ask(old, lambda client: fetch(client, IN_PUBLIC))
    assert may_read(guarded, IN_PUBLIC)


@pytest.mark.infra
def test_who_is_removed_is_out_and_nobody_else_is_touched(guarded: Kafka) -> None:
    kpk(guarded, "add", "archive", "--read", "meetings")
    before = asyncio.run(state_of(guarded))
    kpk(guarded, *ADDED)
    gone = as_finance(guarded)
    kpk(guarded, "remove", "finance")
    with pytest.raises(KafkaError):
        ask(gone, lambda client: fetch(client, IN_PUBLIC))
    known, granted, bounded = asyncio.run(state_of(guarded))
    assert (known, granted, bounded) == tuple(without_finance(before))
    assert "city-archive" in known
    assert not password_file(secrets(guarded), "city-finance").exists()
    with pytest.raises(Refused, match="there is no city-finance: there are city-archive"):
        kpk(guarded, "remove", "finance")


@pytest.mark.infra
def test_who_is_removed_while_connected_is_refused_on_the_same_line(guarded: Kafka) -> None:
    kpk(guarded, *ADDED)

    async def connected_meanwhile() -> None:
        async with connected(as_finance(guarded).options()) as client:
            assert await fetch(client, IN_PUBLIC) == 0
            await asyncio.to_thread(kpk, guarded, "remove", "finance")

            async def is_refused() -> bool:
                return await fetch(client, IN_PUBLIC) == TOPIC

            await eventually(is_refused, "what it asks on its line is refused", 5)

    asyncio.run(connected_meanwhile())


def without_finance(state: tuple[Any, Any, Any]) -> Iterator[Any]:
    known, granted, bounded = state
    yield known - {"city-finance"}
    yield {one for one in granted if "city-finance" not in (one.principal, one.name.removesuffix("."))}
    yield {user: quota for user, quota in bounded.items() if user != "city-finance"}


@pytest.mark.infra
def test_how_far_each_group_is_behind_is_listed_and_in_the_status(guarded: Kafka) -> None:
    kpk(guarded, *ADDED)
    asyncio.run(read_one(as_finance(guarded)))
    [finance] = [one for one in json.loads(kpk(guarded, "list", "--json")) if one["user"] == "city-finance"]
    assert finance["lag"] == {"city-finance.half": 2}
    assert "city-finance.half" in kpk(guarded, "list")
    where = Installation("test", bootstrap=guarded.bootstrap, login=login_of_admin(guarded))
    assert asyncio.run(health_of(where)).as_json()["subscribers"] == {"city-finance.half": 2}
    assert asyncio.run(health_of(Installation("no Kafka is named"))).subscribers is None
    told = [{"system": "city-finance", "group": "city-finance.half", "behind": 2}]
    assert asyncio.run(at_the_desk(guarded)) == told, "with the desk's own rights"
    kpk(guarded, "remove", "finance")
    assert asyncio.run(health_of(where)).subscribers == {}, "its group is there, and nobody's"
    assert asyncio.run(at_the_desk(guarded)) == []
    kpk(guarded, *ADDED)
    assert asyncio.run(health_of(where)).subscribers == {"city-finance.half": 2}, "it goes on where it was"


@pytest.mark.infra
async def test_the_desk_says_that_nothing_is_told_where_no_broker_answers() -> None:
    assert await Subscribers(KafkaAccess(f"127.0.0.1:{free_port()}")).groups() is None


async def at_the_desk(broker: Kafka) -> list[dict[str, Any]] | None:
    assert broker.guard
    return await Subscribers(broker.guard.access(broker.bootstrap, "office")).groups()


def login_of_admin(broker: Kafka) -> dict[str, Any]:
    assert broker.guard
    return broker.guard.login("admin")


async def read_one(kafka: KafkaAccess) -> None:
    """Of three records on three partitions."""
    consumer = AIOKafkaConsumer(group_id="city-finance.half", enable_auto_commit=False, **kafka.options())
    await consumer.start()
    consumer.assign([TopicPartition(IN_PUBLIC, 0)])
    await consumer.commit({TopicPartition(IN_PUBLIC, 0): 1})
    await consumer.stop()


def test_a_partition_without_a_commit_is_unread_and_one_made_anew_is_not_below_nothing() -> None:
    zero, one, other = TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("b", 0)
    starts, ends = {zero: 2, one: 0, other: 0}, {zero: 10, one: 3, other: 7}
    assert _unread({one: 1}, starts, ends) == 8 + 2
    assert _unread({one: 9, zero: 10}, starts, ends) == 0


@pytest.mark.infra
def test_who_has_another_quota_than_the_table_s_is_found_and_bounded_again(guarded: Kafka) -> None:
    kpk(guarded, *ADDED)
    other = {"request_percentage": 900.0}

    async def unbound() -> None:
        async with administering(guarded.access) as admin:
            await set_quotas(admin, {"city-finance": other, "members": {}, "admin": other})

    asyncio.run(unbound())
    found = asyncio.run(differences.differences(guarded.access))
    assert found.lines == [f"{user} has not its quota" for user in ("admin", "city-finance", "members")]
    assert found.as_json()["quotas"] == {"different": ["admin", "city-finance", "members"]}
    asyncio.run(differences.apply(guarded.access))
    bounded = asyncio.run(state_of(guarded))[2]
    assert all(bounded.get(user, {}) == quota_of(user) for user in (*PRINCIPALS, "city-finance"))


@pytest.mark.parametrize("name", ["Finance", "fi.nance", "-x", "x" * 41, "city-", "ä", "a\n"])
def test_a_name_that_could_be_another_s_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="a-z, 0-9 and -"):
        reader_called(name)


def test_a_system_may_be_called_by_its_user_too() -> None:
    assert reader_called("finance") == reader_called("city-finance") == "city-finance"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "say|--read one of members"),
        (("--read", "people"), "--read people is not understood: say one of members, meetings"),
        (("--read", "notifications", "--public-only"), "notifications says nothing in public"),
    ],
)
@pytest.mark.infra
def test_what_is_not_understood_leaves_nothing_behind(guarded: Kafka, words: tuple[str, ...], says: str) -> None:
    before = asyncio.run(state_of(guarded)), sorted(secrets(guarded).iterdir())
    with pytest.raises(Refused, match=says):
        kpk(guarded, "add", "new", *words)
    assert (asyncio.run(state_of(guarded)), sorted(secrets(guarded).iterdir())) == before


@pytest.mark.infra
def test_a_broker_without_rights_lets_nobody_in(kafka: Kafka, tmp_path: Path) -> None:
    command = ["subscriber", *ADDED, "--bootstrap", kafka.bootstrap, "--passwords", str(tmp_path)]
    told = CliRunner(env={"KPK_DATA": str(tmp_path / "none")}).invoke(APP, command)
    assert isinstance(told.exception, Refused) and "Security" in str(told.exception)
    assert "city-finance" not in asyncio.run(state_of_open(kafka))
    assert list(tmp_path.iterdir()) == []


async def state_of_open(kafka: Kafka) -> set[str]:
    async with administering(kafka.access) as admin:
        return await users(admin)


@pytest.mark.infra
def test_a_password_that_lies_elsewhere_is_not_replaced_unasked(guarded: Kafka) -> None:
    kpk(guarded, *ADDED)
    file = password_file(secrets(guarded), "city-finance")
    kept = file.rename(file.with_suffix(".kept"))
    with pytest.raises(Refused, match="name its folder with --passwords, or rotate it"):
        kpk(guarded, *ADDED)
    kept.rename(file)
    assert may_read(guarded, FUNDING)


@pytest.mark.infra
@pytest.mark.parametrize("client", ["Python, FastStream", "Python, aiokafka"])
def test_the_printed_settings_connect(guarded: Kafka, client: str) -> None:
    printed = json.loads(kpk(guarded, *ADDED, "--json"))["settings"][client]

    async def connect() -> None:
        told: dict[str, Any] = {}
        exec(printed, told)  # noqa: S102  # our own words, as a subscriber runs them
        if "broker" in told:
            await told["broker"].start()
            await told["broker"].stop()
        else:
            async with told["consumer"] as consumer:
                assert await consumer.getone()

    asyncio.run(connect())
