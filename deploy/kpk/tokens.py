"""`kpk tokens`: who may call, for a stack that is run elsewhere (containers)."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded.tokens import callers_file, make_tokens, tokens_file
from deploy.kpk.stack import say

Folder = Annotated[Path, typer.Argument(help="Where the two files are written.")]


def add_to(app: typer.Typer) -> None:
    app.command()(tokens)


def tokens(folder: Folder = Path("secrets")) -> None:
    """Make the callers' tokens, once, and the file of their hashes for the services."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_tokens(folder)
    say(f"{tokens_file(folder)} is for the callers: keep it. {callers_file(folder)} is for the services")
