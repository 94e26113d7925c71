"""What a command names is there: its own as the journal knows it, what members tells as it has arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.meetings.domain.committee_report import SubmitReport
from services.meetings.domain.focus_area import ChangeFocusArea, SetFocusArea
from services.meetings.domain.paper import PAPER, IssuePaper
from services.meetings.domain.paper_state import must_be_issued
from services.meetings.domain.paper_writing import CorrectPaper, SupersedePaper, WritePaper
from services.meetings.domain.recommendation import (
    RECOMMENDATION,
    DraftRecommendation,
    ReferBackRecommendation,
    RejectRecommendation,
    ReportRecommendation,
    SubmitRecommendation,
    SupersedeRecommendation,
)
from services.meetings.domain.recommendation_adoption import (
    AdoptionIsInUse,
    adopted_by,
    must_be_correctable,
    must_be_submitted,
)
from services.meetings.domain.recommendation_answers import CorrectResponse, RecordResponse
from services.meetings.domain.recommendation_state import BY_DECISION, How, must_be_adopted, must_be_drafted
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_answers import AnswerInvitation, RecordAnswers
from services.meetings.domain.session_attendance import RecordArrival, RecordAttendance
from services.meetings.domain.session_correction import CorrectDecision, will_be_carried
from services.meetings.domain.session_day import RecordConsensus, RecordVote
from services.meetings.domain.session_events import is_carried
from services.meetings.domain.session_planning import ScheduleSession
from services.meetings.domain.session_recipients import AdmitGuest
from services.meetings.domain.session_stage import must_be
from services.meetings.domain.session_state import Stage
from services.meetings.domain.supersession import SUPERSESSION
from services.meetings.projections import CONFERENCE, PEOPLE, WORKING_GROUPS
from services.meetings.queries import ConferenceUnknown, PersonUnknown, WorkingGroupUnknown
from services.meetings.service import SERVICE
from shared.contracts.topics import events_of
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_day, local_day
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.facts import Named, Names, Read
from shared.runtime.delivery.stores import ProjectionStore

MEMBERS = events_of("members")


class WorkingGroupIsClosed(Rejected):
    """Die Arbeitsgruppe „{working_group}“ ist seit dem {closed_on} geschlossen; danach tagt sie nicht mehr."""


class NotAdoptedThen(Rejected):
    """Beschlossen ist die Empfehlung erst am {adopted_on}; am {on} war noch nichts zu berichten oder zu beantworten."""

    kind = Kind.INVALID


OfWorkingGroup = ScheduleSession | DraftRecommendation | SetFocusArea | ChangeFocusArea


def names(executor: Executor, projections: ProjectionStore) -> Names:
    conference, working_group = _conference(projections), _working_group(projections)
    submitted, not_erased = _submitted(executor), Named(_not_erased(projections))
    return {
        # Not for a council paper: one establishes the conference, and is drafted and decided before that.
        **{command: (conference,) for command in SERVICE.given.values() if command not in PAPER.commands},
        WritePaper: (_laid(executor),),
        CorrectPaper: (_laid_anew(executor),),
        IssuePaper: (_still_laid(executor),),
        SupersedePaper: (_next_paper(executor),),
        SubmitReport: (conference, _issued(executor)),
        AdmitGuest: (conference, _person(projections)),
        # An invited person was known then. Departures are recorded also for an erased person.
        AnswerInvitation: (conference, not_erased),
        RecordAnswers: (conference, not_erased),
        RecordArrival: (conference, not_erased),
        RecordAttendance: (conference, not_erased),
        ScheduleSession: (conference, working_group, _not_closed(projections)),
        DraftRecommendation: (conference, working_group),
        SetFocusArea: (conference, working_group),
        ChangeFocusArea: (conference, working_group),
        SubmitRecommendation: (conference, _session(executor, "planned", "open")),
        ReferBackRecommendation: (conference, _session(executor, "open", "closed")),
        RejectRecommendation: (conference, _session(executor, "open", "closed")),
        SupersedeRecommendation: (conference, _successor(executor)),
        ReportRecommendation: (conference, _after_adoption(executor)),
        RecordResponse: (conference, _after_adoption(executor)),
        CorrectResponse: (conference, _after_adoption(executor)),
        RecordConsensus: (conference, submitted),
        RecordVote: (conference, submitted),
        CorrectDecision: (conference, _without_use(executor)),
    }


def _conference(projections: ProjectionStore) -> Named:
    async def read(body: Any) -> None:
        if await projections.get(CONFERENCE, body.conference) is None:
            raise ConferenceUnknown(conference=body.conference)

    return Named(read, MEMBERS, lambda body: [stream_name(body.conference, "conference", body.conference)])


def _working_group(projections: ProjectionStore) -> Named:
    def streams(body: OfWorkingGroup) -> list[str]:
        return [stream_name(body.conference, "working-group", body.working_group)] if body.working_group else []

    async def read(body: OfWorkingGroup) -> None:
        for stream in streams(body):
            if await projections.get(WORKING_GROUPS, stream) is None:
                raise WorkingGroupUnknown(working_group=body.working_group)

    return Named(read, MEMBERS, streams)


def _not_closed(projections: ProjectionStore) -> Named:
    """As far as it is known here. A session held before the closing may be recorded afterwards."""

    async def read(body: ScheduleSession) -> None:
        group = stream_name(body.conference, "working-group", body.working_group) if body.working_group else None
        found = await projections.get(WORKING_GROUPS, group) if group else None
        if found is None or found.get("state") != "closed":
            return
        closed_on = date.fromisoformat(found["closed_on"])
        if local_day(body.starts) > closed_on:
            raise WorkingGroupIsClosed(working_group=body.working_group, closed_on=german_day(closed_on))

    return Named(read)


def _person(projections: ProjectionStore) -> Named:
    async def read(body: AdmitGuest) -> None:
        found = await projections.get(PEOPLE, f"{body.conference}/{body.person}")
        if found is None or found["erased"]:
            raise PersonUnknown

    return Named(read, MEMBERS, lambda body: [stream_name(body.conference, "person", body.person)])


def _not_erased(projections: ProjectionStore) -> Read:
    """As far as it is known here: a session does not wait for another service."""

    async def read(body: AnswerInvitation | RecordAnswers | RecordArrival | RecordAttendance) -> None:
        known = await projections.load(PEOPLE, [f"{body.conference}/{person}" for person in _people_of(body)])
        if any(found["erased"] for found in known.values()):
            raise PersonUnknown

    return read


def _people_of(body: Any) -> set[PersonId]:
    """An HTTP body has the command's fields, but not its class."""
    lines = getattr(body, "answers", None) or getattr(body, "sheet", None) or (body,)
    return {line.person for line in lines}


