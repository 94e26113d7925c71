"""What the pages remember: every event once, things by the words that people type, and trees of what followed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from deploy.contract.records import golden_in
from services.office.desk.paper import STATES, sentence
from services.office.desk.titles import Titles, titles_in
from services.office.projections import CONFERENCES, ENTRIES, HAPPENED, MOST_WORDS, NAMES, THINGS, name_in
from services.office.queries import trees
from services.office.service import SERVICE
from shared.contracts import funding
from shared.contracts.funding import ExpenseBooked, GrantAmended, GrantApplied
from shared.contracts.meetings import (
    FocusAreaChanged,
    FocusAreaSet,
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
    RulesOfProcedure,
    SeatGroupCorrected,
    SeatGroupOpened,
    SeatVacated,
    WorkingGroupEstablished,
)
from shared.contracts.notifications import NotificationQueued, NotificationSent
from shared.contracts.registry import EVENTS, READ_AS, decode, type_name
from shared.contracts.schemas import german_of, shapes_of
from shared.contracts.topics import EVENT_TOPICS, PEOPLE
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Event
from shared.kernel.identifiers import kind_of
from shared.kernel.time import iso
from tests.funding.stuttgart import APPLIED, AWARDED, amendment, committed, paid, rendered, requested
from tests.kit.delivered import folded
from tests.kit.when import NOW

GOLDEN = [
    (golden.record["key"], decode(golden.type, golden.value.encode()))
    for golden in golden_in(Path("contract/records"))
    if golden.type in READ_AS
]
STREAM = "stuttgart/grant/state-grant"
CALLED = {"name": "Konferenz", "reference": "GRDrs 1", "office": "Sozialamt", "committee": "SGA"}
BOOKED = ExpenseBooked.model_validate(
    {
        "grant": "state-grant",
        "expense": "2024-0611",
        "line": "facilitation",
        "purpose": "facilitation",
        "amount": 610000,
        "service_on": date(2024, 10, 16),
        "paid_on": date(2024, 10, 16),
        "payee": "kreditor-101",
        "receipt_number": "2024/0611",
        "booked_by": "office",
    }
)


def test_every_event_that_anybody_says_is_remembered_and_no_persons_details() -> None:
    assert HAPPENED.events == THINGS.events == set(EVENTS.values())
    assert set(SERVICE.hears) == set(EVENT_TOPICS) and PEOPLE not in SERVICE.hears


def shown(projection: Projection, events: Iterable[Event]) -> dict[str, Document]:
    return folded(projection, events, STREAM)


def test_an_event_is_kept_as_it_was_said_and_told_in_german() -> None:
    [one] = shown(HAPPENED, [BOOKED]).values()
    assert one["fields"] == BOOKED.model_dump(mode="json")
    assert sentence(one) == "Die Ausgabe 2024-0611 über 6.100,00 EUR ist auf facilitation gebucht."

    fields = {**one["fields"], "expense": "0b6f9c1e-0000-5000-8000-000000000000"}
    told = sentence({**one, "fields": fields})
    assert told == "Die Ausgabe 0b6f9c1e über 6.100,00 EUR ist auf facilitation gebucht."


LOOKS_LIKE_ANOTHER = (*STATES, "2024-10-16", "2024-10-16T07:10:00.891Z", "0b6f9c1e-0000-5000-8000-000000000000")


@pytest.mark.parametrize(("stream", "event"), GOLDEN, ids=[type(event).__name__ for _, event in GOLDEN])
def test_what_somebody_typed_is_told_as_it_was_typed(stream: str, event: Event) -> None:
    """Also a title that is a state's word, or a name that is a day."""
    [one] = folded(HAPPENED, [event], stream).values()
    name = type_name(event)
    for field in _placeholders(german_of(name)) & {key for key, shape in shapes_of(name).items() if shape == "text"}:
        for typed in LOOKS_LIKE_ANOTHER:
            assert typed in sentence({**one, "fields": {**one["fields"], field: typed}})


def test_what_is_one_of_our_words_or_a_day_is_told_in_german() -> None:
    fields = {"recommendation": "open", "name": "planned", "answer": "partly"}
    told = sentence({"service": "meetings", "type": "RecommendationAnswered", "fields": fields})
    assert told == "Zur Empfehlung open liegt die Antwort vor: planned, teilweise berücksichtigt."


