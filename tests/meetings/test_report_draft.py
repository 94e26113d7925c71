"""A report to the committee is drafted from what happened since the last one: numbers and groups, never persons."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.meetings.domain.committee_report import SubmitReport
from services.meetings.projections import CONFERENCE as CONFERENCES
from services.meetings.projections import PAPERS, RECOMMENDATIONS, ROSTER, SESSIONS, WORKING_GROUPS
from services.meetings.queries import ConferenceUnknown
from services.meetings.report_answers import ReportDraft
from services.meetings.report_draft import NothingToReportYet, Period, Remembered, draft, report_draft
from services.meetings.service import SERVICE as MEETINGS
from shared.contracts.meetings import (
    ArrivalRecorded,
    ConsensusRecorded,
    InvitationIssued,
    PaperDecided,
    PaperDrafted,
    PaperIssued,
    RecommendationAddressed,
    RecommendationAdopted,
    RecommendationAnswered,
    RecommendationDrafted,
    RecommendationSubmitted,
    RecommendationSuperseded,
    SessionClosed,
    VoteRecorded,
)
from shared.contracts.members import (
    ConferenceEstablished,
    EarlierConferenceCarriedOver,
    RulesOfProcedure,
    SeatGroupOpened,
    WorkingGroupClosed,
    WorkingGroupEstablished,
)
from shared.declarations.projection import Document, Projection
from shared.documents.report import as_page, as_pdf, parts_of
from shared.kernel.decider import Event
from shared.kernel.identifiers import stream_name
from shared.kernel.text import Line, Prose
from tests.kit.delivered import folded
from tests.kit.projected import Projected
from tests.kit.when import CONFERENCE, NOW, edge, person
from tests.kit.world import World
from tests.meetings.stuttgart import NAME, OPEN, PLANNED, STARTS
from tests.meetings.test_reporting import established

NASTY = '#panic("x") $x$ *fett* <script>alert(1)</script> // \\ @y `z` [a](b) = Titel'
YEAR = Period(date(2024, 1, 15), date(2025, 1, 14))
ABOUT = {"recommendation": "housing"}
ANSWERED = RecommendationAnswered(
    **ABOUT, addressee="sozialamt", name="Sozialamt", on=date(2024, 8, 1), answer="partly", reasons="Es fehlt Geld."
)
ADOPTED = (
    RecommendationDrafted(**ABOUT, working_group="staff", title="Personalwohnen", text="Text", reasons="Bedarf"),
    RecommendationSubmitted(**ABOUT, session=NAME),
    RecommendationAdopted(recommendation="housing", session=NAME, by="majority"),
    RecommendationAddressed(**ABOUT, addressee="sozialamt", name="Sozialamt", due_on=date(2024, 7, 23)),
    RecommendationAddressed(**ABOUT, addressee="swsg", name="SWSG", due_on=date(2024, 7, 24)),
)
GUEST = ArrivalRecorded(session=NAME, person=person(90), seat=None, arrived_at=STARTS)
HELD = (
    *OPEN,
    GUEST,
    ConsensusRecorded(session=NAME, item=1, recommendation=None, present=2, title="Begrüßung", public=True),
    VoteRecorded(
        session=NAME,
        item=2,
        recommendation="housing",
        yes=1,
        no=0,
        abstentions=1,
        present=2,
        carried=True,
        public=False,
    ),
    SessionClosed(session=NAME),
)
PAPER: tuple[Event, ...] = (
    PaperDrafted(paper="p-1", reference="GRDrs 1/2024", title="Wohnen", kind="decision"),
    PaperIssued(paper="p-1", on=date(2024, 5, 2)),
    PaperDecided(paper="p-1", committee="Gemeinderat", on=date(2024, 6, 6), decision="adopted"),
)
GROUP = (
    WorkingGroupEstablished(working_group="staff", name="Personal", topics=("Wohnen",)),
    WorkingGroupClosed(working_group="staff", results="Zwei Vorschläge.", document="Abschlussbericht"),
)
OPENED = SeatGroupOpened(
    group="hospitals", number=3, name="Kliniken", kind="delegated", seats=("hospitals-1", "hospitals-2")
)
BEGUN = ConferenceEstablished(
    name="Pflegekonferenz", reference="GRDrs 905/2023", office="Sozialamt", committee="SGA", rules=RulesOfProcedure()
)


def of(projection: Projection, kind: str, key: str, history: Iterable[Event]) -> list[Document]:
    return [*folded(projection, history, stream_name(CONFERENCE, kind, key)).values()]


def remembered(
    sessions: Iterable[Event] = HELD,
    recommendations: Iterable[Event] = ADOPTED,
    papers: Iterable[Event] = PAPER,
    earlier: Iterable[Event] = (),
) -> Remembered:
    [conference] = of(CONFERENCES, "conference", CONFERENCE, [BEGUN, *earlier])
    return Remembered(
        conference={**conference, "conference": CONFERENCE},
        roster=of(ROSTER, "seat-group", "hospitals", [OPENED]),
        working_groups=of(WORKING_GROUPS, "working-group", "staff", GROUP),
        sessions=of(SESSIONS, "session", NAME, sessions),
        recommendations=of(RECOMMENDATIONS, "recommendation", "housing", recommendations),
        papers=of(PAPERS, "paper", "p-1", papers),
    )


def drafted(period: Period = YEAR, **histories: Any) -> Document:
    told = draft(remembered(**histories), period)
    ReportDraft.model_validate_json(json.dumps(told))
    return told


def test_a_session_is_told_with_its_seats_by_group_its_quorum_and_what_it_decided() -> None:
    [session] = drafted()["sessions"]
    assert (session["on"], session["title"], session["kind"]) == ("2024-04-23", "Frühjahrssitzung", "plenary")
    assert (session["seats"], session["groups"], session["guests"]) == (2, [{"name": "Kliniken", "seats": 2}], 1)
    assert (session["quorum"]["established"], session["quorum"]["needed"]) == (True, 2)
    assert [(one["outcome"], one["votes"], one["public"]) for one in session["decisions"]] == [
        ("consensus", [], True),
        ("carried", [1, 0, 1], False),
    ]


def test_two_groups_of_one_name_are_told_apart() -> None:
    of_one_name = [
        {"name": "Kliniken", "seats": [{"seat": "hospitals-1"}]},
        {"name": "Kliniken", "seats": [{"seat": "hospitals-2"}]},
    ]
    told = draft(replace(remembered(), roster=of_one_name), YEAR)
    assert told["sessions"][0]["groups"] == [{"name": "Kliniken", "seats": 1}, {"name": "Kliniken", "seats": 1}]


def test_a_group_that_is_not_known_is_called_as_its_seats_are() -> None:
    told = draft(replace(remembered(), roster=[]), YEAR)
    assert told["sessions"][0]["groups"] == [{"name": "hospitals", "seats": 2}]


def test_groups_are_told_in_the_order_of_the_paper() -> None:
    """Not in that of their seats' names."""
    roster = [{"name": name, "seats": [{"seat": seat}]} for name, seat in (("A", "hospitals-2"), ("B", "hospitals-1"))]
    told = draft(replace(remembered(), roster=roster), YEAR)
    assert [one["name"] for one in told["sessions"][0]["groups"]] == ["A", "B"]