def _session(executor: Executor, *stages: Stage) -> Named:
    """A session that can still decide on what is submitted to it, or one that has decided what is recorded."""

    async def read(body: SubmitRecommendation | ReferBackRecommendation | RejectRecommendation) -> None:
        must_be(
            await executor.state(SESSION, stream_name(body.conference, "session", body.session)), body.session, *stages
        )

    return Named(read)


def _after_adoption(executor: Executor) -> Named:
    """On the day of the adopting session or later: before, there was nothing to report or to answer."""

    async def read(body: ReportRecommendation | RecordResponse | CorrectResponse) -> None:
        stream = stream_name(body.conference, "recommendation", body.recommendation)
        recommendation = await executor.state(RECOMMENDATION, stream)
        if not (recommendation.adopted and recommendation.session):
            return
        session = await executor.state(SESSION, stream_name(body.conference, "session", recommendation.session))
        if session.appointment and body.on < (adopted_on := local_day(session.appointment.starts)):
            raise NotAdoptedThen(adopted_on=german_day(adopted_on), on=german_day(body.on))

    return Named(read)


def _successor(executor: Executor) -> Named:
    async def read(body: SupersedeRecommendation) -> None:
        stream = stream_name(body.conference, "recommendation", body.successor)
        must_be_adopted(await executor.state(RECOMMENDATION, stream), body.successor)

    return Named(read)


def _laid(executor: Executor) -> Named:
    async def read(body: WritePaper) -> None:
        await _must_be_in_force(executor, body.conference, body.text.recommendations)

    return Named(read)


def _laid_anew(executor: Executor) -> Named:
    """A correction keeps the recommendations that a paper was issued with, whatever became of them."""

    async def read(body: CorrectPaper) -> None:
        said = await _laid_by(executor, body)
        await _must_be_in_force(
            executor, body.conference, [name for name in body.text.recommendations if name not in said]
        )

    return Named(read)


def _still_laid(executor: Executor) -> Named:
    async def read(body: IssuePaper) -> None:
        await _must_be_in_force(executor, body.conference, await _laid_by(executor, body))

    return Named(read)


async def _laid_by(executor: Executor, body: CorrectPaper | IssuePaper) -> Sequence[Slug]:
    text = (await executor.state(PAPER, stream_name(body.conference, "paper", body.paper))).text
    return text.recommendations if text else ()


async def _must_be_in_force(executor: Executor, conference: str, recommendations: Sequence[Slug]) -> None:
    for name in recommendations:
        must_be_drafted(await executor.state(RECOMMENDATION, stream_name(conference, "recommendation", name)), name)


def _next_paper(executor: Executor) -> Named:
    async def read(body: SupersedePaper) -> None:
        must_be_issued(
            await executor.state(PAPER, stream_name(body.conference, "paper", body.successor)), body.successor
        )

    return Named(read)


def _issued(executor: Executor) -> Named:
    async def read(body: SubmitReport) -> None:
        if body.paper is not None:
            must_be_issued(await executor.state(PAPER, stream_name(body.conference, "paper", body.paper)), body.paper)

    return Named(read)


def _submitted(executor: Executor) -> Named:
    async def read(body: RecordConsensus | RecordVote) -> None:
        """Otherwise a decision would adopt nothing, and its item would be closed for ever."""
        if body.recommendation is None:
            return
        stream = stream_name(body.conference, "recommendation", body.recommendation)
        must_be_submitted(await executor.state(RECOMMENDATION, stream), body.recommendation, body.session)

    return Named(read)


def _without_use(executor: Executor) -> Named:
    """What follows of the correction must be able to follow, so the recommendation is asked before."""

    async def read(body: CorrectDecision) -> None:
        session = await executor.state(SESSION, stream_name(body.conference, "session", body.session))
        before = session.decided.get(body.item)
        how = _how(body)
        if before is None or before.recommendation is None or not (how or is_carried(before)):
            return
        name = before.recommendation
        recommendation = await executor.state(RECOMMENDATION, stream_name(body.conference, "recommendation", name))
        must_be_correctable(recommendation, name, body.session, how)
        if how is None and adopted_by(recommendation, body.session):
            await _must_not_be_successor(executor, body.conference, name)

    return Named(read)


def _how(body: CorrectDecision) -> How | None:
    """How the recommendation is adopted by the decision as it is corrected; None if it is not."""
    return BY_DECISION[body.how] if will_be_carried(body) else None


async def _must_not_be_successor(executor: Executor, conference: str, name: Slug) -> None:
    claims = (await executor.state(SUPERSESSION, stream_name(conference, "supersession", "recommendation"))).claims
    if any(claim.successor == name for claim in claims.values()):
        raise AdoptionIsInUse(recommendation=name, use="an die Stelle einer anderen getreten")
