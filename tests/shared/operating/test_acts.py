"""What an admin does is kept beforehand, and told with the newest first."""

from __future__ import annotations

import pytest

from shared.runtime.mongo.driver import Database, MongoUnavailable, connect
from shared.runtime.operating.acts import ACTS, Acts

pytestmark = pytest.mark.infra


async def test_every_act_is_told_with_the_newest_first(database: Database) -> None:
    acts = Acts(database[ACTS])
    for number in range(3):
        await acts.keep("DropParked", "admin", {"id": f"kpk.members.v1:0:{number}", "why": "unlesbar"})
    await acts.keep("Republish", "admin-2", {"why": "Broker kam leer zurück"})
    told = [(one["act"], one["by"], one.get("id"), one["why"]) for one in await acts.latest()]
    assert told == [
        ("Republish", "admin-2", None, "Broker kam leer zurück"),
        *(("DropParked", "admin", f"kpk.members.v1:0:{number}", "unlesbar") for number in (2, 1, 0)),
    ]


async def test_what_cannot_be_kept_is_not_begun() -> None:
    away = connect("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50", "test")
    with pytest.raises(MongoUnavailable):
        await Acts(away.database[ACTS]).keep("Recover", "admin", {"why": "Sicherung"})
    await away.close()
