"""A server that we start, identify, restart on the same folder, and stop; always by its own identity."""

import asyncio
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.embedded import process
from deploy.embedded.data_folder import Refused
from deploy.embedded.ports import is_free
from deploy.embedded.process import Identity

TELL_SECONDS = 10.0


class StartFailed(Refused):
    """A server did not start; the message ends with its last lines of output."""


class Program(ABC):
    name: str
    ready_within = 300.0
    """Seconds for a start on a busy machine. A server that ends is not waited for."""
    patience = 15.0

    def __init__(self, log: Path, ports: Sequence[int]) -> None:
        self.log = log
        self.ports = list(ports)
        self.identity: Identity | None = None
        self.on_launch: Callable[[], None] = lambda: None
        self.on_waiting: Callable[[float], None] = lambda _seconds: None
        """Told every ten seconds how long it has been starting."""
        self._child: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> Sequence[str | Path]: ...

    @abstractmethod
    async def is_ready(self) -> bool: ...

    def environment(self) -> Mapping[str, str] | None:
        return None

    async def prepare(self) -> None:
        """Everything that has to exist before the first start; repeated, it changes nothing."""

    async def set_rights(self) -> None:
        """Sets the rights on a running server, also with a folder of another version, or an emptied one."""

    @property
    def pid(self) -> int | None:
        return self.identity.pid if self.identity and self.is_running else None

    @property
    def is_running(self) -> bool:
        return self.identity is not None and process.is_alive(self.identity)

    @property
    def exit_code(self) -> int | None:
        return self._child.poll() if self._child else None

    async def start(self) -> None:
        """Returns when the server answers and all rights are set. A running server is left alone."""
        if self.is_running:
            return
        self._refuse_taken_ports()
        await self.prepare()
        try:
            self._launch()
            await self._answer()
            await self.set_rights()
        except BaseException:
            await self.kill()
            raise

    async def stop(self) -> None:
        if self.identity:
            await process.end(self.identity, self.patience)
        self._forget()

    async def kill(self) -> None:
        """SIGKILL, like a power cut."""
        if self.identity:
            await process.kill(self.identity)
        self._forget()

    async def died(self) -> int:
        """Returns the exit code once the process is gone."""
        while not await process.holds(lambda: self.exit_code is not None, within=60.0):
            continue
        return self.exit_code or 0

    def _refuse_taken_ports(self) -> None:
        """Otherwise another server would answer in place of ours."""
        for port in self.ports:
            if not is_free(port):
                raise StartFailed(f"{self.name} cannot start: port {port} is taken by another process")

    def _launch(self) -> None:
        self._child = process.launch(self.command(), self.log, self.environment())
        self.identity = process.identity(self._child.pid)
        self.on_launch()

    async def _answer(self) -> None:
        began = told = time.monotonic()
        while not await process.answers(self.is_ready):
            now = time.monotonic()
            if not self.is_running:
                raise self._failed(f"ended at once with exit code {self.exit_code}")
            if now - began > self.ready_within:
                raise self._failed(f"did not answer within {self.ready_within:.0f} s")
            if now - told > TELL_SECONDS:
                told = now
                self.on_waiting(now - began)
            await asyncio.sleep(process.TICK_SECONDS)

    def _failed(self, how: str) -> StartFailed:
        return StartFailed(f"{self.name} {how}. The end of {self.log}:\n{process.last_lines(self.log)}")

    def _forget(self) -> None:
        if self._child:
            self._child.wait()
        self.identity = None
