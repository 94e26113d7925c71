"""What a command names exists and may be named: else it is not found, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.funding.domain.proof import FreezeProofOfUse
from services.funding.named import ConferenceUnknown as UnknownToFunding
from services.funding.named import names as funding
from services.funding.service import SERVICE as FUNDING
from services.meetings.domain.committee_report import SubmitReport
from services.meetings.domain.focus_area import ChangeFocusArea, SetFocusArea
from services.meetings.domain.paper import PAPER, IssuePaper
from services.meetings.domain.paper_signatures import CoSign
from services.meetings.domain.paper_state import PaperNotIssued, PaperUnknown
from services.meetings.domain.paper_writing import CorrectPaper, SupersedePaper, WritePaper
from services.meetings.domain.recommendation import (
    DraftRecommendation,
    ReferBackRecommendation,
    RejectRecommendation,
    ReportRecommendation,
    SubmitRecommendation,
    SupersedeRecommendation,
    WithdrawRecommendation,
)
from services.meetings.domain.recommendation_adoption import (
    AdoptionIsInUse,
    AdoptRecommendation,
    RecommendationNotSubmitted,
)
from services.meetings.domain.recommendation_answers import CorrectResponse, RecordResponse
from services.meetings.domain.recommendation_state import (
    RecommendationIsAdopted,
    RecommendationIsOver,
    RecommendationNotAdopted,
    RecommendationUnknown,
)
from services.meetings.domain.session_answers import Answered, AnswerInvitation, RecordAnswers
from services.meetings.domain.session_attendance import Attended, RecordArrival, RecordAttendance
from services.meetings.domain.session_correction import CorrectDecision
from services.meetings.domain.session_day import RecordConsensus, RecordVote
from services.meetings.domain.session_planning import CancelSession, ScheduleSession
from services.meetings.domain.session_recipients import AdmitGuest
from services.meetings.domain.session_stage import SessionIsClosed, SessionNotOpen, SessionUnknown
from services.meetings.domain.supersession import ClaimSupersession
from services.meetings.named import NotAdoptedThen, WorkingGroupIsClosed
from services.meetings.named import names as meetings
from services.meetings.queries import ConferenceUnknown, PersonUnknown, WorkingGroupUnknown
from services.meetings.service import SERVICE as MEETINGS
from services.members.domain.conference import ConferenceNotEstablished, EstablishConference
from services.members.domain.seat_group_state import SeatGroupNotOpen, SeatUnknown
from services.members.domain.working_group import JoinWorkingGroup, SeatOfSomebodyElse
from services.members.named import names as members
from services.members.service import SERVICE as MEMBERS
from shared.contracts.meetings import PaperText
from shared.contracts.topics import Topic
from shared.declarations.projection import Document, Projection
from shared.declarations.service import Service
from shared.kernel.decider import Command
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Kind, NotUpToDate, Rejected
from shared.runtime.commands import facts as facts_of_commands
from shared.runtime.commands.execute import Executor, Request
from shared.runtime.commands.facts import Facts, Names
from tests.contracts.test_accepted import founded
from tests.kit.when import NOW, edge, person
from tests.kit.world import World
from tests.meetings.grdrs_905 import TEXT

THERE: Document = {"erased": False}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_of_commands, "PATIENCE", 0.0)


class Remembered:
    """Projections that know the keys that have arrived: nothing at first."""

    def __init__(self, late: Sequence[str] = ()) -> None:
        self.known: set[str] = set()
        self.waited: list[str] = []
        self.shown = THERE
        self._late = late

    async def get(self, _: Projection, key: str) -> Document | None:
        return self.shown if key in self.known else None

    async def load(self, _: Projection, keys: Sequence[str]) -> dict[str, Document]:
        return {key: THERE for key in keys if key in self.known}

    async def wait(self, topic: Topic, streams: Sequence[str], seen: object) -> None:  # noqa: ARG002 - the form of what has arrived
        assert topic.name == "kpk.members.v1"
        self.waited += streams
        self.known.update(self._late)


class Away(Remembered):
    async def wait(self, topic: Topic, streams: Sequence[str], seen: object) -> None:  # noqa: ARG002 - the form of what has arrived
        raise NotUpToDate


def as_store(projections: Remembered) -> Any:
    return projections


def body(command: type[Command], **fields: Any) -> Any:
    return command.model_construct(**edge(**fields))


def at(moment: datetime) -> Any:
    """A clock that stands."""
    return SimpleNamespace(now=lambda: moment)


def facts(names: Names, projections: Any) -> Facts:
    return Facts({}, projections, names)


def executor_of(world: World, service: Service) -> Executor:
    return world.executors[service.name]


def names_of(world: World, projections: Any) -> dict[str, tuple[Service, Names, type[Rejected]]]:
    own = executor_of(world, MEETINGS)
    return {
        "members": (MEMBERS, members(executor_of(world, MEMBERS), at(NOW)), ConferenceNotEstablished),
        "meetings": (MEETINGS, meetings(own, projections), ConferenceUnknown),
        "funding": (FUNDING, funding(projections), UnknownToFunding),
    }


@pytest.mark.parametrize("service", ["members", "meetings", "funding"])
async def test_a_conference_that_was_never_established_takes_no_command(service: str) -> None:
    projections = Remembered()
    described, names, rule = names_of(World(), projections)[service]
    for command in described.given.values():
        if command is EstablishConference or command in PAPER.commands:
            elsewhere = [named for named in names.get(command, ()) if getattr(named, "topic", None)]
            assert not elsewhere, "the paper that establishes the conference is there before it"
            continue
        with pytest.raises(rule) as no:
            await facts(names, projections).require(command, body(command), {})
        assert no.value.kind is Kind.NOT_FOUND
        assert "stuttgart" in no.value.detail


@pytest.mark.parametrize(("service", "command"), [("funding", FreezeProofOfUse), ("meetings", CancelSession)])
async def test_what_is_missing_is_waited_for_and_what_is_there_is_not(service: str, command: type[Command]) -> None:
    late = Remembered(late=["stuttgart"])
    for _ in range(2):
        await facts(names_of(World(), late)[service][1], late).require(command, body(command), {})
    assert late.waited == ["stuttgart/conference/stuttgart"]
    away = Away()
    with pytest.raises(NotUpToDate):
        await facts(names_of(World(), away)[service][1], away).require(command, body(command), {})
    away.known.add("stuttgart")
    await facts(names_of(World(), away)[service][1], away).require(command, body(command), {})


def laying(*recommendations: str) -> PaperText:
    return TEXT.model_copy(update={"recommendations": recommendations})


MEETINGS_ONES: list[tuple[type[Command], dict[str, Any], type[Rejected]]] = [
    (ScheduleSession, {"working_group": "ag-x"}, WorkingGroupUnknown),
    (DraftRecommendation, {"working_group": "ag-x"}, WorkingGroupUnknown),
    (SetFocusArea, {"working_group": "ag-x"}, WorkingGroupUnknown),
    (ChangeFocusArea, {"working_group": "ag-x"}, WorkingGroupUnknown),
    (SupersedeRecommendation, {"successor": "x"}, RecommendationUnknown),
    (SupersedeRecommendation, {"successor": "a"}, RecommendationNotAdopted),
    (SubmitRecommendation, {"session": "plenum-x"}, SessionUnknown),
    (SubmitRecommendation, {"session": "z" * 77}, SessionIsClosed),
    (RejectRecommendation, {"session": "a"}, SessionNotOpen),
    (ReferBackRecommendation, {"session": "a"}, SessionNotOpen),
    (RecordConsensus, {"session": "b", "recommendation": "x"}, RecommendationUnknown),
    (RecordVote, {"session": "b", "recommendation": "x"}, RecommendationUnknown),
    (RecordConsensus, {"session": "a", "recommendation": "a"}, RecommendationNotSubmitted),
    (RecordVote, {"session": "a", "recommendation": "a"}, RecommendationNotSubmitted),
    (WritePaper, {"text": laying("x")}, RecommendationUnknown),
    (CorrectPaper, {"paper": "a", "text": laying("a", "x")}, RecommendationUnknown),
    (SupersedePaper, {"successor": "x"}, PaperUnknown),
    (SupersedePaper, {"successor": "a"}, PaperNotIssued),
    (SubmitReport, {"paper": "x"}, PaperUnknown),
    (SubmitReport, {"paper": "a"}, PaperNotIssued),
]
MEETINGS_OTHERS: list[tuple[type[Command], dict[str, Any]]] = [
    (ScheduleSession, {"working_group": None}),
    (ScheduleSession, {"working_group": "ag-a"}),
    (DraftRecommendation, {"working_group": "ag-a"}),
    (SetFocusArea, {"working_group": "ag-a"}),
    (SetFocusArea, {"working_group": None}),
    (ChangeFocusArea, {"working_group": "ag-a"}),
    (SubmitRecommendation, {"session": "a"}),
    (SubmitRecommendation, {"session": "b"}),
    (RejectRecommendation, {"session": "b"}),
    (ReferBackRecommendation, {"session": "z" * 77}),
    (RecordConsensus, {"session": "b", "recommendation": "a"}),
    (RecordVote, {"session": "b", "recommendation": "a"}),
    (RecordVote, {"session": "b", "recommendation": None}),
    (WritePaper, {"text": laying("a")}),
    (SupersedePaper, {"successor": "b"}),
    (SubmitReport, {"paper": "b"}),
    (SubmitReport, {"paper": None}),
]


async def test_meetings_knows_what_is_named() -> None:
    """In the conference that is founded, recommendation ``a`` is submitted to session ``b``."""
    projections = Remembered()
    projections.known = {"stuttgart", "stuttgart/working-group/ag-a"}
    required = facts(meetings(executor_of(await founded(), MEETINGS), as_store(projections)), projections)
    for command, fields, rule in MEETINGS_ONES:
        with pytest.raises(rule):
            await required.require(command, body(command, **fields), {})
    for command, fields in MEETINGS_OTHERS:
        await required.require(command, body(command, **fields), {})


async def done(executor: Executor, *commands: Command) -> None:
    for number, command in enumerate(commands):
        await executor.execute(command, Request(f"{type(command).__name__}-{number}"))


WITHDRAWN = WithdrawRecommendation(**edge(recommendation="a", reason="Erledigt"))
ADOPTED = AdoptRecommendation(**edge(recommendation="a", session="b", how="consensus"))


async def known_to_meetings(*commands: Command) -> Facts:
    """In the conference that is founded, after these."""
    executor, projections = executor_of(await founded(), MEETINGS), Remembered()
    projections.known = {"stuttgart"}
    await done(executor, *commands)
    return facts(meetings(executor, as_store(projections)), projections)


async def test_a_paper_is_issued_with_what_is_in_force_and_keeps_what_it_was_issued_with() -> None:
    wrote = WritePaper(**edge(paper="a", text=laying("a")))
    signed = CoSign(**edge(paper="a", department="a", note=None))
    issued = IssuePaper(**edge(paper="a", on=NOW.date()))
    again = {"paper": "a", "text": laying("a")}
    await (await known_to_meetings(wrote)).require(IssuePaper, body(IssuePaper, paper="a"), {})
    over = await known_to_meetings(wrote, WITHDRAWN)
    for command, fields in ((IssuePaper, {"paper": "a"}), (WritePaper, again)):
        with pytest.raises(RecommendationIsOver):
            await over.require(command, body(command, **fields), {})
    kept = await known_to_meetings(wrote, signed, issued, WITHDRAWN)
    await kept.require(CorrectPaper, body(CorrectPaper, **again), {})
    anew = await known_to_meetings(WritePaper(**edge(paper="a", text=laying())), signed, issued, WITHDRAWN)
    with pytest.raises(RecommendationIsOver):
        await anew.require(CorrectPaper, body(CorrectPaper, **again), {})


async def test_nothing_is_reported_or_answered_before_the_day_that_it_was_adopted() -> None:
    adopted, drafted = await known_to_meetings(ADOPTED), await known_to_meetings()
    for command in (ReportRecommendation, RecordResponse, CorrectResponse):
        early = body(command, recommendation="a", on=NOW.date() - timedelta(days=1))
        with pytest.raises(NotAdoptedThen) as no:
            await adopted.require(command, early, {})
        assert no.value.kind is Kind.INVALID
        await adopted.require(command, body(command, recommendation="a", on=NOW.date()), {})
        await drafted.require(command, early, {})


async def test_a_closed_group_meets_no_more_and_may_have_met_before() -> None:
    projections = Remembered()
    projections.known = {"stuttgart", "stuttgart/working-group/ag-a"}
    required = facts(meetings(executor_of(World(), MEETINGS), as_store(projections)), projections)
    after = body(ScheduleSession, working_group="ag-a", starts=NOW + timedelta(days=1))
    await required.require(ScheduleSession, after, {})
    projections.shown = {"state": "closed", "closed_on": NOW.date().isoformat()}
    with pytest.raises(WorkingGroupIsClosed):
        await required.require(ScheduleSession, after, {})
    await required.require(ScheduleSession, body(ScheduleSession, working_group="ag-a", starts=NOW), {})


async def test_no_session_decides_on_a_recommendation_that_is_over_or_adopted() -> None:
    """Its decision would adopt nothing, and say what is not so."""
    laid = {"session": "b", "recommendation": "a"}
    over, adopted = await known_to_meetings(WITHDRAWN), await known_to_meetings(ADOPTED)
    for command in (RecordConsensus, RecordVote):
        with pytest.raises(RecommendationIsOver):
            await over.require(command, body(command, **laid), {})
        with pytest.raises(RecommendationIsAdopted):
            await adopted.require(command, body(command, **laid), {})


def decided(recommendation: str = "a", **votes: int) -> Command:
    told = {"session": "b", "item": 1, "recommendation": recommendation}
    return RecordVote(**edge(**told, **votes)) if votes else RecordConsensus(**edge(**told))


def correcting(**fields: Any) -> Any:
    return body(CorrectDecision, session="b", item=1, present=1, reason="x", replaces=None, **fields)


AS_VOTE = {"how": "vote", "yes": 1, "no": 0, "abstentions": 0}
AS_LOST = {**AS_VOTE, "yes": 0, "no": 1}
AS_CONSENSUS = {"how": "consensus", "yes": None, "no": None, "abstentions": None}
REPORTED = ReportRecommendation(**edge(recommendation="a", committee="SGA", on=NOW.date()))


async def test_a_decision_is_corrected_where_what_follows_can_follow() -> None:
    fresh = await known_to_meetings(decided(), ADOPTED)
    reported = await known_to_meetings(decided(), ADOPTED, REPORTED)
    for told in (AS_VOTE, AS_LOST, AS_CONSENSUS):
        await fresh.require(CorrectDecision, correcting(**told), {})
    for told in (AS_VOTE, AS_LOST):
        with pytest.raises(AdoptionIsInUse):
            await reported.require(CorrectDecision, correcting(**told), {})
    await reported.require(CorrectDecision, correcting(**AS_CONSENSUS), {})
    by_another_item = await known_to_meetings(decided(yes=0, no=1, abstentions=0), ADOPTED, REPORTED)
    await by_another_item.require(CorrectDecision, correcting(**AS_LOST), {})
    over = await known_to_meetings(decided(yes=0, no=1, abstentions=0), WITHDRAWN)
    await over.require(CorrectDecision, correcting(**AS_LOST), {})
    with pytest.raises(RecommendationIsOver):
        await over.require(CorrectDecision, correcting(**AS_VOTE), {})


async def test_what_stands_in_the_place_of_another_stays_adopted() -> None:
    told = {"kind": "recommendation", "claim": derived_id("claim"), "superseded": "old", "successor": "a"}
    claimed = ClaimSupersession(**edge(**told, attempt=derived_id("attempt")))
    successor = await known_to_meetings(decided(), ADOPTED, claimed)
    with pytest.raises(AdoptionIsInUse) as no:
        await successor.require(CorrectDecision, correcting(**AS_LOST), {})
    assert no.value.facts["use"] == "an die Stelle einer anderen getreten"
    await successor.require(CorrectDecision, correcting(**AS_VOTE), {})


async def test_a_decision_about_something_else_is_corrected_without_asking() -> None:
    known = await known_to_meetings(RecordConsensus(**edge(session="b", item=1, recommendation=None)))
    await known.require(CorrectDecision, correcting(**AS_LOST), {})
    await known.require(CorrectDecision, body(CorrectDecision, session="b", item=9, **AS_LOST), {})


GUEST = {"session": "a", "person": person(9)}


def of_people(projections: Any) -> Facts:
    return facts(meetings(executor_of(World(), MEETINGS), projections), projections)


@pytest.mark.parametrize("command", [AdmitGuest, AnswerInvitation, RecordArrival])
async def test_nobody_who_is_erased_is_named(command: type[Command], monkeypatch: pytest.MonkeyPatch) -> None:
    projections = Remembered()
    projections.known = {"stuttgart", f"stuttgart/{person(9)}"}
    monkeypatch.setitem(THERE, "erased", True)
    with pytest.raises(PersonUnknown) as no:
        await of_people(projections).require(command, body(command, **GUEST), {})
    assert no.value.kind is Kind.NOT_FOUND
    monkeypatch.setitem(THERE, "erased", False)
    await of_people(projections).require(command, body(command, **GUEST), {})


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        (RecordAnswers, {"answers": (Answered(person=person(1), answer="accept"),)}),
        (RecordAttendance, {"sheet": (Attended(person=person(1), arrived_at=NOW),)}),
    ],
)
async def test_nobody_who_is_erased_stands_on_a_list(
    command: type[Command], lines: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    projections = Remembered()
    projections.known = {"stuttgart", f"stuttgart/{person(1)}"}
    await of_people(projections).require(command, body(command, session="a", **lines), {})
    monkeypatch.setitem(THERE, "erased", True)
    with pytest.raises(PersonUnknown):
        await of_people(projections).require(command, body(command, session="a", **lines), {})


async def test_a_guest_is_somebody_whom_this_conference_knows() -> None:
    """Whom another one knows is nobody here; whose recording is under way is waited for."""
    projections = Remembered()
    projections.known = {"stuttgart", f"ulm/{person(9)}"}
    with pytest.raises(PersonUnknown):
        await of_people(projections).require(AdmitGuest, body(AdmitGuest, **GUEST), {})
    assert projections.waited == [f"stuttgart/person/{person(9)}"]
    late = Remembered(late=[f"stuttgart/{person(9)}"])
    late.known = {"stuttgart"}
    await of_people(late).require(AdmitGuest, body(AdmitGuest, **GUEST), {})


async def test_a_session_does_not_wait_to_hear_of_people() -> None:
    """Whoever is invited was known then; members may be away."""
    away = Away()
    away.known = {"stuttgart"}
    for command in (AnswerInvitation, RecordArrival):
        await of_people(away).require(command, body(command, **GUEST), {})
    with pytest.raises(NotUpToDate):
        await of_people(away).require(AdmitGuest, body(AdmitGuest, **GUEST), {})


async def test_nobody_joins_a_group_for_a_seat_of_somebody_else() -> None:
    required = facts(members(executor_of(await founded(), MEMBERS), at(NOW)), Remembered())
    for seat, of, rule in (
        ("a-1", 2, SeatOfSomebodyElse),
        ("a-2", 2, SeatOfSomebodyElse),
        ("a-51", 1, SeatUnknown),
        ("nowhere-1", 1, SeatGroupNotOpen),
        ("nowhere", 1, SeatGroupNotOpen),
    ):
        with pytest.raises(rule):
            await required.require(JoinWorkingGroup, body(JoinWorkingGroup, seat=seat, person=person(of)), {})
    for held, of in (("a-1", 1), (None, 2)):
        await required.require(JoinWorkingGroup, body(JoinWorkingGroup, seat=held, person=person(of)), {})


async def test_what_is_not_published_yet_has_a_moment_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_of_commands, "PATIENCE", 30.0)
    monkeypatch.setattr(facts_of_commands, "LOOK_SECONDS", 0.0)
    projections = Remembered()
    looked = 0

    async def get(_: Projection, key: str) -> Document | None:
        nonlocal looked
        looked += 1
        return THERE if looked == 4 else None

    monkeypatch.setattr(projections, "get", get)
    await facts(funding(as_store(projections)), projections).require(FreezeProofOfUse, body(FreezeProofOfUse), {})
    assert looked == 4
