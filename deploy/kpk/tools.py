"""The tools of `kpk`, one module each. Only the called one is imported: importing all takes two seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Annotated

import typer

from deploy.kpk import options

TOOLS: Mapping[str, Sequence[str]] = {
    "running.up": ("up",),
    "running.demo": ("demo",),
    "running.status": ("down", "status"),
    "profiles": ("profiles",),
    "access.tokens": ("tokens",),
    "running.topics": ("topics",),
    "running.replica_set": ("replica-set",),
    "access.rights": ("rights",),
    "access.subscriber": ("subscriber",),
    "stories.events": ("events",),
    "stories.watch": ("watch",),
    "commands.send": ("send",),
    "commands.roster": ("roster",),
    "stories.trace": ("trace",),
    "stories.mail": ("mail",),
    "histories.open_points": ("open",),
    "stories.acts": ("acts",),
    "histories.parked": ("parked",),
    "histories.rebuild": ("rebuild",),
    "histories.verify": ("verify",),
    "histories.recovery": ("republish", "recover"),
    "privacy.privacy": ("privacy",),
}
"""Commands by module, in the order in which help shows them."""

IMAGE_LACKS = ("running.up", "running.demo")
"""Missing in the container image: commands that start servers."""


def app_for(words: Sequence[str]) -> typer.Typer:
    """Only the tools that the command line names; all of them if it names none, as for help."""
    app = typer.Typer(
        help="Run and operate the services of the care conference.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(kpk)
    there = list(_there())
    for tool in [tool for tool in there if not set(TOOLS[tool]).isdisjoint(words)] or there:
        import_module(f"deploy.kpk.{tool}").add_to(app)
    return app


def _there() -> Iterator[str]:
    for tool in TOOLS:
        if tool not in IMAGE_LACKS or find_spec(f"deploy.kpk.{tool}"):
            yield tool


def show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"kpk {installed_version()}")
        raise typer.Exit


def installed_version() -> str:
    try:
        return version("pflegekonferenz-bus")
    except PackageNotFoundError:  # run from its folder, as in the container image
        return "(not installed)"


def kpk(
    profile: Annotated[str | None, typer.Option(help="An installation of `kpk profiles`, for any command.")] = None,
    _: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Run and operate the services of the care conference."""
    options.say_for_all(profile)
