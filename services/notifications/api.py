"""The HTTP edge of notifications: the office may ask what became of each mail."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.notifications import queries
from services.notifications.answers import (
    DispatchState,
    Mail,
    ProofLine,
    ReplyProposed,
    States,
    Summary,
    SuspendedAddress,
)
from services.notifications.mailbox.proposals import Proposals
from services.notifications.proof import as_csv, as_pdf
from shared.contracts.notifications import MailId
from shared.declarations.projection import Document
from shared.kernel.identifiers import Slug, Uuid
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import NOT_FOUND, Items, document, items
from shared.runtime.http.requests import READERS, Conference, Reached, allowed, seen_by

Letter = Callable[[Slug, MailId], Awaitable[bytes]]
"""A letter of a conference as PDF. Raises ``NoLetter``."""


Limit = Annotated[int, Query(ge=1, le=queries.MOST)]

Proof = Callable[[Slug, Slug], Awaitable[list[Document]]]
"""Of a conference's session. Raises ``NobodyAsked``."""


def questions(
    projections: ProjectionStore, reached: Reached, letter: Letter, proof: Proof, proposals: Proposals
) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/mails/summary", response_model=Summary)
    async def summary(conference: Conference) -> Response:
        return document(await queries.summary(projections, conference))

    @router.get("/mails/states", response_model=States)
    async def states(conference: Conference) -> Response:
        return document(await queries.states(projections, conference))

    @router.get("/mails", response_model=Items[Mail], responses=NOT_FOUND)
    async def mails(
        conference: Conference,
        session: Slug | None = None,
        state: Slug | None = None,
        before: MailId | None = None,
        limit: Limit = queries.MOST,
    ) -> Response:
        return items(await queries.mails(projections, conference, session, state, before, limit))

    @router.get("/suspended-addresses", response_model=Items[SuspendedAddress])
    async def suspended(conference: Conference) -> Response:
        return items(await queries.suspended(projections, conference))

    @router.get("/dispatch", response_model=DispatchState)
    async def dispatch(conference: Conference) -> Response:
        return document(await queries.dispatch(projections, conference))

    @router.get("/mails/{mail}/letter.pdf", response_class=Response)
    async def as_letter(mail: Uuid, conference: Conference) -> Response:
        return Response(await letter(conference, mail), media_type="application/pdf")

    @router.get("/sessions/{session}/replies", response_model=Items[ReplyProposed])
    async def replies(session: Slug, conference: Conference) -> Response:
        return items([asdict(one) for one in await proposals.of(conference, session)])

    @router.get("/sessions/{session}/proof", response_model=Items[ProofLine])
    async def as_items(session: Slug, conference: Conference) -> Response:
        return items(await proof(conference, session))

    @router.get("/sessions/{session}/proof.csv", response_class=Response)
    async def as_sheet(session: Slug, conference: Conference) -> Response:
        return Response(as_csv(await proof(conference, session)), media_type="text/csv; charset=utf-8")

    @router.get("/sessions/{session}/proof.pdf", response_class=Response)
    async def as_document(session: Slug, conference: Conference) -> Response:
        lines = await proof(conference, session)
        return Response(await to_thread(as_pdf, conference, session, lines), media_type="application/pdf")

    return router
