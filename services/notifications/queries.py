"""Reads: what became of the mails. Recipients are opaque here too: names stay with members."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.notifications.projections import MAILS, NAMES, seat_group_of
from shared.declarations.projection import Document
from shared.kernel.time import iso
from shared.runtime.delivery.stores import ProjectionStore

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


async def due(projections: ProjectionStore, at: datetime, limit: int) -> list[Document]:
    """Mails that want to be looked at, the longest due first, each with the names that it says.

    A name is None where the mail is about no group, or the projection of names is yet to be rebuilt. A group is opened
    before its seats are filled and in the same stream, so it is there before any mail that needs it.
    """
    found = await projections.find(MAILS, {"not_before": {"$lte": iso(at)}}, sort="not_before", limit=limit)
    about = {key for mail in found for key in (mail["conference"], seat_group_of(mail)) if key}
    named = await projections.load(NAMES, [*about]) if about else {}
    names = {key: document["name"] for key, document in named.items()}
    return [
        {**mail, "conference_name": names.get(mail["conference"]), "group_name": names.get(seat_group_of(mail) or "")}
        for mail in found
    ]


async def mails(
    projections: ProjectionStore, conference: str, session: str | None, state: str | None
) -> list[Document]:
    asked = {"conference": conference, "session": session, "state": state}
    found = await projections.find(MAILS, {key: value for key, value in asked.items() if value is not None}, limit=5000)
    return [{key: mail[key] for key in SHOWN} for mail in found]


async def summary(projections: ProjectionStore, conference: str) -> Document:
    """How many mails of each kind are in each state."""
    counts: dict[str, dict[str, int]] = {}
    for mail in await mails(projections, conference, None, None):
        states = counts.setdefault(mail["kind"], {})
        states[mail["state"]] = states.get(mail["state"], 0) + 1
    return {"kinds": counts}


async def mails_by_state(projections: ProjectionStore) -> dict[str, Any]:
    """Ambiguous: sent once more because no answer came, so perhaps delivered twice."""
    again = (await projections.count_by(MAILS, "tried_again")).get("True", 0)
    return {"mails": await projections.count_by(MAILS, "state"), "ambiguous_mails": again}
