"""Options with the same meaning in every command for an installation; `installation()` reads them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.addresses import address_of
from shared.runtime.settings import KafkaProtocol

Language = Literal["de", "en"]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
WHERE = "Which installation"

Why = Annotated[
    str | None, typer.Option("--why", help="The reason. It is logged with the account: write nothing about a person.")
]
"""For acts of admins; ``reason_of`` asks for it at a terminal."""

OPTIONS: dict[str, Any] = {
    "profile": Annotated[
        str | None,
        typer.Option(help="An installation of `kpk profiles`; by default KPK_PROFILE.", rich_help_panel=WHERE),
    ],
    "bootstrap": Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Another broker of Kafka.", rich_help_panel=WHERE)
    ],
    "kafka_protocol": Annotated[
        KafkaProtocol | None, typer.Option(help="The protocol of the connection.", rich_help_panel=WHERE)
    ],
    "kafka_user": Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The Kafka user; `kpk rights` shows the rights.", rich_help_panel=WHERE),
    ],
    "kafka_password_file": Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file with that user's password.", rich_help_panel=WHERE)
    ],
    "kafka_ca_file": Annotated[
        Path | None, typer.Option(metavar="FILE", help="The CA of the broker's certificate.", rich_help_panel=WHERE)
    ],
    "mongo": Annotated[str | None, typer.Option(metavar="URI", help="Another MongoDB.", rich_help_panel=WHERE)],
    "url": Annotated[
        list[str] | None,
        typer.Option(metavar="SERVICE=URL", help="Another address of a service; repeat.", rich_help_panel=WHERE),
    ],
    "tokens": Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another file of callers' tokens.", rich_help_panel=WHERE)
    ],
    "lang": Annotated[
        Language | None,
        typer.Option(help="The language of events; by default KPK_LANG.", rich_help_panel=WHERE),
    ],
}


@dataclass(frozen=True, slots=True)
class Said:
    profile: str | None = None
    bootstrap: str | None = None
    kafka: dict[str, Any] = field(default_factory=dict)
    mongo: str | None = None
    urls: dict[str, str] = field(default_factory=dict)
    tokens: Path | None = None
    lang: Language | None = None

    @property
    def names_parts(self) -> bool:
        return bool(self.bootstrap or self.kafka or self.mongo or self.urls)

    def over(self, other: Said) -> Said:
        """These options, and the other's where these are missing."""
        return replace(other, **{one.name: value for one in fields(self) if (value := getattr(self, one.name))})


NOTHING = Said()
_said: ContextVar[Said] = ContextVar("said", default=NOTHING)


def said() -> Said:
    return _said.get()


def say_for_all(profile: str | None) -> None:
    """Options before the command's name."""
    _said.set(Said(profile=profile))


def somewhere(command: Callable[..., None]) -> Callable[..., None]:
    """The command with these options in addition to its own."""

    @wraps(command)
    def run(**given: Any) -> None:
        asked = {name: given.pop(name) for name in OPTIONS}
        with saying(_understood(**asked).over(said())):
            command(**given)

    own = inspect.signature(command, eval_str=True)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in OPTIONS.items()
    ]
    named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own.parameters.values()]
    run.__signature__ = own.replace(parameters=[*named, *added])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in [*named, *added]}
    return run


def reason_of(why: str | None) -> str:
    if why:
        return why
    if not sys.stdin.isatty():
        raise Refused("nothing was done: say --why REASON")
    return str(typer.prompt("Why? It is logged; nothing about a person"))


@contextmanager
def saying(asked: Said) -> Iterator[None]:
    before = _said.set(asked)
    try:
        yield
    finally:
        _said.reset(before)


def _understood(
    profile: str | None,
    bootstrap: str | None,
    mongo: str | None,
    url: list[str] | None,
    tokens: Path | None,
    lang: Language | None,
    **kafka: Any,
) -> Said:
    login = {name.removeprefix("kafka_"): value for name, value in kafka.items() if value}
    return Said(profile, bootstrap, login, mongo, dict(map(_url, url or [])), tokens, lang)


def _url(text: str) -> tuple[str, str]:
    service, _, url = text.partition("=")
    try:
        return service, address_of(service, url)
    except ValueError as error:
        raise Refused(f"--url is not understood: {error}") from None
