"""A real broker: what it acknowledged is there after a stop, after a kill, and behind another port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from deploy.embedded import parts
from deploy.embedded.kafka import Kafka
from deploy.embedded.kafka_storage import lay_out
from deploy.embedded.program import StartFailed
from tests.kit.eventually import eventually

pytestmark = pytest.mark.infra


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Kafka]:
    broker = Kafka(tmp_path / "kafka")
    await broker.start()
    yield broker
    await broker.stop()


async def test_what_was_acknowledged_survives_a_stop(broker: Kafka) -> None:
    await say(broker, b"one")
    await broker.stop()
    assert broker.pid is None
    await broker.start()
    assert await heard(broker, 1) == [b"one"]


async def test_what_was_acknowledged_survives_a_kill(broker: Kafka) -> None:
    await say(broker, b"one")
    await broker.kill()
    await broker.start()
    await say(broker, b"two")
    assert await heard(broker, 2) == [b"one", b"two"]


async def test_another_object_takes_over_the_folder_behind_another_port(broker: Kafka) -> None:
    await say(broker, b"one")
    await broker.stop()
    other = Kafka(broker.folder)
    assert other.bootstrap != broker.bootstrap
    await other.start()
    try:
        assert await heard(other, 1) == [b"one"]
    finally:
        await other.stop()


async def test_a_format_that_was_broken_off_is_done_again_and_storage_with_records_never(tmp_path: Path) -> None:
    broker = Kafka(tmp_path / "kafka")
    data = broker.folder / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").write_text("version=1\n")
    await broker.start()
    try:
        await say(broker, b"one")
        before = (data / "meta.properties").read_text()
        await broker.stop()
        await broker.prepare()
        assert (data / "meta.properties").read_text() == before
    finally:
        await broker.stop()


async def test_a_storage_is_laid_out_as_kafkas_own_tool_formats_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "checkpoint", lambda: tmp_path / "checkpoint")
    formatted, laid_out = (Kafka(tmp_path / name, cluster="kOneAndTheSameClusterA") for name in ("tool", "ours"))
    await formatted.prepare()
    assert (tmp_path / "checkpoint").exists(), "what the tool made is kept"
    await laid_out.prepare()
    assert not (laid_out.folder / "format.log").exists(), "the tool is not asked again"
    assert in_storage(laid_out) == in_storage(formatted)


def test_a_storage_may_be_a_disk_of_its_own_which_nobody_can_remove(tmp_path: Path) -> None:
    disk, checkpoint = tmp_path / "disk", tmp_path / "checkpoint"
    disk.mkdir()
    checkpoint.write_bytes(b"features")
    lay_out(disk, checkpoint, cluster="kOneAndTheSameClusterA", node="1")
    assert (disk / "bootstrap.checkpoint").read_bytes() == b"features"


def in_storage(broker: Kafka) -> dict[str, object]:
    """All but which folder it is: that is by chance."""
    told = {file.name: file.read_bytes() for file in (broker.folder / "data").iterdir()}
    meta = dict(line.split("=", 1) for line in told.pop("meta.properties").decode().splitlines() if "=" in line)
    assert len(meta.pop("directory.id")) == len("kOneAndTheSameClusterA")
    return {**told, "meta.properties": meta}


async def test_a_tool_that_may_keep_nothing_formats_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "checkpoint", lambda: tmp_path / "nowhere" / "checkpoint")
    broker = Kafka(tmp_path / "kafka")
    await broker.prepare()
    assert in_storage(broker)


async def test_starting_a_running_broker_changes_nothing(broker: Kafka) -> None:
    before = broker.pid
    await broker.start()
    assert broker.pid == before


async def test_a_topic_is_never_born_of_a_typing_error(broker: Kafka) -> None:
    async with administrating(broker) as admin:
        described = await admin.describe_topics(["kpk.unheard-of"])
        assert described[0]["error_code"] == UnknownTopicOrPartitionError.errno
        assert "kpk.unheard-of" not in await admin.list_topics()


async def test_a_taken_port_is_refused_at_once(broker: Kafka, tmp_path: Path) -> None:
    second = Kafka(tmp_path / "second", port=broker.port)
    with pytest.raises(StartFailed, match=f"port {broker.port} is taken"):
        await second.start()


async def test_a_broker_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    broker = Kafka(tmp_path / "kafka", heap="1m")
    with pytest.raises(StartFailed, match=r"(?s)kafka.*heap"):
        await broker.start()
    assert broker.pid is None


async def say(broker: Kafka, word: bytes) -> None:
    async with administrating(broker) as admin:
        if "words" not in await admin.list_topics():
            await admin.create_topics([NewTopic("words", 1, 1)])
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait("words", word)


async def heard(broker: Kafka, count: int) -> list[bytes | None]:
    words: list[bytes | None] = []
    async with reader(broker) as consumer:

        async def listen() -> bool:
            words.extend([(await consumer.getone()).value])
            return len(words) == count

        await eventually(listen, f"{count} words are heard")
    return words


def reader(broker: Kafka) -> AIOKafkaConsumer:
    return AIOKafkaConsumer("words", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")


@asynccontextmanager
async def administrating(broker: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
