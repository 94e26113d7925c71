"""Python's own email policy for the wire (RFC 5322, RFC 2047), which does not do the same work for every mail anew."""

from __future__ import annotations

from email.headerregistry import HeaderRegistry
from email.policy import EmailPolicy
from functools import lru_cache
from typing import Any

OF_ONE_MAIL = frozenset({"to", "date", "message-id"})
"""Never remembered: no other mail has them, and a recipient is to be forgotten."""


class Kinds(HeaderRegistry):
    """Python makes the class of a header anew for every header."""

    @lru_cache(maxsize=64)  # noqa: B019 - there is one registry, for as long as the process lives
    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)


class Remembering(EmailPolicy):
    """To parse and fold headers takes longer than all else that a mail needs, and most are the same in every mail."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        is_known = isinstance(value, str) and name.lower() not in OF_ONE_MAIL
        return _parsed(name, value) if is_known else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return super().fold_binary(name, value) if name.lower() in OF_ONE_MAIL else _folded(name, value)


WIRE = Remembering(header_factory=Kinds(), linesep="\r\n")


@lru_cache(maxsize=256)
def _parsed(name: str, value: str) -> tuple[str, Any]:
    return EmailPolicy.header_store_parse(WIRE, name, value)


@lru_cache(maxsize=256)
def _folded(name: str, value: Any) -> bytes:
    return EmailPolicy.fold_binary(WIRE, name, value)
