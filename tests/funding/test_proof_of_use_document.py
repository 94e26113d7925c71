"""The proof of use as a document: each figure with the events that it follows from, a revision for ever the same."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pypdf import PdfReader

from services.funding.domain.grant import GrantEvent
from services.funding.proof_answer import as_answer
from services.funding.proof_entries import FrozenRevision, NoProofOfUse, as_list
from services.funding.proof_of_use import as_page, as_pdf, parts_of
from services.funding.queries import revision
from shared.contracts.funding import (
    CommitmentCancelled,
    CommitmentCorrected,
    Offer,
    OwnContributionRecorded,
    PayoutRecorded,
    Procurement,
    ProofOfUseReopened,
)
from shared.contracts.registry import encode, type_name
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.kernel.text import Line
from shared.runtime.commands.commit import GENESIS, CommandMark, Commit, Recorded
from tests.funding.stuttgart import FACILITATION, GRANT_NAME, STREAM, amendment, approved, booked, committed
from tests.funding.test_proof_of_use import BOOKED, FACILITATED, FROZEN, SUBMITTED, WORKSHOP_HELD
from tests.kit.when import CONFERENCE
from tests.kit.world import ListedJournal

BEGUN = datetime(2025, 1, 2, 9, 0, tzinfo=UTC)
REOPENED = ProofOfUseReopened(grant=GRANT_NAME, revision=1, reason="Belege nachgefordert")
LATER = booked("expense-6", amount=11, paid_on=date(2024, 1, 1))
AGAIN = FROZEN.model_copy(update={"revision": 2, "spent": 1_234_667, "payable": 995_264, "receipts": 3})
NASTY = '#panic("x") $x$ *fett* <script>alert(1)</script> // \\ @y `z` [a](b) = Titel'
EVERY = (*BOOKED, FROZEN, SUBMITTED, REOPENED, LATER, approved(LATER), AGAIN)


def id_of(number: int) -> str:
    return derived_id("event", str(number))


def journal(events: Iterable[Event]) -> ListedJournal:
    commits, before = list[Commit](), GENESIS
    for number, event in enumerate(events, start=1):
        at = BEGUN + timedelta(minutes=number)
        recorded = Recorded(id_of(number), type_name(event), encode(event))
        mark = CommandMark(f"c{number}", "Any", "office", "")
        commits.append(Commit(STREAM, number, CONFERENCE, mark, at, id_of(0), id_of(0), (recorded,), before))
        before = commits[-1].hash()
    return ListedJournal(commits)


def frozen(*events: Event) -> FrozenRevision:
    said = [(id_of(number), cast("GrantEvent", event)) for number, event in enumerate(events, start=1)]
    return FrozenRevision(FROZEN, 1, BEGUN, "ab" * 32, said)


def rows(parts: dict[str, Any], title: str | None) -> list[Sequence[Any]]:
    return next(one["rows"] for section in parts["sections"] for one in section["tables"] if one["title"] == title)


def test_figures_stand_in_the_structure_of_the_plan_with_what_they_follow_from() -> None:
    parts = parts_of(frozen(*BOOKED, FROZEN))
    assert rows(parts, "Ausgaben nach Ansätzen") == [
        ["Externe Begleitung", "30.000,00 EUR", "12.345,67 EUR", "17.654,33 EUR", ["A1"]],
        ["Workshop", "7.000,00 EUR", "0,89 EUR", "6.999,11 EUR", ["A2"]],
        ["Material", "3.000,00 EUR", "0,00 EUR", "3.000,00 EUR", []],
    ]
    assert rows(parts, "Finanzierung") == [
        ["Bewilligt", "40.000,00 EUR", ["B2"]],
        ["Ausgezahlt", "10.000,00 EUR", ["E1"]],
        ["Ausgegeben", "12.346,56 EUR", ["A1", "A2"]],
        ["Von der Bewilligung nicht ausgegeben", "27.653,44 EUR", ["B2", "A1", "A2"]],
        ["Eigenanteil, zu erbringen", "10.000,00 EUR", ["B2"]],
        ["Eigenanteil, erbracht", "94,13 EUR", ["S1"]],
        ["Von der Zuwendung zu tragen", "9.952,55 EUR", ["B2", "A1", "A2", "S1"]],
    ]
    numbers = {event: number for number, event in enumerate((*BOOKED, FROZEN), start=1)}
    origins = {number: ids for number, _, ids in parts["origins"]}
    assert origins["A1"] == [id_of(numbers[FACILITATED]), id_of(numbers[approved(FACILITATED)])]
    assert origins["A2"] == [id_of(numbers[WORKSHOP_HELD]), id_of(numbers[approved(WORKSHOP_HELD)])]
    assert [*origins] == ["B1", "B2", "E1", "A1", "A2", "S1"], "what was reversed is no receipt"


def test_receipts_stand_in_the_order_of_their_days_apart_from_income() -> None:
    early = booked("expense-9", FACILITATION, paid_on=date(2024, 1, 5), session="spring")
    history = (*BOOKED, early, approved(early), amendment(), FROZEN)
    parts = parts_of(frozen(*history))
    assert [(row[0], row[1]) for row in rows(parts, "Ausgaben")] == [
        (["A1"], "05.01.2024"),
        (["A2"], "20.03.2024"),
        (["A3"], "20.03.2024"),
    ]
    assert rows(parts, "Einnahmen") == [[["E1"], "20.03.2024", "call-1", "10.000,00 EUR"]]
    [hours] = rows(parts, None)
    assert hours[1:5] == ["20.03.2024", "social-planner", "Vorbereitung der Arbeitsgruppen", "1,50"]
    assert parts["sections"][0]["paragraphs"] == [
        "Beantragt wurden 40.000,00 EUR nach GRDrs 905/2023.",
        "Mit Bescheid vom 20.10.2023 sind 40.000,00 EUR bewilligt.",
        "Mit Bescheid vom 01.02.2024 sind 40.000,00 EUR bewilligt (Grund: Verlängerung).",
        "Externe Begleitung: Belege: 2, zusammen 13.345,67 EUR, darunter für: spring.",
        "Workshop: Belege: 1, zusammen 0,89 EUR.",
        "Material: Hierfür wurde nichts ausgegeben.",
        "Eigene Arbeit (social-planner): 1,50 Stunden. Tätigkeiten: Vorbereitung der Arbeitsgruppen.",
    ]


def test_contracts_stand_with_how_they_came_about_where_that_is_said() -> None:
    how = Procurement(
        way="negotiated",
        contract="SO-118",
        contractor="payee-7",
        offers=(Offer(bidder="payee-7", amount=1_500_000), Offer(bidder="payee-8", amount=1_600_000)),
        reason="wirtschaftlicher",
    )
    dearer = CommitmentCorrected(
        grant=GRANT_NAME, commitment="first", line="facilitation", amount=1_600_000, was=1_500_000, reason="Nachtrag"
    )
    called_off = CommitmentCancelled(
        grant=GRANT_NAME, commitment="second", line="facilitation", unpaid=500_000, reason="nie begonnen"
    )
    first, second = committed("first", amount=1_500_000, procurement=how), committed("second", procurement=how)
    revised = frozen(*BOOKED, first, second, committed("third"), dearer, called_off, FROZEN)
    assert rows(parts_of(revised), "Aufträge und ihre Vergabe") == [
        [
            ["V1"],
            "20.03.2024",
            "SO-118, payee-7",
            "Externe Begleitung",
            "16.000,00 EUR",
            "Verhandlungsvergabe ohne Teilnahmewettbewerb",
            "payee-7\u00a015.000,00 EUR, payee-8\u00a016.000,00 EUR",
            "wirtschaftlicher",
        ]
    ]
    [contract] = as_answer(revised)["contracts"]
    at = len(BOOKED)
    assert contract["events"] == [id_of(at + 1), id_of(at + 4)] and contract["told"]["amount"] == 1_600_000
    assert as_pdf(revised).startswith(b"%PDF-")
    silent = parts_of(frozen(*BOOKED, committed("third"), FROZEN))
    assert len(silent["sections"][2]["tables"]) == 2, "what was frozen before is the same document"


async def test_a_revision_is_the_same_document_whatever_comes_after_it() -> None:
    first = await revision(journal((*BOOKED, FROZEN)), CONFERENCE, GRANT_NAME)
    kept = journal(EVERY)
    assert await revision(kept, CONFERENCE, GRANT_NAME, 1) == first
    assert as_pdf(await revision(kept, CONFERENCE, GRANT_NAME, 1)) == as_pdf(first)
    last = await revision(kept, CONFERENCE, GRANT_NAME)
    assert (last.number, last.frozen, last.hash) == (2, AGAIN, kept.listed[-1].hash())
    assert [row[0] for row in rows(parts_of(last), "Ausgaben")] == [["A1"], ["A2"], ["A3"]]
    for number in (3, 1000):
        with pytest.raises(NoProofOfUse):
            await revision(kept, CONFERENCE, GRANT_NAME, number)
    with pytest.raises(NoProofOfUse):
        await revision(journal(BOOKED), CONFERENCE, GRANT_NAME)


def test_the_document_reads_aloud_and_leads_from_each_figure_to_its_events() -> None:
    document = as_pdf(frozen(*BOOKED, FROZEN))
    assert document == as_pdf(frozen(*BOOKED, FROZEN))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in document and b"/MarkInfo" in document
    pages = PdfReader(io.BytesIO(document)).pages
    words = " ".join("".join(page.extract_text() for page in pages).split())
    for said in ("Verwendungsnachweis", "ab" * 32, "Fassung 1", "9.952,55 EUR", "2024/expense-1", id_of(1)):
        assert re.sub(r"\s", "", said) in re.sub(r"\s", "", words), said
    assert sum(len(page.get("/Annots", ())) for page in pages) >= 15, "numbers are links"


def test_the_page_says_the_same_and_each_number_leads_to_its_events() -> None:
    page = as_page(frozen(*BOOKED, FROZEN))
    for said in ("9.952,55 EUR", "2024/expense-1", "ab" * 32, id_of(1), '<a href="#A1">A1</a>', 'id="A1"'):
        assert said in page, said
    nasty = frozen(*BOOKED, amendment(reason=NASTY), FROZEN)
    assert "<script>" not in as_page(nasty) and "&lt;script&gt;" in as_page(nasty)


def test_the_list_has_a_row_for_each_entry_and_nothing_that_is_computed() -> None:
    odd = booked("expense-9", FACILITATION, receipt_number="=1+1")
    said = frozen(*BOOKED, odd, approved(odd), FROZEN)
    rows = [line.split(";") for line in as_list(said).decode("utf-8-sig").splitlines()]
    assert [row[:2] for row in rows[1:]] == [
        ["E1", "Einnahme"],
        ["A1", "Ausgabe"],
        ["A2", "Ausgabe"],
        ["A3", "Ausgabe"],
        ["S1", "Eigenleistung"],
    ]
    assert rows[2][2:8] == ["20.03.2024", "20.03.2024", "2024/expense-1", "payee-7", "facilitation", "12.345,67"]
    assert rows[4][4] == "'=1+1"
    assert all(row[8] for row in rows)


LINE = TypeAdapter[str](Line)


def accepted(text: str) -> bool:
    try:
        return LINE.validate_python(text) == text
    except ValidationError:
        return False


TYPED = st.one_of(st.text(min_size=1, max_size=300), st.just(NASTY)).filter(accepted)


FIELDS = ("receipt_number", "activity", "rate_source", "title", "grantor", "paper", "reason")
EACH_TYPED = st.fixed_dictionaries(dict.fromkeys(FIELDS, TYPED))


def is_carried(typed: dict[str, str]) -> None:
    history = [
        event.model_copy(update={name: typed[name] for name in typed.keys() & {*type(event).model_fields}})
        for event in BOOKED
    ]
    assert as_pdf(frozen(*history, amendment(reason=typed["reason"]), FROZEN)).startswith(b"%PDF-")


@settings(max_examples=15)
@examples(EACH_TYPED)
def test_whatever_a_rule_lets_somebody_type_the_document_carries(typed: dict[str, str]) -> None:
    is_carried(typed)


@pytest.mark.long
@settings(max_examples=500)
@examples(EACH_TYPED)
def test_whatever_a_rule_lets_somebody_type_the_document_carries_for_long(typed: dict[str, str]) -> None:
    is_carried(typed)


def test_a_word_without_an_end_stays_on_its_page_and_what_has_none_is_set_as_it_was() -> None:
    word = "Beleg" * 40
    long = booked("expense-7", amount=11, paid_on=date(2024, 1, 1), receipt_number=word)
    one = frozen(*BOOKED, long, approved(long), FROZEN)
    written = "".join(page.extract_text() for page in PdfReader(io.BytesIO(as_pdf(one))).pages)
    assert word not in written and word in "".join(written.split()).replace("\u200b", ""), "it goes on in the next line"
    assert "p, td" not in as_page(frozen(*BOOKED, FROZEN))
    assert "p, td { overflow-wrap: anywhere; }" in as_page(one)


def test_the_list_is_the_same_to_the_byte() -> None:
    ids = {event: id_of(number) for number, event in enumerate((*BOOKED, FROZEN), start=1)}
    spent = [f"{ids[one]} {ids[approved(one)]}" for one in (FACILITATED, WORKSHOP_HELD)]
    [payout] = [one for one in BOOKED if isinstance(one, PayoutRecorded)]
    [hours] = [one for one in BOOKED if isinstance(one, OwnContributionRecorded)]
    assert as_list(frozen(*BOOKED, FROZEN)).decode("utf-8-sig").splitlines() == [
        "Nr.;Art;Tag;Leistung am;Beleg;Empfänger;Ansatz;Betrag;Ereignisse",
        f"E1;Einnahme;20.03.2024;;call-1;;;10.000,00;{ids[payout]}",
        f"A1;Ausgabe;20.03.2024;20.03.2024;2024/expense-1;payee-7;facilitation;12.345,67;{spent[0]}",
        f"A2;Ausgabe;20.03.2024;20.03.2024;2024/expense-2;payee-7;workshop;0,89;{spent[1]}",
        f"S1;Eigenleistung;20.03.2024;;Vorbereitung der Arbeitsgruppen;social-planner;;94,13;{ids[hours]}",
    ]


def test_its_head_says_the_last_notice_and_by_whom() -> None:
    """An old notice does not say who grants: that stands in what was applied for."""
    longer = amendment(title=None, grantor=None)
    parts = parts_of(frozen(*BOOKED, longer, FROZEN))
    assert parts["facts"] == [
        ("Zuwendungsgeber", "Ministerium für Soziales, Gesundheit und Integration"),
        ("Bescheide", "Zuwendungsbescheid vom 20.10.2023, Änderungsbescheid vom 01.02.2024"),
        ("Bewilligungszeitraum", "01.11.2023 bis 30.06.2025"),
        ("Vorzulegen bis", "30.06.2025"),
        ("Fassung", "1, abgeschlossen am 02.01.2025"),
        ("Prüfsumme", "ab" * 32),
    ]
    renamed = parts_of(frozen(*BOOKED, amendment(grantor="Landesamt"), FROZEN))
    assert renamed["facts"][0] == ("Zuwendungsgeber", "Landesamt")


def test_a_contract_that_ended_early_counts_with_what_was_paid_and_as_it_was_noted_last() -> None:
    first, last = Procurement(way="direct_order"), Procurement(way="negotiated", contractor="payee-7")
    part = booked("expense-9", FACILITATION, amount=123, commitment="first")
    noted = CommitmentCorrected(
        grant=GRANT_NAME,
        commitment="first",
        line="facilitation",
        amount=600_000,
        was=500_000,
        reason="Nachtrag",
        procurement=last,
    )
    ended = CommitmentCancelled(
        grant=GRANT_NAME, commitment="first", line="facilitation", unpaid=599_877, reason="gekündigt"
    )
    history = (*BOOKED, committed("first", procurement=first), noted, part, approved(part), ended)
    [row] = rows(parts_of(frozen(*history, FROZEN)), "Aufträge und ihre Vergabe")
    assert row[2:] == [
        "first, payee-7",
        "Externe Begleitung",
        "1,23 EUR",
        "Verhandlungsvergabe ohne Teilnahmewettbewerb",
        "",
        "",
    ]
