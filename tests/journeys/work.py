"""What a clerk does so that events and mails come of it, and what must be true of it afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from deploy.demo.play import AFTER_AN_ATTEMPT
from shared.kernel.identifiers import derived_id
from tests.journeys.clerk import Accepted, Clerk
from tests.kit.eventually import eventually

FAR_AHEAD = datetime.now(UTC) + timedelta(days=100)
THINKING = {"delegate": 0.2, "invitation": 1.0}
OUT_WITHIN = 150.0

Mail = tuple[str, str | None, str]
"""Kind, session and person."""


async def found_conference(clerk: Clerk) -> None:
    """With one delegate, of whom meetings has heard: from now on there is somebody to invite."""
    await establish(clerk)
    first = await seat_delegate(clerk, "first")
    await clerk.read("meetings", "/roster", seen=first.seen)


async def establish(clerk: Clerk) -> None:
    about = {"name": "Pflegekonferenz", "reference": "GRDrs 905/2023", "office": "Sozialamt", "committee": "SGA"}
    await clerk.give("members", "EstablishConference", "", rules={}, **about)


async def seat_delegate(clerk: Clerk, name: str, postal_address: str | None = None) -> Accepted:
    """Five commands and, of the last, a mail of welcome: by e-mail where no address is given."""
    person = derived_id(clerk.conference, name)
    email = None if postal_address else f"{person}@example.org"
    named = {"name": f"Delegierte {name}", "salutation": "Guten Tag"}
    details = {**named, "email": email, "postal_address": postal_address}
    delegate = {"group": name, "person": person}
    await clerk.give(
        "members", "OpenSeatGroup", name, group=name, number=1, name=f"Gruppe {name}", kind="delegated", seats=1
    )
    await clerk.give(
        "members", "RecordPerson", name, person=person, details={**details, "postal_address": postal_address}
    )
    await clerk.give("members", "RegisterOrganisation", name, group=name, organisation=name, name=f"Stelle {name}")
    await clerk.give("members", "NominateDelegate", name, organisation=name, **delegate)
    return await clerk.give("members", "AppointDelegate", name, seat=f"{name}-1", since="2024-01-15", **delegate)


async def invite_everybody(clerk: Clerk, name: str) -> Accepted:
    """Three commands and, of the last, a mail to each delegate of whom meetings has heard."""
    about = {"kind": "plenary", "working_group": None, "title": f"Sitzung {name}", "place": "Rathaus"}
    starts = FAR_AHEAD + clerk.ahead
    hours = {"starts": starts.isoformat(), "ends": (starts + timedelta(hours=3)).isoformat()}
    agenda = [{"number": 1, "title": "Begrüßung", "public": True}]
    await clerk.give("meetings", "ScheduleSession", name, session=name, **about, **hours)
    await clerk.give("meetings", "ChangeAgenda", name, session=name, agenda=agenda)
    return await clerk.give("meetings", "IssueInvitation", name, session=name, reason=None)


@asynccontextmanager
async def at_work(clerk: Clerk) -> AsyncIterator[None]:
    """Several go on at once for as long as this lasts; what was begun is brought to its end."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as colleagues:
        for number in range(2):
            colleagues.create_task(_seat_delegates(clerk, f"colleague-{number}", enough))
        colleagues.create_task(_invite(clerk, enough))
        try:
            yield
        finally:
            enough.set()


async def _seat_delegates(clerk: Clerk, who: str, enough: asyncio.Event) -> None:
    for number in count():
        if enough.is_set():
            return
        await seat_delegate(clerk, f"{who}-{number}")
        await asyncio.sleep(THINKING["delegate"])


async def _invite(clerk: Clerk, enough: asyncio.Event) -> None:
    for number in count():
        if enough.is_set():
            return
        await invite_everybody(clerk, f"session-{number}")
        await asyncio.sleep(THINKING["invitation"])


async def some_more(clerk: Clerk) -> None:
    wanted = len(clerk.accepted) + 15
    await eventually(lambda: len(clerk.accepted) >= wanted, f"{wanted} commands are accepted", 60)


async def lost(clerk: Clerk) -> list[str]:
    """What was accepted and does not stand at its place in its stream's history, event by event."""
    journalled = [one for one in clerk.accepted if one.events]
    histories = {stream: await clerk.history(stream) for stream in {one.stream for one in journalled}}
    return [
        f"{one.command} {one.key}"
        for one in journalled
        if ids(one.events) != ids(histories[one.stream][one.sequence - len(one.events) : one.sequence])
    ]


def ids(events: list[dict[str, str]]) -> list[str]:
    return [event["id"] for event in events]


def mails_due(clerk: Clerk) -> Counter[Mail]:
    """By the answers alone: each delegate is welcomed and invited to every session, whichever of both came first."""
    events = {event["id"]: event for one in clerk.accepted for event in one.events}.values()
    people = {one["data"]["person"] for one in events if one["type"] == "kpk.members.DelegateAppointed.v1"}
    sessions = {one["data"]["session"] for one in events if one["type"] == "kpk.meetings.InvitationIssued.v1"}
    welcomes = [("welcome", None, person) for person in people]
    return Counter([*welcomes, *(("invitation", session, person) for session in sessions for person in people)])


async def until_mails_are_out(clerk: Clerk) -> None:
    """All that are due and no other. An attempt whose outcome got lost is tried again after ten minutes: they pass."""
    due = mails_due(clerk)

    async def mails(*states: str) -> bool:
        found = await clerk.read("notifications", "/mails")
        return Counter((one["kind"], one["session"], one["person"]) for one in found if one["state"] in states) == due

    await eventually(lambda: mails("sent", "attempting", "deferred"), f"{due.total()} mails are begun", OUT_WITHIN)
    await clerk.let_pass(AFTER_AN_ATTEMPT)
    await eventually(lambda: mails("sent"), f"{due.total()} mails are sent", OUT_WITHIN)
