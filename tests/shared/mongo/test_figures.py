"""A clock that is wrong is noticed: by the database's, whatever the time that asking takes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from deploy.embedded.mongod import Mongod
from shared.runtime.mongo import figures
from shared.runtime.mongo.driver import connect
from shared.runtime.mongo.figures import figures_of, seconds_outside
from shared.runtime.operating.limits import LIMITS
from tests.kit.when import NOW

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("seconds", "off"), [(-3, 3.0), (0, 0.0), (1, 0.0), (2, 0.0), (3602, 3600.0)])
def test_what_may_be_the_time_that_asking_takes_is_no_difference(seconds: int, off: float) -> None:
    assert seconds_outside(NOW + seconds * SECOND, NOW, NOW + 2 * SECOND) == off


@pytest.mark.infra
@pytest.mark.parametrize("ahead", [timedelta(hours=-1), timedelta(0), timedelta(hours=1), timedelta(days=1)])
async def test_a_wrong_clock_is_an_alarm_and_a_right_one_none(
    mongod: Mongod, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + ahead

    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    monkeypatch.setattr(figures, "datetime", Wrong)
    off = (await figures_of(session.database))["clock_off_seconds"]
    assert abs(off - abs(ahead.total_seconds())) < 10
    assert (off > LIMITS["clock_off_seconds"].above) == bool(ahead)
    await session.close()
