"""What is kept of each event, to the field: pages, the search and the trees read nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.office.projections import CONFERENCES, ENTRIES, HAPPENED, NAMES, THINGS, name_in
from shared.contracts.funding import GrantApplied, GrantAwarded, InterestClaimed, InterestPaid, Period, ReceiptClaimed
from shared.contracts.meetings import (
    FocusAreaChanged,
    FocusAreaSet,
    PaperDrafted,
    RecommendationDrafted,
    RecommendationRevised,
    SessionScheduled,
)
from shared.contracts.members import (
    ConferenceCorrected,
    ConferenceEstablished,
    EntitlementChanged,
    GuestPoolInvited,
    OrganisationCorrected,
    OrganisationRegistered,
    SeatGroupCorrected,
    SeatGroupOpened,
    SeatVacated,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
)
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from tests.funding.stuttgart import APPLIED, AWARDED, amendment, committed, paid, rendered
from tests.kit.delivered import delivered, folded
from tests.office.test_projections import BOOKED, GOLDEN, STREAM

GROUP = "stuttgart/seat-group/hospitals"
FEW = ("hospitals-1", "hospitals-2")
OPENED = SeatGroupOpened(group="hospitals", number=9, name="Kliniken", kind="delegated", seats=FEW)
VACATED = SeatVacated(group="hospitals", seat="hospitals-2", since=date(2024, 1, 1))
CLAIMED = InterestClaimed(
    grant="state-grant",
    claim="late-1",
    amount=4_200,
    period=Period(start=date(2024, 1, 1), until=date(2024, 3, 1)),
    on=date(2024, 5, 2),
    reference="L 7",
)
INTEREST_PAID = InterestPaid(grant="state-grant", claim="late-1", amount=4_200, on=date(2024, 6, 3))


def remembered(projection: Any, stream: str, *events: Event) -> dict[str, Document]:
    """Without what the runtime keeps in every document."""
    kept = folded(projection, events, stream)
    own = ("_id", "conference", "stream", "sequence")
    return {key: {name: one for name, one in document.items() if name not in own} for key, document in kept.items()}


def test_all_that_an_event_says_is_kept_under_its_id() -> None:
    name = derived_id("test-event", STREAM, "1")
    assert remembered(HAPPENED, STREAM, BOOKED) == {
        name: {
            "type": "ExpenseBooked",
            "service": "funding",
            "at": "2024-01-15T09:00:00.000Z",
            "correlation": name,
            "causation": name,
            "name": "state-grant",
            "fields": BOOKED.model_dump(mode="json"),
        }
    }


def test_correlation_and_causation_are_not_confused() -> None:
    event, envelope = delivered(BOOKED, STREAM)
    one = HAPPENED.fold(None, event, envelope._replace(correlation="a", causation="b"))
    assert (one["correlation"], one["causation"]) == ("a", "b")


@pytest.mark.parametrize(
    ("stream", "event", "part"),
    [
        (GROUP, VACATED, "hospitals-2"),
        (GROUP, OPENED, None),
        (STREAM, BOOKED, BOOKED.expense),
        (STREAM, committed(), committed().commitment),
        (STREAM, paid(), paid().drawdown),
        (STREAM, rendered(), rendered().entry),
        (STREAM, CLAIMED, "late-1"),
        ("stuttgart/session/spring", VACATED, None),
    ],
    ids=str,
)
def test_a_thing_within_a_stream_is_found_as_well_as_the_stream(stream: str, event: Event, part: str | None) -> None:
    assert set(folded(THINGS, [event], stream)) == {stream, *([f"{stream}/{part}"] if part else [])}


def test_a_thing_is_what_it_is_called_and_what_was_last_said_of_it() -> None:
    assert remembered(THINGS, GROUP, OPENED, VACATED) == {
        GROUP: {
            "kind": "seat-group",
            "title": "Kliniken",
            "mail": None,
            "words": ["hospitals", "kliniken", "delegated", *FEW],
            "last": "SeatVacated",
            "at": "2024-01-15T09:00:00.000Z",
        },
        f"{GROUP}/hospitals-2": {
            "kind": "seat-group",
            "title": None,
            "mail": None,
            "words": ["hospitals", "hospitals-2"],
            "last": "SeatVacated",
            "at": "2024-01-15T09:00:00.000Z",
        },
    }


def words(event: Event, stream: str = STREAM) -> list[str]:
    found: list[str] = folded(THINGS, [event], stream)[stream]["words"]
    return found


def test_of_a_long_text_the_beginning_is_found_and_of_a_long_list_the_first_items() -> None:
    long = BOOKED.model_copy(update={"payee": "Ä" * 301})
    assert "ä" * 300 in words(long)
    seats = tuple(f"s-{number}" for number in range(1, 26))
    many = OPENED.model_copy(update={"seats": seats})
    assert [word for word in words(many, GROUP) if word in seats] == list(seats[:20])


@pytest.mark.parametrize(
    "opaque",
    ["0b6f9c1e-0000-5000-8000-000000000000", "a" * 64, "2024-10-16", "2024-10-16T07:10:00.891Z", ""],
)
def test_nobody_looks_for_what_nobody_types(opaque: str) -> None:
    assert words(BOOKED.model_copy(update={"payee": opaque})) == [
        word for word in words(BOOKED) if word != BOOKED.payee
    ]


@pytest.mark.parametrize("typed", ["0b6f9c1e", "a" * 63, "2024-10-161", "x2024-10-16"])
def test_what_only_begins_or_ends_like_it_is_found(typed: str) -> None:
    assert typed in words(BOOKED.model_copy(update={"payee": typed}))


def test_what_stands_within_the_lines_of_a_notice_is_found() -> None:
    assert {line.name.lower() for line in AWARDED.lines} <= set(words(AWARDED))


def test_a_thing_is_found_by_its_own_name_also_where_no_event_says_it() -> None:
    pool = GuestPoolInvited(pool="media", name="Medien")
    assert words(pool, "stuttgart/conference/stuttgart") == ["stuttgart", "media", "medien"]


def test_a_conference_keeps_each_of_its_pools() -> None:
    stream = "stuttgart/conference/stuttgart"
    called = {"name": "Konferenz", "reference": "GRDrs 1", "office": "Sozialamt", "committee": "SGA"}
    [established] = [event for _, event in GOLDEN if type(event) is ConferenceEstablished][:1]
    first = established.model_copy(update=called)
    pools = [GuestPoolInvited(pool=pool, name=pool.upper()) for pool in ("academia", "press")]
    told = {"academia": "ACADEMIA", "press": "PRESS"}
    assert remembered(CONFERENCES, stream, first, *pools) == {"stuttgart": {**called, "pools": told}}
    corrected = ConferenceCorrected(**{**called, "office": "Amt 50"}, reason="Beschluss")
    kept = remembered(CONFERENCES, stream, first, *pools, corrected)
    assert kept == {"stuttgart": {**called, "office": "Amt 50", "pools": told}}


NAMED: dict[type[Event], Callable[[Any], str]] = {
    PaperDrafted: lambda event: event.reference,
    ReceiptClaimed: lambda event: event.receipt_number,
    SessionScheduled: lambda event: event.appointment.title,
    **dict.fromkeys(
        (SeatGroupOpened, SeatGroupCorrected, WorkingGroupEstablished, WorkingGroupCorrected),
        lambda event: event.name,
    ),
    **dict.fromkeys((ConferenceEstablished, ConferenceCorrected), lambda event: event.name),
    **dict.fromkeys(
        (RecommendationDrafted, RecommendationRevised, FocusAreaSet, FocusAreaChanged), lambda event: event.title
    ),
    **dict.fromkeys((GrantApplied, GrantAwarded, type(amendment())), lambda event: event.title),
}


@pytest.mark.parametrize("kind", dict.fromkeys(type(event) for _, event in GOLDEN), ids=lambda kind: kind.__name__)
def test_a_thing_is_called_by_what_says_its_name_and_by_nothing_else(kind: type[Event]) -> None:
    for event in (event for _, event in GOLDEN if type(event) is kind):
        assert name_in(event) == (NAMED[kind](event) if kind in NAMED else None)


def test_of_a_group_are_kept_its_name_its_organisations_and_its_seats() -> None:
    sent = OrganisationRegistered(group="hospitals", organisation="north", name="Nord")
    other = OrganisationRegistered(group="hospitals", organisation="south", name="Süd")
    [corrected] = [event for _, event in GOLDEN if isinstance(event, OrganisationCorrected)][:1]
    again = corrected.model_copy(update={"group": "hospitals", "organisation": "north", "name": "Nord gGmbH"})
    more = EntitlementChanged(group="hospitals", seats=(*FEW, "hospitals-3"), since=date(2024, 1, 1))
    begun = {"kind": "seat-group", "key": "hospitals", "title": "Kliniken"}
    assert remembered(NAMES, GROUP, OPENED) == {GROUP: {**begun, "parts": {}, "seats": 2}}
    assert remembered(NAMES, GROUP, OPENED, sent, other, again, more) == {
        GROUP: {**begun, "parts": {"north": "Nord gGmbH", "south": "Süd"}, "seats": 3}
    }
    assert remembered(NAMES, GROUP, sent) == {
        GROUP: {"kind": "seat-group", "key": "hospitals", "parts": {"north": "Nord"}}
    }


def test_of_a_grant_are_kept_its_title_and_its_lines() -> None:
    lines = {line.line: line.name for line in AWARDED.lines}
    assert remembered(NAMES, STREAM, APPLIED, AWARDED) == {
        STREAM: {"kind": "grant", "key": "state-grant", "title": AWARDED.title, "parts": lines}
    }


def test_interest_is_claimed_and_then_paid() -> None:
    begun = {"what": "interest", "name": "late-1", "amount": 4_200}
    key = f"{STREAM}/interest/late-1"
    assert remembered(ENTRIES, STREAM, CLAIMED) == {key: {**begun, "on": "2024-05-02", "state": "claimed"}}
    assert remembered(ENTRIES, STREAM, CLAIMED, INTEREST_PAID) == {key: {**begun, "on": "2024-06-03", "state": "paid"}}
