"""What a clerk records of a day has happened on it: today is not ahead, tomorrow is. And nothing crowds out another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.meetings.domain.committee_report import COMMITTEE_REPORT, CommitteeReportLiesAhead, SubmitReport
from services.meetings.domain.paper import PAPER, IssueLiesAhead, IssuePaper
from services.meetings.domain.paper_decisions import (
    DecidedBeforeIssued,
    DecisionLiesAhead,
    RecordCommitteeDecision,
    RecordItemDecision,
)
from services.meetings.domain.recommendation import RECOMMENDATION, ReportLiesAhead, ReportRecommendation
from services.meetings.domain.recommendation_answers import AnswerLiesAhead, CorrectResponse, RecordResponse
from services.meetings.domain.session import SESSION
from shared.contracts.meetings import (
    ConsensusRecorded,
    CoSignatureRequested,
    InvitationAnswered,
    MotionItemDecided,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    PaperWritten,
    RecommendationAddressed,
    RecommendationAdopted,
    RecommendationAnswered,
    RecommendationDrafted,
    RecommendationReported,
    RecommendationSubmitted,
    ReportingRequired,
)
from shared.kernel.decider import Command, Decider, Event
from shared.kernel.rejections import Rejected
from tests.kit.given import given_of
from tests.kit.when import person
from tests.meetings.grdrs_905 import TEXT
from tests.meetings.stuttgart import EVERYBODY, INVITED, NAME, OPEN, arrived, extended, invited, seated, tell

TODAY, TOMORROW = date(2024, 6, 3), date(2024, 6, 4)
NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)
FOR_DECISION = next(step.committee for step in TEXT.consultations if step.purpose == "decision")

P: dict[str, Any] = {"paper": "p-1"}
DRAFTED = PaperDrafted(**P, reference="GRDrs 1/2024", title="Wohnen", kind="decision")
ISSUED = (DRAFTED, PaperWritten(**P, text=TEXT), PaperIssued(**P, on=TODAY))
R: dict[str, Any] = {"recommendation": "housing"}
ADOPTED: tuple[Any, ...] = (
    RecommendationDrafted(**R, working_group="staff", title="Wohnen"),
    *(
        RecommendationAddressed(**R, addressee=name, name=name.upper(), due_on=date(2024, 12, 20))
        for name in ("swsg", "amt")
    ),
    RecommendationSubmitted(**R, session=NAME),
    RecommendationAdopted(recommendation="housing", session=NAME, by="majority"),
)
ANSWER: dict[str, Any] = {"addressee": "swsg", "answer": "partly", "reasons": "Es fehlt Geld."}
ANSWERED = RecommendationAnswered(**R, **ANSWER, name="SWSG", on=date(2024, 6, 1))
REQUIRED = ReportingRequired(committee="SGA", report_months=12, due_on=date(2025, 1, 1))

Tell = Callable[[date], Command]
WITH_A_DAY: dict[str, tuple[Decider[Any, Any, Any], Sequence[Event], Tell, type[Rejected]]] = {
    "IssuePaper": (PAPER, ISSUED[:2], lambda on: tell(IssuePaper, **P, on=on, at=NOW), IssueLiesAhead),
    "RecordCommitteeDecision": (
        PAPER,
        ISSUED,
        lambda on: tell(RecordCommitteeDecision, **P, committee=FOR_DECISION, on=on, decision="adopted", at=NOW),
        DecisionLiesAhead,
    ),
    "RecordItemDecision": (
        PAPER,
        ISSUED,
        lambda on: tell(RecordItemDecision, **P, committee=FOR_DECISION, on=on, item=1, decision="adopted", at=NOW),
        DecisionLiesAhead,
    ),
    "ReportRecommendation": (
        RECOMMENDATION,
        ADOPTED,
        lambda on: tell(ReportRecommendation, **R, committee="SGA", on=on, at=NOW),
        ReportLiesAhead,
    ),
    "RecordResponse": (
        RECOMMENDATION,
        ADOPTED,
        lambda on: tell(RecordResponse, **R, **ANSWER, on=on, at=NOW),
        AnswerLiesAhead,
    ),
    "CorrectResponse": (
        RECOMMENDATION,
        (*ADOPTED, ANSWERED),
        lambda on: tell(CorrectResponse, **R, **ANSWER, on=on, reason="Verschrieben", at=NOW),
        AnswerLiesAhead,
    ),
    "SubmitReport": (
        COMMITTEE_REPORT,
        (REQUIRED,),
        lambda on: tell(SubmitReport, on=on, at=NOW),
        CommitteeReportLiesAhead,
    ),
}


@pytest.mark.parametrize("command", WITH_A_DAY)
def test_tomorrow_is_refused_and_today_is_not(command: str) -> None:
    decider, history, on, rule = WITH_A_DAY[command]
    given = given_of(decider)
    given(*history).when(on(TODAY)).then_something()
    given(*history).when(on(TOMORROW)).rejected(rule, on="04.06.2024")


@pytest.mark.parametrize("command", ["RecordCommitteeDecision", "RecordItemDecision"])
def test_a_paper_is_decided_on_the_day_of_its_issue_at_the_earliest(command: str) -> None:
    decider, history, on, _ = WITH_A_DAY[command]
    given_of(decider)(*history).when(on(TODAY)).then_something()
    given_of(decider)(*history).when(on(TODAY - timedelta(days=1))).rejected(DecidedBeforeIssued, on="03.06.2024")


def test_what_a_paper_knows_of_one_stays_when_another_is_told() -> None:
    asked = [CoSignatureRequested(**P, department=name) for name in ("a", "b")]
    items = [
        MotionItemDecided(**P, committee=committee, on=TODAY, item=item, decision="adopted")
        for committee in ("SGA", "Rat")
        for item in (1, 2)
    ]
    decided = [PaperDecided(**P, committee=name, on=TODAY, decision="adopted") for name in ("SGA", "Rat")]
    paper = PAPER.fold((DRAFTED, *asked, *items, *decided))
    assert [*paper.co_signatures] == ["a", "b"]
    assert [*paper.items] == [("SGA", 1), ("SGA", 2), ("Rat", 1), ("Rat", 2)]
    assert [*paper.decisions] == ["SGA", "Rat"]


def test_what_a_recommendation_knows_of_one_stays_when_another_is_told() -> None:
    answers = [ANSWERED, ANSWERED.model_copy(update={"addressee": "amt", "name": "AMT"})]
    reports = [RecommendationReported(**R, committee=name, on=TODAY) for name in ("SGA", "Rat")]
    recommendation = RECOMMENDATION.fold((*ADOPTED, *answers, *reports))
    assert [*recommendation.addressed] == [*recommendation.answered] == ["swsg", "amt"]
    assert recommendation.reports == {("SGA", TODAY), ("Rat", TODAY)}


def test_what_a_session_knows_of_one_stays_when_another_is_told() -> None:
    answers = [
        InvitationAnswered(session=NAME, person=person(number), seat=f"hospitals-{number}", answer="accept")
        for number in (1, 2)
    ]
    agreed = [ConsensusRecorded(session=NAME, item=item, recommendation=None, present=2) for item in (1, 2)]
    session = SESSION.fold((*INVITED, *answers, *OPEN[len(INVITED) :], *agreed))
    assert [*session.answers] == [person(1), person(2)]
    assert [*session.stays] == [seated(1), seated(2)]
    assert [*session.decided] == [1, 2]
    assert {*session.told_at} == {person(1), person(2), person(3)}
    assert session.present == (seated(1), seated(2))
    assert SESSION.fold((*INVITED, arrived(1))).present == (seated(1),)


def test_whoever_was_told_before_stays_told_when_another_is() -> None:
    later = extended(seated(4), told_at=NOW)
    told_at = SESSION.fold((*INVITED, later)).told_at
    assert {*told_at} == {person(number) for number in (1, 2, 3, 4)}
    assert told_at[person(4)] == NOW != told_at[person(1)]
    of_before = SESSION.fold((*INVITED, later, invited(*EVERYBODY, issue=2, told_at=None))).told_at
    assert of_before == told_at, "an event of before does not say when"