def _placeholders(told: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(told) if name}


@pytest.mark.parametrize(("stream", "event"), GOLDEN, ids=[type(event).__name__ for _, event in GOLDEN])
def test_every_sentence_is_german_and_nothing_of_how_programs_write(stream: str, event: Event) -> None:
    """No list or flag as Python has it, no ISO day, no amount that is both cents and euros, nothing left unsaid."""
    [one] = folded(HAPPENED, [event], stream).values()
    told = sentence(one)
    assert not re.search(r"[\[\]{}']|\bNone\b|\bTrue\b|\bFalse\b|\d{4}-\d\d-\d\d|EUR Cent|\?\.", told), told


def test_whoever_has_not_answered_is_named_by_seat() -> None:
    group = SeatGroupOpened(group="head", number=1, name="Amtsleitung", kind="ex_officio", seats=("head-1",))
    titles = titles_in(folded(NAMES, [group], "stuttgart/seat-group/head").values())
    fields = {"session": "spring", "seats": ["head-1", "hospitals-2"]}
    told = {"service": "meetings", "type": "AnswersMissing", "fields": fields}
    assert sentence(told, titles) == "Zur Sitzung spring fehlt noch die Antwort von Amtsleitung, hospitals-2."


def test_what_an_event_leaves_open_is_a_dash() -> None:
    """A guest has no seat."""
    fields = {"person": "0b6f9c1e-0000-5000-8000-000000000000", "seat": None}
    told = sentence({"service": "notifications", "type": "AddressBounced", "fields": fields})
    assert told == "Die Adresse von Person 0b6f9c1e (Sitz –) nimmt keine E-Mail an."


def test_what_happened_is_kept_with_who_said_it_when_and_because_of_what() -> None:
    [(key, one)] = shown(HAPPENED, [BOOKED]).items()
    kept = {name: value for name, value in one.items() if name not in ("_id", "conference", "stream", "sequence")}
    assert kept == {
        "type": "ExpenseBooked",
        "service": "funding",
        "at": iso(NOW),
        "correlation": key,
        "causation": key,
        "name": "state-grant",
        "fields": BOOKED.model_dump(mode="json"),
    }


def test_a_thing_is_kept_with_what_was_said_of_it_last() -> None:
    pool = GuestPoolInvited(pool="academia", name="Wissenschaft")
    stream = "ulm/conference/ulm"
    [one] = folded(THINGS, [ConferenceEstablished(**CALLED, rules=RulesOfProcedure()), pool], stream).values()
    about = {"kind": "conference", "title": "Konferenz", "mail": None, "last": "GuestPoolInvited", "at": iso(NOW)}
    assert about.items() <= one.items()
    assert one["words"] == ["ulm", "konferenz", "grdrs 1", "sozialamt", "sga", "academia", "wissenschaft"]


def test_a_name_is_found_by_all_of_it_a_long_text_by_its_beginning_and_a_long_list_by_its_first() -> None:
    topics = tuple(f"Thema {number}" for number in range(1, 22))
    group = WorkingGroupEstablished(working_group="ag", name="W" * 293 + " Hospiz", topics=topics)
    [one] = folded(THINGS, [group], "stuttgart/working-group/ag").values()
    assert one["words"] == ["ag", "w" * 293 + " hospiz", *(topic.lower() for topic in topics[:20])]
    drafted = RecommendationDrafted(recommendation="r", working_group="ag", title="T", text="İ" * 301, reasons="R")
    assert "i\u0307" * 300 in shown(THINGS, [drafted])[STREAM]["words"]


@pytest.mark.parametrize(
    ("event", "within"),
    [
        (BOOKED, "2024-0611"),
        (requested("call-9"), "call-9"),
        (committed("contract-9"), "contract-9"),
        (rendered("hours-9"), "hours-9"),
        (funding.InterestPaid(grant="state-grant", claim="claim-9", amount=5, on=date(2025, 7, 1)), "claim-9"),
    ],
)
def test_what_has_a_name_within_a_grant_is_a_thing_of_its_own(event: Event, within: str) -> None:
    assert shown(THINGS, [event]).keys() == {STREAM, f"{STREAM}/{within}"}


