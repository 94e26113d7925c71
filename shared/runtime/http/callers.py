"""Who calls: a bearer token, known by its SHA-256 only, names an account, its role and the conferences it acts for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints, TypeAdapter

from shared.kernel.identifiers import CallerName, ConferenceSlug
from shared.kernel.values import Value

CallerRole = Literal["office", "approver", "admin", "monitor"]


EVERY = "*"
"""The operator's own accounts act for every conference of the installation."""


class Account(Value):
    name: CallerName
    role: CallerRole
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    conferences: frozenset[ConferenceSlug | Literal["*"]] = frozenset({EVERY})
    """A file from before accounts named their conferences is one operator's, and goes on as it was."""


@dataclass(frozen=True, slots=True)
class Caller:
    """``name`` is stored with what the caller does: configure functional accounts, not people's names."""

    name: str
    role: CallerRole
    conferences: frozenset[str] = frozenset({EVERY})

    def acts_for(self, conference: str) -> bool:
        return self.acts_everywhere or conference in self.conferences

    @property
    def acts_everywhere(self) -> bool:
        return EVERY in self.conferences


class Callers:
    """Nobody is let in by default: an unknown token is nobody."""

    def __init__(self, accounts: list[Account]) -> None:
        self._by_hash: Mapping[str, Caller] = {
            account.sha256: Caller(account.name, account.role, account.conferences) for account in accounts
        }

    def who(self, token: str) -> Caller | None:
        return self._by_hash.get(hashlib.sha256(token.encode()).hexdigest())


def read_callers(file: Path) -> Callers:
    """Raises ``ValidationError`` or ``OSError``: a service that does not know its callers does not start."""
    return Callers(TypeAdapter(list[Account]).validate_json(file.read_bytes()))
