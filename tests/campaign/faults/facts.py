"""F: appointed and invited at once, by different processes, while the broker goes away and comes back.

In a conference of its own, where nobody else appoints: so it is known to the person who has to be invited.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.campaign.fault import Fault, Site
from tests.campaign.load.caller import Caller, Order, Told

ROUNDS = 200
KILLED, STOPPED = 50, 120
"""In which rounds the broker goes away."""

AWAY_SECONDS = 4.0
SEATS = 3
WORKER = 98

TIMES = {"starts": "2088-06-10T14:00:00Z", "ends": "2088-06-10T16:00:00Z", "place": "Saal 1"}
PAPER: dict[str, Any] = {"name": "Konferenz", "reference": "GRDrs 905/2023", "office": "Amt", "committee": "Ausschuss"}
AGENDA = [{"number": 1, "title": "Punkt 1", "public": True}]

Sitting = frozenset[tuple[str, str]]
"""Person and seat."""


@dataclass(frozen=True, slots=True)
class Invited:
    """``least``: what was known then has this place in the order of changes, or a later one."""

    session: str
    recipients: Sitting
    least: int


@dataclass
class Appointments:
    """``sitting`` after each event of the seat group's stream, from none on."""

    caller: Caller
    conference: str
    sitting: list[Sitting] = field(default_factory=lambda: [frozenset()])
    told_to_meetings: int = 0
    """So many of them an answered invitation has rested on: a later one rests on no less."""

    @property
    def stream(self) -> str:
        return f"{self.conference}/seat-group/posts"

    async def give(self, service: str, key: str, command: str, /, seen: tuple[str, ...] = (), **fields: Any) -> Told:
        """Again and again until its outcome is known."""
        asked = Order(service, command, {"conference": self.conference, **fields}, seen=seen)
        return await self.caller.give(asked, f"{self.conference}-{key}")

    async def found(self) -> None:
        await self.give("members", "paper", "EstablishConference", **PAPER)
        group: dict[str, Any] = {"group": "posts", "number": 1, "name": "Ämter", "kind": "ex_officio", "seats": SEATS}
        opened = await self.give("members", "posts", "OpenSeatGroup", **group)
        assert opened.kind == "ok", opened.rule
        self.sitting.append(frozenset())

    async def change(self, number: int, person: str) -> None:
        """Every third time somebody is recalled, else somebody takes a seat. An erased person is left alone."""
        seat = f"posts-{number // 3 % SEATS + 1}"
        staying = frozenset(one for one in self.sitting[-1] if one[1] != seat)
        about: dict[str, Any] = {"group": "posts", "seat": seat}
        day = (date(2030, 1, 1) + timedelta(days=number)).isoformat()
        if number % 3 == 2:
            about |= {"until": day, "reason": "recalled"}
            told = await self.give("members", f"end-{number}", "EndMandate", **about)
        else:
            about |= {"person": person, "since": day}
            told = await self.give("members", f"change-{number}", "ChangePostHolder", **about)
            staying |= {(person, seat)}
        if told.events:
            self.sitting.append(staying)

    async def invite(self, session: str, named: bool) -> Invited:
        """To a session scheduled in the same breath."""
        about: dict[str, Any] = {"kind": "plenary", "working_group": None, "title": session, **TIMES}
        await self.give("meetings", f"{session}-1", "ScheduleSession", session=session, **about)
        await self.give("meetings", f"{session}-2", "ChangeAgenda", session=session, agenda=AGENDA)
        least = len(self.sitting) - 1 if named else self.told_to_meetings
        seen = (f"{self.stream}:{least}",) if named else ()
        told = await self.give("meetings", f"{session}-3", "IssueInvitation", seen, session=session, reason="Eile")
        self.told_to_meetings = max(self.told_to_meetings, least)
        return Invited(session, recipients_of(told), least)

    def judge(self, one: Invited) -> None:
        """When every change that it may have rested on is known."""
        possible = self.sitting[one.least :]
        assert one.recipients in possible, f"{one.session} went to {set(one.recipients)}, and not to one of {possible}"


def recipients_of(told: Told) -> Sitting:
    if told.rule == "NobodyToInvite":
        return frozenset()
    assert told.kind == "ok", told.rule
    return frozenset((to["person"], to["seat"]) for to in told.answer["events"][0]["data"]["recipients"])


async def at_once(site: Site) -> None:
    caller = Caller(WORKER, site.load.doors, site.history)
    here = Appointments(caller, f"zugleich-{site.random.randrange(10**9)}")
    try:
        async with site.second("meetings"):
            await here.found()
            for number in range(ROUNDS):
                broker = asyncio.create_task(_broker(site, number))
                await here.change(number, site.random.choice(site.load.people.known))
                here.judge(await here.invite(f"named-{number}", named=True))
                _, asked = await asyncio.gather(
                    here.change(ROUNDS + number, site.random.choice(site.load.people.known)),
                    here.invite(f"asked-{number}", named=False),
                )
                here.judge(asked)
                await broker
    finally:
        await caller.close()


async def _broker(site: Site, number: int) -> None:
    if number not in (KILLED, STOPPED):
        return
    await (site.kill("kafka") if number == KILLED else site.program("kafka").stop())
    await site.last(AWAY_SECONDS)
    await site.start("kafka")


FAULTS = (Fault("F1", "200 times appointed and invited at once, the broker away in between", "facts", at_once),)