def test_what_was_not_held_and_what_lies_outside_is_not_reported() -> None:
    assert drafted(sessions=PLANNED, recommendations=ADOPTED[:2])["sessions"] == []
    later = Period(date(2024, 4, 24), date(2025, 1, 14))
    assert drafted(later)["sessions"] == [] and drafted(later)["recommendations"] == []
    until = Period(date(2024, 1, 1), date(2024, 4, 23))
    assert len(drafted(until)["sessions"]) == 1 and drafted(until)["papers"] == []


def test_a_recommendation_is_told_with_who_was_asked_and_what_was_answered_by_then() -> None:
    [one] = drafted(recommendations=(*ADOPTED, ANSWERED))["recommendations"]
    assert (one["on"], one["by"], one["working_group"]) == ("2024-04-23", "majority", "Personal")
    assert [(to["name"], to["answer"], to["overdue"]) for to in one["addressees"]] == [
        ("Sozialamt", "partly", False),
        ("SWSG", None, True),
    ]
    early = Period(YEAR.since, date(2024, 7, 24))
    [before] = drafted(early, recommendations=(*ADOPTED, ANSWERED))["recommendations"]
    assert [(to["answer"], to["overdue"]) for to in before["addressees"]] == [(None, True), (None, False)]


def test_overdue_answers_are_named_also_of_earlier_recommendations_and_none_of_one_that_is_superseded() -> None:
    next_year = Period(date(2025, 1, 15), date(2026, 1, 14))
    assert [one["name"] for one in drafted(next_year)["overdue"]] == ["Sozialamt", "SWSG"]
    over = RecommendationSuperseded(**ABOUT, successor="other", reason="Neu", title="Personalwohnen")
    assert drafted(next_year, recommendations=(*ADOPTED, over))["overdue"] == []
    assert drafted(recommendations=(ADOPTED[0], ADOPTED[3]))["overdue"] == [], "it is not adopted"


