"""Whatever falls due around meetings is said once a stage, whatever was moved, done or missed; then nothing is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.meetings.domain.committee_report import (
    COMMITTEE_REPORT,
    RequireReporting,
    SubmitReport,
    WithdrawReport,
    reporting_of,
)
from services.meetings.domain.paper import PAPER
from services.meetings.domain.paper_signatures import CoSign, RefuseCoSignature, RequestCoSignature
from services.meetings.domain.paper_writing import WritePaper
from services.meetings.domain.recommendation import RECOMMENDATION
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_day import CloseSession
from services.meetings.domain.session_minutes import DraftMinutes
from services.meetings.projections import OBLIGATIONS
from services.meetings.projections.obligations import OBLIGED
from shared.contracts.meetings import PaperDrafted, PaperWritten
from shared.contracts.obligations import ObligationDue
from shared.declarations.projection import Document
from shared.kernel.decider import Command, Decider, Event
from shared.kernel.rejections import Rejected
from shared.kernel.time import iso, local_day
from tests.kit.delivered import delivered
from tests.kit.when import CONFERENCE
from tests.meetings import grdrs_905 as source
from tests.meetings import stuttgart
from tests.meetings.stuttgart import tell
from tests.meetings.test_answers_come_to_rest import adopted, command_of
from tests.meetings.test_minutes_due import OPEN
from tests.meetings.test_minutes_written import TERMS
from tests.meetings.test_recommendation_answers import ADDRESSED

COMMITTEE = "Jugendhilfeausschuss"
ABOUT: dict[str, Any] = {"paper": source.NAME, "kind": "decision", "reference": source.REFERENCE, "title": source.TITLE}
BEGIN = datetime(2024, 4, 23, 15, 0, tzinfo=UTC)

Told = Sequence[tuple[Event, datetime]]
Step = tuple[int, bool, str, int]
"""How many days pass, whether somebody looks meanwhile, what is done then, and a number of days or months."""


@dataclass
class Kind:
    """One kind of obligation: how its stream begins, and what may be done."""

    decider: Decider[Any, Any, Any]
    stream: str
    begin: Told
    steps: tuple[str, ...]
    done: Callable[[str, datetime, int], Command]
    said: list[Event] = field(default_factory=list)
    told: list[tuple[Event, datetime]] = field(default_factory=list)

    def document(self) -> Document:
        document: Document | None = None
        for number, (event, at) in enumerate(self.told, start=1):
            if type(event) in OBLIGATIONS.events:
                _, envelope = delivered(event, self.stream, number, at)
                document = OBLIGATIONS.fold(document, event, envelope)
        return {"due": None, **(document or {}), "conference": CONFERENCE, "stream": self.stream}

    def decide(self, command: Command, at: datetime) -> Sequence[Event]:
        try:
            events = self.decider.decide(self.decider.fold([one for one, _ in self.told]), command)
        except Rejected:
            return ()
        self.told += [(event, at) for event in events]
        return events

    def look(self, now: datetime) -> None:
        """As the worker does, and another one that has not heard yet what the first has said."""
        while (document := self.document())["due"] and document["due"] <= iso(now):
            command = OBLIGED.command(document, now)
            said = self.decide(command, now)
            assert said, "what is due and says nothing is due for ever"
            assert not self.decide(command, now), "two have looked at once"
            self.said += said

    def go(self, steps: Sequence[Step]) -> None:
        self.said, self.told, now = [], list(self.begin), BEGIN
        for wait, is_looked, step, number in steps:
            now += timedelta(days=wait)
            if is_looked:
                self.look(now)
            now += timedelta(seconds=1)
            self.decide(self.done(step, now, number), now)
        self.look(now + timedelta(days=4000))


def co_signature(step: str, at: datetime, number: int) -> Command:
    department: dict[str, Any] = {"paper": source.NAME, "department": "akr", "at": at}
    match step:
        case "ask":
            return tell(RequestCoSignature, **department, due_on=local_day(at) + timedelta(days=number))
        case "ask openly":
            return tell(RequestCoSignature, **department, due_on=None)
        case "sign":
            return tell(CoSign, **department, note=None)
        case "refuse":
            return tell(RefuseCoSignature, **department)
        case _:
            text = source.TEXT.model_copy(update={"climate": f"Fassung {number}"})
            return tell(WritePaper, paper=source.NAME, text=text, at=at)


def minutes(step: str, at: datetime, _number: int) -> Command:
    if step == "close":
        return tell(CloseSession, at=at)
    return tell(DraftMinutes, document="Niederschrift 1/2024", terms=TERMS, at=at)


def report(step: str, at: datetime, number: int) -> Command:
    match step:
        case "require":
            months = {"committee": COMMITTEE, "report_months": number % 13 + 1, "since": date(2024, 1, 1)}
            return tell(RequireReporting, **months, at=at)
        case "submit":
            return tell(SubmitReport, on=local_day(at), at=at)
        case _:
            on = local_day(at - timedelta(days=number % 3))
            return tell(WithdrawReport, on=on, since=date(2024, 1, 1), reason="Verschrieben", at=at)


def response(step: str, at: datetime, number: int) -> Command:
    return command_of(step, ADDRESSED.addressee, at, number)


WRITTEN = [(PaperDrafted(**ABOUT), BEGIN), (PaperWritten(paper=source.NAME, text=source.TEXT), BEGIN)]
KINDS = {
    "answer to a recommendation": Kind(
        RECOMMENDATION, f"{CONFERENCE}/recommendation/x", adopted(ADDRESSED), ("ask", "answer", "end"), response
    ),
    "co-signature": Kind(
        PAPER,
        f"{CONFERENCE}/paper/{source.NAME}",
        WRITTEN,
        ("ask", "ask openly", "sign", "refuse", "write"),
        co_signature,
    ),
    "draft of minutes": Kind(SESSION, stuttgart.STREAM, [(one, BEGIN) for one in OPEN], ("close", "draft"), minutes),
    "committee report": Kind(COMMITTEE_REPORT, reporting_of(CONFERENCE), [], ("require", "submit", "withdraw"), report),
}


@cache
def steps_of(name: str) -> st.SearchStrategy[list[Step]]:
    number = st.integers(0, 60)
    return st.lists(st.tuples(number, st.booleans(), st.sampled_from(KINDS[name].steps), number), max_size=8)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60)
@given(st.data())
def test_each_stage_is_said_once_and_then_it_comes_to_rest(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    kind.go(data.draw(steps_of(name)))
    assert all(isinstance(event, ObligationDue) for event in kind.said)
    assert [event for event, number in Counter(kind.said).items() if number > 1] == []
    assert kind.document()["due"] is None


@pytest.mark.parametrize(("name", "step"), [(name, kind.steps[0]) for name, kind in KINDS.items()])
def test_of_each_kind_stages_are_said(name: str, step: str) -> None:
    """So that what is said once is said at all."""
    kind = KINDS[name]
    kind.go([(0, True, step, 20), (40, True, kind.steps[1], 1)])
    assert len(kind.said) > 1
