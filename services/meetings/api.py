"""The HTTP edge of meetings: what callers may ask, and which facts a command is supplied with."""

from __future__ import annotations

from asyncio import to_thread
from datetime import date

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from services.meetings import council_papers, queries
from services.meetings.answers import (
    FocusArea,
    Held,
    Invitation,
    Minutes,
    Paper,
    Recommendation,
    SeatGroup,
    WorkingGroup,
)
from services.meetings.answers import Session as SessionShown
from services.meetings.domain.committee_report import COMMITTEE_REPORT, WithdrawReport, reporting_of
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_invitation import IssueInvitation
from services.meetings.domain.session_minutes import CorrectMinutes, DraftMinutes, SendMinutes
from services.meetings.domain.session_protocol import Terms
from services.meetings.domain.session_recipients import AdjustInvitation, AdmitGuestPool, CoverSeat
from services.meetings.domain.session_roster import Roster
from services.meetings.domain.session_second import First, ScheduleSecondSession, left_undecided
from services.meetings.domain.session_stage import SessionUnknown
from services.meetings.domain.session_state import AboutSession, Session
from services.meetings.projections import FOCUS_AREAS, OBLIGATIONS, PAPERS, RECOMMENDATIONS, SESSIONS, WORKING_GROUPS
from services.meetings.projections.focus_areas import in_force, last_day
from services.meetings.register import rows
from services.meetings.report_answers import ReportDraft, SubmittedReport
from services.meetings.report_draft import report_draft
from shared.contracts.meetings import Edition, Recipient
from shared.contracts.topics import events_of
from shared.declarations.obligations import still_owed
from shared.declarations.projection import Document
from shared.documents import paper, report
from shared.documents.minutes import as_page, as_pdf
from shared.documents.table import as_csv
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.kernel.time import Day, local_day
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.facts import Foreign, Own, Supplies
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import CONFLICT, NOT_FOUND, Items, document, items
from shared.runtime.http.obligations import Obligation
from shared.runtime.http.requests import READERS, Conference, Reached, allowed, seen_by
from shared.runtime.observing.clock import Clock


class Csv(Response):
    media_type = "text/csv"


def supplies(executor: Executor, projections: ProjectionStore, clock: Clock) -> Supplies:
    async def streams(body: AboutSession) -> list[str]:
        return queries.invites_by(await _session(executor, body.conference, body.session), body.conference)

    async def roster(body: AboutSession) -> Roster:
        session = await _session(executor, body.conference, body.session)
        return await queries.roster_for(projections, session, body.conference)

    async def first(body: ScheduleSecondSession) -> First:
        held = await _session(executor, body.conference, body.second_of)
        if held.appointment is None:
            raise SessionUnknown(session=body.second_of)
        return First(
            appointment=held.appointment,
            is_without_quorum=held.stage == "closed" and held.quorate is False,
            undecided=left_undecided(held),
        )

    def conference(body: AboutSession | WithdrawReport) -> list[str]:
        return [stream_name(body.conference, "conference", body.conference)]

    async def terms(body: AboutSession) -> Terms:
        return await queries.terms(projections, body.conference, local_day(clock.now()))

    async def established(body: WithdrawReport) -> date:
        return queries.established_on(await queries.known(projections, body.conference))

    def pool(body: AdmitGuestPool) -> list[str]:
        return [stream_name(body.conference, "guest-pool", body.pool), stream_name(body.conference, "person", "")]

    async def listed(body: AdmitGuestPool) -> tuple[PersonId, ...]:
        return await queries.on_the_list(projections, body.conference, body.pool)

    of_minutes = {"terms": Foreign(events_of("members"), conference, terms)}
    concerned = {"roster": Foreign(events_of("members"), streams, roster)}
    return {
        **dict.fromkeys((IssueInvitation, AdjustInvitation, CoverSeat), concerned),
        **dict.fromkeys((DraftMinutes, SendMinutes, CorrectMinutes), of_minutes),
        AdmitGuestPool: {"people": Foreign(events_of("members"), pool, listed)},
        ScheduleSecondSession: {"first": Own(first)},
        WithdrawReport: {"since": Foreign(events_of("members"), conference, established)},
    }


async def _session(executor: Executor, conference: str, slug: str) -> Session:
    """From the journal, so that a session can be read as soon as it is scheduled."""
    session = await executor.state(SESSION, stream_name(conference, "session", slug))
    if session.stage is None:
        raise SessionUnknown(session=slug)
    return session


UNFINISHED = {
    "$or": [
        {"state": {"$in": ["planned", "open"]}},
        {"state": "closed", "minutes.state": {"$nin": ["sent", "approved"]}},
    ]
}
"""Not paged: even after many years there are only a few."""


