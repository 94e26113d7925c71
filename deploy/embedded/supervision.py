"""A process that dies is named and started again, a few times with growing pauses, never endlessly."""

import asyncio
import time
from dataclasses import dataclass

from deploy.embedded.ending import Say
from deploy.embedded.program import Program, StartFailed
from deploy.embedded.stack import Stack

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
CALM_SECONDS = 60.0


@dataclass(slots=True)
class Patience:
    """How long to wait before the next start; None when it is enough. A minute of calm forgives all."""

    used: int = 0
    last: float = 0.0

    def next_pause(self, now: float) -> float | None:
        if now - self.last > CALM_SECONDS:
            self.used = 0
        if self.used >= len(PAUSES):
            return None
        self.used += 1
        pause = PAUSES[self.used - 1]
        self.last = now + pause
        return pause


async def supervise(stack: Stack, until: asyncio.Event) -> None:
    """Watches every process of the stack until told to stop; ends none itself."""
    watchers = [asyncio.create_task(watch(program, stack.say)) for program in stack.programs]
    await until.wait()
    for watcher in watchers:
        watcher.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)


async def watch(program: Program, say: Say) -> None:
    patience = Patience()
    while True:
        code = await program.died()
        say(f"{program.name} died with exit code {code}; its log: {program.log}")
        if not await revived(program, patience, say):
            say(f"{program.name} stays down after {len(PAUSES)} tries. Read its log, then: kpk down, kpk up")
            return


async def revived(program: Program, patience: Patience, say: Say) -> bool:
    while (pause := patience.next_pause(time.monotonic())) is not None:
        await asyncio.sleep(pause)
        try:
            await program.start()
        except StartFailed as failure:
            say(str(failure).splitlines()[0])
        else:
            say(f"{program.name} runs again")
            return True
    return False