def test_answers_to_earlier_recommendations_are_told_once_of_their_time() -> None:
    summer = Period(date(2024, 7, 1), date(2024, 12, 31))
    told = drafted(summer, recommendations=(*ADOPTED, ANSWERED))
    assert told["recommendations"] == []
    assert [(one["title"], one["name"], one["answer"]) for one in told["answers"]] == [
        ("Personalwohnen", "Sozialamt", "partly")
    ]
    assert drafted(recommendations=(*ADOPTED, ANSWERED))["answers"] == []


def test_the_first_report_tells_of_earlier_conferences_as_they_were_corrected_and_no_other_does() -> None:
    carried = EarlierConferenceCarriedOver(
        earlier="first",
        name="Erste Konferenz",
        since=date(2021, 3, 1),
        until=date(2022, 8, 31),
        working_groups=("Caring Community", "Digitale Teilhabe"),
    )
    corrected = carried.model_copy(update={"document": "GRDrs 463/2022", "reason": "nachgetragen"})
    told = drafted(earlier=(carried, corrected))
    assert [(one["name"], one["document"]) for one in told["earlier"]] == [("Erste Konferenz", "GRDrs 463/2022")]
    assert as_pdf(told).startswith(b"%PDF-")
    for said in ("7. Frühere Konferenz", "Vom 01.03.2021 bis zum 31.08.2022.", "Arbeitsgruppe: Digitale Teilhabe"):
        assert said in as_page(told), said
    later = drafted(Period(date(2024, 1, 16), date(2025, 1, 14)), earlier=(carried,))
    assert later["earlier"] == [] and "Frühere Konferenz" not in as_page(later)


def test_working_groups_and_decided_papers_are_told() -> None:
    told = drafted()
    [group], [paper] = told["working_groups"], told["papers"]
    assert (group["established"], group["closed_on"], group["results"]) == (
        "2024-01-15",
        "2024-01-15",
        "Zwei Vorschläge.",
    )
    assert (paper["reference"], paper["committee"], paper["decision"]) == ("GRDrs 1/2024", "Gemeinderat", "adopted")
    assert drafted(Period(date(2024, 1, 16), date(2024, 6, 5)))["working_groups"] == []


async def test_a_report_begins_behind_the_last_one_and_the_first_where_the_conference_does() -> None:
    world = World()
    with pytest.raises(ConferenceUnknown):
        await report_draft(Projected(world), world.executors["meetings"], CONFERENCE, YEAR.until)
    await (await established(world)).look(NOW)
    since = date.fromisoformat(_days(await _drafted(world, date(2030, 1, 1)))[0])
    await world.give(MEETINGS, SubmitReport.model_validate(edge(at=NOW, on=NOW.date())))
    day = NOW.date()
    assert since == day and _days(await _drafted(world, day)) == (f"{day}", f"{day}"), "the report of that very day"
    assert _days(await _drafted(world, date(2024, 3, 1))) == ("2024-01-16", "2024-03-01")
    with pytest.raises(NothingToReportYet) as refused:
        await _drafted(world, date(2024, 1, 1))
    assert refused.value.detail == "Zu berichten ist erst ab dem 15.01.2024."


async def _drafted(world: World, until: date) -> Document:
    return await report_draft(Projected(world), world.executors["meetings"], CONFERENCE, until)


def _days(told: Document) -> tuple[str, str]:
    return told["since"], told["until"]


