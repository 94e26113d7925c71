"""`kpk tokens make|list|add|revoke|rotate`: manages callers. The services see each change within a second."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from typer.core import TyperGroup

from deploy.embedded import tokens
from deploy.embedded.data_folder import Refused, default_folder
from deploy.kpk.installation import language
from deploy.kpk.options import AsJson
from deploy.kpk.stack import say
from deploy.kpk.tables import show_texts
from shared.kernel.identifiers import CallerName, ConferenceSlug
from shared.kernel.text import Line
from shared.kernel.time import iso
from shared.runtime.http.callers import EVERY, Account, CallerRole

Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="Where tokens.json and callers.json are; by default the data folder."),
]
Days = Annotated[int, typer.Option("--days", min=1, max=tokens.FIRST_DAYS, help="How long the token is valid.")]
Name = Annotated[str, typer.Argument(help="The account: a function, not a person's name.")]

TITLES = {
    "en": ("account", "role", "conferences", "state", "until", "changed", "why"),
    "de": ("Konto", "Rolle", "Konferenzen", "Zustand", "gültig bis", "geändert", "Grund"),
}
STATES = {
    "en": {"valid": "valid", "expired": "expired", "revoked": "revoked"},
    "de": {"valid": "gültig", "expired": "abgelaufen", "revoked": "widerrufen"},
}


class OrMake(TyperGroup):
    """`kpk tokens FOLDER` is the older form of `kpk tokens make FOLDER`, and stays."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if known else ["make", *args])


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(cls=OrMake, help="Manage the tokens of callers.")
    group.command()(make)
    group.command("list")(list_accounts)
    group.command()(add)
    group.command()(revoke)
    group.command()(rotate)
    app.add_typer(group, name="tokens")


def make(
    folder: Annotated[Path, typer.Argument(help="Where the two files are written.")] = Path("secrets"),
    conferences: Annotated[
        list[str] | None, typer.Option("--conference", help="Add accounts that act for this conference and no other.")
    ] = None,
) -> None:
    """Create the callers' first tokens, once, and the file of their hashes for the services."""
    for name in conferences or ():
        _must_be_a_conference(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tokens.make_tokens(folder, *(conferences or ()))
    say(f"{tokens.tokens_file(folder)} is for the callers: keep it. {tokens.callers_file(folder)} is for the services")


def list_accounts(folder: Folder = None, as_json: AsJson = False) -> None:
    """Show every account and the end of its token; never a token."""
    rows = [_told(one) for one in tokens.accounts_in(_in(folder))]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    spoken = language(os.environ.get("KPK_LANG"), "en")
    show_texts(TITLES[spoken], (_row(row, STATES[spoken]) for row in rows))


def _row(row: dict[str, Any], states: Mapping[str, str]) -> tuple[str, ...]:
    times = {name: row[name] and row[name][:10] for name in ("until", "changed")}
    shown = {**row, **times, "conferences": ", ".join(row["conferences"]), "state": states[row["state"]]}
    return tuple(value or "-" for value in shown.values())


def add(
    name: Name,
    role: Annotated[CallerRole, typer.Option(help="Its role.")],
    conferences: Annotated[
        list[str], typer.Option("--conference", help="A conference for which it acts; repeat. '*' means all.")
    ],
    days: Days = tokens.USUAL_DAYS,
    folder: Folder = None,
) -> None:
    """Add an account and create its token."""
    _must_be_a_name(name)
    for one in conferences:
        if one != EVERY:
            _must_be_a_conference(one)
    tokens.add(_in(folder), name, role, conferences, days)
    _say_where(name, folder)


def revoke(
    name: Name,
    why: Annotated[str, typer.Option(help="The reason. It is stored: write nothing about a person.")],
    folder: Folder = None,
) -> None:
    """Revoke an account's token. The account stays in the list."""
    try:
        reason = TypeAdapter[str](Line).validate_python(why)
    except ValidationError:
        raise typer.BadParameter("--why is one line of text") from None
    tokens.revoke(_in(folder), name, reason)
    say(f"{name} is revoked")


def rotate(name: Name, days: Days = tokens.USUAL_DAYS, folder: Folder = None) -> None:
    """Give an account a new token; the old one is invalid at once."""
    tokens.rotate(_in(folder), name, days)
    _say_where(name, folder)


def _in(folder: Path | None) -> Path:
    chosen = folder or default_folder()
    if not tokens.tokens_file(chosen).exists() and not tokens.callers_file(chosen).exists():
        raise Refused(
            f"{chosen} has no accounts: name another with --folder, or make the first: kpk tokens make FOLDER"
        )
    return chosen


def _say_where(name: str, folder: Path | None) -> None:
    say(f"the token of {name} is in {tokens.tokens_file(_in(folder))}")


def _told(account: Account) -> dict[str, Any]:
    state = "revoked" if account.revoked else "expired" if account.ended(datetime.now(UTC)) else "valid"
    return {
        "name": account.name,
        "role": account.role,
        "conferences": sorted(account.conferences),
        "state": state,
        "until": iso(account.until) if account.until else None,
        "changed": iso(account.changed) if account.changed else None,
        "why": account.why,
    }


def _must_be_a_conference(name: str) -> None:
    try:
        TypeAdapter[str](ConferenceSlug).validate_python(name)
    except ValidationError:
        raise typer.BadParameter(f"{name} is no conference: small letters, digits and hyphens, at most 40") from None


def _must_be_a_name(name: str) -> None:
    try:
        TypeAdapter[str](CallerName).validate_python(name)
    except ValidationError:
        raise typer.BadParameter(f"{name} is no account's name: small letters and digits, joined by - . or :") from None
