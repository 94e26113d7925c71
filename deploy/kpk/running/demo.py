"""`kpk demo`: plays a whole conference on real servers, from the council paper to the proof of use."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deploy.demo.data import Data, read_data
from deploy.demo.office import NoAnswer, Office, Refusal
from deploy.demo.outcome import disagreements, read_back
from deploy.demo.page import write_page
from deploy.demo.play import Play
from deploy.demo.story import tell
from deploy.demo.summary import show
from deploy.embedded.data_folder import claim, default_folder, only_one
from deploy.embedded.stack import Stack
from deploy.embedded.supervision import supervise
from deploy.embedded.tokens import read_tokens
from deploy.kpk.running.up import INTERRUPTED, say_where_the_desk_is, started, told_to_stop, unless
from deploy.kpk.stack import say
from deploy.kpk.tables import console

Folder = Annotated[
    Path | None, typer.Option("--data", help="The demo's own folder, emptied first; by default .kpk-demo.")
]


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards.")] = False,
    data: Folder = None,
) -> None:
    """Play the conference of GRDrs 905/2023; exit status 1 if anything differs from the data file."""
    folder = (data or own_folder()).resolve()
    with only_one(folder):
        claim(folder, fresh=True)
        went_well = asyncio.run(run(Stack(folder, settable_clock=True, say=say), read_data(), keep))
    if went_well is None:
        raise typer.Exit(INTERRUPTED)
    if not went_well:
        raise typer.Exit(1)


def own_folder() -> Path:
    """Next to the stack's folder: `kpk up --fresh` must not empty a kept demo."""
    folder = default_folder()
    return folder.with_name(f"{folder.name}-demo")


async def run(stack: Stack, data: Data, keep: bool) -> bool | None:
    """None if it was interrupted: then nothing stays running, even with ``keep``."""
    stop = told_to_stop()
    if not await started(stack, stop):
        return None
    ended = asyncio.Event()
    watching = asyncio.create_task(supervise(stack, ended))
    try:
        return await unless(stop, played(stack, data))
    except (NoAnswer, Refusal) as trouble:
        console.print(f"! {trouble}", style="red")
        return False
    finally:
        ended.set()
        await watching
        await leave_or_stop(stack, keep and not stop.is_set())


async def played(stack: Stack, data: Data) -> bool:
    from deploy.kpk.histories.verify import verify_all  # noqa: PLC0415 - brings the drivers, needed only here

    mails, page = Path(stack.state.mail_folder), stack.data / "demo" / "conference.html"
    async with Office(stack.state.services, read_tokens(stack.data), data.conference.slug) as office:
        play = Play(data, office)
        await tell(play, console)
        outcome = await read_back(play, mails)
    verdict = await verify_all(stack.state)
    write_page(page, data, outcome)
    verified = "ok" if verdict.ok else f"{len(verdict.differences)} Unterschiede"
    troubles = [*disagreements(data, outcome), *verdict.differences]
    show(console, outcome, verdict.events | verdict.public, verified, troubles, mails, page)
    return not troubles


async def leave_or_stop(stack: Stack, keep: bool) -> None:
    if keep:
        stack.leave()
        say_where_the_desk_is(stack)
        say(f"everything runs on. Look: kpk status --data {stack.data}. End: kpk down --data {stack.data}")
    else:
        await stack.stop()
