"""`kpk up`: starts, watches and leaves the embedded stack. It needs the servers' programs on this machine."""

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from deploy.embedded.data_folder import Refused, claim, default_folder, named, only_one
from deploy.embedded.stack import Stack
from deploy.embedded.state import State
from deploy.embedded.supervision import supervise
from deploy.kpk.stack import Data, running_state, say

T = TypeVar("T")

INTERRUPTED = 130

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Restart only these: a service, kafka, mongod or mail.")
]
Ports = Annotated[list[str] | None, typer.Option(help="NAME=NUMBER, for instance members=8081; repeat.")]


def add_to(app: typer.Typer) -> None:
    app.command()(up)


def up(
    names: Names = None,
    data: Data = None,
    detach: Annotated[bool, typer.Option("--detach", help="Leave everything running and return.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Empty the data folder first.")] = False,
    settable_clock: Annotated[bool, typer.Option(help="Allow `PUT /admin/clock` to set the services' clock.")] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Clients connect to Kafka over TLS, with its own CA.")] = False,
    port: Ports = None,
) -> None:
    """Start Kafka, MongoDB, a mail sink and all services; run until Ctrl-C. With NAMES: restart these if dead."""
    folder = (data or default_folder()).resolve()
    if names:
        asyncio.run(start_again(running_state(folder), names))
        return
    with only_one(folder):
        claim(folder, fresh)
        stack = Stack(folder, settable_clock=settable_clock, ports=ports_of(port or []), say=say, tls=tls)
        say(f"starting on {folder}")
        if not asyncio.run(run(stack, detach)):
            raise typer.Exit(INTERRUPTED)


async def start_again(state: State, names: Sequence[str]) -> None:
    stack = Stack(
        Path(state.data), settable_clock=state.clock == "settable", say=say, joining=state, tls=state.kafka_has_tls
    )
    for name in names:
        if not await stack.start_again(name):
            say(f"{name} runs already")


async def run(stack: Stack, detach: bool) -> bool:
    """False if it was interrupted during the start."""
    stop = told_to_stop()
    if not await started(stack, stop):
        return False
    if detach:
        stack.leave()
        say_where_the_desk_is(stack)
        say(f"up. Look: kpk status{named(stack.data)}. End: kpk down{named(stack.data)}")
        return True
    say_where_the_desk_is(stack)
    say("up. Ctrl-C ends everything")
    await supervise(stack, stop)
    say("ending everything")
    await stack.stop()
    return True


def say_where_the_desk_is(stack: Stack) -> None:
    if address := stack.state.services.get("office"):
        say(f"the office's pages: {address}/desk/ (log in with a token of {stack.state.tokens_file})")


def told_to_stop() -> asyncio.Event:
    """Set by Ctrl-C, SIGTERM or a closed terminal; a second time changes nothing: it ends in order."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def started(stack: Stack, stop: asyncio.Event) -> bool:
    async def start() -> bool:
        await stack.start()
        return True

    return await unless(stop, start()) or False


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The result of the work, or None if it was cancelled. Raises the work's error, also during the cancellation."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not doing.done():
        say("ending what was started")
        doing.cancel()
        await asyncio.wait({doing})
    return None if doing.cancelled() else doing.result()


def ports_of(pairs: list[str]) -> dict[str, int]:
    ports: dict[str, int] = {}
    for pair in pairs:
        name, _, number = pair.partition("=")
        if not number.isdecimal() or not 0 < int(number) < 65536:
            raise Refused(f"--port {pair} is not understood: say for instance --port members=8081")
        ports[name] = int(number)
    return ports
