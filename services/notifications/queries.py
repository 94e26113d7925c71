"""Reads: what became of the mails. Recipients are opaque here too: names stay with members."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.notifications.views import MAILS, SEAT_GROUPS, seat_group_of
from shared.contracts.subscriptions import Document
from shared.kernel.time import iso
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


async def due(store: ViewStore, at: datetime, limit: int) -> list[Document]:
    """Mails that want to be looked at, the longest due first, each with the name of the seat group it is about.

    The name is None where the mail is about no group, or the group's view is yet to be rebuilt. A group is opened
    before its seats are filled and in the same stream, so it is there before any mail that needs it.
    """
    found = await store.find(MAILS, {"not_before": {"$lte": iso(at)}}, sort="not_before", limit=limit)
    about = {mail["_id"]: group for mail in found if (group := seat_group_of(mail))}
    groups = await store.load(SEAT_GROUPS, [*set(about.values())]) if about else {}
    return [{**mail, "group_name": groups.get(about.get(mail["_id"], ""), {}).get("name")} for mail in found]


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
    """Ambiguous: sent once more because no answer came, so perhaps delivered twice."""
    again = (await store.count_by(MAILS, "tried_again")).get("True", 0)
    return {"mails": await store.count_by(MAILS, "state"), "ambiguous_mails": again}
