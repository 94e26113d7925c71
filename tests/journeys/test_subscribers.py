"""The samples of `docs/subscribers` read what the demo left, over TLS and as a subscriber: what `kpk watch` tells.

In the middle they are killed; a duplicate, a gap, an unknown type, another conference and what is no event lie in the
topic.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded import process
from deploy.embedded.process import ROOT
from deploy.embedded.tokens import read_tokens
from deploy.kpk.services import service_called
from shared.contracts.envelope import Envelope, read_headers
from shared.contracts.registry import PUBLIC, STATE_NAMES
from shared.contracts.states.state import PublicState
from shared.contracts.topics import IN_PUBLIC, public_of, state_of
from shared.kernel.identifiers import derived_id, kind_of
from shared.runtime.kafka.groups import lags
from shared.runtime.kafka.producer import Producer
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from tests.journeys.conftest import Played
from tests.journeys.desk import Visitor
from tests.journeys.stack import RunningStack, kpk
from tests.kit.eventually import eventually
from tests.kit.foreign import java_program, node_program

pytestmark = [pytest.mark.journey, pytest.mark.foreign, pytest.mark.long, pytest.mark.timeout(1500)]

SAMPLES = ROOT / "docs" / "subscribers"
TOPIC = public_of("members").name
PAINTED = "kpk.members.public.SeatGroupPainted.v1"
CORRECTED = "kpk.members.public.SeatGroupCorrected.v1"
WITHIN = 300.0


@dataclass
class Sample:
    """A program that reads, in a folder of its own; killed and started again as often as wanted."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    running: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def file(self) -> Path:
        return self.folder / "events.tsv"

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        told = {**os.environ, **self.environment, "SUBSCRIBER_FILE": str(self.file)}
        self.running = process.launch(self.command, self.folder / "said.txt", told)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.running
        self.running.send_signal(how)
        return self.running.wait(60)

    def rows(self) -> list[list[str]]:
        text = self.file.read_text() if self.file.exists() else ""
        return [line.split("\t") for line in text.split("\n")[:-1]]

    def read(self) -> set[tuple[str, str]]:
        return {(row[0], row[1]) for row in self.rows()}

    def said(self, beginning: str) -> list[str]:
        return [line for line in (self.folder / "said.txt").read_text().splitlines() if line.startswith(beginning)]


@pytest.fixture(scope="module")
def city(played: Played, own_folder: Path) -> Iterator[RunningStack]:
    assert played.status == 0, played.said
    stack = RunningStack(own_folder / "data")
    shutil.copytree(played.folder, stack.folder)
    try:
        told = stack.kpk("up", "--detach", "--tls")
        assert told.returncode == 0, told.stdout + told.stderr
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="module")
def added(city: RunningStack) -> dict[str, Any]:
    reads = [word for service in IN_PUBLIC for word in ("--read", service)]
    told = city.kpk("subscriber", "add", "library", *reads, "--public-only", "--json")
    assert told.returncode == 0, told.stderr
    settings: dict[str, Any] = json.loads(told.stdout)
    return settings


