"""Who is logged in: the browser has an id and nothing else, the token stays here.

It is stored encrypted with a key that is made of the id, and the id itself only as a hash: whoever reads the database
can neither act as somebody nor take over what they have open. A login ends when nobody has used it for half an hour,
after twelve hours in any case, when it is ended, and as soon as its token is nobody's any more.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from shared.declarations.projection import Document
from shared.runtime.mongo.driver import Collection

LOGINS = "logins"
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)
"""How often the use of a login is written down."""
SEEN_FOR, MOST_SEEN = timedelta(minutes=1), 20
"""Projections are usually less than a second behind. If one hangs for longer, a page with what is known is better than
none.
"""

HOW = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class Login:
    """``seen`` are the positions, by service, of this login's commands of the last minute."""

    token: str
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Logins:
    """One document for each. Times are those of the real clock, also while a demo has set its own."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def begin(self, token: str) -> str:
        """The id for the browser. Ended logins are deleted."""
        cookie, now = secrets.token_urlsafe(32), datetime.now(UTC)
        await self._collection.delete_many({"ends": {"$lt": now}})
        sealed = jwe.encrypt_compact(HOW, token.encode(), _key(cookie))
        await self._collection.insert_one(
            {"_id": _id(cookie), "token": sealed, "ends": now + IDLE, "last": now + LONGEST}
        )
        return cookie

    async def login(self, cookie: str, *, is_use: bool = True) -> Login | None:
        """None if it has ended. ``is_use``: somebody is there, so that it is prolonged."""
        now = datetime.now(UTC)
        found = await self._collection.find_one({"_id": _id(cookie), "ends": {"$gte": now}})
        if found is None:
            return None
        ends = min(now + IDLE, found["last"])
        if is_use and ends - found["ends"] >= NOTED_EVERY:
            await self._collection.update_one({"_id": found["_id"]}, {"$set": {"ends": ends}})
        try:
            token = (jwe.decrypt_compact(found["token"], _key(cookie)).plaintext or b"").decode()
        except JoseError:
            return None
        return Login(token, _lately(found.get("seen", ()), now))

    async def note(self, cookie: str, service: str, position: str) -> None:
        """Records a position that this login has caused, ``<stream>:<sequence>``: its pages wait for it."""
        seen = {"service": service, "position": position, "at": datetime.now(UTC)}
        await self._collection.update_one(
            {"_id": _id(cookie)}, {"$push": {"seen": {"$each": [seen], "$slice": -MOST_SEEN}}}
        )

    async def end(self, cookie: str) -> None:
        await self._collection.delete_one({"_id": _id(cookie)})


def _lately(seen: Sequence[Document], now: datetime) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for one in seen:
        if one["at"] > now - SEEN_FOR:
            found.setdefault(one["service"], []).append(one["position"])
    return found


def form_token(cookie: str) -> str:
    """The proof in every form of this login: no other site's page knows it."""
    return _hash("form", cookie).hex()


def _id(cookie: str) -> str:
    return _hash("id", cookie).hex()


def _key(cookie: str) -> OctKey:
    return OctKey.import_key(_hash("key", cookie))


def _hash(use: str, cookie: str) -> bytes:
    return hashlib.sha256(f"{use}:{cookie}".encode()).digest()
