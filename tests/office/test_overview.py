"""What is owed soon stands among the open points, as the sentence that is said of it, with its page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.office.desk.overview import OWED_WITHIN, owed_soon
from services.office.desk.titles import NO_TITLES

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
    assert "kaemmerei zur Vorlage GRDrs 905/2023 steht bis 15.01.2025 aus" in found[0]["told"]


def test_what_the_office_owes_after_meetings_leads_to_the_session_and_to_the_reports() -> None:
    minutes = owed(TODAY, "MinutesDraftDue", "stuttgart/session/spring-2024", session="spring-2024")
    report = owed(TODAY, "ReportDue", "stuttgart/committee-report/stuttgart")
    found = list(owed_soon(TODAY, {"meetings": [minutes, report]}, NO_TITLES))
    assert [(one["page"], one["told"]) for one in found] == [
        (
            "/sessions/spring-2024",
            "Die Niederschrift zu spring-2024 ist bis 15.01.2025 zu entwerfen.",
        ),
        ("/registers", "Der Bericht an den Ausschuss ist bis 15.01.2025 vorzulegen."),
    ]
