"""What an office does with its conference between sessions, over HTTP and with `kpk`, on a running stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploy.kpk.roster import FORMATS
from tests.journeys.clerk import Clerk, clerk_of
from tests.journeys.stack import RunningStack
from tests.journeys.work import establish, found_conference, invite_everybody
from tests.kit.eventually import eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

ROSTER = """Mitglieder der Pflegekonferenz, Stand 1.11.2023;;;;;;;
Nr.;Sitz;Funktion;Anrede;Name;E-Mail;Entsendende Stelle;seit
9;1;Mitglied;Frau;Höh;hoeh@{0}.example.org;Klinik Nord;1.11.2023
9;2;Mitglied;Herr;=Maß;mass@{0}.example.org;Klinik Süd;1.1.2024
31;;Amt;;Ida Straß;strass@{0}.example.org;;1.11.2023
31;;Stellvertretung;;Ute Tal;tal@{0}.example.org;;1.11.2023
"""


async def open_groups(clerk: Clerk) -> None:
    await establish(clerk)
    groups = (("hospitals", 9, "Kliniken", "delegated", 2), ("head", 31, "Amtsleitung", "ex_officio", 1))
    for group, number, name, kind, seats in groups:
        about = {"number": number, "name": name, "kind": kind, "seats": seats}
        await clerk.give("members", "OpenSeatGroup", group, group=group, **about)


async def test_a_roster_comes_in_as_the_office_has_it_and_goes_out_again(stack: RunningStack, tmp_path: Path) -> None:
    """In two conferences of the same groups and seats: each has its own people, of each day, and its own mails."""
    ours, theirs = tmp_path / "ours.csv", ROSTER.format("roster-b").encode("cp1252")
    ours.write_bytes(ROSTER.format("roster-a").encode("cp1252"))
    named = ("--conference", "roster-a", "--encoding", "windows-1252")
    async with clerk_of(stack, "roster-a") as a, clerk_of(stack, "roster-b") as b:
        await open_groups(a)
        await open_groups(b)
        assert "ändert: 4" in stack.kpk("roster", "import", str(ours), "--dry-run", *named).stdout
        assert await seated(a, "2024-02-01") == [None, None, None]
        assert "ändert: 4" in stack.kpk("roster", "import", str(ours), *named).stdout
        assert (await read_in(b, theirs, encoding="windows-1252"))["change"] == 4
        for clerk in (a, b):
            await eventually(lambda: welcomed(clerk), "all three on their seats are welcomed", 60)  # noqa: B023 - at once
            await eventually(lambda: knows_the_deputy(clerk), "the roster has whom nobody welcomes, too", 60)  # noqa: B023
            assert await seated(clerk, "2023-12-01") == ["Höh", None, "Ida Straß"]
            assert await seated(clerk, "2024-02-01") == ["Höh", "=Maß", "Ida Straß"]
            for ending in ("csv", "xlsx"):
                file = await clerk.ask("GET", "members", f"/roster.{ending}", params={"conference": clerk.conference})
                again = await read_in(clerk, file.content, ending)
                assert (again["unchanged"], again["change"], again["refused"]) == (4, 0, 0), again
        written = stack.kpk("roster", "export", str(ours), "--conference", "roster-a")
        assert written.returncode == 0 and b";'=Ma\xc3\x9f;" in ours.read_bytes()
        assert b"hoeh@roster-a" in ours.read_bytes() and b"roster-b" not in ours.read_bytes()
    ours.write_text("Nr.;Name;seit\n99;Eva;1.1.2024\n")
    told = stack.kpk("roster", "import", str(ours), *named)
    assert (told.returncode, "2: A2: Eine Gruppe mit dieser Nummer" in told.stderr) == (1, True), told.stderr


async def test_rules_that_change_are_those_of_later_sessions(stack: RunningStack) -> None:
    """The invitation says by which version; one that was issued before keeps its own."""
    async with clerk_of(stack, "rules") as clerk:
        await found_conference(clerk)
        before = await invite_everybody(clerk, "before")
        about = {"rules": {"quorum_percent": 50}, "reason": "Beschluss", "since": "2024-01-01"}
        changed = await clerk.give("members", "ChangeRules", "half", **about)
        await clerk.read("meetings", "/roster", seen=changed.seen)
        after = await invite_everybody(clerk, "after")
        told = [[event["data"] for event in one.events][-1] for one in (before, after)]
        assert [(one["rules_version"], one.get("quorum", 0)) for one in told] == [(1, 0), (2, 1)]
        versions = await clerk.read("members", "/rules")
        assert [(one["rules_version"], one["rules"]["quorum_percent"]) for one in versions] == [(1, None), (2, 50)]


async def read_in(clerk: Clerk, content: bytes, ending: str = "csv", **more: str) -> dict[str, Any]:
    headers = {"Content-Type": FORMATS[f".{ending}"], "Idempotency-Key": f"{clerk.conference}-{len(content)}"}
    asked = {"conference": clerk.conference, **more}
    answer = await clerk.ask("POST", "members", "/roster/import", headers=headers, params=asked, content=content)
    told: dict[str, Any] = answer.json()
    return told


async def seated(clerk: Clerk, on: str) -> list[str | None]:
    return [seat.get("person_name") for seat in await clerk.read("members", "/roster", on=on)]


async def knows_the_deputy(clerk: Clerk) -> bool:
    file = await clerk.ask("GET", "members", "/roster.csv", params={"conference": clerk.conference})
    return b"Ute Tal" in file.content


async def welcomed(clerk: Clerk) -> bool:
    """Three, and no more."""
    return len(await clerk.read("notifications", "/mails", state="sent")) == 3