NAMED_BY = {
    **dict.fromkeys(("ConferenceEstablished", "ConferenceCorrected", "SeatGroupOpened", "SeatGroupCorrected"), "name"),
    **dict.fromkeys(("WorkingGroupEstablished", "WorkingGroupCorrected"), "name"),
    **dict.fromkeys(("RecommendationDrafted", "RecommendationRevised", "FocusAreaSet", "FocusAreaChanged"), "title"),
    **dict.fromkeys(("GrantApplied", "GrantAwarded", "GrantAmended"), "title"),
    "PaperDrafted": "reference",
    "ReceiptClaimed": "receipt_number",
}


def test_each_event_names_its_thing_by_its_own_field_and_all_others_name_nothing() -> None:
    told = {type(event).__name__ for _, event in GOLDEN}
    assert set(NAMED_BY) <= told
    for _, event in GOLDEN:
        named = getattr(event, NAMED_BY.get(type(event).__name__, ""), None)
        assert name_in(event) == (event.appointment.title if isinstance(event, SessionScheduled) else named)


def test_a_mail_is_known_by_its_kind_and_session() -> None:
    queued = [event for _, event in GOLDEN if isinstance(event, NotificationQueued)]
    [sent, *_] = [event for _, event in GOLDEN if isinstance(event, NotificationSent)]
    known = [folded(THINGS, [one, sent], "stuttgart/mail/m").popitem()[1]["mail"] for one in queued]
    assert known == [
        {"kind": one.content.kind, "session": one.model_dump()["content"].get("session"), "seat": one.seat}
        for one in queued
    ]
    assert any(one["session"] for one in known)


def test_a_receipt_is_found_by_what_stands_on_it() -> None:
    found = shown(THINGS, [BOOKED])
    assert found.keys() == {STREAM, f"{STREAM}/2024-0611"}
    for thing in found.values():
        assert {"2024/0611", "2024-0611", "kreditor-101", "state-grant"} <= set(thing["words"])
        assert not any(word.startswith("2024-10") for word in thing["words"]), "nobody looks for a day"


def test_a_thing_is_found_by_so_many_words_and_no_more() -> None:
    many = [BOOKED.model_copy(update={"receipt_number": f"R{number}"}) for number in range(MOST_WORDS * 2)]
    assert len(shown(THINGS, many)[STREAM]["words"]) == MOST_WORDS == 80


def test_a_thing_is_found_by_every_word_of_its_present_name_whatever_else_is_said_of_it() -> None:
    """Also by a name that looks like a day, and by one that came after all places for words were taken."""
    name = f"{'Kliniken ' * 30}Stuttgart-Ost"
    opened = SeatGroupOpened(group="hospitals", number=9, name=name, kind="delegated", seats=("hospitals-1",))
    others = [
        OrganisationRegistered(group="hospitals", organisation=f"house-{number}", name=f"Haus {number}")
        for number in range(MOST_WORDS)
    ]
    for last in ("Häuser im Osten", "2024-10-16"):
        renamed = SeatGroupCorrected(group="hospitals", number=9, name=last, reason="Beschluss")
        found = shown(THINGS, [opened, *others, renamed])[STREAM]
        assert found["title"] == last and {last.lower(), name.lower()} <= set(found["words"])


@pytest.mark.parametrize("naming", [SessionScheduled, GrantApplied, RecommendationDrafted, WorkingGroupEstablished])
def test_a_thing_is_not_called_by_what_else_its_events_name(naming: type[Event]) -> None:
    """By the golden records: everything else that is ever said of such a thing follows what names it."""
    [stream, *_] = {stream for stream, event in GOLDEN if type(event) is naming}
    others = [event for told, event in GOLDEN if kind_of(told) == kind_of(stream) and type(event) not in NAMES.events]
    first = next(event for _, event in GOLDEN if type(event) is naming)
    assert len(others) > 2
    assert folded(THINGS, [first, *others], stream)[stream]["title"] == name_in(first) is not None


