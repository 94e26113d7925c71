"""What sessions have cost, under their groups, from expenses that name them."""

from __future__ import annotations

from typing import Any

from services.office.desk.funding.costs import Cost, by_group
from services.office.desk.titles import titles_in

TITLES = titles_in([{"kind": "working-group", "key": "care", "title": "AG Pflege"}])


def expense(session: str | None, amount: int, state: str = "booked") -> dict[str, Any]:
    return {"session": session, "amount": amount, "state": state}


def session(name: str, starts: str, kind: str = "working_group", group: str | None = "care") -> dict[str, Any]:
    return {"session": name, "title": name.upper(), "starts": starts, "kind": kind, "working_group": group}


SESSIONS = (
    session("care-2", "2024-05-02T08:00:00Z"),
    session("care-1", "2024-02-01T09:00:00Z"),
    session("plenum-1", "2024-03-01T09:00:00Z", "plenary", None),
)


def test_expenses_are_summed_by_session_and_sessions_stand_under_their_group_in_order() -> None:
    booked = [expense("care-2", 100), expense("care-1", 20, "approved"), expense("care-2", 3), expense("plenum-1", 5)]
    groups = by_group(booked, SESSIONS, TITLES)
    assert [(one.group, one.amount) for one in groups] == [("AG Pflege", 123), ("Plenum", 5)]
    assert groups[0].costs == [
        Cost("care-1", "CARE-1", "2024-02-01T09:00:00Z", 20),
        Cost("care-2", "CARE-2", "2024-05-02T08:00:00Z", 103),
    ]


def test_what_is_reversed_or_names_no_session_is_no_cost_of_one() -> None:
    assert (
        by_group(
            [expense("care-1", 20, "reversed"), expense(None, 7), {"amount": 1, "state": "booked"}], SESSIONS, TITLES
        )
        == []
    )


def test_a_session_that_nobody_can_tell_of_stands_under_its_own_name() -> None:
    [found] = by_group([expense("lost", 20, "reversal_requested")], [], TITLES)
    assert (found.group, found.costs) == ("–", [Cost("lost", "lost", "", 20)])
