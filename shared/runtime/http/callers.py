"""Callers: a bearer token, stored only as its SHA-256, belongs to an account with a role and conferences."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints, TypeAdapter

from shared.kernel.identifiers import CallerName, ConferenceSlug
from shared.kernel.text import Line
from shared.kernel.time import UtcTime
from shared.kernel.values import LeftOut, Value

CallerRole = Literal["office", "approver", "admin", "monitor", "subscriber"]
"""``subscriber``: another system of the city, which may only read what is public."""


EVERY = "*"
"""The operator's own accounts act for every conference of the installation."""


class Account(Value):
    name: CallerName
    role: CallerRole
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    conferences: frozenset[ConferenceSlug | Literal["*"]] = frozenset({EVERY})
    """Accounts in a file without conferences act for every one: such a file is one operator's."""
    until: LeftOut[UtcTime | None] = None
    """The end of its token. Only files from before this field have none."""
    revoked: LeftOut[UtcTime | None] = None
    """The time of its revocation. The row stays, so that its name is not used again by chance."""
    changed: LeftOut[UtcTime | None] = None
    why: LeftOut[Line | None] = None
    """The reason of the last change. It must not say anything about a person."""

    def ended(self, now: datetime) -> bool:
        return self.revoked is not None or (self.until is not None and self.until <= now)


@dataclass(frozen=True, slots=True)
class Caller:
    """``name`` is stored with every act of the caller: configure functional accounts, not people's names."""

    name: str
    role: CallerRole
    conferences: frozenset[str] = frozenset({EVERY})

    def acts_for(self, conference: str) -> bool:
        return self.acts_everywhere or conference in self.conferences

    @property
    def acts_everywhere(self) -> bool:
        return EVERY in self.conferences


class Callers:
    """Nobody is admitted by default: a token that is unknown, revoked or expired is nobody's."""

    def __init__(self, accounts: list[Account]) -> None:
        self._by_hash: Mapping[str, Account] = {account.sha256: account for account in accounts}

    def who(self, token: str) -> Caller | None:
        account = self._by_hash.get(hash_of(token))
        if account is None or account.ended(datetime.now(UTC)):
            return None
        return Caller(account.name, account.role, account.conferences)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _each_token_once(accounts: list[Account]) -> list[Account]:
    if len({account.sha256 for account in accounts}) < len(accounts):
        raise ValueError("one token is two accounts'")
    return accounts


ACCOUNTS = TypeAdapter(Annotated[list[Account], AfterValidator(_each_token_once)])
"""The content of the file of callers."""


def read_accounts(file: Path) -> list[Account]:
    """Raises ``ValidationError`` or ``OSError``."""
    return accounts_in(file.read_bytes())


def accounts_in(content: bytes) -> list[Account]:
    """What a file of callers holds. Raises ``ValidationError``."""
    return ACCOUNTS.validate_json(content)
