"""What the conference did in a grant's time stands in its proof of use: by group, as it was told when it was frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

from hypothesis import given as examples
from hypothesis import settings

from services.funding import queries
from services.funding.activities import ADOPTED, PROJECTIONS, SEAT_GROUPS, SESSIONS, activities_in
from services.funding.domain.proof import FreezeProofOfUse
from services.funding.proof_answer import ProofOfUse, as_answer
from services.funding.proof_entries import FrozenRevision, as_list
from services.funding.proof_of_use import as_page, as_pdf, parts_of
from services.funding.service import SERVICE
from shared.contracts.funding import (
    Activities,
    Offer,
    Period,
    Procurement,
    RecommendationMade,
    SeatsOfGroup,
    SessionHeld,
)
from shared.contracts.meetings import (
    AdoptionTakenBack,
    AttendanceWithdrawn,
    DepartureRecorded,
    RecommendationAdopted,
    SessionClosed,
    SessionRescheduled,
)
from shared.contracts.members import SeatGroupCorrected, SeatGroupOpened
from shared.declarations.projection import Document, Key, Projection
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id, stream_name
from tests.funding.stuttgart import committed, freeze, given, told
from tests.funding.test_proof_of_use import BOOKED, FROZEN
from tests.funding.test_proof_of_use_document import TYPED, frozen, rows
from tests.kit.delivered import delivered, folded
from tests.kit.projected import Projected
from tests.kit.when import CONFERENCE, person
from tests.kit.world import World
from tests.meetings import stuttgart as spring

GRANT_TIME = Period(start=date(2023, 11, 1), until=date(2024, 12, 31))
GUEST = spring.arrived(1).model_copy(update={"person": person(90), "seat": None})
OPENED = SeatGroupOpened(
    group="hospitals", number=3, name="Krankenhäuser", kind="delegated", seats=("hospitals-1", "hospitals-2")
)
CALLED = SeatGroupCorrected(group="hospitals", number=3, name="Kliniken", reason="Verschrieben")
HELD = (*spring.OPEN, GUEST, DepartureRecorded(session=spring.NAME, person=person(1), seat="hospitals-1"))
CLOSED = SessionClosed(session=spring.NAME)
CLOSING = derived_id("test-event", "closing")
KNOWN = {
    "session": "spring",
    "kind": "plenary",
    "on": "2024-04-23",
    "closed": CLOSING,
    "came": [{"person": person(1), "seat": "hospitals-1"}],
}
ADOPTION = RecommendationAdopted(recommendation="housing", session=spring.NAME, by="consensus", title="Personalwohnen")


def of(projection: Projection, kind: str, key: str, history: Iterable[Event]) -> list[Document]:
    return [*folded(projection, history, stream_name(CONFERENCE, kind, key)).values()]


def done(
    *sessions: Event,
    period: Period = GRANT_TIME,
    groups: Iterable[Event] = (OPENED, CALLED),
    adoptions: Iterable[Event] = (ADOPTION,),
) -> Activities:
    return activities_in(
        period,
        of(SEAT_GROUPS, "seat-group", "hospitals", groups),
        of(SESSIONS, "session", spring.NAME, sessions),
        of(ADOPTED, "recommendation", "housing", adoptions),
    )


DONE = done(*HELD, CLOSED)
WITH = FROZEN.model_copy(update={"activities": DONE})


def id_of(kind: str, key: str, sequence: int) -> str:
    return derived_id("test-event", stream_name(CONFERENCE, kind, key), str(sequence))


def test_a_session_that_was_held_is_told_by_group_with_everybody_who_came() -> None:
    assert DONE.sessions == (
        SessionHeld(
            session=spring.NAME,
            kind="plenary",
            title="Frühjahrssitzung",
            on=date(2024, 4, 23),
            groups=(SeatsOfGroup(group="hospitals", name="Kliniken", seats=2),),
            guests=1,
            event=id_of("session", spring.NAME, len(HELD) + 1),
        ),
    )
    assert DONE.recommendations == (
        RecommendationMade(
            recommendation="housing",
            title="Personalwohnen",
            session=spring.NAME,
            on=date(2024, 4, 23),
            event=id_of("recommendation", "housing", 1),
        ),
    )


def test_whoever_was_recorded_by_mistake_or_is_not_invited_any_more_did_not_come() -> None:
    mistaken = AttendanceWithdrawn(session=spring.NAME, person=person(90), seat=None, reason="Verwechselt")
    [session] = done(*HELD, spring.withdrawn(spring.seated(2)), CLOSED, mistaken).sessions
    assert (session.groups[0].seats, session.guests) == (1, 0)


def test_what_was_not_held_or_lies_outside_the_period_is_not_told() -> None:
    assert done(*HELD).sessions == ()
    late = Period(start=date(2024, 4, 24), until=date(2024, 12, 31))
    assert done(*HELD, CLOSED, period=late) == Activities(sessions=(), recommendations=())
    last_day = Period(start=date(2024, 1, 1), until=date(2024, 4, 23))
    assert len(done(*HELD, CLOSED, period=last_day).sessions) == 1
    moved = SessionRescheduled(session=spring.NAME, appointment=spring.MOVED_TO, recipients=())
    assert done(*spring.PLANNED, moved, CLOSED).sessions[0].on == date(2024, 5, 7)


def test_what_was_not_adopted_after_all_is_not_told() -> None:
    taken_back = AdoptionTakenBack(recommendation="housing", session=spring.NAME, reason="Verschrieben")
    assert done(*HELD, CLOSED, adoptions=(ADOPTION, taken_back)).recommendations == ()
    assert done(*HELD, CLOSED, adoptions=(taken_back,)).recommendations == ()
    [again] = done(*HELD, CLOSED, adoptions=(ADOPTION, taken_back, ADOPTION)).recommendations
    assert again.event == id_of("recommendation", "housing", 3)


def test_a_group_of_which_members_has_not_told_is_called_by_its_key() -> None:
    assert done(*HELD, CLOSED, groups=()).sessions[0].groups[0].name == "hospitals"


def test_freezing_keeps_what_was_done() -> None:
    given(*BOOKED).when(told(FreezeProofOfUse, at=freeze().at, activities=DONE)).then(WITH)


def test_the_document_tells_it_with_numbers_that_lead_to_its_events() -> None:
    revision = revised(WITH)
    parts = parts_of(revision)
    assert rows(parts, "Sitzungen und Workshops") == [
        [["T1"], "23.04.2024", "Plenum", "Frühjahrssitzung", "2", "Kliniken\u00a02", "1"]
    ]
    assert rows(parts, "Beschlossene Empfehlungen") == [[["R1"], "23.04.2024", "Personalwohnen", "Frühjahrssitzung"]]
    origins = {number: ids for number, _, ids in parts["origins"]}
    assert (origins["T1"], origins["R1"]) == ([DONE.sessions[0].event], [DONE.recommendations[0].event])
    assert as_pdf(revision) == as_pdf(revised(WITH)) and b"<pdfuaid:part>1</pdfuaid:part>" in as_pdf(revision)
    assert not any(person(number) in as_page(revision) for number in (1, 2, 90))
    assert as_list(revision) == as_list(revised(FROZEN)), "the finance system is told of money alone"


def test_what_was_frozen_before_stays_the_same_to_the_byte() -> None:
    page = as_page(revised(FROZEN))
    assert hashlib.sha256(page.encode()).hexdigest() == (
        "f9edace8e4323adccc93fe790968e2215aa357586c170ec62cfdb165d8c85da7"
    )
    assert "activities" not in FROZEN.model_dump_json()


def test_of_one_day_they_stand_in_the_order_of_their_names_however_they_came() -> None:
    [session], [adopted] = DONE.sessions, DONE.recommendations
    names = ("a", "b", "c")
    sessions = [session.model_copy(update={"session": name, "title": name}) for name in names]
    made = [adopted.model_copy(update={"recommendation": name, "title": name}) for name in names]
    for order in permutations(range(3)):
        typed = DONE.model_copy(
            update={"sessions": tuple(sessions[at] for at in order), "recommendations": tuple(made[at] for at in order)}
        )
        parts = parts_of(revised(FROZEN.model_copy(update={"activities": typed})))
        for title, column in (("Sitzungen und Workshops", 3), ("Beschlossene Empfehlungen", 2)):
            assert [(row[0], row[column]) for row in rows(parts, title)] == [
                ([f"{title[0].replace('S', 'T').replace('B', 'R')}{at}"], name) for at, name in enumerate(names, 1)
            ]


def test_every_table_of_the_document_is_set_as_it_was_approved() -> None:
    """Headings, widths and columns of amounts, of a proof with everything that one can have."""
    offers = (Offer(bidder="payee-7", amount=1), Offer(bidder="payee-8", amount=2))
    how = Procurement(way="negotiated", contract="SO-1", contractor="payee-7", offers=offers, reason="günstiger")
    plain = frozen(*BOOKED, committed("first", procurement=how), FROZEN)
    whole = parts_of(FrozenRevision(WITH, plain.number, plain.at, plain.hash, plain.said))
    tables = [table for part in whole["sections"] for table in part["tables"]]
    approved = json.loads(Path(__file__).with_name("proof_tables.json").read_text())
    assert [[one["title"], one["headings"], one["widths"], one["sums"]] for one in tables] == approved


def test_the_answer_has_each_figure_in_cents_and_the_events_of_each_entry() -> None:
    answer = as_answer(revised(WITH))
    shown = ProofOfUse.model_validate_json(json.dumps(answer))
    assert (shown.figures.spent, shown.figures.payable, shown.revision) == (1_234_656, 995_255, 1)
    assert shown.activities == DONE and as_answer(revised(FROZEN))["activities"] is None
    document = {number: ids for number, _, ids in parts_of(revised(FROZEN))["origins"]}
    entries = [*shown.notices, *shown.income, *shown.expenses, *shown.own_contribution]
    assert {one.number: one.events for one in entries} == document
    assert [one.told["amount"] for one in shown.expenses] == [1_234_567, 89]


def test_a_grant_tells_what_was_done_in_its_document_alone() -> None:
    """Projections of funding hold no list of sessions beside their own."""
    wanted = {event for projection in PROJECTIONS for event in projection.events}
    assert SessionClosed in wanted and wanted <= SERVICE.wanted
    event, envelope = delivered(WITH, stream_name(CONFERENCE, "grant", WITH.grant), at=datetime.fromisoformat(AT))
    for projection in set(SERVICE.projections) - set(PROJECTIONS):
        if type(event) in projection.events and projection.name == "grants":
            assert "activities" not in projection.fold({}, event, envelope)["proof"]


AT = "2025-01-02T09:00:00+00:00"


def revised(event: Any) -> FrozenRevision:
    plain = frozen(*BOOKED, FROZEN)
    return FrozenRevision(event, plain.number, plain.at, plain.hash, plain.said)


@settings(max_examples=9)
@examples(TYPED, TYPED, TYPED)
def test_whatever_a_session_is_called_the_document_carries(title: str, name: str, adopts: str) -> None:
    [session], [adopted] = DONE.sessions, DONE.recommendations
    group = session.groups[0].model_copy(update={"name": name})
    typed = DONE.model_copy(
        update={
            "sessions": (session.model_copy(update={"title": title, "groups": (group,)}),),
            "recommendations": (adopted.model_copy(update={"title": adopts}),),
        }
    )
    assert as_pdf(revised(FROZEN.model_copy(update={"activities": typed}))).startswith(b"%PDF-")


def test_the_first_day_of_a_grant_belongs_to_its_time_and_what_was_adopted_nowhere_is_not_told() -> None:
    first_day = Period(start=date(2024, 4, 23), until=date(2024, 12, 31))
    told = done(*HELD, CLOSED, period=first_day)
    assert (len(told.sessions), len(told.recommendations)) == (1, 1)
    assert done() == Activities(sessions=(), recommendations=())


def test_groups_stand_in_the_papers_order_and_what_is_unknown_behind_them() -> None:
    seats = ("unknown-1", "b-1", "a-1", "a-2", "z-1", "another-1")
    came = [{"person": person(at), "seat": seat} for at, seat in enumerate(seats)]
    held = {"_id": "s", "session": "s", "kind": "plenary", "title": "S", "on": "2024-04-23", "closed": CLOSING}
    numbers = {"b": 1, "a": 2, "z": 999}
    groups = [{"group": group, "number": number, "name": group.upper()} for group, number in numbers.items()]
    [session] = activities_in(GRANT_TIME, groups, [{**held, "came": came}], []).sessions
    assert [(one.name, one.seats) for one in session.groups] == [
        *(("B", 1), ("A", 2), ("Z", 1)),
        *(("another", 1), ("unknown", 1)),
    ]


def test_sessions_stand_in_the_order_of_their_days_and_of_a_day_of_their_names() -> None:
    def held(name: str, on: str) -> Document:
        return {"_id": name, "session": name, "kind": "plenary", "title": name, "on": on, "came": [], "closed": CLOSING}

    found = [held("b", "2024-05-02"), held("c", "2024-05-01"), held("a", "2024-05-02"), held("d", "2024-05-01")]
    about = {"title": "R", "event": CLOSING}
    adopted = [
        {**about, "_id": f"r-{name}", "recommendation": f"r-{name}", "session": name}
        for name in (one["session"] for one in found)
    ]
    told = activities_in(GRANT_TIME, [], found, adopted)
    assert [one.session for one in told.sessions] == ["c", "d", "a", "b"]
    assert [one.recommendation for one in told.recommendations] == ["r-c", "r-d", "r-a", "r-b"]


async def test_what_is_known_of_the_conference_alone_is_told() -> None:
    world = World()
    world.documents["funding"] = {
        Key(projection.name, f"{conference}/{document['_id']}"): {
            **document,
            "_id": f"{conference}/{document['_id']}",
            "conference": conference,
        }
        for conference in (CONFERENCE, "elsewhere")
        for projection, document in (
            (SEAT_GROUPS, {"_id": "hospitals", "group": "hospitals", "number": 3, "name": "Kliniken"}),
            (SESSIONS, {"_id": "spring", **KNOWN, "title": conference}),
            (
                ADOPTED,
                {"_id": "housing", "recommendation": "housing", "title": "R", "session": "spring", "event": CLOSING},
            ),
        )
    }
    told = await queries.activities(Projected(world, "funding"), CONFERENCE, GRANT_TIME)
    [session], [recommendation] = told.sessions, told.recommendations
    assert (session.title, session.groups[0].name) == (CONFERENCE, "Kliniken")
    assert (recommendation.recommendation, recommendation.on) == ("housing", date(2024, 4, 23))


def test_the_answer_tells_of_each_entry_its_own_event_and_its_figures_apart_from_what_was_done() -> None:
    answer = as_answer(revised(WITH))
    assert answer["figures"] == FROZEN.model_dump(mode="json")
    [applied, awarded] = answer["notices"]
    for entry, event in zip((applied, awarded), BOOKED[:2], strict=True):
        assert entry["told"] == event.model_dump(mode="json", exclude={"grant"})
