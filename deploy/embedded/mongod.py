"""One real mongod, a journalling replica set of one (loopback only): majority writes survive a kill."""

from collections.abc import Sequence
from pathlib import Path

from deploy.embedded import parts, process
from deploy.embedded.mongo_guard import MongoGuard
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program
from shared.runtime.mongo import oplog
from shared.runtime.mongo.replica_set import is_primary_of_its_own

REPLICA_SET = "rs0"


class Mongod(Program):
    name = "mongod"

    def __init__(
        self, folder: Path, port: int | None = None, options: Sequence[str] = (), guard: MongoGuard | None = None
    ) -> None:
        """`options` come last on its command line. Without a `guard` everybody on this machine has all rights."""
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.options = options
        self.guard = guard
        super().__init__(self.folder / "mongod.log", [self.port])

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    async def prepare(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        if self.guard:
            self.guard.prepare()

    async def set_rights(self) -> None:
        if self.guard:
            await self.guard.apply(self._address)

    def command(self) -> Sequence[str | Path]:
        return [
            parts.mongod(),
            *("--replSet", REPLICA_SET, "--bind_ip", "127.0.0.1", "--port", str(self.port)),
            *("--dbpath", self._data, "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", str(oplog.MEGABYTES)),
            *("--setParameter", f"periodicNoopIntervalSecs={oplog.NOTE_SECONDS}"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # No other member can take over, so at the end it waits for none.
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
            "--nounixsocket",
            *(self.guard.options() if self.guard else ()),
            *self.options,
        ]

    async def is_ready(self) -> bool:
        own = self.guard.own if self.guard else {}
        return await process.port_is_open(self.port) and await is_primary_of_its_own(self._address, REPLICA_SET, own)

    @property
    def _address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"
