"""A projection of the bench service is folded anew from its whole topic, while its process's memory is watched."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import httpx

from deploy.embedded.process import resident_bytes
from deploy.embedded.service import Service
from deploy.embedded.tokens import read_tokens
from tests.bench import catching_up
from tests.bench.catching_up import Load
from tests.bench.measured import MB, Figures
from tests.bench.servers import Servers, running
from tests.bench.service import GROUPS

TICK = 0.05
AN_HOUR = 3600.0


async def rebuilt(ours: Servers, load: Load, database: str, folded: int) -> Figures:
    """In a fresh process each time: what one rebuild leaves allocated must not hide the next one's need.

    ``folded`` of the events are of a kind that the projection knows.
    """
    worker = catching_up.worker(ours, database)
    async with running(worker):
        before = highest = _resident(worker)
        began = time.monotonic()
        asked = asyncio.create_task(_ask_to_rebuild(worker, read_tokens(ours.folder)["admin"]))
        while not asked.done():
            highest = max(highest, _resident(worker))
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(asked), TICK)
        told, seconds = await asked, time.monotonic() - began
    if told != {"documents": load.streams, "events": folded}:
        raise catching_up.NotCaughtUp(f"rebuilt were {told}, not {folded} events of {load}")
    growth = (highest - before) / MB
    return {"events/s": load.events / seconds, "resident MB more": growth, "resident MB before": before / MB}


def _resident(worker: Service) -> int:
    return resident_bytes(worker.identity) if worker.identity else 0


async def _ask_to_rebuild(worker: Service, token: str) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=worker.url, headers=headers, trust_env=False, timeout=AN_HOUR) as client:
        answer = await client.post("/admin/rebuild", json={"view": GROUPS.name, "why": "bench"})
        answer.raise_for_status()
        told: dict[str, int] = answer.json()
        return told