def test_the_document_says_it_all_the_same_each_time_and_names_nobody() -> None:
    told = drafted(recommendations=(*ADOPTED, ANSWERED))
    page, document = as_page(told), as_pdf(told)
    assert document == as_pdf(drafted(recommendations=(*ADOPTED, ANSWERED)))
    assert parts_of(told)["facts"] == [
        ("Ausschuss", "SGA"),
        ("Zeitraum", "15.01.2024 bis 14.01.2025"),
        ("Stand", "Entwurf"),
    ]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in document
    for said in (
        "15.01.2024 bis 14.01.2025",
        "23.04.2024: Frühjahrssitzung (Plenum)",
        "Vertretene Sitze: 2 (Kliniken\u00a02). Personen ohne Sitz: 1.",
        "Beschlussfähig: 2 von 4 Sitzen anwesend, nötig 2.",
        "TOP 2, Personalwohnen (nicht öffentlich): angenommen (Ja: 1, Nein: 0, Enthaltungen: 1).",
        "Ergebnis: Zwei Vorschläge.",
        "Sozialamt, Frist 23.07.2024: teilweise berücksichtigt am 01.08.2024. Es fehlt Geld.",
        "SWSG, Frist 24.07.2024: überfällig.",
        "Personalwohnen – SWSG, Frist 24.07.2024.",
        "GRDrs 1/2024: Wohnen – Gemeinderat am 06.06.2024: beschlossen.",
    ):
        assert said in page, said
    assert not any(person(number) in json.dumps(told) + page for number in (1, 2, 90))
    assert as_page(drafted(Period(YEAR.until, YEAR.until), recommendations=())).count("Keine.") == 6


TYPED = st.one_of(st.text(min_size=1, max_size=300), st.just(NASTY))


LINE, PROSE = TypeAdapter[str](Line), TypeAdapter[str](Prose)


def accepted(kind: TypeAdapter[str], text: str) -> bool:
    try:
        return kind.validate_python(text) == text
    except ValidationError:
        return False


def said(event: Event, line: str, prose: str) -> Event:
    """With what somebody typed in place of all that may be typed."""
    names = {"title": line, "name": line, "committee": line, "reference": line, "reasons": prose, "text": prose}
    return event.model_copy(update={name: text for name, text in names.items() if name in type(event).model_fields})


@settings(max_examples=40)
@examples(TYPED.filter(lambda text: accepted(LINE, text)), TYPED.filter(lambda text: accepted(PROSE, text)))
def test_whatever_a_rule_lets_somebody_type_the_document_carries(line: str, prose: str) -> None:
    told = drafted(
        recommendations=[said(event, line, prose) for event in (*ADOPTED, ANSWERED)],
        papers=[said(event, line, prose) for event in PAPER],
    )
    told["working_groups"][0] |= {"results": prose, "document": line, "topics": [line], "name": line}
    told |= {"name": line, "committee": line}
    assert as_pdf(told).startswith(b"%PDF-")
    assert "<script>" not in as_page(told)


def test_a_draft_says_these_things_and_nothing_else() -> None:
    quorum = {"established": True, "present": 2, "voting_seats": 4, "needed": 2}
    housing = {"recommendation": "housing", "title": "Personalwohnen"}
    sozialamt = {"name": "Sozialamt", "due_on": "2024-07-23"}
    swsg = {"name": "SWSG", "due_on": "2024-07-24", "on": None, "answer": None, "reasons": None, "overdue": True}
    said = {"on": "2024-08-01", "answer": "partly", "reasons": "Es fehlt Geld.", "overdue": False}
    first = {"item": 1, "title": "Begrüßung", "public": True, "outcome": "consensus", "votes": []}
    second = {"item": 2, "title": "Personalwohnen", "public": False, "outcome": "carried", "votes": [1, 0, 1]}
    assert drafted(recommendations=(*ADOPTED, ANSWERED)) == {
        "conference": CONFERENCE,
        "name": "Pflegekonferenz",
        "committee": "SGA",
        "since": "2024-01-15",
        "until": "2025-01-14",
        "sessions": [
            {
                "session": NAME,
                "kind": "plenary",
                "working_group": None,
                "title": "Frühjahrssitzung",
                "on": "2024-04-23",
                "seats": 2,
                "groups": [{"name": "Kliniken", "seats": 2}],
                "guests": 1,
                "quorum": quorum,
                "decisions": [{**first, "recommendation": None}, {**second, "recommendation": "housing"}],
            }
        ],
        "working_groups": [
            {
                "working_group": "staff",
                "name": "Personal",
                "topics": ["Wohnen"],
                "established": "2024-01-15",
                "closed_on": "2024-01-15",
                "results": "Zwei Vorschläge.",
                "document": "Abschlussbericht",
            }
        ],
        "recommendations": [
            {
                **housing,
                "working_group": "Personal",
                "on": "2024-04-23",
                "by": "majority",
                "successor": None,
                "addressees": [{**sozialamt, **said}, swsg],
            }
        ],
        "answers": [],
        "overdue": [{**housing, "name": "SWSG", "due_on": "2024-07-24"}],
        "papers": [
            {
                "paper": "p-1",
                "reference": "GRDrs 1/2024",
                "title": "Wohnen",
                "committee": "Gemeinderat",
                "on": "2024-06-06",
                "decision": "adopted",
            }
        ],
        "earlier": [],
    }
    summer = Period(date(2024, 7, 1), date(2024, 12, 31))
    assert drafted(summer, recommendations=(*ADOPTED, ANSWERED))["answers"] == [{**housing, **sozialamt, **said}]


