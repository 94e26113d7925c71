"""A run without any fault, kept as a file: what the checker's own tests start from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.campaign.dump_file import save
from tests.campaign.ground import ground
from tests.campaign.single import SingleNodes

COMMANDS = 100


async def record(folder: Path, to: Path, seed: int) -> None:
    """Without logs. To be done anew when events or projections have changed their form."""
    async with ground(folder, SingleNodes(folder), seed) as here:
        await here.site.accepted(COMMANDS)
        await here.site.until(lambda: b"members.ErasePerson" in here.file.read_bytes(), "somebody is erased")
        await here.rest()
        history, dump, found = await here.judge()
        assert not found, f"a run without faults is not sound: {found[:5]}"
        save(to, history, replace(dump, logs={}, secrets=()))
