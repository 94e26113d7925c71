"""Every document of meetings is shown whole: what stands in it and nothing else, after each thing that happened."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.meetings import queries
from services.meetings.projections import (
    CONFERENCE,
    FOCUS_AREAS,
    INVITATIONS,
    MINUTES,
    PAPERS,
    RECOMMENDATIONS,
    ROSTER,
    SESSIONS,
    WORKING_GROUPS,
)
from shared.contracts.meetings import (
    AddresseeWithdrawn,
    AdoptionTakenBack,
    AnswersMissing,
    CoSignatureRefused,
    CoSignatureRequested,
    DeputyInvited,
    FocusAreaSet,
    GuestInvited,
    MinutesCorrected,
    MinutesDraftDue,
    MinutesDrafted,
    MinutesItem,
    MinutesObjected,
    MinutesSent,
    MotionItemDecided,
    ObjectionRejected,
    PaperCorrected,
    PaperCoSigned,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    PaperSuperseded,
    PaperWritten,
    Protocol,
    Recipient,
    RecommendationAddressed,
    RecommendationAdopted,
    RecommendationAnswered,
    RecommendationDrafted,
    RecommendationReferredBack,
    RecommendationRejected,
    RecommendationReported,
    RecommendationRevised,
    RecommendationSubmitted,
    RecommendationSuperseded,
    RecommendationWithdrawn,
    ResponseCorrected,
    SessionClosed,
)
from shared.contracts.members import (
    ConferenceCorrected,
    ConferenceEstablished,
    RulesChanged,
    RulesOfProcedure,
    SeatGroupCorrected,
    SeatGroupOpened,
    WorkingGroupClosed,
    WorkingGroupEstablished,
)
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Event
from shared.kernel.time import iso
from tests.kit.when import CONFERENCE as STUTTGART
from tests.kit.when import NOW, person
from tests.meetings.grdrs_905 import TEXT
from tests.meetings.stuttgart import (
    AGENDA,
    CLOSED,
    ENDS,
    EVERYBODY,
    GUEST,
    INVITED,
    NAME,
    OPEN,
    PLANNED,
    SCHEDULED,
    STARTS,
    STREAM,
    WHEN,
    extended,
    invited,
    seated,
    shown,
    withdrawn,
)

KEPT = ("_id", "conference", "stream", "sequence")
"""What the runtime keeps in each."""


def told(projection: Projection, *history: Event, stream: str = STREAM) -> Document:
    return {name: value for name, value in shown(projection, history, stream).items() if name not in KEPT}


def test_a_session() -> None:
    planned: Document = {
        "session": NAME,
        "kind": "plenary",
        "working_group": None,
        "title": "Frühjahrssitzung",
        "starts": iso(STARTS),
        "ends": iso(ENDS),
        "place": "Rathaus, Raum 301",
        "revision": 0,
        "state": "planned",
        "agenda": [],
        "guests": [],
        "issue": 0,
        "invited": 0,
        "recipients": [],
        "deputies": [],
        "answers": [],
        "reminded": None,
        "attendance": [],
        "present": 0,
        "quorum_needed": None,
        "quorum": None,
        "decisions": [],
        "minutes": None,
        "cancelled_because": None,
    }
    assert told(SESSIONS, SCHEDULED) == planned
    agreed = {**planned, "agenda": [item.model_dump() for item in AGENDA]}
    assert told(SESSIONS, *PLANNED) == agreed
    people = [place.model_dump() for place in EVERYBODY]
    asked = {**agreed, "issue": 1, "invited": 3, "recipients": people, "quorum_needed": 2}
    assert told(SESSIONS, *INVITED) == asked
    came = [{**people[at], "arrived": iso(STARTS), "left": None} for at in (0, 1)]
    opened = {
        **asked,
        "state": "open",
        "attendance": came,
        "present": 2,
        "quorum": {"established": True, "present": 2, "voting_seats": 4, "needed": 2},
    }
    assert told(SESSIONS, *OPEN) == opened
    assert told(SESSIONS, *CLOSED) == {**opened, "state": "closed"}
    due = SessionClosed(session=NAME, minutes_due=date(2024, 5, 21))
    assert told(SESSIONS, *OPEN, due) == {**opened, "state": "closed", "minutes_due": "2024-05-21"}
    gone = {**opened, "invited": 2, "recipients": people[1:], "attendance": came[1:], "present": 1}
    assert told(SESSIONS, *OPEN, withdrawn(seated(1))) == gone


def test_an_invitation() -> None:
    first = invited(reason="Eilig")
    assert told(INVITATIONS, *PLANNED, first) == {
        "session": NAME,
        "issue": 1,
        "appointment": WHEN.model_dump(mode="json"),
        "agenda": [item.model_dump() for item in AGENDA],
        "voting_seats": 4,
        "quorum": 2,
        "recipients": [place.model_dump() for place in EVERYBODY],
        "snapshot": first.snapshot,
        "reason": "Eilig",
        "issued": iso(NOW),
        "changes": [],
    }
    guest = extended(GUEST).model_dump(exclude={"places"})
    changes: list[tuple[Event, str, Recipient]] = [
        (withdrawn(seated(3)), "withdrawn", seated(3)),
        (extended(seated(4)), "extended", seated(4)),
        (GuestInvited(**guest), "guest", GUEST),
        (DeputyInvited(**guest), "deputy", GUEST),
    ]
    assert told(INVITATIONS, *PLANNED, first, *(event for event, _, _ in changes))["changes"] == [
        {"what": what, "at": iso(NOW), "places": [place.model_dump()]} for _, what, place in changes
    ]


def protocol(*texts: str) -> Protocol:
    items = tuple(MinutesItem(item=item, text=text, outcome=None) for item, text in zip(AGENDA, texts, strict=True))
    about: Any = {"conference_name": "Konferenz", "appointment": WHEN, "seats_present": 2, "voting_seats": 4}
    return Protocol(**about, quorum=2, items=items)


def test_minutes() -> None:
    first, second = protocol("Eins", "Zwei"), protocol("Eins", "Anders")
    about: Any = {"session": NAME, "document": "Niederschrift 1"}
    sent: Any = {**about, "appointment": WHEN, "recipients": EVERYBODY, "objections_until": date(2024, 6, 1)}
    drafted = MinutesDrafted(**about, protocol=first)
    begun: Document = {**about, "state": "drafted", "draft": first.model_dump(mode="json")}
    assert told(MINUTES, drafted) == {**begun, "editions": [], "objections": []}
    edition = {"edition": 1, "at": iso(NOW), "reason": None, "objections_until": "2024-06-01"}
    editions = [{**edition, "protocol": first.model_dump(mode="json")}]
    history: tuple[Event, ...] = (drafted, MinutesSent(**sent, protocol=first, edition=1))
    assert told(MINUTES, *history) == {**begun, "state": "sent", "editions": editions, "objections": []}
    objected = [
        MinutesObjected(session=NAME, person=person(of), seat=f"hospitals-{of}", item=item, text="Falsch")
        for of, item in ((1, 1), (2, 1), (1, 2))
    ]
    still = {"text": "Falsch", "at": iso(NOW), "answer": None, "reason": None}
    objections: list[Document] = [
        {"person": person(of), "seat": f"hospitals-{of}", "item": item, **still}
        for of, item in ((1, 1), (2, 1), (1, 2))
    ]
    said = {**begun, "state": "sent", "editions": editions, "objections": objections}
    assert told(MINUTES, *history, *objected) == said
    rejected = ObjectionRejected(session=NAME, person=person(1), item=1, reason="Stimmt so")
    answered = [{**objections[0], "answer": "rejected", "reason": "Stimmt so"}, *objections[1:]]
    assert told(MINUTES, *history, *objected, rejected) == {**said, "objections": answered}
    corrected = MinutesCorrected(**sent, protocol=second, edition=2, reason="Versehen")
    after = [*answered[:2], {**objections[2], "answer": "corrected", "reason": "Versehen"}]
    next_one = {**edition, "edition": 2, "reason": "Versehen", "protocol": second.model_dump(mode="json")}
    held, later = (*CLOSED, *history), (*objected, rejected, corrected)
    assert told(SESSIONS, *held, *later) == told(SESSIONS, *held), "what became of them stands in their own document"
    due = MinutesDraftDue(session=NAME, due_on=date(2024, 5, 21), stage=0)
    missing = AnswersMissing(session=NAME, appointment=WHEN, seats=("hospitals-1",))
    assert told(SESSIONS, *held, due, missing) == told(SESSIONS, *held)
    assert told(MINUTES, *history, *objected, rejected, corrected) == {
        **said,
        "editions": [*editions, next_one],
        "objections": after,
    }


ABOUT = {"recommendation": "housing"}
DRAFTED = RecommendationDrafted(**ABOUT, working_group="staff", title="Wohnen", text="Text", reasons="Bedarf")
ASKED = RecommendationAddressed(**ABOUT, addressee="swsg", name="SWSG", due_on=date(2024, 7, 24))
SAID = RecommendationAnswered(
    **ABOUT, addressee="swsg", name="SWSG", on=date(2024, 7, 1), answer="partly", reasons="Geld"
)


def test_a_recommendation() -> None:
    drafted: Document = {
        **ABOUT,
        "working_group": "staff",
        "title": "Wohnen",
        "text": "Text",
        "reasons": "Bedarf",
        "state": "drafted",
        "session": None,
        "adopted_by": None,
        "reports": [],
        "addressees": [],
        "ended": None,
    }
    submitted = RecommendationSubmitted(**ABOUT, session=NAME)
    adopted = RecommendationAdopted(recommendation="housing", session=NAME, by="majority")
    reported = RecommendationReported(**ABOUT, committee="SGA", on=date(2024, 6, 1))
    asked = {"addressee": "swsg", "name": "SWSG", "due_on": "2024-07-24", "on": None, "answer": None, "reasons": None}
    answered = {**asked, "on": "2024-07-01", "answer": "partly", "reasons": "Geld"}
    corrected = ResponseCorrected(**{**dict(SAID), "answer": "not", "reasons": "Nein"}, reason="Verschrieben")
    revised = RecommendationRevised(**ABOUT, title="Neu", text=None, reasons=None, reason="Kürzer")
    there = {**drafted, "state": "submitted", "session": NAME}
    table: list[tuple[tuple[Event, ...], Document]] = [
        ((), drafted),
        ((revised,), {**drafted, "title": "Neu", "text": None, "reasons": None}),
        ((submitted,), there),
        (
            (submitted, RecommendationReferredBack(**ABOUT, session=NAME, reason="Unklar")),
            {**drafted, "state": "referred_back"},
        ),
        (
            (submitted, RecommendationRejected(**ABOUT, session=NAME, reason="Nein")),
            {**there, "state": "rejected", "ended": "Nein"},
        ),
        (
            (RecommendationWithdrawn(**ABOUT, reason="Erledigt"),),
            {**drafted, "state": "withdrawn", "ended": "Erledigt"},
        ),
        ((submitted, adopted), {**there, "state": "adopted", "adopted_by": "majority"}),
        ((submitted, adopted, AdoptionTakenBack(**ABOUT, session=NAME, reason="Verschrieben")), there),
        (
            (submitted, adopted, reported),
            {
                **there,
                "state": "reported",
                "adopted_by": "majority",
                "reports": [{"committee": "SGA", "on": "2024-06-01"}],
            },
        ),
        (
            (submitted, adopted, reported, reported.model_copy(update={"committee": "Rat"})),
            {
                **there,
                "state": "reported",
                "adopted_by": "majority",
                "reports": [{"committee": name, "on": "2024-06-01"} for name in ("SGA", "Rat")],
            },
        ),
        (
            (RecommendationSuperseded(**ABOUT, successor="other", reason="Neu", title="Wohnen"),),
            {**drafted, "state": "superseded", "ended": "Neu", "successor": "other"},
        ),
        ((ASKED,), {**drafted, "addressees": [asked]}),
        ((ASKED, SAID), {**drafted, "addressees": [answered]}),
        ((ASKED, SAID, corrected), {**drafted, "addressees": [{**answered, "answer": "not", "reasons": "Nein"}]}),
        ((ASKED, AddresseeWithdrawn(**ABOUT, addressee="swsg", name="SWSG", reason="Irrtum")), drafted),
    ]
    for history, document in table:
        assert told(RECOMMENDATIONS, DRAFTED, *history) == document


def test_a_paper() -> None:
    paper: Any = {"paper": "p-1"}
    first = PaperDrafted(**paper, reference="GRDrs 1/2024", title="Wohnen", kind="decision")
    drafted: Document = {
        **paper,
        "reference": "GRDrs 1/2024",
        "title": "Wohnen",
        "kind": "decision",
        "state": "drafted",
        "text": None,
        "corrections": [],
        "co_signatures": [],
        "issued_on": None,
        "items": [],
        "decisions": [],
        "successor": None,
    }
    text = TEXT.model_dump(mode="json")

    def decided(committee: str, item: int, decision: Any) -> MotionItemDecided:
        return MotionItemDecided(**paper, committee=committee, on=date(2024, 6, 6), item=item, decision=decision)

    def shown_item(committee: str, item: int, decision: str) -> Document:
        return {"committee": committee, "on": "2024-06-06", "item": item, "decision": decision}

    items = [decided("SGA", 1, "postponed"), decided("SGA", 2, "adopted"), decided("Rat", 1, "adopted")]
    whole = PaperDecided(**paper, committee="SGA", on=date(2024, 6, 6), decision="adopted")
    signed = PaperCoSigned(**paper, department="akr", note="Mit Hinweis", statement="In voller Länge")
    asked = [CoSignatureRequested(**paper, department=name) for name in ("akr", "wfb")]
    table: list[tuple[tuple[Event, ...], Document]] = [
        ((), {}),
        ((PaperWritten(**paper, text=TEXT),), {"text": text}),
        ((PaperCorrected(**paper, text=TEXT, reason="Tippfehler"),), {"text": text, "corrections": ["Tippfehler"]}),
        (
            (*asked, signed),
            {
                "co_signatures": [
                    {"department": "wfb", "state": "requested", "note": None},
                    {"department": "akr", "state": "signed", "note": "Mit Hinweis", "statement": "In voller Länge"},
                ]
            },
        ),
        (
            (asked[0], CoSignatureRefused(**paper, department="akr", reason="Zu teuer")),
            {"co_signatures": [{"department": "akr", "state": "refused", "note": "Zu teuer"}]},
        ),
        ((PaperIssued(**paper, on=date(2024, 5, 2)),), {"state": "issued", "issued_on": "2024-05-02"}),
        (
            (*items, decided("SGA", 1, "rejected")),
            {
                "items": [
                    shown_item("SGA", 2, "adopted"),
                    shown_item("Rat", 1, "adopted"),
                    shown_item("SGA", 1, "rejected"),
                ]
            },
        ),
        (
            (whole,),
            {"state": "decided", "decisions": [{"committee": "SGA", "on": "2024-06-06", "decision": "adopted"}]},
        ),
        (
            (PaperSuperseded(**paper, successor="p-2", reason="Neufassung"),),
            {"state": "superseded", "successor": "p-2"},
        ),
    ]
    for history, now in table:
        assert told(PAPERS, first, *history) == {**drafted, **now}


def test_a_focus_area() -> None:
    called: Any = {"focus_area": "networks", "title": "Vernetzung", "since": date(2023, 11, 1)}
    area = FocusAreaSet(**called, until=date(2024, 12, 31), working_group="ag-a", reason="GRDrs 905/2023")
    assert told(FOCUS_AREAS, area) == {
        "focus_area": "networks",
        "title": "Vernetzung",
        "since": "2023-11-01",
        "until": "2024-12-31",
        "working_group": "ag-a",
        "reason": "GRDrs 905/2023",
        "ended": None,
    }


def test_what_is_known_of_members() -> None:
    rules = RulesOfProcedure(reminder_days=3)
    called: Any = {"name": "Konferenz", "reference": "GRDrs 905/2023", "office": "Amt", "committee": "SGA"}
    established = ConferenceEstablished(**called, rules=rules)
    first: Document = {**called, "rules": rules.model_dump(mode="json"), "established": NOW.date().isoformat()}
    stream = f"{STUTTGART}/conference/{STUTTGART}"
    assert told(CONFERENCE, established, stream=stream) == first
    corrected = ConferenceCorrected(**{**called, "name": "Neu"}, reason="Verschrieben")
    assert told(CONFERENCE, established, corrected, stream=stream) == {**first, "name": "Neu"}
    changed = RulesChanged(rules_version=2, rules=rules, since=date(2024, 6, 1), reason="Beschluss")
    change = {"rules_version": 2, "rules": rules.model_dump(mode="json"), "since": "2024-06-01"}
    assert told(CONFERENCE, established, changed, stream=stream) == {**first, "changes": [change]}
    seats = ("hospitals-1",)
    opened = SeatGroupOpened(group="hospitals", number=9, name="Kliniken", kind="delegated", seats=seats)
    again = SeatGroupCorrected(group="hospitals", number=8, name="Häuser", reason="Verschrieben")
    group = told(ROSTER, opened, stream=f"{STUTTGART}/seat-group/hospitals")
    assert {name: value for name, value in group.items() if name != "seats"} == {
        "group": "hospitals",
        "number": 9,
        "name": "Kliniken",
        "kind": "delegated",
    }
    assert told(ROSTER, opened, again, stream=f"{STUTTGART}/seat-group/hospitals") == {
        **group,
        "number": 8,
        "name": "Häuser",
    }
    staff = f"{STUTTGART}/working-group/staff"
    begun = WorkingGroupEstablished(working_group="staff", name="Personal", topics=("Wohnen",))
    ended = WorkingGroupClosed(working_group="staff", results="Zwei Vorschläge.", document="Bericht")
    active = {
        "working_group": "staff",
        "name": "Personal",
        "topics": ["Wohnen"],
        "state": "active",
        "members": [],
        "established": NOW.date().isoformat(),
    }
    assert told(WORKING_GROUPS, begun, stream=staff) == active
    assert told(WORKING_GROUPS, begun, ended, stream=staff) == {
        **active,
        "state": "closed",
        "closed_on": NOW.date().isoformat(),
        "results": "Zwei Vorschläge.",
        "document": "Bericht",
    }


def test_the_newest_rules_of_a_day_are_those_of_the_later_version() -> None:
    """In whatever order they stand."""
    rules = RulesOfProcedure().model_dump(mode="json")
    versions = [{"since": "2024-06-01", "rules_version": version, "rules": rules} for version in (4, 3)]
    assert queries.rules_on({"rules": rules, "changes": versions}, date(2024, 6, 1))[0] == 4
    assert queries.rules_on({"rules": rules}, date(2024, 6, 1))[0] == 1
    apart = [{**version, "since": day} for version, day in zip(versions, ("2024-01-01", "2024-06-01"), strict=True)]
    assert queries.rules_on({"rules": rules, "changes": apart}, date(2024, 6, 1))[0] == 3, "of two days the later one's"


def test_a_conference_that_is_yet_to_be_rebuilt_is_not_known_to_have_begun() -> None:
    with pytest.raises(queries.ConferenceUnknown) as no:
        queries.established_on({"conference": STUTTGART})
    assert no.value.facts == {"conference": STUTTGART}
    assert queries.established_on({"conference": STUTTGART, "established": "2024-01-15"}) == date(2024, 1, 15)
