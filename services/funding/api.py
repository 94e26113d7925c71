"""The HTTP edge of funding: what callers may ask."""

from __future__ import annotations

from asyncio import to_thread

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from services.funding import as_of, ledger, proof_entries, proof_of_use, queries
from services.funding.answers import Budget, BudgetAsOf, Commitment, Expense, Forecast, Grant
from services.funding.commitments import COMMITMENTS
from services.funding.domain.grant import GRANT
from services.funding.domain.notice import awarded_in
from services.funding.domain.proof import FreezeProofOfUse
from services.funding.forecasts import Forecasts
from services.funding.obligations import OBLIGATIONS
from services.funding.projections import BUDGET, EXPENSES, GRANTS
from services.funding.proof_answer import ProofOfUse, as_answer
from shared.contracts.funding import Activities, BudgetYear, Revision
from shared.contracts.topics import events_of
from shared.declarations.obligations import still_owed
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.time import Day, local_day
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.facts import Foreign, Supplies
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import Items, as_json, document, items
from shared.runtime.http.obligations import Obligation
from shared.runtime.http.requests import READERS, Conference, Reached, allowed, seen_by
from shared.runtime.observing.clock import Clock


def supplies(executor: Executor, projections: ProjectionStore) -> Supplies:
    def streams(body: FreezeProofOfUse) -> list[str]:
        return [stream_name(body.conference, kind, "") for kind in ("session", "recommendation")]

    async def activities(body: FreezeProofOfUse) -> Activities:
        """In the period of the last notice. Raises what freezing raises if there is none."""
        grant = await executor.state(GRANT, stream_name(body.conference, "grant", body.grant))
        period = awarded_in(grant.notice, body.grant).period
        return await queries.activities(projections, body.conference, period)

    return {FreezeProofOfUse: {"activities": Foreign(events_of("meetings"), streams, activities)}}


def grants_and_money(journal: Journal, projections: ProjectionStore, reached: Reached, clock: Clock) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])
    forecasts = Forecasts(journal)

    @router.get("/grants", response_model=Items[Grant])
    async def grants(conference: Conference) -> Response:
        return items(await projections.find(GRANTS, {"conference": conference}))

    @router.get("/budget/{grant}", response_model=Budget)
    async def budget(grant: Slug, conference: Conference) -> Response:
        return document(await projections.get(BUDGET, stream_name(conference, "grant", grant)))

    @router.get("/budget/{grant}/as-of", response_model=BudgetAsOf)
    async def as_of_a_day(grant: Slug, conference: Conference, on: Day, known_on: Day | None = None) -> Response:
        """As known today of that day, or as it was known at the end of ``known_on``."""
        recorded = await queries.recorded(journal, conference, grant)
        return as_json(as_of.budget(as_of.as_of(grant, recorded, on, known_on)))

    @router.get("/budget/{grant}/forecast", response_model=Forecast)
    async def forecast(grant: Slug, conference: Conference, on: Day | None = None) -> Response:
        """From what is known of the days until ``on``, by default today."""
        return as_json(await forecasts.of(conference, grant, on or local_day(clock.now())))

    @router.get("/expenses/{grant}", response_model=Items[Expense])
    async def expenses(grant: Slug, conference: Conference) -> Response:
        stream = stream_name(conference, "grant", grant)
        return items(await projections.find(EXPENSES, {"stream": stream}))

    @router.get("/commitments/{grant}", response_model=Items[Commitment])
    async def commitments(grant: Slug, conference: Conference) -> Response:
        stream = stream_name(conference, "grant", grant)
        return items(await projections.find(COMMITMENTS, {"stream": stream}))

    @router.get("/obligations", response_model=Items[Obligation])
    async def obligations(conference: Conference) -> Response:
        """Open obligations, the earliest due day first."""
        return items(still_owed(await projections.find(OBLIGATIONS, {"conference": conference})))

    return router


def proofs_and_lists(journal: Journal, reached: Reached, clock: Clock) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/grants/{grant}/proof-of-use", response_model=ProofOfUse)
    async def proof(grant: Slug, conference: Conference, revision: Revision | None = None) -> Response:
        return document(as_answer(await queries.revision(journal, conference, grant, revision)))

    @router.get("/grants/{grant}/proof-of-use.pdf", response_class=Response)
    async def proof_of_use_as_pdf(grant: Slug, conference: Conference, revision: Revision | None = None) -> Response:
        """The frozen revision of this number, by default the last one."""
        found = await queries.revision(journal, conference, grant, revision)
        return Response(await to_thread(proof_of_use.as_pdf, found), media_type="application/pdf")

    @router.get("/grants/{grant}/proof-of-use.html", response_class=HTMLResponse)
    async def proof_of_use_as_page(grant: Slug, conference: Conference, revision: Revision | None = None) -> Response:
        found = await queries.revision(journal, conference, grant, revision)
        return HTMLResponse(await to_thread(proof_of_use.as_page, found))

    @router.get("/grants/{grant}/proof-of-use.csv", response_class=Response)
    async def entries(grant: Slug, conference: Conference, revision: Revision | None = None) -> Response:
        """The entries of the proof of use one by one, for the finance system."""
        found = await queries.revision(journal, conference, grant, revision)
        return Response(proof_entries.as_list(found), media_type="text/csv; charset=utf-8")

    @router.get("/grants/{grant}/ledger.csv", response_class=Response)
    async def ledger_of_a_year(grant: Slug, conference: Conference, year: BudgetYear | None = None) -> Response:
        """Every entry of a budget year, by default this one, for the finance system."""
        said = await queries.in_journal(journal, conference, grant)
        listed = ledger.as_list(grant, said, year or local_day(clock.now()).year)
        return Response(listed, media_type="text/csv; charset=utf-8")

    return router
