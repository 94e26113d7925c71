"""Whoever has a personal link sees the appointment and may answer it; looking at it answers nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, MutableMapping
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from services.meetings.answering.front import LARGEST_FORM, Answering, answers_app
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_answers import AnswerInvitation, AppointmentHasMoved
from services.meetings.domain.session_state import Session
from shared.contracts.meetings import InvitationAnswered, Recipient, SessionCancelled, SessionClosed, SessionOpened
from shared.kernel.decider import Event
from shared.kernel.personal_links import Invitee, LinkKeys
from shared.kernel.rejections import Busy, NotUpToDate
from shared.runtime.commands.execute import Request
from shared.runtime.http import limits
from shared.runtime.mongo.driver import MongoUnavailable
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, NOW, person
from tests.meetings.stuttgart import (
    AGREED,
    GUEST,
    INVITED,
    MOVED,
    NAME,
    PLANNED,
    SCHEDULED,
    STARTS,
    WHEN,
    invited,
    seated,
    tell,
    withdrawn,
)
from tests.meetings.test_deputies import deputy_invited

KEYS = LinkKeys((b"k" * 32,))
AS_DEPUTY = Recipient(person=person(4), seat="hospitals-1")
FORM = {"content-type": "application/x-www-form-urlencoded"}


class House:
    """A session as its journal has it, and a browser outside."""

    def __init__(self) -> None:
        self.history: list[Event] = [*INVITED]
        self.now = NOW
        self.seen: list[Event] = []
        """What a look shows, where it is not the whole history."""

    async def find(self, invitee: Invitee) -> Session:
        assert (invitee.conference, invitee.session) == (CONFERENCE, NAME)
        return SESSION.fold(self.seen or self.history)  # type: ignore[arg-type]  # all are of a session

    async def answer(self, command: AnswerInvitation, _: Request) -> None:
        self.history += SESSION.decide(SESSION.fold(self.history), command)  # type: ignore[arg-type]

    def link(self, number: int = 1, revision: int = 0, until: datetime = STARTS) -> str:
        invitee = Invitee(conference=CONFERENCE, session=NAME, person=person(number), revision=revision, until=until)
        return f"/{KEYS.sign(invitee)}"

    @property
    def answers(self) -> list[tuple[str, str | None, str]]:
        return [(one.person, one.seat, one.answer) for one in self.history if isinstance(one, InvitationAnswered)]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def browser(house: House) -> AsyncIterator[AsyncClient]:
    app = answers_app(Answering(KEYS, house.find, house.answer, lambda: house.now))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://answers", follow_redirects=False) as client:
        yield client


async def choose(browser: AsyncClient, link: str, answer: str) -> Response:
    return await browser.post(link, data={"answer": answer})


async def test_looking_shows_the_appointment_and_changes_nothing(house: House, browser: AsyncClient) -> None:
    for _ in range(3):
        page = await browser.get(house.link())
        assert page.status_code == 200
    assert (await browser.get(house.link() + "?answer=accept&method=POST")).status_code == 200
    assert all(told in page.text for told in (WHEN.title, WHEN.place, "23.04.2024", "noch keine"))
    assert (await browser.head(house.link())).status_code == 200
    assert house.answers == []


async def test_an_answer_counts_for_the_seat_and_may_be_changed(house: House, browser: AsyncClient) -> None:
    for answer in ("accept", "deputy", "decline"):
        sent = await choose(browser, house.link(), answer)
        assert sent.status_code == 303
        assert "Ihre Antwort ist gespeichert" in (await browser.get(house.link() + sent.headers["location"])).text
        assert house.answers[-1] == (person(1), "hospitals-1", answer)
    await choose(browser, house.link(), "decline")
    assert len(house.answers) == 3
    assert {who for who, _, _ in house.answers} == {person(1)}


async def test_pages_keep_and_tell_nothing(house: House, browser: AsyncClient) -> None:
    for page in (await browser.get(house.link()), await browser.get("/x"), await choose(browser, house.link(), "")):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        assert page.headers["x-frame-options"] == "DENY"
        allowed = page.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} <= {*allowed}
        assert not any(one.startswith("script-src") for one in allowed)
        assert "<script" not in page.text and "http" not in page.text.replace("http-equiv", "")
        assert person(1) not in page.text


@pytest.mark.parametrize("link", ["/x", "/x.y", "/" + "a" * 300, "/.", "/stuttgart/spring-2024"])
async def test_what_is_no_link_is_not_there(browser: AsyncClient, link: str) -> None:
    assert [(await browser.get(link)).status_code, (await choose(browser, link, "accept")).status_code] == [404, 404]


async def refused(browser: AsyncClient, house: House, link: str) -> tuple[int, int]:
    looked, sent = await browser.get(link), await choose(browser, link, "accept")
    assert house.answers == [] and "<form" not in looked.text
    return looked.status_code, sent.status_code


async def test_a_link_ends_with_its_appointment(house: House, browser: AsyncClient) -> None:
    link = house.link()
    house.history.append(MOVED)
    assert await refused(browser, house, link) == (410, 410)
    assert (await browser.get(house.link(revision=1))).status_code == 200
    house.now = STARTS
    assert await refused(browser, house, house.link(revision=1)) == (410, 410)


async def test_whoever_is_not_invited_any_more_answers_nothing(house: House, browser: AsyncClient) -> None:
    house.history.append(withdrawn(seated(1)))
    assert await refused(browser, house, house.link()) == (409, 409)
    assert (await browser.get(house.link(2))).status_code == 200


async def test_of_a_cancelled_session_nothing_is_asked(house: House, browser: AsyncClient) -> None:
    house.history.append(SessionCancelled(session=NAME, reason="Sturm", appointment=WHEN, recipients=()))
    assert await refused(browser, house, house.link()) == (409, 409)


async def test_of_a_session_that_was_opened_early_nothing_is_asked(house: House, browser: AsyncClient) -> None:
    for event in (SessionOpened(session=NAME, opened_at=NOW), SessionClosed(session=NAME)):
        house.history.append(event)
        assert await refused(browser, house, house.link()) == (410, 410)


@pytest.mark.parametrize(
    ("typed", "media_type", "status"),
    [
        ("answer=accept&answer=decline", FORM["content-type"], 400),
        ("answer=accept&answer=accept", FORM["content-type"], 400),
        ("answer=acc%FFept&answer=accept", FORM["content-type"], 400),
        ("answer=accept&note=%FF", FORM["content-type"], 400),
        ("answer=accept&" + "x=1&" * 9, FORM["content-type"], 400),
        ("answer=accept", "text/plain", 415),
        ("answer=accept", "", 415),
        ("answer=accept", f"{FORM['content-type']}; charset=utf-8", 303),
        ("answer=accept", FORM["content-type"].upper(), 303),
    ],
)
async def test_a_form_says_one_answer_and_nothing_is_guessed(
    house: House, browser: AsyncClient, typed: str, media_type: str, status: int
) -> None:
    sent = await browser.post(house.link(), content=typed, headers={"content-type": media_type})
    assert sent.status_code == status and len(house.answers) == (status == 303)


async def test_what_follows_stays_at_the_address_that_people_see(house: House, browser: AsyncClient) -> None:
    """A proxy may have another one, and speak to this one unencrypted: no address of ours is named in an answer."""
    sent = await choose(browser, house.link(), "accept")
    assert sent.headers["location"] == "?done"
    for link in (house.link() + "/", "/kern", "/static"):
        assert (await browser.get(link)).status_code == 404
    assert 'href="/' not in (await browser.get(house.link())).text


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_another_method_is_told_which_there_are(house: House, browser: AsyncClient, method: str) -> None:
    told = await browser.request(method, house.link())
    assert told.status_code == 405 and {*told.headers["allow"].split(", ")} == {"GET", "HEAD", "POST"}


async def test_only_what_is_offered_is_taken(house: House, browser: AsyncClient) -> None:
    house.history[:] = [*PLANNED, invited(seated(1), GUEST)]
    assert "Vertretung" in (await browser.get(house.link())).text
    assert "Vertretung" not in (await browser.get(house.link(90))).text
    for typed in ("deputy", "maybe", "", "accept\r\n"):
        assert (await choose(browser, house.link(90), typed)).status_code == 400
    for size, status in ((LARGEST_FORM, 400), (LARGEST_FORM + 1, 413)):
        form = "answer=".ljust(size, "a")
        assert (await browser.post(house.link(), content=form, headers=FORM)).status_code == status
    assert (await browser.post(house.link(), content=b"\xff\xfe", headers=FORM)).status_code == 400
    assert (await browser.put(house.link())).status_code == 405
    assert house.answers == []


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "23.04.2024, 14:00 Uhr bis 17:00 Uhr<"), (1, "23.04.2024, 14:00 Uhr bis 24.04.2024, 17:00 Uhr<")],
)
async def test_an_end_on_another_day_says_its_day(house: House, browser: AsyncClient, days: int, said: str) -> None:
    when = WHEN.model_copy(update={"ends": WHEN.ends + timedelta(days=days)})
    house.history[:] = [SCHEDULED.model_copy(update={"appointment": when}), AGREED, invited(appointment=when)]
    assert said in (await browser.get(house.link())).text


async def test_nobody_is_thanked_for_what_was_not_answered(house: House, browser: AsyncClient) -> None:
    assert "gespeichert" not in (await browser.get(house.link() + "?done")).text
    await choose(browser, house.link(), "accept")
    assert "gespeichert" not in (await browser.get(house.link())).text
    assert "Ich nehme teil" in (await browser.get(house.link())).text.partition("<form")[0]


@pytest.mark.parametrize(("more", "status"), [(4, 303), (5, 400)])
async def test_a_form_has_five_fields_at_most(browser: AsyncClient, house: House, more: int, status: int) -> None:
    sent = await browser.post(house.link(), content="answer=accept" + "&x=1" * more, headers=FORM)
    assert sent.status_code == status


@pytest.mark.parametrize("away", [Busy(), NotUpToDate(), MongoUnavailable("away")])
async def test_what_cannot_be_saved_now_can_be_in_a_moment(house: House, away: Exception) -> None:
    async def answer(_: AnswerInvitation, __: Request) -> None:
        raise away

    app = answers_app(Answering(KEYS, house.find, answer, lambda: house.now))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://answers") as browser:
        page = await choose(browser, house.link(), "accept")
    assert page.status_code == 503 and "gleich noch einmal" in page.text


async def test_who_was_stopped_goes_on_after_so_many_seconds(
    house: House, browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One link every five, one address without a valid one every three."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: clock.now))
    for link, burst, seconds, status in ((house.link(), 30, 5, 200), ("/guess", 20, 3, 404)):
        assert [(await browser.get(link)).status_code for _ in range(burst + 1)] == [status] * burst + [429]
        clock.now += seconds - 0.1
        assert (await browser.get(link)).status_code == 429
        clock.now += 0.2
        assert [(await browser.get(link)).status_code for _ in range(2)] == [status, 429]


async def test_a_form_that_does_not_say_how_long_it_is_is_not_read(house: House, browser: AsyncClient) -> None:
    async def typed() -> AsyncIterator[bytes]:
        yield b"answer=accept"

    assert (await browser.post(house.link(), content=typed(), headers=FORM)).status_code == 413
    assert house.answers == []


async def test_who_goes_away_while_a_form_is_read_has_not_answered(house: House) -> None:
    headers = {**FORM, "content-length": "13"}
    scope = {"type": "http", "method": "POST", "path": house.link(), "query_string": b""}
    sent: list[MutableMapping[str, Any]] = []

    async def gone() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    app = answers_app(Answering(KEYS, house.find, house.answer, lambda: house.now))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await app({**scope, "headers": raw, "client": ("127.0.0.1", 1), "root_path": ""}, gone, send)
    assert sent[0]["status"] == 400 and house.answers == []


async def test_whatever_a_page_looks_like_comes_from_its_own_address(house: House, browser: AsyncClient) -> None:
    page = (await browser.get(house.link())).text
    named = re.findall(r'(?:href|src)="([^"?]+)', page)
    assert any("kern/" in one for one in named) and any("static/" in one for one in named)
    for one in named:
        assert (await browser.get(f"/{one}")).status_code == 200, one


async def test_of_a_session_that_is_not_there_no_link_is_known(house: House, browser: AsyncClient) -> None:
    house.history.clear()
    assert await refused(browser, house, house.link()) == (404, 404)


async def test_whoever_guesses_holds_up_no_other_address(house: House) -> None:
    app = answers_app(Answering(KEYS, house.find, house.answer, lambda: house.now))
    for address in ("192.0.2.1", "192.0.2.2"):
        transport = ASGITransport(app, client=(address, 1))
        async with AsyncClient(transport=transport, base_url="http://answers") as browser:
            guesses = [(await browser.get(f"/guess-{number}")).status_code for number in range(21)]
        assert guesses == [404] * 20 + [429]


async def test_a_deputy_has_no_deputy(house: House, browser: AsyncClient) -> None:
    house.history.append(deputy_invited(AS_DEPUTY))
    assert "Vertretung" not in (await browser.get(house.link(4))).text
    assert (await choose(browser, house.link(4), "deputy")).status_code == 400
    assert (await choose(browser, house.link(4), "accept")).status_code == 303
    assert house.answers == [(person(4), "hospitals-1", "accept")]


async def test_who_answers_while_the_session_moves_has_not_answered(house: House, browser: AsyncClient) -> None:
    """The page was read before; the decision knows of the move."""
    house.seen = [*house.history]
    house.history.append(MOVED)
    assert (await choose(browser, house.link(), "accept")).status_code == 409
    assert house.answers == []


async def test_whatever_breaks_is_told_without_its_reason(house: House) -> None:
    house.seen = [AS_DEPUTY]  # type: ignore[list-item]  # no event: the fold breaks
    whole = ASGITransport(answers_app(Answering(KEYS, house.find, house.answer, lambda: house.now)), False)
    async with AsyncClient(transport=whole, base_url="http://answers") as browser:
        page = await browser.get(house.link())
    assert page.status_code == 503 and "gleich noch einmal" in page.text and "Recipient" not in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_link_is_opened_so_often_and_guesses_hold_up_nobody(house: House, browser: AsyncClient) -> None:
    guesses = [(await browser.get(f"/guess-{number}")).status_code for number in range(25)]
    assert guesses == [404] * 20 + [429] * 5
    opened = [(await browser.get(house.link())).status_code for _ in range(32)]
    assert opened == [200] * 30 + [429] * 2
    assert (await browser.get(house.link(2))).status_code == 200


def test_an_answer_is_to_the_appointment_that_its_link_names() -> None:
    """Also where the session moves between the page and the decision."""
    given = given_of(SESSION)
    late = tell(AnswerInvitation, person=person(1), answer="accept", revision=0, at=NOW + timedelta(minutes=1))
    given(*INVITED, MOVED).when(late).rejected(AppointmentHasMoved)
    answered = InvitationAnswered(session=NAME, person=person(1), seat="hospitals-1", answer="accept", revision=0)
    given(*INVITED).when(late).then(answered)
