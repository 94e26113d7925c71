"""An event loop in virtual time, whose processes can be stopped at any await, and killed as by a power cut.

Everything that a process does runs in a context that names it. What a stopped process would do next is held back until
it goes on; what a killed one would do next never happens: no ``finally``, no ``except``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from heapq import heappop, heappush
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Args = TypeVarTuple("Args")

PROCESS: ContextVar[Process | None] = ContextVar("PROCESS", default=None)
SERVERS = Context()
"""Where the models' own work runs: no process's end ends it."""


class NothingLeftToDo(Exception):
    """Everybody waits for somebody: nothing would ever happen again."""


class Process:
    """One life of one of our processes. A restart is a new one with the same name."""

    def __init__(self, loop: VirtualLoop, name: str) -> None:
        self._loop = loop
        self.name = name
        self.running = True
        self.killed = False
        self.held: list[asyncio.Handle] = []
        loop.processes.append(self)

    @property
    def context(self) -> Context:
        context = Context()
        context.run(PROCESS.set, self)
        return context

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        return self._loop.create_task(work, context=self.context)

    def stop(self) -> None:
        self.running = False

    def go_on(self) -> None:
        if not self.killed:
            self.release()

    def kill(self) -> None:
        self.running, self.killed = False, True

    def release(self) -> None:
        self.running = True
        self._loop.soon.extend(self.held)
        self.held.clear()


class VirtualLoop(asyncio.BaseEventLoop):
    """Time passes only when nothing else is left to do, so a run depends on its seed alone and takes milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.soon: deque[asyncio.Handle] = deque()
        self.processes: list[Process] = []
        self.faults: list[BaseException] = []
        self._later: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self._number = 0

    def time(self) -> float:
        return self.now

    def call_soon(
        self, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self.soon.append(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Args], object],
        *args: *Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Args], object],
        *args: *Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._number += 1
        heappush(self._later, (when, self._number, handle))
        return handle

    def create_task(self, coro: Any, *, name: object = None, context: Context | None = None) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=str(name) if name else None, context=context)
        self._tasks.append(task)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A model that fails is kept, to be raised when the run is over. An answer that nobody hears is no fault."""
        if "handle" in context:
            self.faults.append(context["exception"])

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        asyncio._set_running_loop(self)
        try:
            main = self.create_task(work, context=Context())
            while not (main.done() or self.faults):
                self._step()
            if self.faults:
                raise self.faults[0]
            result: T = main.result()
            return result
        finally:
            self._end_everything()
            asyncio._set_running_loop(None)
            self.close()

    def _step(self) -> None:
        if self.soon:
            handle: asyncio.Handle = self.soon.popleft()
        elif self._later:
            self.now, _, handle = heappop(self._later)
        else:
            raise NothingLeftToDo
        if handle._cancelled:
            return
        process = handle._context.get(PROCESS)  # type: ignore[attr-defined]
        if process is None or process.running:
            handle._run()
        else:
            process.held.append(handle)

    def _end_everything(self) -> None:
        """The run has been judged: now also what was killed may end in good order. ``wait_for`` may overhear once."""
        while alive := [task for task in self._tasks if not task.done()]:
            for task in alive:
                task.cancel()
            for process in self.processes:
                process.release()
            self._step()
            while self.soon:
                self._step()
        for task in self._tasks:
            if not task.cancelled():
                task.exception()
