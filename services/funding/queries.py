"""Reads: grants, the budget by line, and every expense."""

from __future__ import annotations

from services.funding.views import BUDGET, EXPENSES, GRANTS
from shared.contracts.subscriptions import Document
from shared.kernel.identifiers import stream_name
from shared.runtime.views import ViewStore


async def grants(store: ViewStore, conference: str) -> list[Document]:
    return await store.find(GRANTS, {"conference": conference})


async def budget(store: ViewStore, conference: str, grant: str) -> Document | None:
    return await store.get(BUDGET, stream_name(conference, "grant", grant))


async def expenses(store: ViewStore, conference: str, grant: str) -> list[Document]:
    return await store.find(EXPENSES, {"stream": stream_name(conference, "grant", grant)}, limit=5000)
