"""What a grant obliges to is said at each stage once, until it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from hypothesis import given as examples
from hypothesis import strategies as st

from services.funding.domain.grant import GRANT
from services.funding.domain.obligations import AnnounceGrantObligations, GrantDueEvent
from services.funding.obligations import OBLIGATIONS, announce
from shared.contracts.funding import (
    DrawnMoneyDue,
    GrantClosed,
    InterimProofDue,
    ProofOfUseDue,
    ProofOfUseReopened,
    ProofOfUseSubmitted,
    RepaymentRecorded,
)
from shared.declarations.obligations import USUAL_STAGES, still_owed
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from shared.kernel.time import start_of
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    GRANT_NAME,
    GRANTED,
    STREAM,
    amendment,
    awarded,
    booked,
    given,
    paid,
    reversed_,
    told,
)
from tests.kit.delivered import delivered

DAY = AWARDED.proof_due
NOTICE = datetime(2023, 10, 21, 9, 0, tzinfo=UTC)
SUBMITTED = ProofOfUseSubmitted(grant=GRANT_NAME, on=DAY, title=APPLIED.title, due=DAY)
REOPENED = ProofOfUseReopened(grant=GRANT_NAME, revision=1, reason="Belege nachgefordert")


def proof_due(stage: int, due_on: date = DAY) -> ProofOfUseDue:
    return ProofOfUseDue(grant=GRANT_NAME, due_on=due_on, stage=stage, title=APPLIED.title)


def say(*events: GrantDueEvent) -> AnnounceGrantObligations:
    return told(AnnounceGrantObligations, says=events)


class Clockwork:
    """The projection and the deadline over one grant, as the worker runs them; no server."""

    def __init__(self, history: Sequence[tuple[Event, datetime]] = ()) -> None:
        self.document: Document | None = None
        self.history: list[Any] = []
        for event, at in history:
            self.tell(event, at)

    def tell(self, event: Event, at: datetime) -> None:
        self.history.append(event)
        if type(event) in OBLIGATIONS.events:
            _, envelope = delivered(event, STREAM, len(self.history), at)
            kept = {"conference": envelope.conference, "stream": STREAM}
            self.document = {**OBLIGATIONS.fold(self.document, event, envelope), **kept}

    def run_to(self, now: datetime) -> list[GrantDueEvent]:
        """What is said when the worker looks next at this moment."""
        said: list[GrantDueEvent] = []
        while self.document and self.document["due"] and datetime.fromisoformat(self.document["due"]) <= now:
            events = GRANT.decide(GRANT.fold(self.history), announce(self.document, now))
            assert events, "a deadline that says nothing would be looked at for ever"
            for event in events:
                self.tell(event, now)
                said.append(cast("GrantDueEvent", event))
        return said


def at(day: date, days: int = 0) -> datetime:
    return start_of(day) + timedelta(days=days, hours=9)


GRANTED_THEN = [(event, NOTICE) for event in GRANTED]


def test_each_stage_is_said_once_by_the_grants_own_stream() -> None:
    given(*GRANTED).when(say(proof_due(-30))).then(proof_due(-30))
    given(*GRANTED, proof_due(-30)).when(say(proof_due(-30))).then_nothing()
    given(*GRANTED, SUBMITTED).when(say(proof_due(0))).then_nothing()
    given(*GRANTED, GrantClosed(grant=GRANT_NAME, paid=0, title=APPLIED.title)).when(say(proof_due(0))).then_nothing()


def test_after_a_time_of_being_down_each_stage_that_was_missed_is_said() -> None:
    worker = Clockwork(GRANTED_THEN)
    assert worker.run_to(at(DAY, -31)) == []
    assert worker.run_to(at(DAY, -30)) == [proof_due(-30)]
    assert worker.run_to(at(DAY, 20)) == [proof_due(stage) for stage in USUAL_STAGES[1:]]
    assert worker.run_to(at(DAY, 400)) == []


def test_what_is_done_is_not_said_and_what_is_opened_again_is_said_from_then_on() -> None:
    worker = Clockwork([*GRANTED_THEN, (SUBMITTED, at(DAY, -20))])
    assert worker.run_to(at(DAY, -4)) == []
    assert worker.document and still_owed([worker.document]) == []
    worker.tell(REOPENED, at(DAY, -4))
    assert worker.run_to(at(DAY, 1)) == [proof_due(-3), proof_due(0)]


def test_what_is_opened_again_after_its_day_is_said_at_once_and_once() -> None:
    """Unless that stage was said before it was done."""
    for submitted, reopened, said_before, said_then in (
        (-20, 20, [-30], [7]),
        (-20, 3, [-30], [0, 7]),
        (-1, 3, [-30, -14, -3], [0, 7]),
        (1, 3, [-30, -14, -3, 0], [7]),
        (1, 20, [-30, -14, -3, 0], [7]),
        (8, 20, [-30, -14, -3, 0, 7], []),
    ):
        worker = Clockwork(GRANTED_THEN)
        assert worker.run_to(at(DAY, submitted)) == [proof_due(stage) for stage in said_before]
        worker.tell(SUBMITTED, at(DAY, submitted))
        assert worker.run_to(at(DAY, reopened)) == []
        worker.tell(REOPENED, at(DAY, reopened))
        first = [proof_due(stage) for stage in said_then if stage < 7 or reopened > 7]
        assert worker.run_to(at(DAY, reopened)) == first, "at once"
        worker.tell(SUBMITTED, at(DAY, reopened))
        worker.tell(REOPENED, at(DAY, reopened))
        assert [*first, *worker.run_to(at(DAY, 400))] == [proof_due(stage) for stage in said_then], "once"


def test_drawn_money_that_is_not_used_after_all_is_said_at_once() -> None:
    use_by, expense = date(2024, 5, 20), booked(amount=300_000)
    told = [*GRANTED_THEN, (paid("call-1", 300_000, use_by=use_by), at(use_by, -60)), (expense, at(use_by, -40))]
    late = DrawnMoneyDue(grant=GRANT_NAME, drawdown="call-1", due_on=use_by, stage=7, drawn=300_000)
    for on_its_way, said in (([], [late]), ([late], [])):
        worker = Clockwork(told)
        for event in (*on_its_way, reversed_(expense)):
            worker.tell(event, at(use_by, 30))
        assert worker.run_to(at(use_by, 30)) == said


def test_another_day_opens_only_stages_that_are_yet_to_come() -> None:
    worker = Clockwork(GRANTED_THEN)
    assert len(worker.run_to(at(DAY, 8))) == len(USUAL_STAGES)
    later = date(2025, 7, 20)
    worker.tell(amendment(proof_due=later, period=AWARDED.period), at(later, -10))
    assert worker.run_to(at(later, 30)) == [proof_due(stage, later) for stage in (-3, 0, 7)]
    worker.tell(amendment(2, proof_due=later, period=AWARDED.period), at(later, 31))
    assert worker.run_to(at(later, 60)) == []


def test_of_what_had_passed_before_it_was_known_the_last_stage_is_said() -> None:
    worker = Clockwork([(event, at(DAY, 100)) for event in GRANTED])
    assert worker.run_to(at(DAY, 100)) == [proof_due(7)]


def test_drawn_money_is_used_in_the_order_in_which_it_was_drawn() -> None:
    use_by = date(2024, 5, 20)
    drawn = [paid("call-1", 300_000, use_by=use_by), paid("call-2", 200_000, use_by=use_by)]
    worker = Clockwork([*GRANTED_THEN, *((event, at(use_by, -60)) for event in drawn)])

    def due(name: str, stage: int, sum_: int) -> DrawnMoneyDue:
        return DrawnMoneyDue(grant=GRANT_NAME, drawdown=name, due_on=use_by, stage=stage, drawn=sum_)

    assert worker.run_to(at(use_by, -30)) == [due("call-1", -30, 300_000), due("call-2", -30, 500_000)]
    expense = booked(amount=300_000)
    worker.tell(expense, at(use_by, -20))
    assert worker.run_to(at(use_by, -14)) == [due("call-2", -14, 500_000)]
    worker.tell(reversed_(expense), at(use_by, -10))
    assert worker.run_to(at(use_by, -3)) == [due("call-1", -3, 300_000), due("call-2", -3, 500_000)]
    assert worker.document is not None
    [*owed] = still_owed([worker.document])
    assert [(one["obligation"], one["due_on"], one["said"], one["to"]) for one in owed] == [
        ("DrawnMoneyDue", "2024-05-20", -3, "office"),
        ("DrawnMoneyDue", "2024-05-20", -3, "office"),
        ("ProofOfUseDue", "2025-06-30", None, "office"),
    ]


STEP = st.tuples(st.sampled_from(["look", "submit", "reopen", "move", "pay", "spend"]), st.integers(0, 60))


@examples(st.lists(STEP, max_size=15))
def test_whatever_happens_no_stage_of_a_day_is_said_twice(steps: list[tuple[str, int]]) -> None:
    worker, now, said = Clockwork(GRANTED_THEN), at(DAY, -90), list[GrantDueEvent]()
    for number, (step, days) in enumerate(steps):
        now += timedelta(days=days)
        match step:
            case "submit":
                worker.tell(SUBMITTED, now)
            case "reopen":
                worker.tell(REOPENED, now)
            case "move":
                worker.tell(amendment(number + 1, proof_due=now.date(), period=AWARDED.period), now)
            case "pay":
                worker.tell(paid(f"call-{number}", 100_000, use_by=now.date() + timedelta(days=days)), now)
            case "spend":
                worker.tell(booked(f"expense-{number}", amount=100_000), now)
            case _:
                said += worker.run_to(now)
    assert len(said) == len(set(said))


def test_drawn_money_is_used_to_its_last_cent_by_spending_it_or_paying_it_back() -> None:
    use_by = date(2024, 5, 20)
    for last, left in ((0, ["call-1"]), (1, [])):
        back = RepaymentRecorded(grant=GRANT_NAME, repayment="back-1", amount=100_000 + last, on=use_by, left=0)
        spent = (paid("call-1", 300_000, use_by=use_by), booked(amount=199_999), back)
        worker = Clockwork([*GRANTED_THEN, *((event, at(use_by, -60)) for event in spent)])
        said = [one for one in worker.run_to(at(use_by, -30)) if isinstance(one, DrawnMoneyDue)]
        assert [one.drawdown for one in said] == left


def test_a_closed_grant_obliges_to_nothing() -> None:
    worker = Clockwork([*GRANTED_THEN, (paid("call-1", 300_000, use_by=DAY), NOTICE)])
    assert worker.document and len(still_owed([worker.document])) == 2
    worker.tell(GrantClosed(grant=GRANT_NAME, paid=0, title=APPLIED.title), NOTICE)
    assert still_owed([worker.document]) == []


def test_each_stage_of_an_interim_proof_is_said_by_its_year() -> None:
    due_on = date(2024, 4, 30)
    worker = Clockwork([(APPLIED, NOTICE), (awarded(interim_months=4), NOTICE)])
    stages = [
        InterimProofDue(grant=GRANT_NAME, due_on=due_on, stage=stage, year=2023, title=APPLIED.title)
        for stage in USUAL_STAGES
    ]
    assert worker.run_to(at(due_on, -31)) == []
    assert worker.run_to(at(due_on, 30)) == stages


def test_a_notice_of_before_names_what_it_is_about_by_what_is_known() -> None:
    silent = AWARDED.model_copy(update={"title": None})
    [alone] = Clockwork([(APPLIED, NOTICE), (silent, NOTICE)]).run_to(at(DAY, -30))
    assert alone == proof_due(-30).model_copy(update={"title": GRANT_NAME})
    later = amendment(proof_due=DAY, period=AWARDED.period, title=None)
    [known] = Clockwork([*GRANTED_THEN, (later, NOTICE)]).run_to(at(DAY, -30))
    assert known == proof_due(-30)