def test_things_are_called_by_their_titles() -> None:
    opened = SeatGroupOpened(
        group="hospitals", number=9, name="Kliniken", kind="delegated", seats=("hospitals-1", "hospitals-2")
    )
    alone = opened.model_copy(update={"group": "head", "name": "Amtsleitung", "seats": ("head-1",)})
    sent = OrganisationRegistered(group="hospitals", organisation="north", name="Klinik Nord")
    renamed = SeatGroupCorrected(group="hospitals", number=9, name="Krankenhäuser", reason="Beschluss")
    documents = [
        *folded(NAMES, [opened, sent, renamed], "stuttgart/seat-group/hospitals").values(),
        *folded(NAMES, [alone], "stuttgart/seat-group/head").values(),
    ]
    titles = titles_in(documents)
    assert titles.seat("hospitals-2") == "Krankenhäuser, Sitz 2" and titles.seat("head-1") == "Amtsleitung"
    assert titles.part("seat-group", "hospitals", "north") == "Klinik Nord"
    assert titles.seat("unknown-1") == "unknown-1" and titles.of("session", None) == "–"
    told = {"service": "members", "type": "OrganisationRegistered", "fields": sent.model_dump(mode="json")}
    assert sentence(told, titles) == "Klinik Nord darf für Krankenhäuser entsenden."


def test_a_group_keeps_its_name_and_its_organisations_whatever_is_said_of_others() -> None:
    opened = SeatGroupOpened(group="head", number=31, name="Amtsleitung", kind="ex_officio", seats=("head-1",))
    sent = [
        OrganisationRegistered(group="head", organisation=one, name=name)
        for one, name in (("north", "Nord"), ("south", "Süd"))
    ]
    corrected = OrganisationCorrected(group="head", organisation="south", name="Süden", reason="Tippfehler")
    more = EntitlementChanged(group="head", seats=("head-1", "head-2"), since=date(2024, 1, 1))
    [named] = folded(NAMES, [opened, *sent, corrected, more], "stuttgart/seat-group/head").values()
    about = {"kind": "seat-group", "key": "head", "title": "Amtsleitung", "seats": 2}
    assert {name: named[name] for name in (*about, "parts")} == {**about, "parts": {"north": "Nord", "south": "Süden"}}


def test_a_group_has_as_many_seats_as_it_is_entitled_to() -> None:
    opened = SeatGroupOpened(group="head", number=31, name="Amtsleitung", kind="ex_officio", seats=("head-1",))
    more = EntitlementChanged(group="head", seats=("head-1", "head-2"), since=date(2024, 1, 1))
    seats = [
        folded(NAMES, told, "stuttgart/seat-group/head").popitem()[1]["seats"] for told in ([opened], [opened, more])
    ]
    assert seats == [1, 2]
    assert folded(THINGS, [named_in_seat()], "stuttgart/seat-group/head").keys() >= {"stuttgart/seat-group/head/head-2"}


def named_in_seat() -> Event:
    return SeatVacated(group="head", seat="head-2", since=date(2024, 1, 1))


def test_a_conference_is_called_as_it_was_corrected_and_knows_its_guest_pools() -> None:
    called = CALLED
    established = ConferenceEstablished(**called, rules=RulesOfProcedure())
    pool = GuestPoolInvited(pool="academia", name="Wissenschaft")
    corrected = {name: f"{text} neu" for name, text in called.items()}
    history = [established, pool, ConferenceCorrected(**corrected, reason="Beschluss")]
    kept = folded(CONFERENCES, history, "stuttgart/conference/stuttgart")
    assert kept.keys() == {"stuttgart"}
    assert kept["stuttgart"].items() >= {**corrected, "pools": {"academia": "Wissenschaft"}}.items()
    kept = folded(CONFERENCES, [established, pool], "stuttgart/conference/stuttgart")
    assert kept["stuttgart"].items() >= {**called, "pools": {"academia": "Wissenschaft"}}.items()


def test_the_lines_of_a_grant_are_called_by_every_notice() -> None:
    renamed = AWARDED.lines[0].model_copy(update={"name": "Moderation"})
    gone = GrantAmended.model_validate({**dict(amendment()), "lines": (renamed,)})
    [grant] = shown(NAMES, [APPLIED, AWARDED, gone]).values()
    assert grant["parts"] == {**{line.line: line.name for line in AWARDED.lines}, renamed.line: "Moderation"}
    assert grant["title"] == APPLIED.title