def test_each_list_stands_in_the_order_of_its_days() -> None:
    def of(name: str, starts: str, due_on: str) -> Document:
        asked = {"addressee": "a", "name": name, "due_on": due_on, "on": None, "answer": None, "reasons": None}
        about = {"recommendation": name, "title": name, "working_group": "x", "session": name, "adopted_by": "majority"}
        return {**about, "starts": starts, "addressees": [asked]}

    one, *_ = remembered().sessions
    whole = [
        of("c", "2024-05-01", "2024-08-01"),
        of("b", "2024-04-01", "2024-08-01"),
        of("a", "2024-06-01", "2024-07-01"),
    ]
    sessions = [{**one, "session": told["title"], "title": told["title"], "starts": told["starts"]} for told in whole]
    for session in sessions:
        session["starts"] += "T12:00:00Z"
        session["decisions"] = session["decisions"][::-1]
    earlier = {name: {"earlier": name, "since": since} for name, since in (("c", "2020"), ("b", "2021"), ("a", "2021"))}
    base = remembered()
    told = draft(
        replace(base, sessions=sessions, recommendations=whole, conference={**base.conference, "earlier": earlier}),
        YEAR,
    )
    assert [session["title"] for session in told["sessions"]] == ["b", "c", "a"]
    assert [decision["item"] for decision in told["sessions"][0]["decisions"]] == [1, 2]
    assert [recommendation["title"] for recommendation in told["recommendations"]] == ["b", "c", "a"]
    assert [late["title"] for late in told["overdue"]] == ["a", "b", "c"]
    assert [conference["earlier"] for conference in told["earlier"]] == ["c", "a", "b"]


def test_a_decision_that_does_not_say_its_item_has_what_its_agenda_says_and_a_vote_may_be_lost() -> None:
    old = ConsensusRecorded(session=NAME, item=1, recommendation=None, present=2)
    lost: dict[str, Any] = {"yes": 0, "no": 1, "abstentions": 1, "present": 2, "carried": False}
    gone = VoteRecorded(session=NAME, item=9, recommendation=None, **lost)
    [session] = drafted(sessions=(*OPEN, old, gone, SessionClosed(session=NAME)))["sessions"]
    assert [(one["title"], one["public"], one["outcome"]) for one in session["decisions"]] == [
        ("Begrüßung", True, "consensus"),
        (None, False, "rejected"),
    ]


def test_without_a_quorum_that_is_needed_none_is_told() -> None:
    of_group = tuple(
        event.model_copy(update={"quorum": 0}) if isinstance(event, InvitationIssued) else event for event in HELD
    )
    assert drafted(sessions=of_group)["sessions"][0]["quorum"] is None


def test_a_group_is_told_in_the_year_that_it_began_and_in_the_one_that_it_ended() -> None:
    told = replace(remembered(), working_groups=[{**remembered().working_groups[0], "closed_on": "2026-03-01"}])
    years = [Period(date(year, 1, 1), date(year, 12, 31)) for year in (2024, 2025, 2026)]
    assert [len(draft(told, year)["working_groups"]) for year in years] == [1, 0, 1]


def test_what_is_adopted_on_the_last_day_is_owed_on_it() -> None:
    day = Period(YEAR.since, date(2024, 4, 23))
    past = ADOPTED[3].model_copy(update={"due_on": date(2024, 4, 22)})
    [told] = drafted(day, recommendations=(*ADOPTED[:3], past))["recommendations"]
    assert [to["overdue"] for to in told["addressees"]] == [True]
    today = ADOPTED[3].model_copy(update={"due_on": date(2024, 4, 23)})
    assert drafted(day, recommendations=(*ADOPTED[:3], today))["overdue"] == []


def test_a_group_of_which_nobody_came_is_not_told() -> None:
    absent = {"name": "Kassen", "seats": [{"seat": "funds-1"}]}
    told = draft(replace(remembered(), roster=[absent, *remembered().roster]), YEAR)
    assert told["sessions"][0]["groups"] == [{"name": "Kliniken", "seats": 2}]
