"""Council papers: co-signed by whoever was asked, issued, decided by a committee."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.meetings.domain.paper import PAPER, DraftPaper, IssueLiesAhead, IssuePaper, PaperDraftedDifferently
from services.meetings.domain.paper_decisions import (
    CommitteeHasDecided,
    Decided,
    DecidedBeforeIssued,
    RecordCommitteeDecision,
)
from services.meetings.domain.paper_signatures import (
    AnnounceCoSignatures,
    CoSign,
    CoSignatureMissing,
    CoSignatureNotRequested,
    RefuseCoSignature,
    RequestCoSignature,
)
from services.meetings.domain.paper_state import PaperIsIssued, PaperNotIssued, PaperUnknown
from services.meetings.projections import OBLIGATIONS
from services.meetings.projections.obligations import announce
from shared.contracts.meetings import (
    CoSignatureDue,
    CoSignatureRefused,
    CoSignatureRequested,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
)
from shared.declarations.obligations import still_owed
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import stream_name
from shared.kernel.replacing import ChangedMeanwhile
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE
from tests.meetings.stuttgart import tell

given = given_of(PAPER)

NAME = "grdrs-905-2023"
NOTE = "Hinweis zur Koordinierungsstelle Pflegeberufe"
COMMITTEE = "Sozial- und Gesundheitsausschuss"
ISSUED_ON = date(2023, 9, 13)
DECIDED_ON = date(2023, 9, 25)
ABOUT = {"reference": "GRDrs 905/2023", "title": "Kommunale Pflegekonferenz 2.0"}
DECISION = {"paper": NAME, "committee": COMMITTEE, "on": DECIDED_ON, "decision": "adopted"}
DRAFTED = PaperDrafted(paper=NAME, **ABOUT, kind="decision")
ISSUED = PaperIssued(paper=NAME, on=ISSUED_ON, **ABOUT)
DECIDED = PaperDecided.model_validate({**DECISION, **ABOUT})


def requested(department: str) -> CoSignatureRequested:
    return CoSignatureRequested(paper=NAME, department=department)


def signed(department: str, note: str | None = None) -> PaperCoSigned:
    return PaperCoSigned(paper=NAME, department=department, note=note)


def refused(department: str) -> CoSignatureRefused:
    return CoSignatureRefused(paper=NAME, department=department)


def draft(**fields: Any) -> DraftPaper:
    return tell(DraftPaper, **{**dict(DRAFTED), **fields})


def request(department: str) -> RequestCoSignature:
    return tell(RequestCoSignature, paper=NAME, department=department)


def sign(department: str, note: str | None = None) -> CoSign:
    return tell(CoSign, paper=NAME, department=department, note=note)


def refuse(department: str) -> RefuseCoSignature:
    return tell(RefuseCoSignature, paper=NAME, department=department)


def issue(on: date = ISSUED_ON, **said: Any) -> IssuePaper:
    return tell(IssuePaper, paper=NAME, on=on, **said)


def decide(**fields: Any) -> RecordCommitteeDecision:
    return tell(RecordCommitteeDecision, **{**DECISION, **fields})


def test_a_paper_is_drafted_once() -> None:
    given().when(draft()).then(DRAFTED)
    given(DRAFTED).when(draft()).then_nothing()
    given(DRAFTED).when(draft(kind="information")).rejected(PaperDraftedDifferently, paper=NAME)


def test_a_department_is_asked_once_and_again_after_a_refusal() -> None:
    given(DRAFTED).when(request("akr")).then(requested("akr"))
    given(DRAFTED, requested("akr")).when(request("akr")).then_nothing()
    given(DRAFTED, requested("akr"), signed("akr")).when(request("akr")).then_nothing()
    given(DRAFTED, requested("akr"), refused("akr")).when(request("akr")).then(requested("akr"))


def test_who_was_asked_co_signs_with_a_note_or_without() -> None:
    given(DRAFTED, requested("akr")).when(sign("akr", NOTE)).then(signed("akr", NOTE))
    given(DRAFTED, requested("wfb")).when(sign("wfb")).then(signed("wfb"))
    given(DRAFTED, requested("wfb"), signed("wfb")).when(sign("wfb")).then_nothing()


def test_who_was_asked_may_refuse() -> None:
    given(DRAFTED, requested("akr")).when(refuse("akr")).then(refused("akr"))
    given(DRAFTED, requested("akr"), refused("akr")).when(refuse("akr")).then_nothing()


@pytest.mark.parametrize("said", [(), (requested("wfb"),), (requested("akr"), refused("akr"))])
def test_who_was_not_asked_does_not_co_sign(said: Sequence[Event]) -> None:
    given(DRAFTED, *said).when(sign("akr")).rejected(CoSignatureNotRequested, department="akr")


def test_what_a_department_said_stands_until_it_is_asked_again() -> None:
    history = (DRAFTED, requested("akr"), signed("akr"))
    given(*history).when(sign("akr", NOTE)).rejected(CoSignatureNotRequested)
    given(*history).when(refuse("akr")).rejected(CoSignatureNotRequested, department="akr")


def test_a_paper_is_issued_when_everybody_asked_has_co_signed() -> None:
    asked = (DRAFTED, requested("akr"), requested("wfb"))
    given(*asked, signed("akr", NOTE), signed("wfb")).when(issue()).then(ISSUED)
    given(*asked, signed("akr", NOTE)).when(issue()).rejected(CoSignatureMissing, department="wfb")
    given(*asked, signed("wfb"), refused("akr")).when(issue()).rejected(CoSignatureMissing, department="akr")
    given(DRAFTED).when(issue()).then(ISSUED)


def test_a_paper_is_issued_once() -> None:
    given(DRAFTED, ISSUED).when(issue()).then_nothing()
    the_day_before = datetime(2023, 9, 12, 21, tzinfo=UTC)
    given(DRAFTED).when(issue(at=the_day_before)).rejected(IssueLiesAhead, on="13.09.2023")
    given(DRAFTED, ISSUED).when(issue(DECIDED_ON)).rejected(PaperIsIssued, on="13.09.2023")


@pytest.mark.parametrize("command", [request("wfb"), sign("akr"), refuse("akr")])
def test_an_issued_paper_takes_no_co_signature(command: Command) -> None:
    given(DRAFTED, ISSUED).when(command).rejected(PaperIsIssued, paper=NAME)


def test_a_committee_decides_on_an_issued_paper() -> None:
    given(DRAFTED, ISSUED).when(decide()).then(DECIDED)
    given(DRAFTED, ISSUED, DECIDED).when(decide()).then_nothing()
    given(DRAFTED).when(decide()).rejected(PaperNotIssued, paper=NAME)


def test_nothing_is_decided_before_it_was_issued() -> None:
    given(DRAFTED, ISSUED).when(decide(on=ISSUED_ON)).then(DECIDED.model_copy(update={"on": ISSUED_ON}))
    given(DRAFTED, ISSUED).when(decide(on=date(2023, 9, 12))).rejected(DecidedBeforeIssued, on="13.09.2023")


def test_a_committee_decides_again_only_on_what_it_postponed() -> None:
    postponed = DECIDED.model_copy(update={"on": ISSUED_ON, "decision": "postponed"})
    given(DRAFTED, ISSUED, postponed).when(decide()).then(DECIDED)
    given(DRAFTED, ISSUED, DECIDED).when(decide(decision="rejected")).rejected(
        CommitteeHasDecided, committee=COMMITTEE, on="25.09.2023"
    )
    given(DRAFTED, ISSUED, DECIDED).when(decide(committee="Gemeinderat")).then(
        DECIDED.model_copy(update={"committee": "Gemeinderat"})
    )


def test_a_decision_of_before_that_lacks_the_papers_title_is_the_same_decision() -> None:
    of_before = PaperDecided.model_validate(DECISION)
    given(DRAFTED, ISSUED, of_before).when(decide()).then_nothing()
    given(DRAFTED, ISSUED, of_before).when(decide(decision="rejected")).rejected(CommitteeHasDecided)


def test_what_one_committee_decided_stays_when_another_decides() -> None:
    council = DECIDED.model_copy(update={"committee": "Gemeinderat"})
    given(DRAFTED, ISSUED, DECIDED, council).when(decide()).then_nothing()
    given(DRAFTED, ISSUED, council, DECIDED).when(decide(committee="Gemeinderat")).then_nothing()


@pytest.mark.parametrize("command", [request("akr"), sign("akr"), refuse("akr"), issue(), decide()])
def test_what_was_never_drafted_goes_nowhere(command: Command) -> None:
    given().when(command).rejected(PaperUnknown, paper=NAME)


def test_a_co_signature_is_asked_for_by_a_day_and_its_stages_are_said_until_it_is_there() -> None:
    asked = CoSignatureRequested(paper=NAME, department="akr", due_on=date(2023, 9, 8))
    due = CoSignatureDue(paper=NAME, due_on=date(2023, 9, 8), stage=-3, department="akr", reference=DRAFTED.reference)
    say = tell(AnnounceCoSignatures, paper=NAME, says=(due,))
    given(DRAFTED).when(tell(RequestCoSignature, paper=NAME, department="akr", due_on=asked.due_on)).then(asked)
    given(DRAFTED, asked).when(say).then(due)
    given(DRAFTED, asked, due).when(say).then_nothing()
    refused = CoSignatureRefused(paper=NAME, department="akr", reason="Kein Kriterium erfüllt")
    given(DRAFTED, asked).when(told_refused(refused)).then(refused)
    given(DRAFTED, asked, refused).when(say).then_nothing()


def test_a_stage_is_announced_to_the_paper_that_it_is_of() -> None:
    asked = CoSignatureRequested(paper=NAME, department="akr", due_on=date(2023, 9, 8))
    [document] = folded(
        OBLIGATIONS, [DRAFTED, asked], f"{CONFERENCE}/paper/{NAME}", at=datetime(2023, 9, 1, tzinfo=UTC)
    ).values()
    said = announce({**document, "conference": CONFERENCE}, datetime(2023, 9, 6, tzinfo=UTC))
    assert isinstance(said, AnnounceCoSignatures) and said.paper == NAME
    assert [(one.paper, one.reference) for one in said.says] == [(NAME, DRAFTED.reference)]


def told_refused(refused: CoSignatureRefused) -> RefuseCoSignature:
    return tell(RefuseCoSignature, paper=NAME, department=refused.department, reason=refused.reason)


def test_a_co_signature_asked_for_by_another_day_is_owed_by_that_one() -> None:
    first = CoSignatureRequested(paper=NAME, department="akr", due_on=date(2023, 9, 8))
    later = first.model_copy(update={"due_on": date(2023, 9, 12)})
    given(DRAFTED, first).when(tell(RequestCoSignature, paper=NAME, department="akr", due_on=later.due_on)).then(later)
    stream = stream_name(CONFERENCE, "paper", NAME)
    [owed] = folded(OBLIGATIONS, [DRAFTED, first, later], stream).values()
    assert [(one["to"], one["due_on"]) for one in still_owed([{**owed, "stream": stream}])] == [("akr", "2023-09-12")]
    signed = PaperCoSigned(paper=NAME, department="akr", note=None)
    [over] = folded(OBLIGATIONS, [DRAFTED, first, later, signed], stream).values()
    assert still_owed([{**over, "stream": stream}]) == [] and over["due"] is None


def test_whoever_is_asked_by_a_day_is_not_asked_again_without_one() -> None:
    asked = CoSignatureRequested(paper=NAME, department="akr", due_on=date(2023, 9, 8))
    given(DRAFTED, asked).when(request("akr")).then_nothing()


def test_whoever_saw_more_than_is_decided_reads_that_nothing_is() -> None:
    given(DRAFTED, ISSUED).when(decide(replaces=Decided(items=(1,)))).rejected(ChangedMeanwhile, now="nichts")