def test_an_entry_of_a_grant_stands_as_it_is_now() -> None:
    undone = funding.OwnContributionReversed(grant="state-grant", entry="hours-1", amount=1, reason="falscher Tag")
    back = funding.RepaymentRecorded(grant="state-grant", repayment="back-1", amount=5, on=date(2025, 7, 1), left=0)
    entries = shown(ENTRIES, [requested(), paid(), rendered(), back])
    told = {
        key.removeprefix(f"{STREAM}/"): (one["what"], one["name"], one["state"], one["amount"])
        for key, one in entries.items()
    }
    assert told == {
        "drawdown/call-1": ("drawdown", "call-1", "paid", paid().amount),
        "hours/hours-1": ("hours", "hours-1", "recorded", rendered().amount),
        "repayment/back-1": ("repayment", "back-1", "recorded", 5),
    }
    assert entries[f"{STREAM}/repayment/back-1"]["on"] == "2025-07-01"
    over = shown(ENTRIES, [requested(), rendered(), undone])
    assert [(one["state"], one["on"]) for one in over.values()] == [
        ("requested", None),
        ("reversed", rendered().on.isoformat()),
    ]
    hours = entries[f"{STREAM}/hours/hours-1"]
    said = rendered().model_dump(mode="json", include={"on", "amount", "role", "quarter_hours", "activity"})
    assert said.items() <= hours.items() and "rate" not in hours


def test_a_claim_for_interest_is_open_until_it_is_paid() -> None:
    period = {"start": date(2024, 1, 1), "until": date(2024, 3, 31)}
    about: dict[str, object] = {"grant": "state-grant", "claim": "claim-1", "amount": 5}
    claimed = funding.InterestClaimed.model_validate(
        {**about, "period": period, "on": date(2025, 6, 1), "reference": "L 1"}
    )
    settled = funding.InterestPaid.model_validate({**about, "on": date(2025, 7, 1)})
    for history, state, day in (([claimed], "claimed", "2025-06-01"), ([claimed, settled], "paid", "2025-07-01")):
        [(key, one)] = shown(ENTRIES, history).items()
        assert key == f"{STREAM}/interest/claim-1"
        told = (one["what"], one["name"], one["amount"], one["state"], one["on"])
        assert told == ("interest", "claim-1", 5, state, day)


def test_a_recommendation_is_called_by_its_revised_title() -> None:
    drafted = RecommendationDrafted(recommendation="care", title="Kurzzeitpflege", working_group="care")
    revised = RecommendationRevised(recommendation="care", title="Kurzzeitpflege ausbauen", reason="Beratung")
    titles = titles_in(folded(NAMES, [drafted, revised], "stuttgart/recommendation/care").values())
    assert titles.of("recommendation", "care") == "Kurzzeitpflege ausbauen"


def test_a_focus_area_and_a_guest_pool_are_called_by_their_titles() -> None:
    """A pool is invited in its conference's stream, and is listed in one of its own."""
    area = FocusAreaSet(focus_area="care", title="Pflege", since=date(2024, 1, 1))
    renamed = FocusAreaChanged(focus_area="care", title="Gute Pflege", since=date(2024, 1, 1), reason="Beschluss")
    pool = GuestPoolInvited(pool="academia", name="Wissenschaft")
    known = [
        *folded(NAMES, [area, renamed], "stuttgart/focus-area/care").values(),
        *folded(NAMES, [pool], "stuttgart/conference/stuttgart").values(),
    ]
    titles = titles_in(known)
    assert titles.stream("stuttgart/focus-area/care") == "Schwerpunkt: Gute Pflege"
    assert titles.stream("stuttgart/guest-pool/academia") == "Gästeliste: Wissenschaft"
    assert titles.said("pool", "academia", {}) == "Wissenschaft"


def test_what_takes_a_things_place_is_called_by_its_title_whichever_kind_it_is() -> None:
    titles = Titles({("paper", "new"): {"title": "GRDrs 1/2025"}, ("recommendation", "care"): {"title": "Pflege"}})
    assert titles.said("successor", "new", {}) == "GRDrs 1/2025"
    assert titles.said("superseded", "care", {}) == "Pflege"
    assert titles.said("successor", "unknown", {}) is None


def test_what_followed_hangs_under_its_cause() -> None:
    events = [
        {"_id": "a", "causation": "command", "at": "1"},
        {"_id": "b", "causation": "a", "at": "2"},
        {"_id": "c", "causation": "other", "at": "3"},
    ]
    first, second = trees(events)
    assert first.happened is None and second.happened is None
    [a] = first.follows
    [b] = a.follows
    assert (a.happened, b.happened) == (events[0], events[1])
    assert second.follows[0].happened == events[2]
