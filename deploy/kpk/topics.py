"""`kpk topics diff|apply`: the topics as declared and as the broker has them."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.stack import Data, running_state, say
from shared.runtime.kafka.topics import BrokerRefuses, apply_topics, differences

T = TypeVar("T")

Bootstrap = Annotated[
    str | None, typer.Option(help="HOST:PORT of a broker; by default KPK_KAFKA_BOOTSTRAP, else the running stack's.")
]


def add_to(app: typer.Typer) -> None:
    topics = typer.Typer(help="Compare and create the topics.", no_args_is_help=True)
    topics.command()(diff)
    topics.command()(apply)
    app.add_typer(topics, name="topics")


def diff(bootstrap: Bootstrap = None, data: Data = None) -> None:
    """Show where the broker's topics differ from the declared ones; exit status 1 if they do."""
    found = ask(differences(broker(bootstrap, data)))
    for difference in found:
        say(str(difference))
    if found:
        raise typer.Exit(1)
    say("all topics are as declared")


def apply(bootstrap: Bootstrap = None, data: Data = None) -> None:
    """Create the topics that are missing; what exists is left alone, and exit status is 1 if it differs."""
    at = broker(bootstrap, data)
    created = ask(apply_topics(at))
    for name in created:
        say(f"{name} created")
    if not created:
        say("no topic was missing")
    if left := ask(differences(at)):
        for difference in left:
            say(str(difference))
        raise typer.Exit(1)


def broker(bootstrap: str | None, data: Path | None) -> str:
    return bootstrap or os.environ.get("KPK_KAFKA_BOOTSTRAP") or running_state(data).kafka_bootstrap


def ask(question: Coroutine[None, None, T]) -> T:
    try:
        return asyncio.run(question)
    except BrokerRefuses as refusal:
        raise Refused(str(refusal)) from None
