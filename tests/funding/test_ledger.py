"""A budget year's entries for the finance system: one line an event of money, the same at every export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.funding.domain.notice import GrantNotApplied
from services.funding.ledger import HEADINGS, InJournal, as_list
from services.funding.queries import in_journal, recorded
from shared.contracts.funding import InterestPaid, OwnContributionReversed, RepaymentRecorded
from shared.documents.table import as_stored
from shared.kernel.decider import Event
from tests.funding.stuttgart import FACILITATION, GRANT_NAME, approved, booked, paid, rendered, reversed_, unpaid
from tests.funding.test_proof_of_use import BOOKED, FROZEN
from tests.funding.test_proof_of_use_document import BEGUN, id_of, journal
from tests.kit.when import CONFERENCE

RECORDED = datetime(2025, 1, 2, 9, tzinfo=UTC)
FIRST = booked("expense-1", FACILITATION, amount=123_456, paid_on=date(2024, 12, 30), commitment="contract-1")
SECOND = booked("expense-2", FACILITATION, amount=7, paid_on=date(2024, 12, 31), receipt_number="=1+1")
BACK = RepaymentRecorded(grant=GRANT_NAME, repayment="back-1", amount=5, on=date(2025, 7, 1), left=0)
INTEREST = InterestPaid(grant=GRANT_NAME, claim="zinsen-1", amount=11, on=date(2025, 8, 1))
UNDONE = OwnContributionReversed(grant=GRANT_NAME, entry="hours-1", amount=rendered().amount, reason="falscher Tag")
EVERY = (FIRST, approved(FIRST), SECOND, reversed_(SECOND), paid(), rendered(), UNDONE, BACK, INTEREST)


def said(*events: Event, at: datetime = RECORDED) -> list[InJournal]:
    return [InJournal(id_of(number), number, at, event) for number, event in enumerate(events, start=1)]  # type: ignore[arg-type]


def listed(history: Iterable[InJournal], year: int) -> list[dict[str, str]]:
    file = as_list(GRANT_NAME, list(history), year).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(file, newline=""), delimiter=";"))


def test_a_year_has_a_line_for_each_entry_with_its_events() -> None:
    lines = listed(said(*EVERY), 2024)
    assert [(one["Nr."], one["Art"], one["Tag"], one["Betrag"], one["Stand"]) for one in lines] == [
        ("5", "Einnahme", "20.03.2024", "10.000,00", ""),
        ("6", "Eigenleistung", "20.03.2024", "94,13", ""),
        ("1", "Ausgabe", "30.12.2024", "1.234,56", "freigegeben"),
        ("3", "Ausgabe", "31.12.2024", "0,07", "storniert"),
    ]
    assert lines[2]["Ereignisse"] == f"{id_of(1)} {id_of(2)}" and lines[2]["Auftrag"] == "contract-1"
    assert lines[3]["Beleg"] == "'=1+1" and as_stored(lines[3]["Beleg"]) == "=1+1"
    assert tuple(lines[0]) == HEADINGS


@pytest.mark.parametrize(
    ("later", "state"),
    [
        ((), "gebucht"),
        ((approved(FIRST),), "freigegeben"),
        ((reversed_(FIRST),), "storniert"),
        ((approved(FIRST), reversed_(FIRST)), "storniert"),
    ],
)
def test_an_expense_is_booked_then_approved_or_taken_back(later: tuple[Event, ...], state: str) -> None:
    others = (SECOND, approved(SECOND))
    [line] = [one for one in listed(said(FIRST, *others, *later), 2024) if one["Nr."] == "1"]
    assert line["Stand"] == state


def test_what_is_taken_back_is_a_line_of_its_own_in_the_year_of_its_day() -> None:
    lines = listed(said(*EVERY), 2025)
    assert [(one["Nr."], one["Art"], one["Tag"], one["Betrag"]) for one in lines] == [
        ("4", "Storno einer Ausgabe", "02.01.2025", "0,07"),
        ("7", "Storno einer Eigenleistung", "02.01.2025", "94,13"),
        ("8", "Rückzahlung", "01.07.2025", "0,05"),
        ("9", "Zinsen", "01.08.2025", "0,11"),
    ]
    assert all(one["Ereignisse"] == id_of(int(one["Nr."])) for one in lines)


def test_the_day_of_what_is_taken_back_is_berlins() -> None:
    midnight = datetime(2024, 12, 31, 23, 30, tzinfo=UTC)
    assert [one["Tag"] for one in listed(said(SECOND, reversed_(SECOND), at=midnight), 2025)] == ["01.01.2025"]


def test_a_year_without_entries_has_its_headings_and_an_unknown_grant_none() -> None:
    assert as_list(GRANT_NAME, said(*EVERY), 2023).decode("utf-8-sig") == ";".join(HEADINGS) + "\r\n"
    with pytest.raises(GrantNotApplied):
        as_list(GRANT_NAME, [], 2024)


def test_a_corrected_payout_is_taken_back_on_its_day_and_a_new_line() -> None:
    """A line that was imported stays: the wrong one of the old year is undone by one of the new year."""
    right = paid(amount=900_000, on=date(2025, 1, 2))
    history = said(paid(), unpaid(paid()), right)
    [old] = listed(history, 2024)
    assert (old["Nr."], old["Art"], old["Betrag"]) == ("1", "Einnahme", "10.000,00")
    assert [(one["Nr."], one["Art"], one["Tag"], one["Betrag"], one["Beleg"]) for one in listed(history, 2025)] == [
        ("2", "Storno einer Einnahme", "02.01.2025", "10.000,00", "call-1"),
        ("3", "Einnahme", "02.01.2025", "9.000,00", "call-1"),
    ]


async def test_it_is_made_of_the_journal() -> None:
    found = await in_journal(journal((*BOOKED, FROZEN)), CONFERENCE, GRANT_NAME)
    assert [(one.id, one.sequence) for one in found] == [(id_of(at), at) for at in range(1, len(found) + 1)]
    assert sum(one["Art"] == "Ausgabe" for one in listed(found, 2024)) == 3, "also what was reversed"


@examples(st.integers(0, len(EVERY)))
def test_what_was_exported_once_is_exported_again_unchanged_but_for_its_state(until: int) -> None:
    def lines(history: list[InJournal]) -> dict[str, dict[str, Any]]:
        every = [*listed(history, 2024), *listed(history, 2025)]
        return {one["Nr."]: {**one, "Stand": "", "Ereignisse": one["Ereignisse"].split()[0]} for one in every}

    whole = said(*EVERY)
    early = lines(whole[:until]) if until else {}
    assert lines(whole).items() >= early.items()


def test_a_line_has_every_column_of_its_entry() -> None:
    approved_one = f"{id_of(1)} {id_of(2)}"
    rows = as_list(GRANT_NAME, said(*EVERY), 2024).decode("utf-8-sig").splitlines()
    assert rows == [
        "Nr.;Art;Tag;Leistung am;Beleg;Empfänger;Ansatz;Betrag;Ereignisse;Auftrag;Stand",
        f"5;Einnahme;20.03.2024;;call-1;;;10.000,00;{id_of(5)};;",
        f"6;Eigenleistung;20.03.2024;;Vorbereitung der Arbeitsgruppen;social-planner;;94,13;{id_of(6)};;",
        f"1;Ausgabe;30.12.2024;20.03.2024;2024/expense-1;payee-7;facilitation;1.234,56;{approved_one};contract-1;freigegeben",
        f"3;Ausgabe;31.12.2024;20.03.2024;'=1+1;payee-7;facilitation;0,07;{id_of(3)};;storniert",
    ]
    assert [row.split(";")[3:7] for row in as_list(GRANT_NAME, said(*EVERY), 2025).decode().splitlines()[1:]] == [
        ["20.03.2024", "'=1+1", "payee-7", "facilitation"],
        ["", "Vorbereitung der Arbeitsgruppen", "social-planner", ""],
        ["", "back-1", "", ""],
        ["", "zinsen-1", "", ""],
    ]


async def test_each_event_is_read_with_the_time_of_its_recording() -> None:
    history = (*BOOKED, FROZEN)
    found = await recorded(journal(history), CONFERENCE, GRANT_NAME)
    assert [event for _, event in found] == [*history]
    assert [at for at, _ in found] == [BEGUN + timedelta(minutes=number) for number in range(1, len(history) + 1)]
