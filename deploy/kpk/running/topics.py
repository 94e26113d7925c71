"""`kpk topics diff|apply`: compares the declared topics with those at the broker."""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from typing import TypeVar

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.installation import installation
from deploy.kpk.options import AsJson, somewhere
from deploy.kpk.stack import Data, say
from shared.runtime.kafka.topics import BrokerRefuses, Difference, apply_topics, differences

T = TypeVar("T")


def add_to(app: typer.Typer) -> None:
    topics = typer.Typer(help="Compare and create the topics.", no_args_is_help=True)
    topics.command()(somewhere(diff))
    topics.command()(somewhere(apply))
    app.add_typer(topics, name="topics")


def diff(data: Data = None, as_json: AsJson = False) -> None:
    """Show differences between the broker's topics and the declared ones; exit status 1 if there are any."""
    found = ask(differences(installation(data).kafka))
    show([], found, as_json, "all topics are as declared")
    if found:
        raise typer.Exit(1)


def apply(data: Data = None, as_json: AsJson = False) -> None:
    """Create missing topics; existing ones do not change; exit status 1 if they differ."""
    at = installation(data).kafka
    created = ask(apply_topics(at))
    left = ask(differences(at))
    show(created, left, as_json, "no topic was missing")
    if left:
        raise typer.Exit(1)


def show(created: Sequence[str], left: Sequence[Difference], as_json: bool, nothing: str) -> None:
    if as_json:
        typer.echo(json.dumps({"created": list(created), "differences": [asdict(one) for one in left]}, indent=2))
        return
    for line in [*(f"{name} created" for name in created), *map(str, left)] or [nothing]:
        say(line)


def ask(question: Coroutine[None, None, T]) -> T:
    try:
        return asyncio.run(question)
    except BrokerRefuses as refusal:
        raise Refused(str(refusal)) from None