def about_sessions(executor: Executor, projections: ProjectionStore, reached: Reached) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/sessions", response_model=Items[SessionShown])
    async def sessions(conference: Conference, unfinished: bool = False) -> Response:
        """All sessions; with ``unfinished`` only future ones and those whose minutes are not sent."""
        return items(await projections.find(SESSIONS, {"conference": conference, **(UNFINISHED if unfinished else {})}))

    @router.get("/sessions/{slug}", response_model=SessionShown)
    async def session(slug: Slug, conference: Conference) -> Response:
        return document(await queries.session(projections, conference, slug))

    @router.get("/sessions/{slug}/invitations", response_model=Items[Invitation], responses=CONFLICT)
    async def invitations(slug: Slug, conference: Conference) -> Response:
        return items(await queries.invitations(projections, conference, slug))

    @router.get("/sessions/{slug}/as-held", response_model=Held, responses=CONFLICT)
    async def as_held(slug: Slug, conference: Conference) -> Response:
        return document(await queries.as_held(projections, conference, slug))

    @router.get("/sessions/{slug}/left-out", response_model=Items[Recipient], responses=CONFLICT)
    async def left_out(slug: Slug, conference: Conference) -> Response:
        planned = await _session(executor, conference, slug)
        return items(await queries.left_out(projections, planned, conference, slug))

    @router.get("/sessions/{slug}/not-covered", response_model=Items[Recipient], responses=CONFLICT)
    async def not_covered(slug: Slug, conference: Conference) -> Response:
        planned = await _session(executor, conference, slug)
        return items(queries.not_covered(planned, await queries.roster_for(projections, planned, conference)))

    @router.get("/sessions/{slug}/minutes", response_model=Minutes)
    async def minutes(slug: Slug, conference: Conference) -> Response:
        return document(await queries.minutes(projections, conference, slug))

    @router.get("/sessions/{slug}/minutes.html", response_class=HTMLResponse)
    async def minutes_as_page(slug: Slug, conference: Conference, edition: Edition | None = None) -> Response:
        return HTMLResponse(as_page(*await queries.minutes_to_show(projections, conference, slug, edition)))

    @router.get("/sessions/{slug}/minutes.pdf", response_class=Response)
    async def minutes_as_pdf(slug: Slug, conference: Conference, edition: Edition | None = None) -> Response:
        told = await queries.minutes_to_show(projections, conference, slug, edition)
        return Response(await to_thread(as_pdf, *told), media_type="application/pdf")

    return router


def registers(projections: ProjectionStore, reached: Reached, clock: Clock) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/roster", response_model=Items[SeatGroup])
    async def roster(conference: Conference, on: Day | None = None) -> Response:
        return items(await queries.roster(projections, conference, on or local_day(clock.now())))

    @router.get("/working-groups", response_model=Items[WorkingGroup])
    async def working_groups(conference: Conference) -> Response:
        return items(await projections.find(WORKING_GROUPS, {"conference": conference}))

    @router.get("/focus-areas", response_model=Items[FocusArea])
    async def focus_areas(conference: Conference, on: Day | None = None) -> Response:
        """All focus areas, past ones too, the earliest first; with ``on`` only those of that day."""
        found = await projections.find(FOCUS_AREAS, {"conference": conference}, sort="since")
        shown = [one for one in found if on is None or in_force(one, on.isoformat())]
        return items([{**one, "last": last_day(one)} for one in shown])

    @router.get("/recommendations", response_model=Items[Recommendation])
    async def recommendations(conference: Conference) -> Response:
        return items(await projections.find(RECOMMENDATIONS, {"conference": conference}))

    @router.get("/recommendations.csv", response_class=Csv)
    async def register(conference: Conference) -> Response:
        found = await projections.find(RECOMMENDATIONS, {"conference": conference})
        return Csv(as_csv(rows(found)), headers={"Content-Disposition": 'attachment; filename="empfehlungen.csv"'})

    @router.get("/obligations", response_model=Items[Obligation])
    async def obligations(conference: Conference) -> Response:
        """Open obligations, the earliest due day first."""
        return items(still_owed(await projections.find(OBLIGATIONS, {"conference": conference})))

    return router


def papers_and_reports(executor: Executor, projections: ProjectionStore, reached: Reached, clock: Clock) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/papers", response_model=Items[Paper])
    async def papers(conference: Conference) -> Response:
        return items(await projections.find(PAPERS, {"conference": conference}))

    @router.get("/papers/{slug}/paper.html", response_class=HTMLResponse)
    async def paper_as_page(slug: Slug, conference: Conference) -> Response:
        return HTMLResponse(paper.as_page(await council_papers.told(executor, conference, slug)))

    @router.get("/papers/{slug}/paper.pdf", response_class=Response)
    async def paper_as_pdf(slug: Slug, conference: Conference) -> Response:
        told = await council_papers.told(executor, conference, slug)
        return Response(await to_thread(paper.as_pdf, told), media_type="application/pdf")

    @router.get("/committee-report", response_model=Items[SubmittedReport])
    async def reports(conference: Conference) -> Response:
        """Submitted reports that were not withdrawn, in the order in which they were recorded."""
        reporting = await executor.state(COMMITTEE_REPORT, reporting_of(conference))
        return items([report.model_dump(mode="json") for report in reporting.submitted])

    async def draft(conference: str, until: date | None) -> Document:
        return await report_draft(projections, executor, conference, until or local_day(clock.now()))

    @router.get("/committee-report/draft", response_model=ReportDraft, responses=NOT_FOUND)
    async def report_as_draft(conference: Conference, until: Day | None = None) -> Response:
        """On the time since the last report before that day, by default today."""
        return document(await draft(conference, until))

    @router.get("/committee-report/draft.html", response_class=HTMLResponse, responses=NOT_FOUND)
    async def report_as_page(conference: Conference, until: Day | None = None) -> Response:
        return HTMLResponse(report.as_page(await draft(conference, until)))

    @router.get("/committee-report/draft.pdf", response_class=Response, responses=NOT_FOUND)
    async def report_as_pdf(conference: Conference, until: Day | None = None) -> Response:
        told = await draft(conference, until)
        return Response(await to_thread(report.as_pdf, told), media_type="application/pdf")

    return router
