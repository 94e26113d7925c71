"""Reads: grants, the budget by line, and every expense."""

from __future__ import annotations

from services.funding.projections import BUDGET, EXPENSES, GRANTS
from shared.declarations.projection import Document
from shared.kernel.identifiers import stream_name
from shared.runtime.delivery.projections import ProjectionStore


async def grants(projections: ProjectionStore, conference: str) -> list[Document]:
    return await projections.find(GRANTS, {"conference": conference})


async def budget(projections: ProjectionStore, conference: str, grant: str) -> Document | None:
    return await projections.get(BUDGET, stream_name(conference, "grant", grant))


async def expenses(projections: ProjectionStore, conference: str, grant: str) -> list[Document]:
    return await projections.find(EXPENSES, {"stream": stream_name(conference, "grant", grant)}, limit=5000)
