"""What somebody else has changed since a form was drawn is not overwritten unseen: meetings' commands that replace."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.meetings.domain.paper import PAPER
from services.meetings.domain.paper_decisions import Decided, ItemDecided, RecordCommitteeDecision, RecordItemDecision
from services.meetings.domain.paper_writing import CorrectPaper, PaperSays, WritePaper
from services.meetings.domain.recommendation import RECOMMENDATION, ReviseRecommendation, Words
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_attendance import CorrectAttendance, Stayed
from services.meetings.domain.session_correction import CorrectDecision, Recorded
from services.meetings.domain.session_planning import Agenda, ChangeAgenda, RescheduleSession, WhenAndWhere
from shared.contracts.meetings import (
    ConsensusRecorded,
    MotionItemDecided,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    PaperWritten,
    RecommendationDrafted,
    VoteRecorded,
)
from shared.kernel.decider import Command, Decider, Event
from shared.kernel.replacing import LONGEST
from shared.kernel.values import Value
from tests.kit.given import whoever_is_late_is_told
from tests.kit.when import person
from tests.meetings.grdrs_905 import COMMITTEE, DATED, NAME, REFERENCE, TEXT, TITLE
from tests.meetings.stuttgart import AGENDA, CLOSED, ENDS, PLANNED, STARTS, WHEN, tell

DRAFTED = RecommendationDrafted(recommendation="housing", working_group="ag-a", title="Wohnraum", text="x" * 400)
ABOUT = {"reference": REFERENCE, "title": TITLE}
WRITTEN: list[Event] = [PaperDrafted(paper=NAME, kind="decision", **ABOUT), PaperWritten(paper=NAME, text=TEXT)]
OTHER = TEXT.model_copy(update={"climate": None})
SEEN = WhenAndWhere(starts=WHEN.starts, ends=WHEN.ends, place=WHEN.place)

SITTING = date(2023, 9, 25)
ISSUED: list[Event] = [*WRITTEN, PaperIssued(paper=NAME, on=DATED, **ABOUT)]
SAID: dict[str, Any] = {"paper": NAME, "committee": COMMITTEE, "on": SITTING, "decision": "postponed"}
ABOUT_IT: dict[str, Any] = {**SAID, **ABOUT}
POSTPONED, ITEM_POSTPONED = PaperDecided(**ABOUT_IT), MotionItemDecided(**SAID, item=1)
ADOPTED: dict[str, Any] = {**SAID, "decision": "adopted"}

VOTED = VoteRecorded(
    session="spring-2024", item=1, recommendation=None, yes=1, no=1, abstentions=0, present=2, carried=False
)
ANOTHER = "eine andere Fassung"

CASES: list[tuple[Decider[Any, Any, Any], list[Event], type[Command], dict[str, Any], Value, dict[str, Any], str]] = [
    (
        SESSION,
        [*PLANNED],
        ChangeAgenda,
        {"agenda": AGENDA[:1]},
        Agenda(agenda=AGENDA),
        {"agenda": ()},
        "; ".join(f"„{item.title}“" for item in AGENDA),
    ),
    (
        SESSION,
        [*PLANNED],
        RescheduleSession,
        {**SEEN.model_dump(), "place": "Treffpunkt Rotebühlplatz"},
        SEEN,
        {"place": "Sozialamt"},
        f"„{WHEN.place}“",
    ),
    (
        RECOMMENDATION,
        [DRAFTED],
        ReviseRecommendation,
        {"recommendation": "housing", "title": "Wohnen", "reason": "kürzer"},
        Words(title="Wohnraum", text="x" * 400, reasons=None),
        {"text": None},
        f"„{'x' * LONGEST} …“",
    ),
    (PAPER, WRITTEN, WritePaper, {"paper": NAME, "text": OTHER}, PaperSays(text=TEXT), {"text": None}, ANOTHER),
    (
        PAPER,
        ISSUED,
        CorrectPaper,
        {"paper": NAME, "text": OTHER, "reason": "Versehen"},
        PaperSays(text=TEXT),
        {"text": OTHER.model_copy(update={"finances": None})},
        ANOTHER,
    ),
    (
        SESSION,
        [*CLOSED],
        CorrectAttendance,
        {"person": person(1), "arrived_at": STARTS, "left_at": ENDS, "reason": "Falsch notiert", "at": ENDS},
        Stayed(arrived_at=STARTS, left_at=None),
        {"arrived_at": ENDS},
        "von 23.04.2024, 14:00 Uhr bis zum Ende",
    ),
    (
        SESSION,
        [*CLOSED, VOTED],
        CorrectDecision,
        {"item": 1, "how": "consensus", "present": 2, "reason": "Falsch notiert"},
        Recorded(how="vote", yes=1, no=1, abstentions=0, present=2),
        {"yes": 2, "no": 0},
        "Abstimmung, 1 Ja, 1 Nein, 0 Enthaltungen, 2 Sitze anwesend",
    ),
    (
        SESSION,
        [*CLOSED, ConsensusRecorded(session="spring-2024", item=1, recommendation=None, present=2)],
        CorrectDecision,
        {"item": 1, "how": "vote", "yes": 1, "no": 1, "abstentions": 0, "present": 2, "reason": "Falsch notiert"},
        Recorded(how="consensus", present=2),
        {"present": 1},
        "Konsens, 2 Sitze anwesend",
    ),
    (
        PAPER,
        [*ISSUED, POSTPONED],
        RecordCommitteeDecision,
        ADOPTED,
        Decided(on=SITTING, decision="postponed"),
        {"on": None, "decision": None},
        "vertagt am 25.09.2023",
    ),
    (
        PAPER,
        [*ISSUED, ITEM_POSTPONED],
        RecordCommitteeDecision,
        ADOPTED,
        Decided(items=(1,)),
        {"items": ()},
        "zu Nummer 1 ist schon entschieden",
    ),
    (
        PAPER,
        [*ISSUED, ITEM_POSTPONED],
        RecordItemDecision,
        {**ADOPTED, "item": 1},
        ItemDecided(on=SITTING, decision="postponed"),
        {"on": None, "decision": None},
        "vertagt am 25.09.2023",
    ),
]


@pytest.mark.parametrize(("decider", "history", "kind", "told", "now", "otherwise", "said"), CASES)
def test_what_is_other_than_was_seen_is_said_and_stays(
    decider: Decider[Any, Any, Any],
    history: list[Event],
    kind: type[Command],
    told: dict[str, Any],
    now: Value,
    otherwise: dict[str, Any],
    said: str,
) -> None:
    seen = (now, now.model_copy(update=otherwise))
    whoever_is_late_is_told(decider, history, lambda **more: tell(kind, **told, **more), seen, said)
