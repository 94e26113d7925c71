"""Whatever falls due in a seat group is said, however many fall due at one moment, and then nothing is due any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.members.domain.seat_group import SEAT_GROUP
from services.members.projections import SEATS
from services.members.projections.leavings import LEAVING, LEAVINGS
from services.members.projections.seats import VACANCY
from shared.contracts.members import HolderLeft, MandateWithdrawn, PostHolderChanged, PostVacated, SeatVacated
from shared.declarations.reaction import Deadline
from shared.kernel.decider import Event
from shared.kernel.time import days, iso, start_of
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.deadlines import Deadlines
from shared.runtime.delivery.stores import POSITIONS, Positions, ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database
from shared.runtime.observing.clock import SystemClock
from tests.kit.delivered import folded
from tests.kit.when import CONFERENCE, person
from tests.members.test_dates import FIRST, GROUPS, given_once, histories
from tests.members.test_seat_group import OPENED, REGISTERED, appointed, nominated
from tests.shared.seat_groups import STREAM, commit

LAST = date(2024, 6, 30)
TWO_LEAVE = (
    *(OPENED, REGISTERED, nominated(1), nominated(2), appointed(1, since=date(2024, 2, 1), until=LAST)),
    appointed(2, since=date(2024, 2, 1), until=LAST).model_copy(update={"seat": "hospitals-2"}),
)
TYPED = start_of(FIRST) - days(1)
"""Before all days that are told of: nothing that ends has ended yet."""
LATER = datetime(2024, 7, 5, tzinfo=UTC)


@pytest.mark.infra
@pytest.mark.parametrize(("deadline", "said"), [(VACANCY, SeatVacated), (LEAVING, HolderLeft)])
async def test_two_whose_time_ends_on_one_day_are_both_told_of(
    database: Database, deadline: Deadline, said: type[Event]
) -> None:
    journal, store = Journal(database["journal"]), ProjectionStore(database, [deadline.projection])
    await journal.prepare()
    for sequence, event in enumerate(TWO_LEAVE, start=1):
        await journal.append(commit(sequence, event))
    executor = Executor(journal, dict.fromkeys(SEAT_GROUP.commands, SEAT_GROUP), lambda: None)
    positions = Positions(database[POSITIONS])
    deadlines = Deadlines((deadline,), store, executor, SystemClock(), Nudge(), journal, positions)
    for _ in range(3):
        history = [event.event() for one in await journal.read(STREAM) for event in one.events]
        [document] = folded(deadline.projection, history, STREAM).values()
        await store.collection(deadline.projection).replace_one({"_id": document["_id"]}, document, upsert=True)
        await deadlines.announce(deadline, LATER)
    assert sorted(one.seat for one in history if isinstance(one, said)) == ["hospitals-1", "hospitals-2"]  # type: ignore[attr-defined]  # both have one
    assert document["due"] is None


def come_to_rest(deadline: Deadline, group: str, history: Sequence[Event], now: datetime) -> None:
    told, stream = list(history), f"{CONFERENCE}/seat-group/{group}"
    for looks in count():
        [document] = folded(deadline.projection, told, stream, TYPED).values()
        if document["due"] is None or document["due"] > iso(now):
            return
        command = deadline.command({**document, "conference": CONFERENCE}, now)
        events = SEAT_GROUP.decide(SEAT_GROUP.fold(told), command)  # type: ignore[arg-type]  # events of its own
        assert events, "what is due and says nothing is due for ever, and whatever is due behind it too"
        assert looks < 100
        told += events


def test_a_post_that_was_vacant_before_it_is_vacant_again_holds_up_nothing() -> None:
    about: dict[str, Any] = {"group": "head", "seat": "head-1"}
    vacant = [PostVacated(**about, since=FIRST + days(day), reason="other") for day in (0, 4)]
    held = PostHolderChanged(**about, person=person(1), since=FIRST + days(2), group_name="Amtsleitung")
    never = MandateWithdrawn(**about, role="principal", person=person(1), since=held.since, reason="Irrtum")
    come_to_rest(VACANCY, "head", [GROUPS["head"], vacant[0], held, vacant[1], never], TYPED + days(9))


@pytest.mark.parametrize("group", [*GROUPS])
@settings(max_examples=150)
@given(data=st.data())
def test_whatever_was_said_of_seats_comes_to_rest(group: str, data: st.DataObject) -> None:
    assert {deadline.projection for deadline in (VACANCY, LEAVING)} == {SEATS, LEAVINGS}
    history: list[Event] = [GROUPS[group], *([REGISTERED, nominated(1), nominated(2)] if group == "hospitals" else [])]
    state = SEAT_GROUP.fold(history)  # type: ignore[arg-type]  # events of its own
    for (kind, fields), today in data.draw(histories(group)):
        told = given_once(state, kind, fields, today)
        history, state = [*history, *told], SEAT_GROUP.fold(told, state)  # type: ignore[arg-type]  # as above
    now = TYPED + days(data.draw(st.integers(0, 15)))
    for deadline in (VACANCY, LEAVING):
        come_to_rest(deadline, group, history, now)
