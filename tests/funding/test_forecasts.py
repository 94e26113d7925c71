"""What becomes of a grant is folded once for each day, and anew when something was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from services.funding import queries
from services.funding.as_of import NothingAwarded, Recorded, as_of, forecast
from services.funding.domain.grant import GrantEvent
from services.funding.forecasts import MOST_KEPT, Forecasts
from shared.runtime.commands.journal import Journal
from tests.funding.stuttgart import AFTER_PERIOD, GRANT_NAME, GRANTED, PERIOD, SPRING, booked, rendered
from tests.kit.when import CONFERENCE


class Recording:
    """A journal of one grant that counts how often it is read."""

    def __init__(self, events: Sequence[GrantEvent]) -> None:
        self.events, self.read = list(events), 0

    async def heads(self, streams: Sequence[str]) -> dict[str, int]:
        return dict.fromkeys(streams, len(self.events))

    async def recorded(self, *_: object) -> list[Recorded]:
        self.read += 1
        return [(AFTER_PERIOD, event) for event in self.events]


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> Recording:
    kept = Recording([*GRANTED, booked(amount=568_000)])
    monkeypatch.setattr(queries, "recorded", kept.recorded)
    return kept


def forecasts(journal: Recording) -> Forecasts:
    return Forecasts(cast("Journal", journal))


async def test_a_forecast_is_folded_once_for_a_day_and_as_anew_after_each_event(journal: Recording) -> None:
    asked = forecasts(journal)
    days = (SPRING, SPRING + timedelta(days=1))
    for event in (None, rendered(amount=142_000), booked("another", amount=1_000)):
        journal.events += [event] if event else []
        for day in (*days, *days):
            said: Any = await journal.recorded()
            assert await asked.of(CONFERENCE, GRANT_NAME, day) == forecast(as_of(GRANT_NAME, said, day))
    assert journal.read == 12 + 3 * len(days)


async def test_nothing_is_kept_of_what_is_refused(journal: Recording) -> None:
    asked, early = forecasts(journal), PERIOD.start - timedelta(days=400)
    for _ in range(2):
        with pytest.raises(NothingAwarded):
            await asked.of(CONFERENCE, GRANT_NAME, early)
    assert journal.read == 2


async def test_of_very_many_the_oldest_go(journal: Recording) -> None:
    asked = forecasts(journal)
    for number in range(MOST_KEPT + 1):
        await asked.of(f"city-{number}", GRANT_NAME, SPRING)
    before = journal.read
    await asked.of(f"city-{MOST_KEPT}", GRANT_NAME, SPRING)
    assert journal.read == before
    await asked.of("city-0", GRANT_NAME, SPRING)
    assert journal.read == before + 1
