"""What the digest says of obligations that are announced by stages: until they are done, and by the day that holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.notifications.letters.for_the_office import DUE
from services.notifications.projections.announced import ANNOUNCED, announced_by
from shared.contracts.funding import (
    Conditions,
    DrawnMoneyDue,
    GrantClosed,
    InterimProofDue,
    ProofOfUseDue,
    ProofOfUseSubmitted,
)
from shared.contracts.meetings import (
    AddresseeWithdrawn,
    AdoptionTakenBack,
    CoSignatureDue,
    CoSignatureRefused,
    CoSignatureRequested,
    MinutesDraftDue,
    MinutesDrafted,
    PaperCoSigned,
    PaperIssued,
    RecommendationAddressed,
    RecommendationAnswered,
    RecommendationSuperseded,
    ReportDue,
    ReportingRequired,
    ReportSubmitted,
    ReportWithdrawn,
    ResponseDue,
)
from shared.contracts.notifications import Owed
from shared.contracts.obligations import ObligationDue
from shared.kernel.decider import Event
from tests.funding.stuttgart import GRANT_NAME, PERIOD, amendment
from tests.funding.test_interim import PROVED
from tests.kit.delivered import folded
from tests.meetings.stuttgart import MOVED, NAME, SCHEDULED

DAY, OTHER = date(2026, 4, 10), date(2026, 6, 1)
BY_FACTS = {ProofOfUseDue, DrawnMoneyDue}
"""Of these ``owed.py`` adds up what was done, so that a stage is not needed."""

ANSWER: dict[str, Any] = {"recommendation": "housing", "addressee": "land", "name": "Land"}
SIGNATURE: dict[str, Any] = {"paper": "report", "department": "finance"}
STAGES: dict[type[Event], Event] = {
    ResponseDue: ResponseDue(**ANSWER, title="Wohnen", due_on=DAY, stage=-30),
    CoSignatureDue: CoSignatureDue(**SIGNATURE, reference="GRDrs 1/2026", due_on=DAY, stage=-30),
    MinutesDraftDue: MinutesDraftDue(session=NAME, due_on=DAY, stage=-30),
    ReportDue: ReportDue(due_on=DAY, stage=-30),
    InterimProofDue: InterimProofDue(grant=GRANT_NAME, year=2024, title="Land", due_on=DAY, stage=-30),
}
SAID = {
    ResponseDue: Owed(what="answer", about="Wohnen", by="Land", due_on=DAY),
    CoSignatureDue: Owed(what="co_signature", about="GRDrs 1/2026", by="finance", due_on=DAY),
    MinutesDraftDue: Owed(what="minutes_draft", about=NAME, due_on=DAY),
    ReportDue: Owed(what="report", due_on=DAY),
    InterimProofDue: Owed(what="interim_proof", about="Land", year=2024, due_on=DAY),
}
DONE: list[tuple[type[Event], Event]] = [
    (ResponseDue, AddresseeWithdrawn(**ANSWER, reason="Aus Versehen gefragt")),
    (ResponseDue, AdoptionTakenBack(recommendation="housing", session=NAME, reason="Verschrieben")),
    (ResponseDue, RecommendationAnswered(**ANSWER, on=DAY, answer="considered", reasons="So.")),
    (
        ResponseDue,
        RecommendationSuperseded(recommendation="housing", successor="other", reason="Neu.", title="Wohnen"),
    ),
    (CoSignatureDue, PaperCoSigned(**SIGNATURE, note=None)),
    (CoSignatureDue, CoSignatureRefused(**SIGNATURE)),
    (CoSignatureDue, PaperIssued(paper="report", on=DAY)),
    (CoSignatureDue, CoSignatureRequested(**SIGNATURE)),
    (MinutesDraftDue, MinutesDrafted(session=NAME, document="N")),
    (ReportDue, ReportSubmitted(committee="SGA", on=DAY, next_due=OTHER)),
    (InterimProofDue, PROVED.model_copy(update={"year": 2024})),
    (InterimProofDue, ProofOfUseSubmitted(grant=GRANT_NAME, on=DAY)),
    (InterimProofDue, GrantClosed(grant=GRANT_NAME, paid=0)),
    (InterimProofDue, amendment()),
]


def owed(*history: Event, last: date = DAY) -> Sequence[Owed]:
    return announced_by(last, folded(ANNOUNCED, history, "stuttgart/of/one").values())


def test_no_obligation_is_missing_in_the_digest() -> None:
    every = set(ObligationDue.__subclasses__())
    assert every == set(STAGES) | BY_FACTS, "fold its stages in projections/announced.py"
    assert set(DUE) == {one.what for one in SAID.values()}


@pytest.mark.parametrize("event", STAGES)
def test_what_a_stage_announces_is_owed_until_the_digest_has_its_day(event: type[Event]) -> None:
    assert owed(STAGES[event]) == [SAID[event]]
    assert owed(STAGES[event], last=date(2026, 4, 9)) == []


@pytest.mark.parametrize(("event", "done"), DONE)
def test_what_is_done_or_asked_for_no_more_is_not_owed(event: type[Event], done: Event) -> None:
    assert owed(STAGES[event], done, last=OTHER) == []


def test_what_is_done_of_somebody_else_changes_nothing() -> None:
    other = RecommendationAnswered(**{**ANSWER, "addressee": "kommune"}, on=DAY, answer="not", reasons="So.")
    assert owed(STAGES[ResponseDue], other) == [SAID[ResponseDue]]


def test_the_day_that_was_said_last_holds() -> None:
    addressed = RecommendationAddressed(**ANSWER, due_on=OTHER)
    assert owed(addressed, last=OTHER) == [], "its stages are yet to come"
    assert [one.due_on for one in owed(STAGES[ResponseDue], addressed, last=OTHER)] == [OTHER]
    requested = CoSignatureRequested(**SIGNATURE, due_on=OTHER)
    assert [one.due_on for one in owed(STAGES[CoSignatureDue], requested, last=OTHER)] == [OTHER]


def test_an_addressee_is_listed_by_the_name_that_was_said_last() -> None:
    renamed = RecommendationAddressed(**{**ANSWER, "name": "Land BW"}, due_on=DAY)
    assert [one.by for one in owed(STAGES[ResponseDue], renamed)] == ["Land BW"]
    assert owed(renamed) == [], "its stages are yet to come"


def test_a_report_of_an_earlier_day_leaves_the_next_one_owed() -> None:
    earlier = ReportSubmitted(committee="SGA", on=date(2025, 1, 1), next_due=DAY)
    assert owed(STAGES[ReportDue], earlier) == [SAID[ReportDue]]


def test_a_report_that_is_taken_back_is_owed_again_by_the_day_that_it_was() -> None:
    reported = ReportSubmitted(committee="SGA", on=date(2025, 1, 1), next_due=OTHER)
    back = ReportWithdrawn(committee="SGA", on=date(2025, 1, 1), next_due=DAY, reason="falscher Tag")
    assert owed(STAGES[ReportDue], reported) == []
    assert owed(STAGES[ReportDue], reported, back) == [SAID[ReportDue]]
    assert owed(STAGES[ReportDue], reported, back.model_copy(update={"next_due": OTHER})) == []


def test_a_report_is_owed_by_the_day_of_the_present_interval() -> None:
    def every(months: int, due_on: date) -> ReportingRequired:
        return ReportingRequired(committee="SGA", report_months=months, due_on=due_on)

    assert owed(every(12, DAY), STAGES[ReportDue], every(24, OTHER)) == []
    assert owed(every(24, OTHER)) == []
    assert owed(every(24, OTHER), every(12, DAY)) == [SAID[ReportDue]]


@pytest.mark.parametrize(("told", "title"), [((SCHEDULED,), SCHEDULED), ((SCHEDULED, MOVED), MOVED)])
def test_minutes_are_named_by_their_session(told: Sequence[Event], title: Any) -> None:
    [one] = owed(*told, STAGES[MinutesDraftDue])
    assert one.about == title.appointment.title


def test_a_notice_that_asks_for_it_by_another_day_moves_it() -> None:
    notice = amendment(conditions=Conditions(interim_months=3))
    year = InterimProofDue(grant=GRANT_NAME, year=PERIOD.start.year, title="Land", due_on=DAY, stage=-30)
    assert [one.due_on for one in owed(year, notice)] == [date(PERIOD.start.year + 1, 3, 31)]
    assert owed(year.model_copy(update={"year": 2025}), notice) == [], "the period ends in that year"


def test_the_earliest_comes_first() -> None:
    late = InterimProofDue(grant=GRANT_NAME, year=2025, title="Land", due_on=OTHER, stage=-30)
    assert [one.year for one in owed(late, STAGES[InterimProofDue], last=OTHER)] == [2024, 2025]
