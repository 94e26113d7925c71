"""What was typed and is not done yet: kept for a day for whoever typed it, in the browser in which it was typed.

It is written down before the command is sent. So a restart in between, a page that cannot be shown afterwards, and a
login that ends lose nothing. What is about people is never kept (``Form.may_be_kept``).

It is encrypted with a key that only this browser's cookie makes: whoever reads the database reads no draft. Two
browsers of one account have each their own, so neither sends what the other one typed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from services.office.desk.forms.form import OF_THE_PAGE, Form, Refusal, Typed
from shared.runtime.mongo.driver import Collection, MongoUnavailable

log = structlog.get_logger()

DRAFTS = "drafts"
KEPT_FOR = timedelta(hours=24)
SWEPT_EVERY = timedelta(minutes=10)

NOT_DONE = "Entwurf: Diese Angaben sind eingegeben und noch nicht ausgeführt."
HOW = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True)
class Place:
    """One page, for one account in one browser."""

    browser: str
    account: str
    path: str

    @property
    def prefix(self) -> str:
        """The prefix of its drafts' ids. It does not reveal the browser, account or page."""
        return _hash("place", self.browser, self.account, self.path).hex()

    @property
    def key(self) -> OctKey:
        return OctKey.import_key(_hash("key", self.browser, self.account, self.path))


class Drafts:
    """One document for each form. Times are those of the real clock, also while a demo has set its own."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def keep(self, place: Place, form: Form, typed: Typed, key: str | None) -> None:
        """``key`` is None once it is known that nothing was executed: sent again, it is another request."""
        told = {name: list(texts) for name, texts in typed.items() if name not in OF_THE_PAGE}
        sealed = jwe.encrypt_compact(HOW, json.dumps([form.command, told, key]).encode(), place.key)
        kept = {"_id": _id(place, form, typed), "typed": sealed, "ends": datetime.now(UTC) + KEPT_FOR}
        await self._collection.replace_one({"_id": kept["_id"]}, kept, upsert=True)

    async def drop(self, place: Place, form: Form, typed: Typed) -> None:
        await self._collection.delete_one({"_id": _id(place, form, typed)})

    async def at(self, place: Place, forms: Sequence[Form], unknown: str) -> list[Refusal]:
        """The drafts as refusals without an alarm. ``unknown`` is said where the command may have been executed."""
        here = {"_id": {"$gte": place.prefix, "$lt": place.prefix + "~"}, "ends": {"$gte": datetime.now(UTC)}}
        found = [_opened(place, one["typed"]) async for one in self._collection.find(here)]
        by_command = {form.command: form for form in forms if form.may_be_kept}
        return [
            Refusal(by_command[command], typed, 200, unknown if key else NOT_DONE, key=key, is_draft=True)
            for command, typed, key in filter(None, found)
            if command in by_command
        ]

    async def sweep(self) -> None:
        await self._collection.delete_many({"ends": {"$lt": datetime.now(UTC)}})

    async def keep_sweeping(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.sweep()
            except MongoUnavailable as error:
                log.warning("old drafts are not removed yet", error=type(error).__name__)
            await asyncio.sleep(SWEPT_EVERY.total_seconds())


def new_browser() -> str:
    return secrets.token_urlsafe(32)


def _opened(place: Place, sealed: str) -> tuple[str, Typed, str | None] | None:
    """None if it was sealed with another key."""
    try:
        command, typed, key = json.loads(jwe.decrypt_compact(sealed, place.key).plaintext or b"")
    except (JoseError, ValueError):
        return None
    return command, typed, key


def _id(place: Place, form: Form, typed: Typed) -> str:
    fixed = [form.command, *(str(typed.get(one.name)) for one in form.fields if one.kind == "fixed")]
    return f"{place.prefix}.{_hash('form', *fixed).hex()}"


def _hash(*parts: str) -> bytes:
    return hashlib.sha256(json.dumps(parts).encode()).digest()
