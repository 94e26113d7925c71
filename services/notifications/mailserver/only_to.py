"""Whom an installation may write to: a test installation has real people on its roster, who must not hear of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from shared.contracts.people import EmailAddress

ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)
DOMAIN = re.compile(r"@(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", re.ASCII)
WAITS = "mails wait: their recipients are not in KPK_MAIL_ONLY_TO"


class OnlyTo:
    """``entries`` are addresses and, with an @ before them, domains; without entries nobody is allowed. Other mails
    wait.

    ``tell`` is called for the first mail that has to wait.
    """

    def __init__(self, entries: frozenset[str] | None, tell: Callable[[str], None] = lambda _: None) -> None:
        self._entries = entries
        self._tell = tell

    def allows(self, email: str) -> bool:
        if self._entries is None:
            return True
        name = email.casefold()
        allowed = name in self._entries or f"@{name.rpartition('@')[2]}" in self._entries
        if not allowed:
            self._tell(WAITS)
        return allowed


EVERYBODY = OnlyTo(None)


def entries_of(text: str | None) -> frozenset[str] | None:
    """Of ``a@example.org, @test.example``. Raises ``ValueError``."""
    if text is None:
        return None
    entries = frozenset(entry.casefold() for entry in re.split(r"[\s,;]+", text) if entry)
    for entry in entries:
        if not (DOMAIN.fullmatch(entry) or _is_address(entry)):
            raise ValueError("addresses like a@example.org and domains like @example.org, with commas; empty: nobody")
    return entries


def _is_address(entry: str) -> bool:
    try:
        ADDRESS.validate_python(entry)
    except ValidationError:
        return False
    return True
