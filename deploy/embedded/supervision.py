"""Reports a process that dies and restarts it: a few times with growing pauses, never endlessly."""

import asyncio
import time
from dataclasses import dataclass

from deploy.embedded.data_folder import Refused, named
from deploy.embedded.ending import Say
from deploy.embedded.program import Program
from deploy.embedded.stack import Stack

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
CALM_SECONDS = 60.0


@dataclass(slots=True)
class Patience:
    """Seconds before the next start; None after too many. A minute without a failure starts the count again."""

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
    """Watches every process of the stack until told to stop; it ends none itself."""
    again = f"kpk up {{name}}{named(stack.data)}"
    watchers = [asyncio.create_task(watch(program, stack.say, again)) for program in stack.programs]
    await until.wait()
    for watcher in watchers:
        watcher.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)


async def watch(program: Program, say: Say, again: str) -> None:
    """``again`` is the command that restarts it by hand."""
    patience = Patience()
    while True:
        code = await program.died()
        say(f"{program.name} died with exit code {code}; its log: {program.log}")
        if not await revived(program, patience, say):
            by_hand = again.format(name=program.name)
            say(f"{program.name} stays down after {len(PAUSES)} tries. Read its log, then: {by_hand}")
            return


async def revived(program: Program, patience: Patience, say: Say) -> bool:
    while (pause := patience.next_pause(time.monotonic())) is not None:
        await asyncio.sleep(pause)
        try:
            await program.start()
        except (Refused, OSError) as failure:  # also a full disk, which may have space at the next try
            say(f"{program.name}: {str(failure).splitlines()[0]}")
        else:
            say(f"{program.name} runs again")
            return True
    return False
