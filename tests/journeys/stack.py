"""A whole stack as its operator has it: `kpk` in processes of its own, and what the kernel knows of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from deploy.embedded import process
from deploy.embedded.kafka_secrets import login
from deploy.embedded.mongo_guard import with_key
from deploy.embedded.process import ROOT
from deploy.embedded.state import SUPERVISOR, ProcessRecord, State, read_state
from shared.contracts.topics import SERVICES
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.mongo.driver import Database, Document, connect
from tests.kit.eventually import eventually

COMMAND_SECONDS = 200.0


class RunningStack:
    """`kpk` on one data folder. What was started here, `kpk down` at the end included, ends here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.with_suffix(".log")
        self.ahead = timedelta()
        """How far its clocks were set ahead of the machine's."""
        self._supervisor: subprocess.Popen[bytes] | None = None

    @property
    def state(self) -> State:
        state = read_state(self.folder)
        assert state, f"nothing is running on {self.folder}"
        return state

    def kafka_as(self, user: str) -> KafkaAccess:
        """With the password of somebody else than the operator."""
        state = self.state
        assert state.kafka_secrets
        return KafkaAccess(state.kafka_bootstrap, **login(Path(state.kafka_secrets), user, state.kafka_protocol))

    def record(self, name: str) -> ProcessRecord:
        record = self.state.find(name)
        assert record, f"there is no {name}"
        return record

    def kpk(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command of the operator, to its end."""
        return subprocess.run(
            kpk(self.folder, *words),
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "240"},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    async def be_supervised(self) -> None:
        """Up, with somebody who starts again what dies; a stack that runs alone is ended and brought up anew."""
        state = read_state(self.folder)
        if state and (supervisor := state.find(SUPERVISOR)) and supervisor.is_alive:
            return
        self.down()
        self._supervisor = process.launch(kpk(self.folder, "up", "--settable-clock"), self.log)
        await self.said("up. Ctrl-C ends everything")

    async def said(self, words: str) -> None:
        await eventually(lambda: words in self.log.read_text(), f"{words!r} in what the supervisor says", within=60)

    def kill_supervisor(self) -> None:
        """As a power cut would, for it alone."""
        assert self._supervisor
        process.send(self.record(SUPERVISOR).identity, signal.SIGKILL)
        self._supervisor.wait(10)

    def down(self) -> None:
        told = self.kpk("down")
        assert told.returncode == 0, told.stderr
        if self._supervisor:
            self._supervisor.wait(10)

    def is_at_rest(self) -> bool:
        """Whether everything is published, and read by everybody."""
        told = self.kpk("status", "--json")
        services = json.loads(told.stdout)["services"].values()
        return all(one["unpublished"] == 0 and not any(one["lag"].values()) for one in services)

    async def projections(self) -> dict[str, list[Document]]:
        """Every document of every projection, with both names; one that is being built is one too many."""
        await eventually(self.is_at_rest, "everything is published and read", COMMAND_SECONDS)
        found: dict[str, list[Document]] = {}
        for service in SERVICES:
            async with self.database(service) as database:
                for name in await database.list_collection_names():
                    assert not name.startswith("rebuilt")
                    if name.startswith("view_"):
                        found[f"{service} {name}"] = [document async for document in database[name].find().sort("_id")]
        return found

    async def commits(self) -> dict[str, int]:
        """Everything that any journal holds, each with its number of events."""
        found: dict[str, int] = {}
        for service in SERVICES:
            async with self.database(service) as database:
                async for commit in database["journal"].find():
                    found[f"{service} {commit['_id']}"] = len(commit["events"])
        return found

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[Database]:
        """As the server itself: a test looks at, and spoils, what nobody else may."""
        assert self.state.mongo_secrets
        session = connect(with_key(self.state.mongo_uri, Path(self.state.mongo_secrets)), f"kpk_{service}")
        yield session.database
        await session.close()

    def mails(self) -> list[str]:
        """The Message-ID of every mail that the mail server took."""
        files = Path(self.state.mail_folder).glob("*.eml")
        return [str(message_from_bytes(file.read_bytes())["Message-ID"]) for file in files]


def kpk(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "deploy.kpk", *words, "--data", str(folder)]


def processes_naming(folder: Path) -> list[int]:
    """Every process of this machine that has the folder in its command line or its environment."""
    every = (entry for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return [int(entry.name) for entry in every if bytes(folder) in words_of(entry)]


def words_of(entry: Path) -> bytes:
    """Nothing for a process that has ended meanwhile, or that belongs to somebody else."""
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        return (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
    return b""
