"""Personal links: signed permissions to answer for one appointment, without a login.

Everybody can read a link, but nobody else can create one (HMAC-SHA256, RFC 2104). Everybody who has it may answer. So
it belongs only in the one mail to that person, never in events or logs.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, ValidationError

from shared.kernel.identifiers import ConferenceSlug, PersonId, Slug
from shared.kernel.time import UtcTime
from shared.kernel.values import Value

SHORTEST_KEY = 32


class Invitee(Value):
    """Who is asked to come to one appointment of a session, and until when an answer is of use."""

    conference: ConferenceSlug
    session: Slug
    person: PersonId
    revision: Annotated[int, Field(ge=0)]
    """Which appointment of the session: another one after each move."""
    until: UtcTime


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """The first one signs; what any of them has signed is true: the one before stays while links with it are used."""

    keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= 2 or any(len(key) < SHORTEST_KEY for key in self.keys):
            raise ValueError(f"one or two keys, each of {SHORTEST_KEY} characters or more")

    def sign(self, invitee: Invitee) -> str:
        told = invitee.model_dump_json().encode()
        return f"{_written(told)}.{_written(_mac(self.keys[0], told))}"

    def read(self, token: str) -> Invitee | None:
        """None for what nobody here has signed. Whether it is still of use is for the reader to say.

        Of one link there is one spelling, so that whoever counts calls by it counts them all.
        """
        told, mac = (_bytes(part) for part in f"{token}.".split(".", 2)[:2])
        genuine = [hmac.compare_digest(_mac(key, told), mac) for key in self.keys]
        try:
            is_spelt_so = token == f"{_written(told)}.{_written(mac)}"
            return Invitee.model_validate_json(told) if any(genuine) and is_spelt_so else None
        except ValidationError:
            return None


def _mac(key: bytes, told: bytes) -> bytes:
    return hmac.digest(key, told, "sha256")


def _written(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError, ValueError):
        return b""
