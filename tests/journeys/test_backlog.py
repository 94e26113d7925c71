"""A long outage's backlog: working off 120,000 events takes hardly more memory than a third of them does."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.embedded.service import Service, ServiceDescription
from shared.runtime.commands.journal import Journal
from tests.bench import data
from tests.bench.servers import Servers, running, servers
from tests.kit.eventually import eventually

FEW, MANY = 40_000, 120_000
"""Each in a stream of its own. Both are more than is remembered of streams, and the few already fill what is fetched
ahead (twelve partitions of 3 MB): with fewer the peak would still rise, up to that bound.
"""
MORE = 1.35


@pytest.mark.journey
@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_memory_does_not_grow_with_what_waits(tmp_path: Path) -> None:
    async with servers(tmp_path / "servers") as ours:
        few = await peak_while_working_off(ours, FEW, before=0)
        peaks = [await peak_while_working_off(ours, MANY, before=FEW)]
        if peaks[0] > MORE * few:
            peaks.append(await peak_while_working_off(ours, MANY, before=FEW + MANY))
    assert min(peaks) <= MORE * few, f"{few} kB, then {peaks}: what grows with the backlog grows each time"


async def peak_while_working_off(ours: Servers, events: int, before: int) -> int:
    """Kilobytes. The commits go from journal to topic and from there through members' own delivery."""
    members = members_of(ours)
    async with ours.database("kpk_members") as database:
        await data.fill_journal(database["journal"], data.opened_groups(events, before), published=False)

        async def worked_off() -> bool:
            done = await database["positions"].count_documents({})
            return done == before + events and await Journal(database["journal"]).backlog() == (0, None)

        async with running(members):
            await eventually(worked_off, f"{events} events are worked off", 300)
            return peak_of(members)


def peak_of(service: Service) -> int:
    assert service.identity
    status = Path(f"/proc/{service.identity.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def members_of(ours: Servers) -> Service:
    return Service(ServiceDescription("members"), ours.settings, ours.folder / "members.log")
