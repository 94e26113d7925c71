"""A year of the conference, played through the pages alone: then every figure is the data file's."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright
from rich.console import Console

from deploy.demo import sessions, story
from deploy.demo.data import Data, Session, person_id, read_data
from deploy.demo.outcome import disagreements, read_back
from deploy.demo.play import Play
from deploy.embedded import tokens
from shared.kernel.money import euros
from tests.journeys.clicks import AtTheDesk
from tests.journeys.desk import Visitor
from tests.journeys.reading import only_for_programs
from tests.journeys.stack import RunningStack

pytestmark = [pytest.mark.infra, pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(1800), pytest.mark.long]


def established_first(data: Data) -> Data:
    """Before there is a conference the pages have nowhere to keep its paper."""
    [establish] = [one for one in data.story if one.do == "establish"]
    others = [one for one in data.story if one != establish]
    first = establish.model_copy(update={"at": others[0].at - timedelta(hours=1)})
    return data.model_copy(update={"story": [first, *others]})


WHOLE = established_first(read_data(Path(__file__).parent / "upgrade" / "conference.yaml"))
"""Without what the pages take another way than by a form: a list that is read in, letters that are posted."""

SESSION, DRAWDOWN = "plenum-1", "abruf-1"
LEFT_OUT = ("draft_recommendation", "submit_recommendation", "report_recommendation")


def shortened(data: Data) -> Data:
    """Three groups, one session, an expense of each line, from the paper to the proof of use; else as it is."""
    groups = [one for one in data.groups if one.number in (5, 11, 31)]
    seats = [seat for group in groups for seat in group.seat_names]
    working_groups = [one.model_copy(update={"members": seats[:1]}) for one in data.working_groups[:1]]
    hours = data.money.hours.model_copy(update={"entries": data.money.hours.entries[:2]})
    of_each_line = {expense.line: expense for expense in data.money.expenses}
    money = data.money.model_copy(
        update={"expenses": list(of_each_line.values()), "drawdowns": data.money.drawdowns[:1], "hours": hours}
    )
    own = sum(entry.quarter_hours * hours.rate // 4 for entry in hours.entries)
    return data.model_copy(
        update={
            "groups": groups,
            "guest_pools": data.guest_pools[:1],
            "working_groups": working_groups,
            "invented": data.invented.model_copy(update={"vacant": [], "guests": []}),
            "sessions": [data.session(SESSION)],
            "money": money,
            "grant": data.grant.model_copy(update={"own_contribution": own}),
            "story": [one for one in data.story if one.about in (None, SESSION, DRAWDOWN) and one.do not in LEFT_OUT],
        }
    )


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[RunningStack]:
    """Its clock begins before the story does."""
    running = RunningStack(tmp_path / "data")
    try:
        told = running.kpk("up", "--detach", "--settable-clock")
        assert told.returncode == 0, told.stdout + told.stderr
        yield running
    finally:
        running.down()


@asynccontextmanager
async def at_the_desk(stack: RunningStack, data: Data, **context: Any) -> AsyncIterator[AtTheDesk]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("no Chromium") if os.environ.get("CI") == "true" else pytest.skip("no Chromium")
    known = tokens.read_tokens(stack.folder)
    async with async_playwright() as playwright, AtTheDesk(stack.state.services, known, data) as office:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in ("office", "approver"):
            opened = await browser.new_context(base_url=stack.state.services["office"], **context)
            window = office.windows[name] = await opened.new_page()
            await window.goto("/desk/login")
            await window.locator("#token:focus").wait_for()
            await window.keyboard.type(known[name])
            await window.keyboard.press("Enter")
            await window.wait_for_url(lambda address: "login" not in address)
        yield office
        await browser.close()


async def answer(play: Play, session: Session) -> str:
    """The whole list on one page."""
    told = {seat: session.answer_of(seat) for seat in play.data.invited_seats(session)}
    typed = {f"is.{_person(play, seat)}": said for seat, said in told.items() if said}
    await play.office.send("meetings", "RecordAnswers", session.session, session=session.session, typed=typed)
    return f"{session.title}: {len(typed)} Antworten"


async def hold(play: Play, session: Session) -> str:
    """Everybody who is there is ticked on the sheet, once the session has begun."""
    there = [seat for seat in play.data.invited_seats(session) if session.answer_of(seat) == "accept"]
    name, about = session.session, {"session": session.session}
    await play.office.set_clock(session.held_at.starts)
    ticked = {f"is.{_person(play, who)}": "yes" for who in [*there, *session.guests, *session.late_guests]}
    await play.office.send("meetings", "RecordAttendance", name, typed=ticked, **about)
    await play.office.send("meetings", "OpenSession", name, **about)
    await sessions.agree(play, session)
    await play.office.set_clock(session.held_at.ends)
    await play.office.send("meetings", "CloseSession", name, **about)
    return f"{session.title} abgehalten"


def _person(play: Play, seat_or_guest: str) -> str:
    assert isinstance(play.office, AtTheDesk)
    return play.office.known_as(person_id(seat_or_guest))


WORDS = ("konferenz", "kliniken", "2024", "sitzung")


def read_everything(stack: RunningStack, first: str) -> None:
    """Every kind of page, with a year's data: none fails, and none says what only programs can read."""
    known = tokens.read_tokens(stack.folder)
    for name, begins in (("office", first), ("approver", first), ("admin", "/desk/operator")):
        with Visitor(stack.state.services["office"], known[name]) as visitor:
            pages = dict(visitor.walk(begins))
            if begins == first:
                pages |= {word: visitor.page(f"{first.removeprefix('/desk')}search?q={word}") for word in WORDS}
        assert {address: one.status_code for address, one in pages.items() if one.status_code >= 400} == {}
        assert {address: told for address, one in pages.items() if (told := only_for_programs(one))} == {}


@pytest.mark.parametrize(
    ("data", "scripts"),
    [
        pytest.param(shortened(WHOLE), False, id="short-without-scripts"),
        pytest.param(WHOLE, True, id="whole"),
    ],
)
async def test_the_year_is_played_through_the_pages_alone(
    own_stack: RunningStack, monkeypatch: pytest.MonkeyPatch, data: Data, scripts: bool
) -> None:
    at_once = {"answer": answer, "answer_again": answer, "hold": hold}
    monkeypatch.setattr(story, "OF_SESSION", {**story.OF_SESSION, **at_once})
    async with at_the_desk(own_stack, data, java_script_enabled=scripts) as office:
        play = Play(data, office)
        await story.tell(play, Console(quiet=True))
        outcome = await read_back(play, Path(own_stack.state.mail_folder))
        assert disagreements(data, outcome) == []
        window = office.windows["office"]
        await window.goto(f"/desk/{data.conference.slug}/money/{data.grant.grant}")
        shown = await window.locator("main").inner_text()
        assert all(euros(amount) in shown for amount in (data.grant.amount, data.grant.own_contribution))
        assert "Nachweis vorgelegt" in shown
        read_everything(own_stack, f"/desk/{data.conference.slug}/")
    assert office.done >= len(data.story)
