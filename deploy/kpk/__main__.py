"""`kpk`: the operator's command. An error is one line that says what to do next, never a traceback."""

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Annotated

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk import (
    acts,
    events,
    histories,
    mail,
    open_points,
    options,
    parked,
    privacy,
    profiles,
    rebuild,
    replica_set,
    rights,
    roster,
    send,
    stack,
    subscriber,
    tokens,
    topics,
    trace,
    verify,
    watch,
)
from deploy.kpk.trouble import way_out

app = typer.Typer(
    help="Run and look after the care conference's services.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"kpk {installed_version()}")
        raise typer.Exit


def installed_version() -> str:
    try:
        return version("pflegekonferenz-bus")
    except PackageNotFoundError:  # run from its folder, as the container image does
        return "(not installed)"


@app.callback()
def kpk(
    profile: Annotated[str | None, typer.Option(help="An installation of `kpk profiles`, for any command.")] = None,
    _: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Run and look after the care conference's services."""
    options.say_for_all(profile)


if find_spec("deploy.kpk.up"):  # the container image leaves out what starts servers of its own
    from deploy.kpk import demo, up

    up.add_to(app)
    demo.add_to(app)
SEEING = (
    stack,
    profiles,
    tokens,
    topics,
    replica_set,
    rights,
    subscriber,
    events,
    watch,
    send,
    roster,
    trace,
    mail,
    open_points,
)
MENDING = (acts, parked, rebuild, verify, histories, privacy)
for tool in (*SEEING, *MENDING):
    tool.add_to(app)


def main() -> None:
    try:
        app()
    except Refused as refusal:
        sys.exit(f"kpk: {refusal}")
    except Exception as error:
        if told := way_out(error):
            sys.exit(f"kpk: {told}")
        if os.environ.get("KPK_TRACE"):
            raise
        sys.exit(f"kpk: unexpected {type(error).__name__}: {error}. The same with KPK_TRACE=1 shows where.")


if __name__ == "__main__":
    main()