@pytest.fixture(scope="module")
def samples(city: RunningStack, added: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder = tmp_path_factory.mktemp("samples")
    token = folder / "token"
    token.write_text(token_of(city, "reader"))
    over_http = {
        "FEED_URLS": ",".join(city.state.services[service] for service in IN_PUBLIC),
        "FEED_TOKEN_FILE": str(token),
        "FEED_CONFERENCE": "stuttgart",
        "SUBSCRIBER_TYPES": added["environment"]["SUBSCRIBER_TYPES"],
    }
    commands = {
        "python": [sys.executable, str(SAMPLES / "python" / "subscriber.py")],
        "node": ["node", str(node_program(SAMPLES / "node") / "subscriber.mjs")],
        "java": java_program(SAMPLES / "java" / "Subscriber.java"),
    }
    feed = Sample("feed", [sys.executable, str(SAMPLES / "python" / "feed.py")], folder / "feed", over_http)
    return [*(on_kafka(added, name, command, folder / name) for name, command in commands.items()), feed]


def on_kafka(added: Mapping[str, Any], group: str, command: Sequence[str], folder: Path) -> Sample:
    own = {"SUBSCRIBER_GROUP": f"city-library.{group}", "SUBSCRIBER_CONFERENCE": "stuttgart"}
    return Sample(group, command, folder, {**added["environment"], **own})


def token_of(city: RunningStack, name: str) -> str:
    words = ("tokens", "add", name, "--role", "subscriber", "--conference", "stuttgart")
    told = subprocess.run(
        [sys.executable, "-m", "deploy.kpk", *words, "--folder", str(city.folder)], cwd=ROOT, check=True, timeout=WITHIN
    )
    assert told.returncode == 0
    token: str = json.loads((city.folder / "tokens.json").read_text())[name]
    return token


async def test_a_newcomer_knows_at_once_what_is_so_now_and_goes_on(
    city: RunningStack, added: dict[str, Any], tmp_path: Path
) -> None:
    """Before anything is planted: what all public events together have left. A late older state changes nothing."""
    command = [sys.executable, str(SAMPLES / "python" / "present.py")]
    sample = on_kafka(added, "present", command, tmp_path / "present")
    expected = {key: told for key, told in (await folded(city)).items() if told[1]}
    assert len(expected) > 20
    try:
        sample.start()
        await eventually(lambda: present_in(sample) == expected, "it knows all", WITHIN)
        await say_an_older_one(city)
        sample.end(signal.SIGKILL)
        sample.file.unlink()
        sample.start()
        await eventually(lambda: present_in(sample) == expected, "it knows all again", WITHIN)
    finally:
        sample.end()


def present_in(sample: Sample) -> dict[str, tuple[int, Any]]:
    text = sample.file.read_text() if sample.file.exists() else ""
    return {one["stream"]: (one["sequence"], one["state"]) for one in map(json.loads, text.splitlines())}


async def folded(city: RunningStack) -> dict[str, tuple[int, Any]]:
    """By stream what the public events of Stuttgart leave, as the sample tells it."""
    states: dict[str, PublicState | None] = {}
    numbers: dict[str, int] = {}
    layers = {layer.decider.kind: layer for service in IN_PUBLIC for layer in service_called(service).public}
    async for batch in read_to_end(city.kafka_as("admin"), [public_of(service).name for service in IN_PUBLIC]):
        for record in batch:
            envelope = read_headers(record.headers)
            event = PUBLIC[envelope.type].model_validate_json(record.value or b"")
            if envelope.conference == "stuttgart" and envelope.sequence > numbers.get(envelope.stream, 0):
                keeps = layers[kind_of(envelope.stream)].keeps
                states[envelope.stream] = keeps(states.get(envelope.stream), event)
                numbers[envelope.stream] = envelope.sequence
    return {stream: (numbers[stream], state and as_told(state)) for stream, state in states.items()}


def as_told(state: PublicState) -> dict[str, Any]:
    return {"type": STATE_NAMES[type(state)], **state.model_dump(mode="json")}


async def say_an_older_one(city: RunningStack) -> None:
    """Behind the newest of the same key, as a relay that was held up says it; and what is no state."""
    topic = state_of("members").name
    records = [record async for batch in read_to_end(city.kafka_as("admin"), [topic]) for record in batch]
    [older, *_] = [one for one in records if b"/conference/" in (one.key or b"")]
    producer = Producer(**city.kafka_as("members").options(), enable_idempotence=True)
    await producer.start()
    for value, headers in ((older.value, older.headers), (b"what is this?", ())):
        await producer.send_and_wait(topic, value, older.key, headers=[(name, one or b"") for name, one in headers])
    await producer.end()


async def test_all_read_what_is_watched_each_once_also_when_killed_in_between(
    city: RunningStack, samples: list[Sample]
) -> None:
    try:
        for sample in samples:
            sample.start()
        for sample in samples:
            await eventually(sample.rows, f"{sample.name} has begun", WITHIN)
            sample.end(signal.SIGKILL)
            with sample.file.open("ab") as file:
                file.write(b"half a l")
        gap, painted = await plant(city)
        for sample in samples:
            sample.start()
        watched = await everything_watched(city, painted)
        for sample in samples:
            await eventually(partial(has_read, sample, watched), f"{sample.name} has read all", WITHIN)
    finally:
        for sample in samples:
            sample.end()
    for sample in samples:
        assert sample.read() == watched, sample.name
        assert len(ids(sample)) == len(set(ids(sample))), f"{sample.name} has each once"
        assert [row[1] for row in sample.rows() if row[5] == "skipped"] == [PAINTED]
        assert {row[0] for row in sample.rows() if row[5] == "taken"} == {one for one, _ in watched} - {painted}
        assert len(sample.said("gap: ")) == 1 and gap in sample.said("gap: ")[0], sample.name
        assert sample.name == "feed" or sample.said("no event: "), "what is no event was passed over, and said"
    with Visitor(city.state.services["office"], read_tokens(city.folder)["admin"]) as operator:
        page = operator.text("/operator")
    groups = [one.environment["SUBSCRIBER_GROUP"] for one in samples if one.name != "feed"]
    assert groups and all(f">{group}</td>" in page for group in groups), "the operator sees how far each is behind"


def ids(sample: Sample) -> list[str]:
    return [row[0] for row in sample.rows()]


async def plant(city: RunningStack) -> tuple[str, str]:
    """What a topic may hold. The stream in which something is missing, and the id of what nobody knows."""
    last = await last_corrected(city)
    headers = dict(last.headers)
    stream, sequence = (last.key or b"").decode(), int(headers["ce_sequence"] or b"")
    beyond, painted = envelope(stream, CORRECTED, sequence + 5), envelope(stream, PAINTED, sequence + 6)
    elsewhere = envelope(stream.replace("stuttgart", "ulm"), CORRECTED, 1)._replace(conference="ulm")
    value = json.dumps({"group": "x", "name": "Ä\u2028\n", "number": 7}, ensure_ascii=False).encode()
    producer = Producer(**city.kafka_as("members").options(), enable_idempotence=True)
    await producer.start()

    async def say(value: bytes | None, headers: Sequence[tuple[str, bytes]], key: str = stream) -> None:
        await producer.send_and_wait(TOPIC, value, key.encode(), headers=list(headers))

    await say(last.value, [(name, one or b"") for name, one in last.headers])
    await say(b"what is this?", [])
    await say(None, [("ce_id", b"\xff"), ("ce_sequence", b"many")])
    await say(value, (*elsewhere.headers(), ("ce_previous", b"0")), elsewhere.stream)
    await say(value, (*beyond.headers(), ("ce_previous", str(sequence + 3).encode())))
    await say(b"{}", (*painted.headers(), ("ce_previous", str(sequence + 5).encode())))
    await producer.end()
    return stream, painted.id


def envelope(stream: str, type_name: str, sequence: int) -> Envelope:
    own = derived_id("planted", f"{stream}:{sequence}")
    return Envelope(
        own, type_name, "urn:kpk:members", stream, datetime(2025, 3, 1, tzinfo=UTC), sequence, "stuttgart", own, own
    )


async def last_corrected(city: RunningStack) -> KafkaRecord:
    """The newest record of some stream of seat groups."""
    found = [
        record
        async for batch in read_to_end(city.kafka_as("members"), [TOPIC])
        for record in batch
        if b"/seat-group/" in (record.key or b"")
    ]
    return [record for record in found if record.key == found[-1].key][-1]


async def everything_watched(city: RunningStack, last: str) -> set[tuple[str, str]]:
    """As `kpk watch` tells it from the beginning until that one has come."""
    out = city.folder / "watched.jsonl"
    words = ("watch", "--public", "--since", "start", "--conference", "stuttgart", "--json")
    watching = process.launch(kpk(city.folder, *words), out)
    try:
        await eventually(lambda: last in out.read_text(), "it is watched", WITHIN)
        await eventually(lambda: out.read_text().endswith("\n"), "whole lines", WITHIN)
    finally:
        watching.terminate()
        watching.wait(30)
    told = [json.loads(line) for line in out.read_text().split("\n")[:-1]]
    return {(one["id"], one["type"]) for one in told}


async def test_again_from_the_beginning_is_another_group_and_doubles_nothing(
    city: RunningStack, samples: list[Sample], added: dict[str, Any]
) -> None:
    """After the test above: each has read everything."""
    done = [sample for sample in samples if sample.name != "feed"]
    before = {sample.name: (sample.file.read_bytes(), sample.read()) for sample in done}
    for name, elsewhere in (("again", True), ("over", False)):
        readers = {
            one.name: beside(added, one, name, one.folder.with_name(f"{one.name}-{name}") if elsewhere else one.folder)
            for one in done
        }
        try:
            for reader in readers.values():
                reader.start()
            await eventually(partial(are_at_the_end, city, list(readers.values())), f"{name}: all is read", WITHIN)
        finally:
            for reader in readers.values():
                reader.end()
        assert {one: reader.read() for one, reader in readers.items()} == {
            one: ids_ for one, (_, ids_) in before.items()
        }
    assert {sample.name: sample.file.read_bytes() for sample in done} == {
        name: text for name, (text, _) in before.items()
    }


def beside(added: Mapping[str, Any], sample: Sample, name: str, folder: Path) -> Sample:
    return on_kafka(added, f"{sample.name}-{name}", sample.command, folder)


def has_read(sample: Sample, all_: set[tuple[str, str]]) -> bool:
    return sample.read() >= all_


async def are_at_the_end(city: RunningStack, samples: Sequence[Sample]) -> bool:
    """Each group has committed something, and nothing is left on any partition."""
    behind = await lags(city.state.kafka, "city-library.")
    return all(behind.get(sample.environment["SUBSCRIBER_GROUP"]) == 0 for sample in samples)


def test_the_printed_settings_of_node_and_java_connect(
    city: RunningStack, added: dict[str, Any], tmp_path: Path
) -> None:
    script = node_program(SAMPLES / "node") / "printed.mjs"
    script.write_text(added["settings"]["Node, kafkajs"] + "await consumer.disconnect();\nconsole.log('read');\n")
    properties, source = tmp_path / "consumer.properties", tmp_path / "Printed.java"
    properties.write_text(added["settings"]["Java, consumer.properties"])
    source.write_text(PRINTED)
    for command in (["node", str(script)], [*java_program(source), str(properties), TOPIC]):
        told = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)
        assert told.returncode == 0 and told.stdout.endswith("read\n"), told.stdout + told.stderr


PRINTED = """\
import java.io.FileReader;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public final class Printed {
    public static void main(String[] words) throws Exception {
        Properties told = new Properties();
        told.load(new FileReader(words[0]));
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(told, bytes, bytes)) {
            consumer.subscribe(List.of(words[1]));
            while (consumer.poll(Duration.ofSeconds(1)).isEmpty()) {}
            System.out.println("read");
        }
    }
}
"""
