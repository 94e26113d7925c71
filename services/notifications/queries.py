"""Reads: what became of the mails. Recipients are opaque here too: names stay with members."""

from __future__ import annotations

from typing import Any

from services.notifications.views import MAILS
from shared.contracts.subscriptions import Document
from shared.runtime.views import ViewStore

SHOWN = (
    "mail",
    "kind",
    "session",
    "seat",
    "person",
    "state",
    "reason",
    "attempts",
    "not_before",
    "stream",
    "sequence",
)


async def mails(store: ViewStore, conference: str, session: str | None, state: str | None) -> list[Document]:
    asked = {"conference": conference, "session": session, "state": state}
    found = await store.find(MAILS, {key: value for key, value in asked.items() if value is not None}, limit=5000)
    return [{key: mail[key] for key in SHOWN} for mail in found]


async def summary(store: ViewStore, conference: str) -> Document:
    """How many mails of each kind are in each state."""
    counts: dict[str, dict[str, int]] = {}
    for mail in await mails(store, conference, None, None):
        states = counts.setdefault(mail["kind"], {})
        states[mail["state"]] = states.get(mail["state"], 0) + 1
    return {"kinds": counts}


async def mails_by_state(store: ViewStore) -> dict[str, Any]:
    return {"mails": await store.count_by(MAILS, "state")}
