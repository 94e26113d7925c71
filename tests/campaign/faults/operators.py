"""O: what operators do while everything runs."""

from __future__ import annotations

from functools import partial
from importlib import import_module

import httpx

from tests.campaign.evidence import SERVICES
from tests.campaign.fault import Fault, Site
from tests.campaign.faults.planting import ENDED, MEMBERS, OWNER, Planted, Stranger, stream_of


async def rebuilt(site: Site) -> None:
    """Every projection of every service from its first event, under load; nobody gets a mail for it."""
    for service in SERVICES:
        for projection in import_module(f"services.{service}.projections").PROJECTIONS:
            told = await site.ask(service, "POST", "/admin/rebuild", {"view": projection.name, "why": "Kampagne"})
            site.note("O1", "rebuilt", projection=f"{service}.{projection.name}", **told)
    await site.accepted(20)


async def driven_again(site: Site) -> None:
    """A spoiled record is tried twice more, to no effect, and then given up; the stream goes on behind it."""
    stranger, one = Stranger(site), Planted(stream_of(site, "redriven"), type=ENDED)
    expect = {**OWNER, "meetings": "given up", "notifications": "poison"}
    await stranger.send(MEMBERS, one.stream.encode(), b"{", one.headers(), expect)
    await stranger.plant(Planted(one.stream, 2), {**OWNER, "notifications": "behind"})
    row = {"id": f"{one.stream}:1:{one.id}"}
    await site.until(partial(_is_parked, site, row["id"]), f"meetings parks {row['id']}")
    for _ in range(2):
        await site.ask("meetings", "POST", "/admin/parked/retry", {**row, "why": "Kampagne"})
        assert await _is_parked(site, row["id"]), "meetings has taken what cannot be read"
    await site.ask("meetings", "POST", "/admin/parked/drop", {**row, "why": "Kampagne"})
    assert not await _is_parked(site, row["id"]), "meetings keeps what was given up"


async def _is_parked(site: Site, row: str) -> bool:
    try:
        await site.ask("meetings", "GET", f"/admin/parked/{row}")
    except httpx.HTTPStatusError as refusal:
        if refusal.response.status_code == httpx.codes.NOT_FOUND:
            return False
        raise
    return True


FAULTS = (
    Fault("O1", "every projection is rebuilt under load", "operators", rebuilt),
    Fault("O2", "a parked record is tried twice again and then given up", "operators", driven_again, short=True),
)
