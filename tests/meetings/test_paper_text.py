"""A council paper with its text: written, co-signed, corrected, superseded, and decided item by item."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from services.meetings.council_papers import as_told
from services.meetings.domain.paper import PAPER, DraftPaper, IssuePaper
from services.meetings.domain.paper_decisions import (
    AmendedWithoutWording,
    CommitteeHasDecided,
    CommitteeNotOnPath,
    DecidedBeforePostponed,
    DecidedItemByItem,
    DecisionLiesAhead,
    MotionItemIsDecided,
    MotionItemUnknown,
    OutcomeNotOfPurpose,
    RecordCommitteeDecision,
    RecordItemDecision,
)
from services.meetings.domain.paper_signatures import CoSign, CoSignatureMissing
from services.meetings.domain.paper_state import (
    Paper,
    PaperEvent,
    PaperIsIssued,
    PaperIsSuperseded,
    PaperNotIssued,
    PaperUnknown,
)
from services.meetings.domain.paper_writing import (
    CommitteeTwiceOnPath,
    CorrectPaper,
    InformationPaperIsNotDecided,
    MotionIsIssued,
    MotionMissing,
    MotionOfInformation,
    PaperIsDecided,
    PaperNotWritten,
    PaperSucceedsItself,
    SupersedePaper,
    WritePaper,
)
from services.meetings.projections import PAPERS
from shared.contracts.meetings import (
    Consultation,
    CoSignatureRefused,
    CoSignatureRequested,
    ItemOutcome,
    MotionItemDecided,
    PaperCorrected,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    PaperSuperseded,
    PaperText,
    PaperWritten,
)
from shared.documents.paper import as_page, as_pdf, parts_of
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Rejected
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE
from tests.meetings.grdrs_905 import (
    ANNEX,
    CLIMATE,
    COMMITTEE,
    DATED,
    FINANCES,
    MOTION,
    NAME,
    NOTE,
    ODD,
    REASONS,
    REFERENCE,
    SITTING,
    TEXT,
    TITLE,
)
from tests.meetings.stuttgart import tell

given = given_of(PAPER)

ABOUT = {"reference": REFERENCE, "title": TITLE}
DRAFTED = PaperDrafted(paper=NAME, kind="decision", **ABOUT)
INFORMING = PaperDrafted(paper=NAME, kind="information", **ABOUT)
WRITTEN = PaperWritten(paper=NAME, text=TEXT)
ISSUED = PaperIssued(paper=NAME, on=DATED, **ABOUT)
LAID = (DRAFTED, WRITTEN, ISSUED)
COUNCIL = Consultation(committee="Gemeinderat", purpose="information", public=True, on=date(2023, 10, 5))
CHANGED = TEXT.model_copy(update={"climate": None})
REPORT = TEXT.model_copy(update={"motion": (), "consultations": (COUNCIL.model_copy(update={"committee": COMMITTEE}),)})


def write(text: PaperText = TEXT) -> WritePaper:
    return tell(WritePaper, paper=NAME, text=text)


def correct(text: PaperText = CHANGED) -> CorrectPaper:
    return tell(CorrectPaper, paper=NAME, text=text, reason="Versehen")


def supersede(successor: str = "grdrs-1-2024") -> SupersedePaper:
    return tell(SupersedePaper, paper=NAME, successor=successor, reason="Neufassung")


def item(number: int, decision: ItemOutcome = "adopted", **fields: Any) -> MotionItemDecided:
    told = {"paper": NAME, "committee": COMMITTEE, "on": SITTING, "item": number, "decision": decision}
    return MotionItemDecided.model_validate({**told, **fields})


def record(event: MotionItemDecided) -> RecordItemDecision:
    return tell(RecordItemDecision, **dict(event))


def whole(decision: str, on: date = SITTING, committee: str = COMMITTEE) -> PaperDecided:
    return PaperDecided.model_validate({"paper": NAME, "committee": committee, "on": on, "decision": decision, **ABOUT})


def decide(decision: str, on: date = SITTING, committee: str = COMMITTEE) -> RecordCommitteeDecision:
    return tell(RecordCommitteeDecision, paper=NAME, committee=committee, on=on, decision=decision)


def test_a_paper_is_written_until_it_is_issued() -> None:
    given(DRAFTED).when(write()).then(WRITTEN)
    given(DRAFTED, WRITTEN).when(write(CHANGED)).then(PaperWritten(paper=NAME, text=CHANGED))
    given(DRAFTED, WRITTEN).when(write()).then_nothing()
    given(*LAID).when(write(CHANGED)).rejected(PaperIsIssued, on="13.09.2023")
    given().when(write()).rejected(PaperUnknown, paper=NAME)


def test_whoever_has_signed_another_text_is_asked_again() -> None:
    asked = [CoSignatureRequested(paper=NAME, department=name) for name in ("akr", "wfb")]
    signed = PaperCoSigned(paper=NAME, department="akr", note=None)
    history = (DRAFTED, WRITTEN, *asked, signed)
    given(*history).when(write(CHANGED)).then(PaperWritten(paper=NAME, text=CHANGED), asked[0])
    wfb = PaperCoSigned(paper=NAME, department="wfb", note=None)
    given(*history, wfb, PaperWritten(paper=NAME, text=CHANGED), asked[0]).when(
        tell(IssuePaper, paper=NAME, on=DATED)
    ).rejected(CoSignatureMissing, department="akr")


def test_a_long_note_is_kept_in_full() -> None:
    asked = CoSignatureRequested(paper=NAME, department="akr")
    long = "\n".join([NOTE] * 10)
    signed = PaperCoSigned(paper=NAME, department="akr", note="Hinweis", statement=long)
    given(DRAFTED, asked).when(tell(CoSign, paper=NAME, department="akr", note="Hinweis", statement=long)).then(signed)


@pytest.mark.parametrize(
    ("draft", "text", "rule"),
    [
        (DRAFTED, TEXT.model_copy(update={"motion": ()}), MotionMissing),
        (INFORMING, TEXT, MotionOfInformation),
        (INFORMING, TEXT.model_copy(update={"motion": ()}), InformationPaperIsNotDecided),
        (DRAFTED, TEXT.model_copy(update={"consultations": TEXT.consultations * 2}), CommitteeTwiceOnPath),
    ],
)
def test_a_text_fits_the_kind_of_its_paper(draft: PaperDrafted, text: PaperText, rule: type[Rejected]) -> None:
    given(draft).when(write(text)).rejected(rule)
    issued = (draft, PaperWritten(paper=NAME, text=TEXT if draft is DRAFTED else REPORT), ISSUED)
    given(*issued).when(correct(text)).rejected(rule)


def test_an_issued_paper_is_corrected_until_it_is_decided_but_for_its_motion() -> None:
    corrected = PaperCorrected(paper=NAME, text=CHANGED, reason="Versehen")
    given(*LAID).when(correct()).then(corrected)
    given(*LAID, item(1, "postponed"), whole("postponed")).when(correct()).then(corrected)
    given(*LAID, item(1)).when(correct()).rejected(PaperIsDecided, committee=COMMITTEE)
    given(*LAID, whole("adopted")).when(correct()).rejected(PaperIsDecided, committee=COMMITTEE)
    given(*LAID).when(correct(TEXT.model_copy(update={"motion": MOTION[:2]}))).rejected(MotionIsIssued)
    given(DRAFTED, WRITTEN).when(correct()).rejected(PaperNotIssued)
    given(DRAFTED, ISSUED).when(correct()).rejected(PaperNotWritten)


def test_on_a_superseded_paper_nothing_is_said_any_more() -> None:
    superseded = PaperSuperseded(paper=NAME, successor="grdrs-1-2024", reason="Neufassung")
    given(*LAID).when(supersede()).then(superseded)
    given(*LAID, whole("adopted")).when(supersede()).then(superseded)
    given(DRAFTED, WRITTEN).when(supersede()).rejected(PaperNotIssued)
    given(*LAID).when(supersede(NAME)).rejected(PaperSucceedsItself)
    drafted_again = tell(DraftPaper, **dict(DRAFTED))
    for command in (drafted_again, correct(), decide("adopted"), record(item(1)), supersede("grdrs-2-2024")):
        given(*LAID, superseded).when(command).rejected(PaperIsSuperseded, successor="grdrs-1-2024")


def test_the_items_of_the_motion_are_decided_one_by_one_and_then_the_paper() -> None:
    amended = item(2, "amended", wording="Beantragt werden 35.000 EUR.")
    given(*LAID).when(record(item(1))).then(item(1))
    given(*LAID, item(1)).when(record(amended)).then(amended)
    given(*LAID, item(1), amended).when(record(item(3, "rejected"))).then(item(3, "rejected"), whole("adopted"))
    given(*LAID, item(1)).when(record(item(1, "rejected"))).rejected(MotionItemIsDecided, item=1, on="25.09.2023")
    given(*LAID).when(record(item(4))).rejected(MotionItemUnknown, item=4, items=3)
    given(DRAFTED, ISSUED).when(record(item(1))).rejected(MotionItemUnknown, item=1, items=0)
    given(*LAID).when(record(item(1, "amended"))).rejected(AmendedWithoutWording)
    given(*LAID).when(record(item(1, wording="Anders."))).rejected(AmendedWithoutWording)


def test_a_postponed_item_keeps_the_paper_open_until_it_is_decided() -> None:
    later = date(2023, 10, 9)
    before = (*LAID, item(1), item(2))
    given(*before).when(record(item(3, "postponed"))).then(item(3, "postponed"), whole("postponed"))
    history = (*before, item(3, "postponed"), whole("postponed"))
    given(*history).when(record(item(3, on=later))).then(item(3, on=later), whole("adopted", later))
    given(*history).when(decide("rejected", later)).rejected(DecidedItemByItem, open="3")


def test_a_whole_decision_is_one_on_every_item() -> None:
    every = [item(number) for number in (1, 2, 3)]
    given(*LAID).when(decide("adopted")).then(*every, whole("adopted"))
    given(*LAID, *every, whole("adopted")).when(decide("rejected")).rejected(CommitteeHasDecided)
    given(*LAID, item(1)).when(decide("adopted")).rejected(DecidedItemByItem, open="2, 3")


def test_what_a_committee_may_say_is_what_the_paper_is_laid_before_it_for() -> None:
    text = TEXT.model_copy(update={"consultations": (*TEXT.consultations, COUNCIL)})
    laid = (DRAFTED, PaperWritten(paper=NAME, text=text), ISSUED)
    given(*laid).when(decide("noted", committee="Gemeinderat")).then(whole("noted", committee="Gemeinderat"))
    given(*laid).when(decide("adopted", committee="Gemeinderat")).rejected(
        OutcomeNotOfPurpose, purpose="zur Kenntnisnahme", allowed="zur Kenntnis genommen, vertagt"
    )
    given(*laid).when(record(item(1, committee="Gemeinderat"))).rejected(OutcomeNotOfPurpose)
    given(*laid).when(decide("noted")).rejected(OutcomeNotOfPurpose, purpose="zur Beschlussfassung")
    given(*laid).when(decide("adopted", committee="Verwaltungsausschuss")).rejected(
        CommitteeNotOnPath, path=f"{COMMITTEE}, Gemeinderat"
    )


def test_a_paper_for_information_is_noted() -> None:
    for text in ((), (PaperWritten(paper=NAME, text=REPORT),)):
        laid = (INFORMING, *text, ISSUED)
        given(*laid).when(decide("noted")).then(whole("noted"))
        given(*laid).when(decide("adopted")).rejected(OutcomeNotOfPurpose)


def test_nothing_is_decided_in_the_future() -> None:
    ahead = date(2190, 1, 1)
    given(*LAID).when(decide("adopted", ahead)).rejected(DecisionLiesAhead)
    given(*LAID).when(record(item(1, on=ahead))).rejected(DecisionLiesAhead)


def test_what_was_postponed_is_decided_later_and_its_day_can_be_put_right() -> None:
    before = SITTING.replace(day=SITTING.day - 1)
    postponed = (*LAID, item(1, "postponed"), item(2, "postponed"), item(3, "postponed"), whole("postponed"))
    given(*postponed).when(record(item(1, on=before))).rejected(DecidedBeforePostponed, committee=COMMITTEE)
    given(*postponed).when(decide("adopted", before)).rejected(DecidedBeforePostponed)
    given(*postponed).when(record(item(1))).then_something()
    given(*postponed).when(decide("postponed", before)).then_something()
    given(*postponed).when(record(item(1, "postponed", on=before))).then_something()


OUTCOMES = st.sampled_from(("adopted", "amended", "rejected", "postponed"))


@generated(st.lists(st.tuples(st.integers(1, 3), OUTCOMES, st.integers(0, 5)), max_size=12))
def test_a_paper_is_decided_exactly_when_each_item_is(said: list[tuple[int, ItemOutcome, int]]) -> None:
    history: list[PaperEvent] = [*LAID]
    for number, outcome, days in said:
        on = SITTING.replace(day=SITTING.day + days)
        wording = "Anders." if outcome == "amended" else None
        try:
            history += PAPER.decide(PAPER.fold(history), record(item(number, outcome, on=on, wording=wording)))
        except (MotionItemIsDecided, DecidedBeforePostponed):
            continue
        _must_agree(PAPER.fold(history))


def _must_agree(paper: Paper) -> None:
    last = {key: one.decision for key, one in paper.items.items()}
    known = paper.decisions.get(COMMITTEE)
    if len(last) < 3:
        assert known is None
    else:
        is_open, is_adopted = "postponed" in last.values(), {"adopted", "amended"} & {*last.values()}
        assert known and known.decision == ("postponed" if is_open else "adopted" if is_adopted else "rejected")


SAID = (
    DRAFTED,
    WRITTEN,
    CoSignatureRequested(paper=NAME, department="akr"),
    CoSignatureRequested(paper=NAME, department="wfb"),
    PaperCoSigned(paper=NAME, department="akr", note=NOTE),
    PaperCoSigned(paper=NAME, department="wfb", note=None),
    ISSUED,
    item(1),
    item(2, "amended", wording="Beantragt werden 35.000 EUR."),
    item(3),
    whole("adopted"),
)


def test_the_paper_is_set_again_from_its_events_with_all_its_parts() -> None:
    parts = parts_of(as_told(PAPER.fold(SAID), NAME))
    assert (parts["reference"], parts["title"], parts["kind"]) == (REFERENCE, TITLE, "Beschlussvorlage")
    assert parts["facts"] == [
        ("Vorgelegt von", "Referat Soziales und gesellschaftliche Integration"),
        ("GZ", "SI"),
        ("Datum", "13.09.2023"),
        ("Stand", "ausgegeben am 13.09.2023"),
    ]
    assert parts["path"] == [(COMMITTEE, "Beschlussfassung", "öffentlich", "25.09.2023")]
    sections = {one["heading"]: one["numbered"] or one["paragraphs"] for one in parts["sections"]}
    assert sections == {
        "Beschlussantrag": [*MOTION],
        "Begründung": [*REASONS],
        "Klimarelevanz": [CLIMATE],
        "Finanzielle Auswirkungen": [FINANCES],
        "Mitzeichnung der beteiligten Stellen": [
            f"AKR: mitgezeichnet mit Hinweis: {NOTE}",
            "WFB: mitgezeichnet ohne Hinweis",
        ],
        "Vorliegende Anfragen/Anträge": ["---"],
        "Erledigte Anfragen/Anträge": ["---"],
    }
    assert (parts["annexes"], parts["signed_as"]) == ([ANNEX], "Bürgermeisterin")
    [decided] = parts["decisions"]
    assert decided["heading"] == f"{COMMITTEE} am 25.09.2023: beschlossen"
    assert decided["items"] == [
        "Nr. 1: beschlossen",
        "Nr. 2: geändert beschlossen – Beantragt werden 35.000 EUR.",
        "Nr. 3: beschlossen",
    ]


ASKED, REFUSED = CoSignatureRequested(paper=NAME, department="akr"), CoSignatureRefused(paper=NAME, department="akr")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (ASKED, "AKR: angefordert"),
        (REFUSED, "AKR: abgelehnt"),
        (REFUSED.model_copy(update={"reason": "Kein Geld."}), "AKR: abgelehnt – Kein Geld."),
        (PaperCoSigned(paper=NAME, department="akr", note=None), "AKR: mitgezeichnet ohne Hinweis"),
        (PaperCoSigned(paper=NAME, department="akr", note="Ja."), "AKR: mitgezeichnet mit Hinweis: Ja."),
    ],
)
def test_a_co_signature_says_how_it_stands(said: Any, written: str) -> None:
    parts = parts_of(replace(as_told(PAPER.fold(SAID), NAME), co_signatures=[said]))
    [section] = [one for one in parts["sections"] if one["heading"].startswith("Mitzeichnung")]
    assert section["paragraphs"] == [written]


def test_each_committee_has_its_own_items_beneath_its_decision_in_their_order() -> None:
    told = as_told(PAPER.fold(SAID), NAME)
    elsewhere = [item(number).model_copy(update={"committee": "Gemeinderat"}) for number in (2, 1)]
    both = replace(
        told, items=[*elsewhere, *told.items], decisions=[*told.decisions, whole("adopted", committee="Gemeinderat")]
    )
    ours, theirs = parts_of(both)["decisions"]
    assert ours == parts_of(told)["decisions"][0]
    assert theirs["items"] == ["Nr. 1: beschlossen", "Nr. 2: beschlossen"]


def test_page_and_document_have_every_word_and_no_markup_of_what_was_typed() -> None:
    nasty = '#panic("x") $x$ *fett* <script>alert(1)</script> // \\ @y `z` [a](b) = Titel'
    told = as_told(PAPER.fold([*SAID, PaperCorrected(paper=NAME, text=nasty_text(nasty), reason="x")]), NAME)
    page = as_page(told)
    assert "<script>" not in page and page.count("&lt;script&gt;") == 3
    assert as_pdf(told).startswith(b"%PDF-")
    plain = as_told(PAPER.fold(SAID), NAME)
    words = " ".join(re.sub(r"<[^>]+>", " ", as_page(plain).split("</style>")[1]).split())
    for said in (REFERENCE, TITLE, *MOTION, *REASONS, CLIMATE, FINANCES, ANNEX, NOTE, "Bürgermeisterin"):
        assert said in words
    assert as_pdf(plain) == as_pdf(plain) and b"<pdfuaid:part>1</pdfuaid:part>" in as_pdf(plain)


def test_what_is_odd_in_the_paper_is_kept_as_it_is() -> None:
    """Nobody corrects a paper of the council: neither its slips, nor that it says „40.000“ and „rd. 40.000“."""
    page = unescape(as_page(as_told(PAPER.fold(SAID), NAME)))
    assert all(said in page for said in (*ODD, "in Höhe von 40.000 EUR", "von rd. 40.000 EUR"))
    assert "AKR: mitgezeichnet mit Hinweis" in page and "WFB: mitgezeichnet ohne Hinweis" in page


def nasty_text(nasty: str) -> PaperText:
    return TEXT.model_copy(update={"reasons": (nasty,), "annexes": (nasty,), "signed_as": nasty})


def test_a_paper_that_is_not_written_here_is_no_document() -> None:
    with pytest.raises(PaperNotWritten):
        as_told(PAPER.fold([DRAFTED, ISSUED]), NAME)
    with pytest.raises(PaperUnknown):
        as_told(PAPER.fold([]), NAME)


def test_the_register_shows_text_items_and_what_became_of_a_paper() -> None:
    corrected = PaperCorrected(paper=NAME, text=CHANGED, reason="Versehen")
    superseded = PaperSuperseded(paper=NAME, successor="grdrs-1-2024", reason="Neufassung")
    postponed = item(3, "postponed")
    history = (*LAID, corrected, item(1), postponed, item(3), superseded)
    [shown] = folded(PAPERS, history, stream_name(CONFERENCE, "paper", NAME)).values()
    assert shown["text"] == CHANGED.model_dump(mode="json")
    assert shown["corrections"] == ["Versehen"]
    assert [(one["item"], one["decision"]) for one in shown["items"]] == [(1, "adopted"), (3, "adopted")]
    assert (shown["state"], shown["successor"]) == ("superseded", "grdrs-1-2024")
