"""What a clerk records of a day has happened on it: a day that lies ahead is a slip of the hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from services.funding.domain.commitments import CommitmentBeforeStart
from services.funding.domain.grant import GrantCommand
from services.funding.domain.notice import RecordRefusal
from services.funding.domain.terms import DayLiesAhead
from shared.kernel.decider import Command, Event
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    GRANTED,
    LONG_AFTER,
    SPRING,
    amend,
    amendment,
    audit,
    award,
    book,
    commit,
    committed,
    correct_payout,
    given,
    paid,
    record_payout,
    repay,
    requested,
    told,
    work,
)
from tests.funding.test_interest import CLAIMED, claim, pay
from tests.funding.test_settlement import PROVED, REDUCED

TODAY, TOMORROW = date(2024, 6, 1), date(2024, 6, 2)
NOW = datetime(2024, 6, 1, 9, tzinfo=UTC)

Tell = Callable[[date, datetime], Command]

WITH_A_DAY: dict[tuple[str, str], tuple[Sequence[Event], Tell]] = {
    ("RecordAward", "notice_on"): ((APPLIED,), lambda day, at: award(notice_on=day, at=at)),
    ("RecordRefusal", "notice_on"): ((APPLIED,), lambda day, at: told(RecordRefusal, notice_on=day, at=at)),
    ("AmendAward", "notice_on"): (GRANTED, lambda day, at: amend(notice_on=day, at=at)),
    ("RegisterCommitment", "on"): (GRANTED, lambda day, at: commit(on=day, at=at)),
    ("BookExpense", "service_on"): (GRANTED, lambda day, at: book(service_on=day, paid_on=TODAY, at=at)),
    ("BookExpense", "paid_on"): (GRANTED, lambda day, at: book(service_on=SPRING, paid_on=day, at=at)),
    ("RecordStaffHours", "on"): (GRANTED, lambda day, at: work(on=day, at=at)),
    ("RecordPayout", "on"): ((*GRANTED, requested()), lambda day, at: record_payout(on=day, at=at)),
    ("CorrectPayout", "on"): ((*GRANTED, requested(), paid()), lambda day, at: correct_payout(on=day, at=at)),
    ("RecordInterestClaim", "on"): (PROVED, lambda day, at: claim(on=day, at=at)),
    ("RecordInterestPayment", "on"): ((*PROVED, CLAIMED), lambda day, at: pay(day, at=at)),
    ("RecordAudit", "on"): (PROVED, lambda day, at: audit(day, at=at)),
    ("RecordRepayment", "on"): ((*PROVED, REDUCED), lambda day, at: repay("back-1", 100, day, at)),
}
AFTER_PROOF = {"RecordAudit", "RecordRepayment", "RecordInterestClaim", "RecordInterestPayment"}


def test_every_day_of_a_command_is_of_the_past() -> None:
    days = {
        (command.__name__, name)
        for command in get_args(GrantCommand)
        for name, field in command.model_fields.items()
        if field.annotation is date
    }
    assert days == WITH_A_DAY.keys()


@pytest.mark.parametrize("day", WITH_A_DAY, ids=".".join)
def test_tomorrow_is_refused_and_today_is_not(day: tuple[str, str]) -> None:
    history, tell = WITH_A_DAY[day]
    late = day[0] in AFTER_PROOF
    now, tomorrow = (LONG_AFTER, date(2026, 3, 3)) if late else (NOW, TOMORROW)
    given(*history).when(tell(tomorrow, now)).rejected(DayLiesAhead)
    given(*history).when(tell(date(2026, 3, 2) if late else TODAY, now)).then_something()


def test_a_further_notice_does_not_move_the_day_from_which_contracts_count() -> None:
    amended: tuple[Any, ...] = (*GRANTED, amendment(notice_on=date(2024, 5, 1)))
    given(*amended).when(commit(on=SPRING)).then(committed(on=SPRING))
    too_early = date(2023, 10, 19)
    given(*amended).when(commit(on=too_early)).rejected(CommitmentBeforeStart, earliest="20.10.2023")
    assert AWARDED.notice_on == date(2023, 10, 20)
