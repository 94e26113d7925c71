"""An office's first page asks for the sessions that wait for something, not for all that there ever were."""

from __future__ import annotations

import pytest

from services.meetings.api import UNFINISHED
from services.meetings.projections import SESSIONS
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import Database

pytestmark = pytest.mark.infra

MINUTES = (None, "drafted", "sent", "approved")


async def test_what_is_to_come_or_has_no_minutes_yet_waits(database: Database) -> None:
    store = ProjectionStore(database, (SESSIONS,))
    told = [(state, minutes) for state in ("planned", "open", "closed", "cancelled") for minutes in MINUTES]
    await store.collection(SESSIONS).insert_many(
        {
            "_id": f"here/session/{state}-{minutes}",
            "conference": "here",
            "state": state,
            "minutes": {"state": minutes} if minutes else None,
        }
        for state, minutes in told
    )
    found = await store.find(SESSIONS, {"conference": "here", **UNFINISHED})
    waiting = {(state, minutes) for state in ("planned", "open") for minutes in MINUTES}
    waiting |= {("closed", None), ("closed", "drafted")}
    assert {(one["state"], (one["minutes"] or {}).get("state")) for one in found} == waiting
