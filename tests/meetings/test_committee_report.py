"""The committee is reported to every so many months by the rules; each stage of it is said once, until it is done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.meetings.domain.committee_report import (
    COMMITTEE_REPORT,
    AnnounceReport,
    CommitteeReportLiesAhead,
    LaterReportStands,
    ReportingNotRequired,
    ReportUnknown,
    RequireReporting,
    SubmitReport,
    WithdrawReport,
    reporting_of,
)
from services.meetings.projections import OBLIGATIONS
from services.meetings.projections.obligations import announce
from shared.contracts.meetings import ReportDue, ReportingRequired, ReportSubmitted, ReportWithdrawn
from shared.declarations.obligations import still_owed
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from tests.kit.delivered import delivered
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE
from tests.meetings.stuttgart import tell

given = given_of(COMMITTEE_REPORT)

COMMITTEE, SINCE, DUE = "Jugendhilfeausschuss", date(2023, 10, 16), date(2024, 10, 16)
STREAM = reporting_of(CONFERENCE)
REQUIRED = ReportingRequired(committee=COMMITTEE, report_months=12, due_on=DUE)
REPORTED = ReportSubmitted(committee=COMMITTEE, on=date(2024, 9, 30), next_due=date(2025, 9, 30))
AT = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
WITHDRAWN = ReportWithdrawn(committee=COMMITTEE, on=REPORTED.on, next_due=DUE, reason="Verschrieben")
ESTABLISHED = datetime(2023, 10, 16, 9, 0, tzinfo=UTC)


def require(**fields: Any) -> RequireReporting:
    return tell(RequireReporting, **{"committee": COMMITTEE, "report_months": 12, "since": SINCE, **fields})


def submit(**fields: Any) -> SubmitReport:
    return tell(SubmitReport, **{"on": REPORTED.on, "at": AT, **fields})


def withdraw(**fields: Any) -> WithdrawReport:
    return tell(WithdrawReport, **{"on": REPORTED.on, "since": SINCE, "reason": "Verschrieben", "at": AT, **fields})


def due(stage: int, due_on: date = DUE) -> ReportDue:
    return ReportDue(due_on=due_on, stage=stage)


def watched(*history: tuple[Event, datetime]) -> Document:
    document: Document | None = None
    for number, (event, at) in enumerate(history, start=1):
        _, envelope = delivered(event, STREAM, number, at)
        document = OBLIGATIONS.fold(document, event, envelope)
    assert document is not None
    return {**document, "conference": CONFERENCE, "stream": STREAM}


def says(*history: tuple[Event, datetime]) -> tuple[ReportDue, ...]:
    said = announce(watched(*history), AT)
    assert isinstance(said, AnnounceReport) and said.stream == STREAM
    return said.says


def test_a_report_is_owed_so_many_months_after_the_conference_is_established() -> None:
    given().when(require()).then(REQUIRED)
    short = require(since=date(2024, 1, 31), report_months=1)
    given().when(short).then(REQUIRED.model_copy(update={"report_months": 1, "due_on": date(2024, 2, 29)}))


def test_other_rules_or_another_name_move_what_is_owed_and_the_same_say_nothing() -> None:
    given(REQUIRED).when(require()).then_nothing()
    given(REQUIRED, REPORTED).when(require()).then_nothing()
    half = REQUIRED.model_copy(update={"report_months": 6, "due_on": date(2025, 3, 30)})
    given(REQUIRED, REPORTED).when(require(report_months=6)).then(half)
    given(REQUIRED).when(require(committee="Gemeinderat")).then(
        REQUIRED.model_copy(update={"committee": "Gemeinderat"})
    )


def test_a_report_is_recorded_with_the_day_of_the_next_one() -> None:
    given(REQUIRED).when(submit()).then(REPORTED)
    given(REQUIRED).when(submit(paper="905")).then(REPORTED.model_copy(update={"paper": "905"}))
    given(REQUIRED, REPORTED).when(submit()).then_nothing()


@pytest.mark.parametrize("on", [date(2022, 5, 2), date(2024, 2, 1)])
def test_an_earlier_report_recorded_afterwards_brings_the_next_one_not_forward(on: date) -> None:
    given(REQUIRED, REPORTED).when(submit(on=on)).then(REPORTED.model_copy(update={"on": on}))


def test_a_report_from_before_the_conference_brings_the_first_one_not_forward() -> None:
    given(REQUIRED).when(submit(on=date(2022, 5, 2))).then(
        REPORTED.model_copy(update={"on": date(2022, 5, 2), "next_due": DUE})
    )


def test_no_report_lies_ahead_and_none_is_recorded_before_it_is_known_to_whom() -> None:
    given(REQUIRED).when(submit(on=date(2025, 3, 4))).rejected(CommitteeReportLiesAhead, on="04.03.2025")
    given().when(submit()).rejected(ReportingNotRequired)


def test_each_stage_is_said_once_and_none_of_a_day_that_is_over() -> None:
    say = tell(AnnounceReport, says=(due(-14),))
    given(REQUIRED).when(say).then(due(-14))
    given(REQUIRED, due(-14)).when(say).then_nothing()
    given(REQUIRED, REPORTED).when(say).then_nothing()
    given().when(say).then_nothing()


def test_the_office_owes_a_report_until_it_is_submitted_and_then_the_next() -> None:
    first = (REQUIRED, ESTABLISHED)
    [owed] = still_owed([watched(first)])
    assert (owed["obligation"], owed["to"], owed["due_on"], owed["about"]) == (
        "ReportDue",
        "office",
        "2024-10-16",
        f"{CONFERENCE}/committee-report/{CONFERENCE}",
    )
    reported = (REPORTED, datetime(2024, 9, 30, 9, 0, tzinfo=UTC))
    [following] = still_owed([watched(first, (due(-30), ESTABLISHED), reported)])
    assert (following["due_on"], following["said"]) == ("2025-09-30", None)
    assert says(first, reported) == (due(-30, date(2025, 9, 30)),)


def test_of_a_report_that_is_recorded_late_the_last_stage_of_the_next_one_is_said() -> None:
    late = (REPORTED, datetime(2025, 9, 20, 9, 0, tzinfo=UTC))
    assert says((REQUIRED, ESTABLISHED), late) == (due(-14, date(2025, 9, 30)),)


def test_a_report_that_leaves_the_day_as_it_is_leaves_its_stages_as_they_are() -> None:
    earlier = (REPORTED.model_copy(update={"on": date(2022, 5, 2), "next_due": DUE}), ESTABLISHED)
    assert says((REQUIRED, ESTABLISHED), (due(-30), ESTABLISHED), earlier) == (due(-14),)


def test_another_day_opens_only_stages_that_are_yet_to_come() -> None:
    later = REQUIRED.model_copy(update={"report_months": 13, "due_on": date(2024, 11, 16)})
    moved = (later, datetime(2024, 10, 30, 9, 0, tzinfo=UTC))
    assert says((REQUIRED, ESTABLISHED), (due(-30), ESTABLISHED), moved) == (due(-14, later.due_on),)


def test_what_was_missed_while_the_service_was_down_is_said_each_once() -> None:
    history: list[tuple[Event, datetime]] = [(REQUIRED, ESTABLISHED)]
    for stage in (-30, -14, -3, 0, 7):
        assert says(*history) == (due(stage),)
        history.append((due(stage), AT))
    assert watched(*history)["due"] is None


def test_a_report_that_was_recorded_by_mistake_is_taken_back_and_what_was_owed_is_owed_again() -> None:
    given(REQUIRED, REPORTED).when(withdraw()).then(WITHDRAWN)
    given(REQUIRED, REPORTED, WITHDRAWN).when(submit()).then(REPORTED)
    with_paper = REPORTED.model_copy(update={"paper": "905"})
    given(REQUIRED, with_paper).when(withdraw(paper="905")).then(WITHDRAWN.model_copy(update={"paper": "905"}))
    given(REQUIRED, REPORTED, WITHDRAWN).when(tell(AnnounceReport, says=(due(-14),))).then(due(-14))


def test_what_was_not_recorded_so_is_not_taken_back() -> None:
    for wrong in ({"paper": "905"}, {"on": date(2024, 9, 29)}):
        given(REQUIRED, REPORTED).when(withdraw(**wrong)).rejected(ReportUnknown)
    given(REQUIRED, REPORTED, WITHDRAWN).when(withdraw()).rejected(ReportUnknown, on="30.09.2024")
    given().when(withdraw()).rejected(ReportUnknown)


def test_a_report_on_which_a_later_one_stands_is_not_taken_back() -> None:
    later = ReportSubmitted(committee=COMMITTEE, on=date(2025, 3, 1), next_due=date(2026, 3, 1))
    given(REQUIRED, REPORTED, later).when(withdraw()).rejected(LaterReportStands, later="01.03.2025")
    given(REQUIRED, later, REPORTED.model_copy(update={"next_due": later.next_due})).when(withdraw()).then(
        WITHDRAWN.model_copy(update={"next_due": later.next_due})
    )
    given(REQUIRED, REPORTED, later).when(withdraw(on=later.on)).then(
        WITHDRAWN.model_copy(update={"on": later.on, "next_due": REPORTED.next_due})
    )


def test_other_rules_since_then_count_for_what_is_owed_again() -> None:
    half = REQUIRED.model_copy(update={"report_months": 6, "due_on": date(2025, 3, 30)})
    given(REQUIRED, REPORTED, half).when(withdraw()).then(WITHDRAWN.model_copy(update={"next_due": date(2024, 4, 16)}))


def test_what_is_owed_again_says_no_stage_that_was_said_before() -> None:
    reported = (REPORTED, datetime(2024, 10, 3, 9, 0, tzinfo=UTC))
    before = ((REQUIRED, ESTABLISHED), (due(-30), ESTABLISHED), (due(-14), ESTABLISHED), reported)
    soon = (WITHDRAWN, datetime(2024, 10, 4, 9, 0, tzinfo=UTC))
    [owed] = still_owed([watched(*before, soon)])
    assert (owed["due_on"], owed["said"]) == ("2024-10-16", -14)
    assert says(*before, soon) == (due(-3),)
    late = (WITHDRAWN, datetime(2024, 10, 17, 9, 0, tzinfo=UTC))
    assert says(*before, late) == (due(0),), "of the stages that have passed since the last"
    assert says(*before, late, (due(0), AT)) == (due(7),)


def test_a_report_that_is_recorded_once_more_says_no_stage_twice_either() -> None:
    next_one = REPORTED.next_due
    reported, again = (REPORTED, datetime(2025, 9, 1, 9, 0, tzinfo=UTC)), datetime(2025, 9, 2, 9, 0, tzinfo=UTC)
    history = (
        (REQUIRED, ESTABLISHED),
        reported,
        (due(-30, next_one), reported[1]),
        (WITHDRAWN, again),
        (REPORTED, again),
    )
    assert says(*history) == (due(-14, next_one),)


def test_of_two_reports_of_one_day_either_may_be_taken_back() -> None:
    with_paper = REPORTED.model_copy(update={"paper": "905"})
    left = WITHDRAWN.model_copy(update={"next_due": REPORTED.next_due})
    given(REQUIRED, REPORTED, with_paper).when(withdraw()).then(left)
    given(REQUIRED, REPORTED, with_paper).when(withdraw(paper="905")).then(left.model_copy(update={"paper": "905"}))
    given(REQUIRED, REPORTED, with_paper).when(submit()).then_nothing()
