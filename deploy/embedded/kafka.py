"""One real Kafka broker (KRaft, loopback only). Acknowledged records survive a restart."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from deploy.embedded import parts, process
from deploy.embedded.guard import OPEN, Guard, must_not_be_open
from deploy.embedded.kafka_storage import keep_checkpoint, lay_out, random_id
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program, StartFailed
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.probe import answers_metadata

LOG_SETTINGS = Path(__file__).with_name("kafka-log4j2.properties")

# A small heap and only the quick compiler: a broker for one machine, ready in a second.
JAVA_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Xlog:disable",  # messages of the AOT cache
    "-Xlog:all=error",
    f"-Dlog4j2.configurationFile={LOG_SETTINGS}",
)

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
log.dirs={data}

# Topics are declared, never born of a typing error; what was said is kept for ever.
auto.create.topics.enable=false
log.retention.ms=-1
offsets.retention.minutes=5256000
log.message.timestamp.type=LogAppendTime

# One broker: everything is kept once. Few partitions for the internal topics: a quick start.
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0

# After a kill the controller gives the name back when the session has run out: 2 s, not 9.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=400

# The default of 128 MB would be half of the heap.
log.cleaner.dedupe.buffer.size=8388608
"""


class Kafka(Program):
    name = "kafka"
    patience = 25.0

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        controller_port: int | None = None,
        heap: str = "256m",
        learn: Path | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
        cluster: str | None = None,
        guard: Guard | None = None,
    ) -> None:
        """With `learn`, the Java runtime writes there what it has learned in this run, when it stops.

        `settings` replace ours, by Kafka's names; brokers of one cluster get its id (`random_id`). Without a `guard`
        everybody on this machine has all rights.
        """
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.controller_port = controller_port or free_port()
        self.heap = heap
        self.learn = learn
        self.settings = settings
        self.cluster = cluster or random_id()
        self.guard = guard
        internal = [guard.internal_port] if guard else []
        super().__init__(self.folder / "kafka.log", [self.port, self.controller_port, *internal])

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def access(self) -> KafkaAccess:
        """As a user with all rights."""
        return self.guard.own if self.guard else KafkaAccess(self.bootstrap)

    async def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self._all_settings()
        must_not_be_open(settings)
        self._settings.write_text(settings)
        if self.guard:
            self.guard.prepare()
        if not self._has_run():
            await self._format()

    async def set_rights(self) -> None:
        if self.guard:
            await self.guard.apply(self.ready_within)

    def command(self) -> Sequence[str | Path]:
        return [*self._java(), *self._learning(), "kafka.Kafka", self._settings]

    async def is_ready(self) -> bool:
        """With a guard, `set_rights` repeats until the rights are set."""
        if self.guard:
            return await process.port_is_open(self.guard.internal_port)
        return await process.port_is_open(self.port) and await answers_metadata(self.access)

    def _all_settings(self) -> str:
        """If a setting appears twice, Kafka takes the last."""
        own = SETTINGS.format(controller_port=self.controller_port, data=self._data)
        listeners = (
            self.guard.settings(self.port, self.controller_port)
            if self.guard
            else OPEN.format(port=self.port, controller=self.controller_port)
        )
        return own + listeners + "".join(f"{name}={value}\n" for name, value in self.settings.items())

    def _has_run(self) -> bool:
        """A broker's first start makes folders. Before it there are only files, perhaps of an interrupted format."""
        return self._data.exists() and any(entry.is_dir() for entry in self._data.iterdir())

    async def _format(self) -> None:
        """Always from the beginning: an interrupted format is useless."""
        shutil.rmtree(self._data, ignore_errors=True)
        if parts.checkpoint().exists():
            lay_out(self._data, parts.checkpoint(), self.cluster, self.settings.get("node.id", "1"))
        else:
            await self._format_by_tool()

    async def _format_by_tool(self) -> None:
        log = self.folder / "format.log"
        given = ("-t", self.cluster, "-c", self._settings)
        child = process.launch([*self._java(), "kafka.tools.StorageTool", "format", *given], log)
        try:
            await process.holds(lambda: child.poll() is not None, self.ready_within)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        if child.returncode != 0:
            last = process.last_lines(log)
            raise StartFailed(f"kafka's storage was not formatted. The end of {log}:\n{last}")
        keep_checkpoint(self._data, parts.checkpoint())

    def _java(self) -> list[str | Path]:
        class_path = ":".join(str(jar) for jar in parts.jars())
        known = [f"-XX:AOTCache={parts.aot_cache()}"] if parts.aot_cache().exists() else []
        return [parts.java(), f"-Xmx{self.heap}", *JAVA_OPTIONS, *known, "-cp", class_path]

    def _learning(self) -> list[str]:
        return [f"-XX:AOTCacheOutput={self.learn}"] if self.learn else []

    @property
    def _settings(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _data(self) -> Path:
        return self.folder / "data"
