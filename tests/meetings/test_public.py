"""What the city reads of sessions, recommendations and papers: word for word, and what is so after each step."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.meetings import states
from services.meetings.domain.paper import PAPER
from services.meetings.domain.recommendation import RECOMMENDATION
from services.meetings.domain.session import SESSION
from services.meetings.public import PUBLIC
from shared.contracts import meetings
from shared.contracts.public import meetings as public
from shared.contracts.public.event import PublicEvent
from shared.contracts.states.meetings import Paper, PaperDecision, Recommendation, Report, Session, SessionDecision
from shared.kernel.decider import Decider, Event
from tests.meetings.stuttgart import (
    AGENDA,
    CLOSED,
    ENDS,
    ENOUGH,
    INVITED,
    MOVED,
    MOVED_TO,
    NAME,
    OF_GROUP,
    OPEN,
    OPENED,
    SCHEDULED,
    STARTS,
    SUPPLEMENTED,
    WHEN,
    invited,
)

SESSIONS, RECOMMENDATIONS, PAPERS = PUBLIC
OF: dict[str, Any] = {"session": NAME, "title": "Frühjahrssitzung"}
AT: dict[str, Any] = {**OF, "starts": STARTS, "ends": ENDS, "place": "Rathaus, Raum 301"}
MISSED = meetings.QuorumMissed(session=NAME, present=1, voting_seats=4, needed=2)
HIDDEN = AGENDA[1].model_copy(update={"public": False})
SECRET = (SCHEDULED, meetings.AgendaChanged(session=NAME, agenda=(AGENDA[0], HIDDEN)))
AGREED = meetings.ConsensusRecorded(session=NAME, item=2, recommendation="housing", present=2)
VOTED = meetings.VoteRecorded(
    session=NAME, item=1, recommendation=None, yes=1, no=1, abstentions=0, present=2, carried=False
)
CORRECTED = meetings.DecisionCorrected(
    session=NAME,
    item=2,
    recommendation="housing",
    by="vote",
    carried=False,
    was_carried=True,
    yes=1,
    no=1,
    abstentions=0,
    present=2,
    reason="Verschrieben",
)
LOST = public.VoteRecorded(
    session=NAME,
    title="Frühjahrssitzung",
    item=2,
    subject="Personalwohnen",
    recommendation="housing",
    carried=False,
)
DRAFTED = meetings.MinutesDrafted(session=NAME, document="Niederschrift 1/2024")
APPROVED = meetings.MinutesApproved(session=NAME)
CANCELLED = meetings.SessionCancelled(session=NAME, appointment=WHEN, reason="Krank", recipients=())
TITLES = ("Begrüßung", "Personalwohnen")


def folded(decider: Decider[Any, Any, Any], history: tuple[Event, ...]) -> Any:
    """What there was before the last event."""
    return decider.fold(history[:-1])


def agenda(*titles: str | None) -> tuple[public.PublicItem, ...]:
    return tuple(public.PublicItem(number=number, title=title) for number, title in enumerate(titles, 1))


OF_SESSIONS: list[tuple[tuple[Event, ...], PublicEvent | None]] = [
    ((SCHEDULED,), public.SessionScheduled(**AT, kind="plenary", working_group=None)),
    ((OF_GROUP,), public.SessionScheduled(**AT, kind="working_group", working_group="staff")),
    ((*INVITED, MOVED), public.SessionRescheduled(**{**AT, "starts": MOVED_TO.starts, "ends": MOVED_TO.ends})),
    ((*INVITED, CANCELLED), public.SessionCancelled(**OF, starts=STARTS)),
    (INVITED, public.AgendaPublished(**OF, starts=STARTS, agenda=agenda(*TITLES))),
    ((*INVITED, invited()), None),
    ((*INVITED, invited(issue=2)), public.AgendaPublished(**OF, starts=STARTS, agenda=agenda(*TITLES))),
    (
        (*SECRET, invited(agenda=(AGENDA[0], HIDDEN))),
        public.AgendaPublished(**OF, starts=STARTS, agenda=agenda("Begrüßung", None)),
    ),
    (
        (*INVITED, SUPPLEMENTED),
        public.AgendaPublished(**OF, starts=STARTS, agenda=agenda(*TITLES, "Verschiedenes")),
    ),
    ((*INVITED, OPENED), public.SessionOpened(**OF)),
    ((*INVITED, OPENED, ENOUGH), public.QuorumEstablished(**OF, needed=2, voting_seats=4)),
    ((*INVITED, OPENED, MISSED), public.QuorumMissed(**OF, needed=2, voting_seats=4)),
    ((*OPEN, AGREED), public.ConsensusRecorded(**OF, item=2, subject="Personalwohnen", recommendation="housing")),
    ((*OPEN, VOTED), public.VoteRecorded(**OF, item=1, subject="Begrüßung", recommendation=None, carried=False)),
    ((*OPEN, AGREED, CORRECTED), LOST),
    ((*OPEN, AGREED, CORRECTED, CORRECTED.model_copy(update={"yes": 0, "no": 2})), None),
    (
        (*OPEN, AGREED, CORRECTED, CORRECTED.model_copy(update={"by": "consensus", "carried": True})),
        public.ConsensusRecorded(**OF, item=2, subject="Personalwohnen", recommendation="housing"),
    ),
    ((*SECRET, AGREED, CORRECTED), None),
    ((*SECRET, AGREED), None),
    ((*OPEN, AGREED.model_copy(update={"public": False})), None),
    ((*OPEN, AGREED.model_copy(update={"item": 9})), None),
    (CLOSED, public.SessionClosed(**OF)),
    ((*CLOSED, DRAFTED, APPROVED), public.MinutesApproved(**OF, document="Niederschrift 1/2024")),
    ((*CLOSED, APPROVED), public.MinutesApproved(**OF, document=NAME)),
]


@pytest.mark.parametrize(("history", "told"), OF_SESSIONS)
def test_each_step_of_a_session_is_told_word_for_word(history: tuple[Event, ...], told: PublicEvent | None) -> None:
    assert SESSIONS.says(folded(SESSION, history), history[-1]) == told


RECOMMENDED = meetings.RecommendationDrafted(recommendation="housing", working_group="staff", title="Personalwohnen")
ADOPTED = meetings.RecommendationAdopted(recommendation="housing", session=NAME, by="majority", public=True)
CLOSED_DOORS = ADOPTED.model_copy(update={"public": None})
TAKEN_BACK = meetings.AdoptionTakenBack(recommendation="housing", session=NAME, reason="Verschrieben")
REPORTED = meetings.RecommendationReported(recommendation="housing", committee="Sozialausschuss", on=date(2024, 6, 1))
HOUSING: dict[str, Any] = {"recommendation": "housing", "title": "Personalwohnen"}
OF_RECOMMENDATIONS: list[tuple[tuple[Event, ...], PublicEvent | None]] = [
    (
        (RECOMMENDED, ADOPTED),
        public.RecommendationAdopted(**HOUSING, session=NAME, by="majority", working_group="staff"),
    ),
    (
        (RECOMMENDED, ADOPTED, REPORTED),
        public.RecommendationReported(**HOUSING, committee="Sozialausschuss", on=date(2024, 6, 1)),
    ),
    ((RECOMMENDED, ADOPTED, TAKEN_BACK), public.AdoptionTakenBack(**HOUSING, session=NAME)),
    ((RECOMMENDED, CLOSED_DOORS, TAKEN_BACK), None),
    (
        (RECOMMENDED, ADOPTED, TAKEN_BACK, ADOPTED),
        public.RecommendationAdopted(**HOUSING, session=NAME, by="majority", working_group="staff"),
    ),
    ((RECOMMENDED, CLOSED_DOORS), None),
    ((RECOMMENDED, CLOSED_DOORS, REPORTED), None),
    ((ADOPTED,), None),
    ((ADOPTED, REPORTED), None),
]


@pytest.mark.parametrize(("history", "told"), OF_RECOMMENDATIONS)
def test_each_step_of_a_recommendation_is_told_word_for_word(
    history: tuple[Event, ...], told: PublicEvent | None
) -> None:
    assert RECOMMENDATIONS.says(folded(RECOMMENDATION, history), history[-1]) == told


WRITTEN = meetings.PaperDrafted(paper="grdrs-1-2024", reference="GRDrs 1/2024", title="Bericht", kind="information")
ISSUED = meetings.PaperIssued(paper="grdrs-1-2024", on=date(2024, 6, 1), reference="x", title="x")
DECIDED = meetings.PaperDecided(
    paper="grdrs-1-2024", committee="Sozialausschuss", on=date(2024, 7, 1), decision="noted", reference="x", title="x"
)
REPORT: dict[str, Any] = {"paper": "grdrs-1-2024", "reference": "GRDrs 1/2024", "title": "Bericht"}
OF_PAPERS: list[tuple[tuple[Event, ...], PublicEvent | None]] = [
    ((WRITTEN, ISSUED), public.PaperIssued(**REPORT, on=date(2024, 6, 1), kind="information")),
    (
        (WRITTEN, ISSUED, DECIDED),
        public.PaperDecided(**REPORT, on=date(2024, 7, 1), committee="Sozialausschuss", decision="noted"),
    ),
    ((ISSUED,), None),
    ((DECIDED,), None),
]


@pytest.mark.parametrize(("history", "told"), OF_PAPERS)
def test_each_step_of_a_paper_is_told_word_for_word(history: tuple[Event, ...], told: PublicEvent | None) -> None:
    assert PAPERS.says(folded(PAPER, history), history[-1]) == told


def test_the_tables_have_every_event_that_is_told() -> None:
    tables = ((SESSIONS, OF_SESSIONS), (RECOMMENDATIONS, OF_RECOMMENDATIONS), (PAPERS, OF_PAPERS))
    for layer, table in tables:
        assert {type(history[-1]) for history, told in table if told} == {*layer.events}


# What is so

PLACE: dict[str, Any] = {name: AT[name] for name in ("title", "starts", "ends", "place")}
THERE = Session(session=NAME, kind="plenary", working_group=None, **PLACE, state="scheduled", decisions=())


def session_after(*told: Any) -> Session | None:
    state: Session | None = None
    for one in told:
        state = states.session(state, one)
    return state


def so(**now: Any) -> Session:
    return THERE.model_copy(update=now)


def decision(item: int, **fields: Any) -> SessionDecision:
    usual = {"subject": f"Punkt {item}", "recommendation": None, "by": "consensus", "carried": True}
    return SessionDecision(**{**usual, "item": item, **fields})


def agreed(item: int, **fields: Any) -> public.ConsensusRecorded:
    return public.ConsensusRecorded(
        **OF, **{"item": item, "subject": f"Punkt {item}", "recommendation": None, **fields}
    )


def voted(item: int, *, carried: bool, **fields: Any) -> public.VoteRecorded:
    usual = {"item": item, "subject": f"Punkt {item}", "recommendation": None, **fields}
    return public.VoteRecorded(**OF, **usual, carried=carried)


BEGUN = public.SessionScheduled(**AT, kind="plenary", working_group=None)


def test_what_is_so_after_each_step_of_a_session() -> None:
    assert session_after(BEGUN) == so()
    moved = public.SessionRescheduled(**{**AT, "place": "Online", "title": "Neu"})
    assert session_after(BEGUN, moved) == so(place="Online", title="Neu")
    published = public.AgendaPublished(**OF, starts=STARTS, agenda=agenda("Begrüßung", None))
    assert session_after(BEGUN, published) == so(agenda=agenda("Begrüßung", None))
    assert session_after(BEGUN, public.SessionCancelled(**OF, starts=STARTS)) is None
    seats: dict[str, Any] = {"needed": 2, "voting_seats": 4}
    opened = (BEGUN, public.SessionOpened(**OF))
    assert session_after(*opened) == so(state="open")
    assert session_after(*opened, public.QuorumMissed(**OF, **seats)) == so(state="open", quorum="missed")
    enough = public.QuorumEstablished(**OF, **seats)
    assert session_after(*opened, public.QuorumMissed(**OF, **seats), enough) == so(state="open", quorum="established")
    assert session_after(*opened, public.SessionClosed(**OF)) == so(state="closed")
    minutes = public.MinutesApproved(**OF, document="Niederschrift 1/2024")
    assert session_after(BEGUN, minutes) == so(minutes="Niederschrift 1/2024")


def test_an_item_has_its_last_decision_and_all_stand_in_the_order_of_their_numbers() -> None:
    adopted = agreed(3, recommendation="housing")
    told = (BEGUN, adopted, voted(1, carried=False), voted(2, carried=True, recommendation="care"))
    third = decision(3, recommendation="housing")
    second = decision(2, by="vote", recommendation="care")
    assert session_after(*told) == so(decisions=(decision(1, by="vote", carried=False), second, third))
    again = (*told, agreed(1, subject="Anders"))
    assert session_after(*again) == so(decisions=(decision(1, subject="Anders"), second, third))


def test_of_what_was_not_begun_nothing_is_known() -> None:
    late: list[Any] = [told for _, told in OF_SESSIONS if told and not isinstance(told, public.SessionScheduled)]
    assert {session_after(one) for one in late} == {None}
    report: Any = OF_RECOMMENDATIONS[1][1]
    decided: Any = OF_PAPERS[1][1]
    assert states.recommendation(None, report) is None
    assert states.paper(None, decided) is None


def test_what_is_so_after_each_step_of_a_recommendation() -> None:
    adopted = public.RecommendationAdopted(**HOUSING, session=NAME, by="majority", working_group="staff")
    begun = Recommendation(**HOUSING, session=NAME, by="majority", working_group="staff", reports=())
    assert states.recommendation(None, adopted) == begun
    taken_back = public.AdoptionTakenBack(**HOUSING, session=NAME)
    assert states.recommendation(begun, taken_back) is None
    assert states.recommendation(states.recommendation(begun, taken_back), adopted) == begun
    state: Recommendation | None = begun
    days = (date(2024, 6, 1), date(2024, 7, 1))
    for day in days:
        state = states.recommendation(state, public.RecommendationReported(**HOUSING, committee="Rat", on=day))
    reports = tuple(Report(committee="Rat", on=day) for day in days)
    assert state == begun.model_copy(update={"reports": reports})


def test_what_is_so_after_each_step_of_a_paper() -> None:
    issued = public.PaperIssued(**REPORT, on=date(2024, 6, 1), kind="information")
    begun = Paper(**REPORT, kind="information", issued_on=date(2024, 6, 1), decisions=())
    assert states.paper(None, issued) == begun
    state: Paper | None = begun
    for committee in ("Sozialausschuss", "Gemeinderat"):
        decided = public.PaperDecided(**REPORT, on=date(2024, 7, 1), committee=committee, decision="noted")
        state = states.paper(state, decided)
    decisions = tuple(
        PaperDecision(committee=committee, decision="noted", on=date(2024, 7, 1))
        for committee in ("Sozialausschuss", "Gemeinderat")
    )
    assert state == begun.model_copy(update={"decisions": decisions})
