"""`kpk tokens`: who may call, for a stack that is run elsewhere (containers)."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from deploy.embedded.tokens import callers_file, make_tokens, tokens_file
from deploy.kpk.stack import say
from shared.kernel.identifiers import ConferenceSlug

Folder = Annotated[Path, typer.Argument(help="Where the two files are written.")]
Conferences = Annotated[
    list[str] | None, typer.Option("--conference", help="Add accounts that act for this conference and no other.")
]


def add_to(app: typer.Typer) -> None:
    app.command()(tokens)


def tokens(folder: Folder = Path("secrets"), conferences: Conferences = None) -> None:
    """Make the callers' tokens, once, and the file of their hashes for the services."""
    for name in conferences or ():
        _must_be_a_conference(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_tokens(folder, *(conferences or ()))
    say(f"{tokens_file(folder)} is for the callers: keep it. {callers_file(folder)} is for the services")


def _must_be_a_conference(name: str) -> None:
    try:
        TypeAdapter[str](ConferenceSlug).validate_python(name)
    except ValidationError:
        raise typer.BadParameter(f"{name} is no conference: small letters, digits and hyphens, at most 40") from None
