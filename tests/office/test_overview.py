"""What is owed soon stands among the open points, as the sentence that is said of it, with its page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.office.desk.mails import counts
from services.office.desk.overview import (
    OWED_WITHIN,
    falling_short,
    of_closed_groups,
    owed_soon,
    seated_and_dead,
    sought,
    to_write,
)
from services.office.desk.titles import NO_TITLES
from shared.declarations.projection import Document

TODAY = date(2025, 1, 15)


def owed(due_on: date, obligation: str, about: str, **told: str) -> dict[str, Any]:
    fields = {"to": "", "said": None, "told": told}
    return {"obligation": obligation, "about": about, "due_on": due_on.isoformat(), **fields}


def test_what_is_owed_within_a_month_is_told_and_what_is_late_says_so() -> None:
    proof = ("ProofOfUseDue", "stuttgart/grant/state-grant")
    told = {"grant": "state-grant", "title": "Zuwendung des Landes"}
    soon, later = TODAY + OWED_WITHIN, TODAY + OWED_WITHIN + timedelta(days=1)
    grants = [owed(day, *proof, **told) for day in (TODAY - timedelta(days=1), soon, later)]
    signature = owed(TODAY, "CoSignatureDue", "stuttgart/paper/905", department="kaemmerei", reference="GRDrs 905/2023")
    found = list(owed_soon(TODAY, {"meetings": [signature], "funding": grants}, NO_TITLES))
    assert [(one["page"], one["is_late"]) for one in found] == [
        ("/registers", False),
        ("/money/state-grant", True),
        ("/money/state-grant", False),
    ]
    assert found[1]["told"] == "Der Verwendungsnachweis zu Zuwendung des Landes ist bis 14.01.2025 vorzulegen."
    assert "KAEMMEREI zur Vorlage GRDrs 905/2023 steht bis 15.01.2025 aus" in found[0]["told"]


@pytest.mark.parametrize("typed", ["Müller", "Mu\u0308ller", "\u200bMüller ", "Müller\n"])
def test_a_name_is_sought_as_it_is_kept_however_it_was_copied(typed: str) -> None:
    assert sought(typed) == "Müller"


def test_a_report_that_is_owed_leads_to_the_registers_and_missing_minutes_stand_in_one_place() -> None:
    """``to_write`` has them, with their day."""
    minutes = owed(TODAY, "MinutesDraftDue", "stuttgart/session/spring-2024", session="spring-2024")
    report = owed(TODAY, "ReportDue", "stuttgart/committee-report/stuttgart")
    found = list(owed_soon(TODAY, {"meetings": [minutes, report]}, NO_TITLES))
    assert [(one["page"], one["told"]) for one in found] == [
        ("/registers", "Der Bericht an den Ausschuss ist bis 15.01.2025 vorzulegen."),
    ]


@pytest.mark.parametrize(("days", "is_late"), [(-1, True), (0, False), (60, False)])
def test_missing_minutes_are_shown_with_the_day_that_they_are_owed_by(days: int, is_late: bool) -> None:
    due_on = TODAY + timedelta(days=days)
    held: dict[str, Any] = {"session": "spring-2024", "state": "closed", "minutes": None}
    sessions = [held, {**held, "session": "old"}, {**held, "minutes": {"state": "drafted"}}, {**held, "state": "open"}]
    minutes = owed(due_on, "MinutesDraftDue", "stuttgart/session/spring-2024", session="spring-2024")
    found = [(one["session"], one["due_on"], one["is_late"]) for one in to_write(TODAY, sessions, [minutes])]
    assert found == [("spring-2024", due_on.isoformat(), is_late), ("old", None, False)]


def test_a_session_stays_planned_when_its_working_group_is_closed_and_the_office_is_told() -> None:
    def session(name: str, working_group: str | None, state: str = "planned") -> Document:
        return {"session": name, "state": state, "working_group": working_group}

    sessions = [session("spring", None), session("left-over", "dementia"), session("goes-on", "housing")]
    held = [session("opened", "dementia", "open"), session("past", "dementia", "closed")]
    groups = [{"working_group": "dementia", "closed": True}, {"working_group": "housing", "closed": False}]
    assert of_closed_groups([*sessions, *held], groups) == [sessions[1]]


def test_who_has_died_and_is_not_ended_everywhere_is_named_with_the_seat() -> None:
    alive: dict[str, Any] = {"person": "a", "person_name": "Eva", "died_on": None}
    died = {**alive, "person": "b", "person_name": "Paul", "died_on": "2024-01-10"}
    lines: list[Document] = [
        {"seat": "a-1", **alive, "deputy": died},
        {"seat": "a-2", **died, "deputy": alive},
        {"seat": "a-3", "person": None, "deputy": None},
    ]
    found = [(one["seat"], one["person_name"], one["is_deputy"]) for one in seated_and_dead(lines)]
    assert found == [("a-1", "Paul", True), ("a-2", "Paul", False)]


def foreseen(expected: int, due: int = 1_000_000) -> Document:
    return {"grant": "state-grant", "own_contribution_expected": expected, "own_contribution_due": due}


GRANT: Document = {"title": "Zuwendung", "period": {"start": "2024-01-01", "until": "2024-12-31"}}


def test_a_grant_whose_own_share_will_be_too_small_is_named_once_there_is_a_trend() -> None:
    spring = date(2024, 3, 31)
    assert list(falling_short(spring - timedelta(days=1), [GRANT], [foreseen(999_999)])) == []
    [short] = falling_short(spring, [GRANT, GRANT], [foreseen(999_999), foreseen(1_000_000)])
    assert (short["title"], short["own_contribution_expected"]) == ("Zuwendung", 999_999)


def test_where_funding_does_not_answer_nothing_is_said_of_its_grants() -> None:
    assert list(falling_short(date(2024, 12, 1), [GRANT], [{}])) == []


def test_of_a_state_that_many_mails_are_in_nobody_counts_them_all() -> None:
    assert counts({"states": {"sent": 1000, "failed": 999, "letter": 0}, "most": 1000}) == {
        "sent": "1000 oder mehr",
        "failed": "999",
    }
    assert counts({}) == {}, "where notifications is silent"
