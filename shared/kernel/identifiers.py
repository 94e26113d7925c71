"""Identifiers: readable slugs, opaque ids for people, stream names, and ids derived from other ids."""

from __future__ import annotations

from hashlib import sha1
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

LONGEST_SLUG = 80

Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=LONGEST_SLUG),
    Field(description="Kurzname aus Kleinbuchstaben, Ziffern und einzelnen Bindestrichen, z. B. plenum-2024-1"),
]
ConferenceSlug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40),
    Field(description="Kurzname aus Kleinbuchstaben, Ziffern und einzelnen Bindestrichen, z. B. stuttgart"),
]
CallerName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-:.][a-z0-9]+)*$", max_length=80)]
STREAM = r"[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+"
"""How the name of any stream is spelt: its conference, kind and key."""

StreamPosition = Annotated[str, StringConstraints(pattern=rf"^{STREAM}:[1-9][0-9]{{0,15}}$")]
"""``stuttgart/seat-group/hospitals:4``: a stream's fourth event."""

Uuid = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
    Field(description="Kennung (UUID) in Kleinbuchstaben, z. B. 0b6f9c1e-5d0f-4f0e-9b57-0a5d0c5b9e21"),
]
PersonId = Uuid
"""Opaque: says nothing about the person, and nothing but the members service knows more."""

_DERIVED = UUID("6f1c2c1e-3f0b-5d3a-9b57-0a5d0c5b9e21").bytes


def stream_name(conference: str, kind: str, key: str) -> str:
    """``stuttgart/seat-group/hospitals``: the tenant first, so that one conference's streams stand together."""
    return f"{conference}/{kind}/{key}"


def conference_of(stream: str) -> str:
    return stream.partition("/")[0]


def kind_of(stream: str) -> str:
    return stream.split("/")[1]


def derived_id(*parts: str) -> str:
    """The same parts always give the same id (RFC 9562, version 5), so a repeated reaction repeats its command id.

    As ``str(uuid5(…))`` and in a third of its time: a command has four of them, a mail many more.
    """
    hashed = sha1(_DERIVED + "\n".join(parts).encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(hashed[16], 16) & 3]
    return f"{hashed[:8]}-{hashed[8:12]}-5{hashed[13:16]}-{variant}{hashed[17:20]}-{hashed[20:32]}"
