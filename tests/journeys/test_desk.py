"""The office's pages on a whole stack: who gets in, whose things are there, and a year's work without a script."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as PageOfBrowser

from deploy.embedded import process, tokens
from deploy.embedded.stack import OFFICE_MAILBOX
from services.office.desk.forms.reading import slug
from services.office.desk.front import PAGES
from shared.contracts.topics import SERVICES
from shared.kernel.identifiers import derived_id
from shared.kernel.time import BERLIN
from shared.runtime.http.callers import CallerRole
from tests.journeys import strangers
from tests.journeys.clerk import Clerk, clerk_of
from tests.journeys.desk import FORM, HIDDEN, Visitor, form_in
from tests.journeys.reading import only_for_programs
from tests.journeys.stack import RunningStack
from tests.journeys.strangers import Theirs
from tests.journeys.work import FAR_AHEAD, found_conference, invite_everybody
from tests.kit.calendar_reply import replied
from tests.kit.delivery_report import reported
from tests.kit.eventually import eventually
from tests.meetings import grdrs_905

pytestmark = [pytest.mark.infra, pytest.mark.journey, pytest.mark.timeout(600)]

HERE, ELSEWHERE = "filderstadt", "ulm"
HELD = FAR_AHEAD.astimezone(BERLIN).replace(hour=14, minute=0, second=0, microsecond=0, tzinfo=None)
SESSION = f"fruehjahrssitzung-{HELD:%Y-%m-%d}"
MONEY, ROOM = f"/{HERE}/money/state-grant", f"/{HERE}/sessions/{SESSION}"
RECEIPT = {
    "receipt_number": "2024/0611",
    "line": "facilitation|facilitation",
    "amount": "6.100,00",
    "service_on": "2024-10-16",
    "paid_on": "2024-10-16",
    "payee": "kreditor-101",
}


@dataclass
class Desk:
    stack: RunningStack
    address: str
    tokens: dict[str, str]

    def visitor(self, name: str, browser: str = "") -> Visitor:
        return Visitor(self.address, self.tokens[name], browser)


@pytest.fixture(scope="module")
def desk(stack: RunningStack) -> Desk:
    """With one delegate and a granted grant, and an account that acts for somebody else."""
    tokens.add(stack.folder, "ulm.office", "office", [ELSEWHERE], 30)
    asyncio.run(_found(stack))
    return Desk(stack, stack.state.services["office"], tokens.read_tokens(stack.folder))


async def _found(stack: RunningStack) -> None:
    async with clerk_of(stack, ELSEWHERE) as clerk:
        await found_conference(clerk)
    async with clerk_of(stack, HERE) as clerk:
        await found_conference(clerk)
        await _granted(clerk)
        await _laid(clerk)


async def _laid(clerk: Clerk) -> None:
    """A council paper with its text, of whose motion one item is decided; beside it a draft without."""
    about, text = {"paper": grdrs_905.NAME}, grdrs_905.TEXT.model_dump(mode="json")
    named = {"reference": grdrs_905.REFERENCE, "title": grdrs_905.TITLE, "kind": "decision"}
    await clerk.give("meetings", "DraftPaper", "", **about, **named)
    await clerk.give("meetings", "WritePaper", "", **about, text=text)
    await clerk.give("meetings", "RequestCoSignature", "", **about, department="akr")
    await clerk.give("meetings", "CoSign", "", **about, department="akr", note="Hinweis", statement=grdrs_905.NOTE)
    await clerk.give("meetings", "IssuePaper", "", **about, on="2023-09-13")
    decided = {"committee": grdrs_905.COMMITTEE, "on": "2023-09-25", "item": 1, "decision": "adopted"}
    await clerk.give("meetings", "RecordItemDecision", "", **about, **decided)
    await clerk.give(
        "meetings", "DraftPaper", "next", paper="next", reference="GRDrs 1", title="Entwurf", kind="decision"
    )


async def _granted(clerk: Clerk) -> None:
    period = {"start": "2024-01-01", "until": "2024-12-31"}
    about = {"grant": "state-grant", "amount": 4_000_000, "period": period}
    asked = {"title": "Zuwendung", "grantor": "Land", "own_share_percent": 20, "purposes": ["facilitation"]}
    await clerk.give("funding", "ApplyForGrant", "", **about, **asked, paper="GRDrs 905/2023", paper_key="grdrs")
    line = {"line": "facilitation", "purpose": "facilitation", "name": "Begleitung", "amount": 4_000_000}
    conditions = {"own_share_percent": 20}
    await clerk.give("funding", "RecordAward", "", **about, lines=[line], conditions=conditions, notice_on="2023-12-20")


@pytest.fixture
def office(desk: Desk) -> Iterator[Visitor]:
    with desk.visitor("office") as visitor:
        yield visitor


@pytest.fixture
def approver(desk: Desk) -> Iterator[Visitor]:
    with desk.visitor("approver") as visitor:
        yield visitor


def addresses(conference: str) -> list[str]:
    """Of every page, with something that there is."""
    named = {"conference": conference, "seat": "first-1", "session": "none", "grant": "state-grant", "id": "0b6f9c1e"}
    named |= {"kind": "grant", "key": "state-grant", "group": "first", "mail": "none", "paper": grdrs_905.NAME}
    named |= {"person": derived_id(conference, "first")}
    return [re.sub(r"\{(\w+):slug\}", lambda found: named[found[1]], page.address) for page in PAGES]


def test_nobody_gets_in_without_a_token_that_is_somebodys(desk: Desk) -> None:
    for token in ("", "wrong", desk.tokens["office"][:-1]):
        with Visitor(desk.address, token) as stranger:
            assert stranger.entered.status_code == 401 and not stranger.cookie
            assert token == "" or token not in stranger.entered.text
            for address in addresses(HERE):
                asked = stranger.page(address)
                assert asked.status_code == 303 and asked.headers["location"].startswith("/desk/login?next="), address
                assert stranger.send(address, {}).status_code == 401, address


async def test_the_browser_has_an_id_and_the_database_nothing_that_opens(desk: Desk, office: Visitor) -> None:
    told = office.entered.headers["set-cookie"]
    assert told.startswith("__Host-desk=") and {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= {
        one.strip() for one in told.split(";")
    }
    async with desk.stack.database("office") as database:
        kept = [str(one) async for one in database["logins"].find()]
    assert kept
    assert not any(secret in one for one in kept for secret in (desk.tokens["office"], office.cookie.partition("=")[2]))


def test_neither_id_nor_token_is_in_the_log(desk: Desk, office: Visitor) -> None:
    log = Path(desk.stack.record("office").log).read_text()
    assert log and desk.tokens["office"] not in log and office.cookie.partition("=")[2] not in log


def test_whoever_logs_out_is_out(desk: Desk) -> None:
    with desk.visitor("office") as visitor:
        assert visitor.send("/logout", {"form_token": _form_token(visitor)}).status_code == 303
        assert visitor.page(f"/{HERE}/").status_code == 303


def _form_token(visitor: Visitor) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', visitor.text(f"/{HERE}/"))
    assert found
    return found[1]


def test_pages_say_what_browsers_must_not_do(office: Visitor) -> None:
    for page in (office.page(f"/{HERE}/"), office.page("/login"), office.page("/nowhere/x/y")):
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
    assert office.page("/kern/kern.min.css").headers["cache-control"] == "public, max-age=3600"


def test_nothing_of_another_conference_is_there(desk: Desk) -> None:
    with desk.visitor("ulm.office") as stranger:
        for address in addresses(HERE):
            if f"/{HERE}/" in address:
                assert stranger.page(address).status_code == 404, address
                assert stranger.send(address, {"form_token": "x"}).status_code == 404, address
        assert HERE not in stranger.text(f"/{ELSEWHERE}/search?q=state-grant")


CANARY, THEIRS, OURS = "Kanarienvogel", "tuttlingen", "aalen"
ROLES: Sequence[CallerRole] = ("office", "approver", "admin", "monitor", "subscriber")


@pytest.fixture(scope="module")
def theirs(desk: Desk) -> Theirs:
    """A conference that has everything under the same names as Aalen has, and callers of each role for Aalen alone."""
    for role in ROLES:
        tokens.add(desk.stack.folder, f"only-aalen.{role}", role, [OURS], 30)
    desk.tokens.update(tokens.read_tokens(desk.stack.folder))
    return asyncio.run(_twice(desk))


async def _twice(desk: Desk) -> Theirs:
    async with clerk_of(desk.stack, OURS) as ours, clerk_of(desk.stack, THEIRS) as clerk:
        await strangers.lay(ours, "Aalen", 1_000_000)
        await strangers.lay(clerk, CANARY, strangers.AMOUNT)

        async def invited() -> str:
            mails = await clerk.read("notifications", "/mails")
            return next((one["mail"] for one in mails if one["kind"] == "invitation"), "")

        mail = await eventually(invited, "their invitation", within=60)
        [event, *_] = await clerk.history(f"{THEIRS}/grant/{strangers.GRANT}")
        return Theirs(THEIRS, mail, event["id"])


def tells(answer: httpx.Response) -> bool:
    return any(word in answer.text for word in (CANARY, str(strangers.AMOUNT), "76.543,21"))


async def _recorded(desk: Desk) -> list[int]:
    found = []
    for name in SERVICES:
        async with desk.stack.database(name) as database:
            found.append(await strangers.recorded(database, THEIRS))
    return found


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield client


def test_no_route_tells_a_caller_of_another_conference_anything(
    desk: Desk, theirs: Theirs, client: httpx.Client
) -> None:
    before, services, wrong = asyncio.run(_recorded(desk)), desk.stack.state.services, set[str]()
    for role in ROLES:
        for one in strangers.requests(theirs, THEIRS):
            answer = strangers.ask(client, services, desk.tokens[f"only-aalen.{role}"], one)
            allowed = (403, 404) if one.is_of_a_conference else (200, 403, 404)
            if answer.status_code not in allowed or tells(answer):
                wrong.add(f"{role} {one}: {answer.status_code}")
    assert (wrong, asyncio.run(_recorded(desk))) == (set(), before)


def test_nor_does_one_in_the_name_of_the_own_conference(desk: Desk, theirs: Theirs, client: httpx.Client) -> None:
    """Their ids, streams and positions; what is called the same in both is the own one."""
    before, services, wrong = asyncio.run(_recorded(desk)), desk.stack.state.services, set[str]()
    for one in strangers.requests(theirs, OURS):
        answer = strangers.ask(client, services, desk.tokens["only-aalen.office"], one)
        if answer.status_code >= 500 or tells(answer):
            wrong.add(f"{one}: {answer.status_code}")
    assert (wrong, asyncio.run(_recorded(desk))) == (set(), before)


def test_no_page_shows_another_conference(desk: Desk, theirs: Theirs) -> None:
    wrong = set[str]()
    for role in ROLES[:4]:
        with desk.visitor(f"only-aalen.{role}") as stranger:
            for address in strangers.pages(theirs):
                for conference in (THEIRS, OURS):
                    at = address.replace(f"/{THEIRS}/", f"/{conference}/")
                    if at.endswith("/live") and (f"/{THEIRS}/" not in at):
                        continue  # it says that something has happened, for as long as it is listened to
                    page = stranger.page(at)
                    is_theirs = f"/{THEIRS}/" in at
                    if tells(page) or page.status_code >= 500 or (is_theirs and page.status_code != 404):
                        wrong.add(f"{role} {at}: {page.status_code}")
                    if is_theirs and stranger.send(at, {"form_token": "x"}).status_code != 404:
                        wrong.add(f"{role} POST {at}")
    assert wrong == set()


def test_whoever_acts_for_both_sees_what_the_others_do_not(
    desk: Desk, office: Visitor, theirs: Theirs, client: httpx.Client
) -> None:
    """Else the tests above look for words that stand nowhere."""
    assert CANARY in office.soon(f"/{THEIRS}/money/{strangers.GRANT}", "76.543,21")
    [grants] = [one for one in strangers.requests(theirs, THEIRS) if str(one) == "funding GET /grants"]
    assert tells(strangers.ask(client, desk.stack.state.services, desk.tokens["office"], grants))


def test_a_role_sees_its_pages_and_gives_its_commands(desk: Desk, office: Visitor, approver: Visitor) -> None:
    assert office.page("/operator").status_code == 403
    with desk.visitor("monitor") as monitor:
        assert monitor.page("/operator").status_code == 200 and monitor.page(f"/{HERE}/").status_code == 403
    assert "BookExpense" in office.text(MONEY) and "BookExpense" not in approver.text(MONEY)
    assert "Sitzung ansetzen" in office.text(f"/{HERE}/") and "Sitzung ansetzen" not in approver.text(f"/{HERE}/")
    forged = {"form_token": _form_token(approver), "command": "BookExpense", "key": "a", **RECEIPT}
    assert approver.send(MONEY, forged).status_code == 403


def test_every_page_is_shown_and_nothing_fails(desk: Desk, office: Visitor) -> None:
    with desk.visitor("admin") as admin:
        for address in addresses(HERE):
            visitor = admin if address.startswith("/operator") else office
            known = "/none" not in address and not address.endswith("proof-of-use.pdf")  # its figures are not frozen
            if not address.endswith("/live"):
                assert visitor.page(address).status_code in ((200, 303) if known else (404,)), address


def test_no_link_leads_nowhere_and_no_page_says_what_only_programs_can_read(desk: Desk, office: Visitor) -> None:
    """From the first page on, one of each kind of page."""
    with desk.visitor("admin") as admin:
        for visitor, first in ((office, f"/desk/{HERE}/"), (admin, "/desk/operator")):
            pages = dict(visitor.walk(first))
            assert len(pages) > 3
            assert {address: one.status_code for address, one in pages.items() if one.status_code >= 400} == {}
            assert {address: told for address, one in pages.items() if (told := only_for_programs(one))} == {}


FIELD = re.compile(r'<textarea[^>]*>[^<]|<input (?!type="hidden")[^>]*value="[^"]+"|<option value="[^"]+" selected')
FIRST = {"RecordAward"}
"""It begins with what was applied for, which stays; another notice than one that is recorded is refused."""


def test_a_form_that_begins_with_what_stands_there_carries_what_was_seen(office: Visitor) -> None:
    """So that whoever sends it later than a colleague is told (decisions 0060 and 0072)."""
    begun = {
        form_of["command"]: form_of
        for address in addresses(HERE)
        if not address.startswith("/operator") and not address.endswith(("/live", ".pdf", ".csv"))
        for form in FORM.findall(office.page(address).text)
        if (form_of := dict(HIDDEN.findall(form))).get("command") and FIELD.search(form)
    }
    assert {"CorrectSeatGroup", "CorrectMandate", "RecordPerson", "CorrectConference", "CorrectPaper"} <= begun.keys()
    blind = {
        command
        for command, hidden in begun.items()
        if "replaces" not in hidden and not any(name.startswith("was.") for name in hidden)
    }
    assert blind <= FIRST


@pytest.mark.parametrize("asked", ["search?q=%00" + "x" * 3000, "seats?on=morgen", "mails?state=../x", "search?q=(.*"])
def test_what_is_asked_oddly_is_answered(office: Visitor, asked: str) -> None:
    page = office.page(f"/{HERE}/{asked}")
    assert page.status_code in (200, 404, 422) and "content-security-policy" in page.headers


def test_a_form_of_elsewhere_does_nothing(desk: Desk, office: Visitor) -> None:
    form, foreign = office.form(MONEY, "BookExpense"), {**RECEIPT, "receipt_number": "2024/0666"}
    assert office.send(MONEY, {**form, "form_token": "0" * 64}, **foreign).status_code == 403
    with desk.visitor("office-2") as other:
        assert office.send(MONEY, {**form, "form_token": _form_token(other)}, **foreign).status_code == 403
    office._client.headers["origin"] = "https://evil.example"
    assert office.send(MONEY, form, **foreign).status_code == 403
    del office._client.headers["origin"]
    assert "2024/0666" not in office.text(MONEY)


def test_an_expense_is_booked_once_and_approved_by_somebody_else(office: Visitor, approver: Visitor) -> None:
    form = office.form(MONEY, "BookExpense")
    refused = office.send(MONEY, form, **{**RECEIPT, "amount": "viel <b>"})
    assert refused.status_code == 422
    assert 'value="viel &lt;b&gt;"' in refused.text and "Erwartet wird ein Betrag in Euro" in refused.text
    refused = office.send(MONEY, form, **{**RECEIPT, "service_on": "2031-01-01"})
    assert refused.status_code in (409, 422) and 'value="2031-01-01"' in refused.text
    assert "außerhalb des Bewilligungszeitraums" in refused.text and 'value="2024/0611"' in refused.text
    for _ in range(2):
        sent = office.send(MONEY, form, **RECEIPT)
        assert sent.status_code == 303
    page = office.text(sent.headers["location"].removeprefix("/desk"))
    assert page.count('<td class="kern-table__cell">2024/0611</td>') == 1 and "6.100,00 EUR" in page
    assert "ApproveExpense" not in page
    page = approver.do(MONEY, "ApproveExpense", expense="2024-0611")
    assert "freigegeben" in page and "ApproveExpense" not in page


def test_what_a_colleague_has_changed_meanwhile_is_shown_first(desk: Desk, office: Visitor) -> None:
    group, reason = f"/{HERE}/groups/first", {"reason": "Schreibweise", "number": "1"}
    form = office.form(group, "CorrectSeatGroup")
    with desk.visitor("office-2") as colleague:
        colleague.do(group, "CorrectSeatGroup", {**reason, "name": "Erste Gruppe"})
    refused = office.send(group, form, **reason, name="Gruppe eins")
    assert refused.status_code == 409
    assert "Jetzt steht da: „Erste Gruppe“" in refused.text and 'value="Gruppe eins"' in refused.text
    again = form_in(refused.text, "CorrectSeatGroup")
    assert office.send(group, again, **reason, name="Gruppe eins").status_code == 303


def test_a_contact_that_a_colleague_has_corrected_meanwhile_is_shown_and_not_lost(desk: Desk, office: Visitor) -> None:
    """The form begins with what is known, so that whoever changes a name does not lose an address."""
    page = f"/{HERE}/people/{derived_id(HERE, 'first')}"
    form, colleagues = office.form(page, "RecordPerson"), "colleague@example.org"
    known = {name: field_in(office.text(page), name) for name in ("details.name", "details.salutation")}
    assert all(known.values())
    with desk.visitor("office-2") as colleague:
        colleague.do(page, "RecordPerson", {**known, "details.email": colleagues})
    mine = {**known, "details.name": "Kim Umbenannt", "details.email": "mine@example.org"}
    refused = office.send(page, form, **mine)
    assert refused.status_code == 409 and "hat inzwischen jemand anderes geändert" in refused.text
    assert colleagues in refused.text and 'value="Kim Umbenannt"' in refused.text
    office.send(page, form_in(refused.text, "RecordPerson"), **{**mine, "details.email": colleagues})
    assert field_in(office.soon(page, "Kim Umbenannt"), "details.email") == colleagues
    office.do(page, "RecordPerson", {**known, "details.email": colleagues})


def field_in(page: str, name: str) -> str:
    """What stands in it."""
    found = re.search(rf'value="([^"]*)"[^>]* name="{re.escape(name)}"', page)
    return unescape(found[1]) if found else ""


def test_an_answer_that_came_meanwhile_is_shown_beside_what_was_chosen(desk: Desk, office: Visitor) -> None:
    session = _planned(office, "Gleichzeitig beantwortet")
    office.do(session, "ChangeAgenda", {"agenda": "Begrüßung"})
    office.do(session, "IssueInvitation", {"reason": ""})
    page = f"{session}/answers"
    form, person = office.form(page, "RecordAnswers"), _person(office.text(page))
    with desk.visitor("office-2") as colleague:
        colleague.do(page, "RecordAnswers", {f"is.{person}": "decline"})
    refused = office.send(page, form, **{f"is.{person}": "accept"})
    assert refused.status_code == 409 and "Jetzt steht da: eine andere Antwort" in refused.text
    assert "Inzwischen eingetragen: Absage" in refused.text and 'value="accept" selected' in refused.text
    again = form_in(refused.text, "RecordAnswers")
    meant = office.send(page, again, **{f"is.{person}": "accept"})
    assert meant.status_code == 303
    assert 'value="accept" selected' in office.text(meant.headers["location"].removeprefix("/desk"))


async def test_the_operator_has_everything_verified(desk: Desk) -> None:
    with desk.visitor("admin") as admin:
        assert admin.send("/operator", admin.form("/operator", "Verify"), why="").status_code == 422
        admin.do("/operator", "Verify", {"why": "Vor dem Wochenende"})
        await eventually(lambda: "data-busy" not in admin.text("/operator"), "verified", 60)
        page = admin.text("/operator")
        assert page.count("Journal, Themen und Projektionen sagen dasselbe") == len(SERVICES)
        assert admin.text("/operator/acts").count("Datenbestand abgeglichen") == len(SERVICES)


async def test_what_two_do_at_once_happens_once(desk: Desk, office: Visitor, approver: Visitor) -> None:
    """The same receipt booked by two, one expense approved in two browsers."""
    receipt = {**RECEIPT, "receipt_number": "2024/0620", "amount": "20"}
    with desk.visitor("office-2") as colleague, desk.visitor("approver") as elsewhere:
        for command, visitors, told in (
            ("BookExpense", (office, colleague), receipt),
            ("ApproveExpense", (approver, elsewhere), {"expense": "2024-0620"}),
        ):
            answers = await _at_once(command, visitors, **told)
            assert 303 in answers and set(answers) <= {303, 409}, command
    history = [
        (one["type"], one["by"])
        for one in await _history(desk.stack, f"{HERE}/grant/state-grant")
        if one["data"].get("expense") == "2024-0620"
    ]
    [(first, by), (last, _)] = history
    assert first == "kpk.funding.ExpenseBooked.v1" and by in ("office", "office-2")
    assert last == "kpk.funding.ExpenseApproved.v1"


async def _at_once(command: str, visitors: Sequence[Visitor], expense: str = "", **typed: str) -> list[int]:
    """How each of them is answered; all have had the form before."""
    fixed = {"expense": expense} if expense else {}
    is_there = f'name="expense" value="{expense}"'
    await eventually(lambda: is_there in visitors[0].text(MONEY) or not expense, "the page knows the expense", 30)
    forms = [one.form(MONEY, command, **fixed) for one in visitors]
    given = zip(visitors, forms, strict=True)
    sent = await asyncio.gather(*(asyncio.to_thread(one.send, MONEY, form, **typed) for one, form in given))
    return [one.status_code for one in sent]


async def _history(stack: RunningStack, stream: str) -> list[dict[str, Any]]:
    async with clerk_of(stack, HERE) as clerk:
        return await clerk.read("funding", f"/streams/{stream}")


def test_a_session_goes_from_its_date_to_its_minutes(desk: Desk, office: Visitor) -> None:
    when = {"starts": f"{HELD:%Y-%m-%dT%H:%M}", "ends": f"{HELD + timedelta(hours=3):%Y-%m-%dT%H:%M}"}
    typed = {"title": "Frühjahrssitzung", "kind": "plenary", "place": "Rathaus", **when}
    assert "Die Sitzung ist angesetzt." in office.do(f"/{HERE}/sessions", "ScheduleSession", typed)
    office.do(ROOM, "ChangeAgenda", {"agenda": "Begrüßung\nPersonal (nicht öffentlich)"})
    office.soon(ROOM, "Delegierte first")  # whom an invitation would go to
    office.do(ROOM, "IssueInvitation", {"reason": ""})
    person = _person(office.text(f"{ROOM}/answers"))
    page = office.do(f"{ROOM}/answers", "RecordAnswers", {f"is.{person}": "accept"})
    assert '<option value="accept" selected>' in page
    form = office.form(f"{ROOM}/answers", "RecordAnswers")
    nothing = office.send(f"{ROOM}/answers", form, **{f"is.{person}": "accept"})
    assert nothing.status_code == 422 and "keine Antwort neu" in nothing.text
    asyncio.run(_wait(desk.stack))
    page = office.do(f"{ROOM}/attendance", "RecordAttendance", {f"is.{person}": "yes", f"from.{person}": "14:05"})
    assert "14:05" in page and "<strong>1</strong> Sitze anwesend" in page
    office.do(ROOM, "OpenSession")
    office.do(ROOM, "RecordConsensus", {"item": "1", "recommendation": ""})
    office.do(ROOM, "CloseSession")
    votes = {"how": "vote", "yes": "1", "no": "0", "abstentions": "0", "present": "1"}
    page = office.do(ROOM, "CorrectDecision", {**votes, "reason": "Es war eine Abstimmung"})
    assert "1 Ja, 0 Nein, 0 Enthaltungen" in page
    _write_at_once(desk, office)
    page = office.do(ROOM, "ApproveMinutes")
    assert "genehmigt" in page and "CorrectDecision" not in page
    office.soon(f"/{HERE}/history/session/{SESSION}", "hat eine neue Tagesordnung")


def test_a_guest_pool_is_listed_corrected_and_admitted_as_a_whole(office: Visitor) -> None:
    pools, pool = f"/{HERE}/conference/guest-pools", {"pool": "wissenschaft"}
    office.do(pools, "InviteGuestPool", {"name": "Wissenschaft", "pool": ""})
    for name in ("Erika Gast", "Ida Irrtum"):
        typed = {"details.name": name, "details.salutation": f"Guten Tag {name}", "details.email": ""}
        sent = office.send(pools, office.form(pools, "RecordPerson"), **typed, **{"details.postal_address": ""})
        recorded = sent.headers["location"].removeprefix("/desk")
        [person] = re.findall(r"person=([0-9a-f-]+)", recorded)
        office.soon(recorded, 'name="pool" value="wissenschaft"')
        page = office.do(recorded, "JoinGuestPool", {"person": person}, **pool)
        assert f'people/{person}">{name}</a>' in page and "steht auf der Liste" in page
    assert "Ida Irrtum" not in office.do(pools, "LeaveGuestPool", {"person": person}, **pool).partition("<form")[0]
    session = _planned(office, "Mit Gästen")
    office.soon(session, "Wissenschaft (1 Person)")
    refused = office.send(session, office.form(session, "AdmitGuestPool"), pool="niemand")
    assert refused.status_code == 404 and "steht niemand" in refused.text
    page = office.do(session, "AdmitGuestPool", {"pool": "wissenschaft"})
    assert "sind als Gäste zugelassen" in page and "1 Person und 1 Gast," in page


async def test_what_a_calendar_replies_is_proposed_and_recorded_by_the_office_alone(
    desk: Desk, office: Visitor
) -> None:
    session = _planned(office, "Aus dem Kalender")
    office.do(session, "ChangeAgenda", {"agenda": "Begrüßung"})
    office.do(session, "IssueInvitation", {"reason": ""})
    asked, page = await _calendar(desk.stack, session.rpartition("/")[2]), f"{session}/answers"
    assert "Aus Kalendern" not in office.text(page)
    assert "Kein Kalender schlägt eine Antwort vor" in office.text(f"/{HERE}/")
    for number, (partstat, told) in enumerate((("ACCEPTED", "Zusage"), ("DECLINED", "Absage"))):
        reply = desk.stack.folder / OFFICE_MAILBOX / "new" / str(number)
        reply.write_bytes(replied(asked, partstat))
        os.utime(reply, (number, number))
        assert f"Delegierte first: <strong>{told}</strong>" in office.text(page)
        assert "aus Kalendern vorgeschlagen: <strong>1</strong>" in office.text(session)
        line = f'{session}/answers#proposed">Aus dem Kalender</a>: 1 Vorschlag, Beginn'
        assert line in office.text(f"/{HERE}/")
        assert ">0</strong> · <a" not in office.text(session), "still without an answer"
    assert "Aus Kalendern" not in office.do(page, "DismissReply")
    reply.unlink()
    [taken] = [form for form in _forms(office, page) if form.get(f"is.{_person(office.text(page))}") == "accept"]
    shown = office.text(office.send(page, taken).headers["location"].removeprefix("/desk"))
    assert "Aus Kalendern" not in shown and 'value="accept" selected' in shown


async def test_what_a_server_reports_as_undeliverable_is_shown_with_its_seat_and_sent_again_when_it_is_released(
    desk: Desk, office: Visitor
) -> None:
    session, failed = _planned(office, "Unzustellbar"), f"/{HERE}/mails?state=failed"
    office.do(session, "ChangeAgenda", {"agenda": "Begrüßung"})
    office.do(session, "IssueInvitation", {"reason": ""})
    title = session.rpartition("/")[2]
    [mail] = await _sent(desk.stack, title)
    sent = mail_in(desk.stack, mail["mail"])
    report = desk.stack.folder / OFFICE_MAILBOX / "new" / "report"
    report.write_bytes(reported(sent.as_bytes(), sent["to"].addresses[0].addr_spec))
    await eventually(lambda: "Unzustellbar" in office.text(failed), "the office sees what came back", 60)
    row = next(row for row in office.text(failed).split("<tr") if "Unzustellbar" in row)
    kind, _, seat, _, reason, *_ = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
    assert (kind, reason) == ("Einladung", "Adresse abgelehnt") and seat != "–"
    told = office.text(f"/{HERE}/history/mail/{mail['mail']}")
    assert "kam als unzustellbar zurück: abgelehnt" in told and "nimmt keine E-Mail an" in told
    suspended = await eventually(lambda: _suspended(office), "its address is suspended", 60)
    assert f"<strong>{seat}</strong>" in suspended and "0 Schreiben warten" in suspended
    office.do(failed, "ResendNotification", mail=mail["mail"])
    held = f"/{HERE}/mails?state=held"
    await eventually(lambda: "Unzustellbar" in office.text(held), "no mail is tried at it", 60)
    await eventually(lambda: "1 Schreiben wartet" in office.text(f"/{HERE}/"), "the first page says so", 60)
    office.do(held, "ReleaseAddress", {"reason": "Das Postfach ist wieder da."})
    again = await _sent(desk.stack, title)
    assert [(one["mail"], one["attempts"]) for one in again] == [(mail["mail"], 2)]
    assert "Unzustellbar" not in office.text(failed) and not _suspended(office)


def _suspended(visitor: Visitor) -> str:
    """The part of the page that lists them."""
    return visitor.text(f"/{HERE}/mails").partition('id="suspended"')[2].partition("</section>")[0]


def _forms(visitor: Visitor, address: str) -> list[dict[str, str]]:
    return [dict(HIDDEN.findall(form)) for form in FORM.findall(visitor.text(address))]


async def _sent(stack: RunningStack, session: str) -> list[Any]:
    async with clerk_of(stack, HERE) as clerk:
        return await eventually(
            lambda: clerk.read("notifications", "/mails", session=session, state="sent"), "it is sent", 60
        )


async def _calendar(stack: RunningStack, session: str) -> str:
    """That of the one invitation to it."""
    [mail] = await _sent(stack, session)
    [calendar] = [part for part in mail_in(stack, mail["mail"]).walk() if part.get_content_type() == "text/calendar"]
    return str(calendar.get_content())


def _planned(office: Visitor, title: str) -> str:
    """Its page."""
    day = f"{HELD + timedelta(days=30):%Y-%m-%d}"
    when = {"starts": f"{day}T14:00", "ends": f"{day}T16:00"}
    office.do(f"/{HERE}/sessions", "ScheduleSession", {"title": title, "kind": "plenary", "place": "Rathaus", **when})
    return f"/{HERE}/sessions/{slug(title)}-{day}"


def _write_at_once(desk: Desk, office: Visitor) -> None:
    """Two have opened the minutes: what the second one has not seen is shown and not overwritten."""
    paper = f"{ROOM}/minutes"
    with desk.visitor("office-2") as colleague:
        mine, theirs = office.form(paper, "DraftMinutes"), colleague.form(paper, "DraftMinutes")
        told = {"document": "Niederschrift 1/2024"}
        assert office.send(paper, mine, **told, **{"text.1": "Begrüßt."}).status_code == 303
        assert colleague.send(paper, theirs, **told, **{"text.2": "Beraten."}).status_code == 303
        office.soon(paper, "Begrüßt.", "Beraten.")  # each has another item
        theirs["key"] = uuid4().hex
        refused = colleague.send(paper, theirs, **told, **{"text.1": "Eröffnet."})
        assert refused.status_code == 409 and "Inzwischen hat jemand anderes hier geschrieben" in refused.text
        assert all(text in refused.text for text in ("Begrüßt.", "Eröffnet."))
        office.do(ROOM, "SendMinutes")
        late = colleague.send(paper, theirs, **told, **{"text.1": "Verspätet."})
        assert late.status_code == 409 and "ist versandt" in late.text and "Verspätet." in late.text
        assert "Verspätet." in colleague.text(paper), "and is there until it is thrown away"
        assert colleague.send(paper, theirs, discard="yes").status_code == 303
        assert "Verspätet." not in colleague.text(paper)


def _person(page: str) -> str:
    found = re.search(r'name="is\.([0-9a-f-]+)"', page)
    assert found
    return found[1]


async def _wait(stack: RunningStack) -> None:
    async with clerk_of(stack, HERE) as clerk:
        await clerk.let_pass(HELD.replace(tzinfo=BERLIN) + timedelta(minutes=30) - _now(stack))


def _now(stack: RunningStack) -> datetime:
    return datetime.now(UTC) + stack.ahead


async def test_what_was_typed_before_a_restart_is_taken_after_it(desk: Desk, office: Visitor) -> None:
    """Still logged in, the form still holds, and what a rule refused stands there until it is done."""
    form, typed = office.form(MONEY, "BookExpense"), {**RECEIPT, "receipt_number": "2024/0612", "amount": "12"}
    assert office.send(MONEY, form, **{**typed, "service_on": "2031-01-01"}).status_code in (409, 422)
    process.send(desk.stack.record("office").identity, signal.SIGKILL)
    assert desk.stack.kpk("up", "office").returncode == 0
    assert 'value="2024/0612"' in office.text(MONEY)
    async with desk.stack.database("office") as database:
        kept = [str(one) async for one in database["drafts"].find()]
    assert kept and not any("2024/0612" in one or "grant" in one for one in kept)
    with desk.visitor("office") as elsewhere, desk.visitor("approver", office.browser) as other:
        assert 'value="2024/0612"' not in elsewhere.text(MONEY) + other.text(MONEY), "another browser, another account"
    with desk.visitor("office", office.browser) as later:
        assert "Entwurf verwerfen" in later.text(MONEY), "logged in anew"
        assert later.send(MONEY, later.form(MONEY, "BookExpense"), **typed).status_code == 303
    assert "Entwurf verwerfen" not in office.text(MONEY)


async def test_what_is_typed_about_a_person_is_not_kept(desk: Desk, office: Visitor) -> None:
    seat, typed = f"/{HERE}/seats/first-1", {"details.name": "Erika Ungespeichert", "details.email": "kein Postfach"}
    async with desk.stack.database("office") as database:
        before = await database["drafts"].count_documents({})
        refused = office.send(seat, office.form(seat, "RecordPerson"), **typed)
        assert refused.status_code == 422 and "Erika Ungespeichert" in refused.text
        assert "Erika Ungespeichert" not in office.text(seat)
        assert await database["drafts"].count_documents({}) == before


def test_what_was_typed_when_the_login_had_ended_is_sent_after_the_next(desk: Desk) -> None:
    """About people as well: it goes with the answer and is stored nowhere."""
    seat, typed = f"/{HERE}/seats/first-1", {"details.name": "Kim Nochda", "details.salutation": "Guten Tag Kim Nochda"}
    with desk.visitor("office") as visitor:
        form = visitor.form(seat, "RecordPerson")
        visitor.send("/logout", {"form_token": form["form_token"]})
        ended = visitor.send(seat, form, **typed)
    assert ended.status_code == 401
    [again] = [dict(HIDDEN.findall(one)) for one in FORM.findall(ended.text)]
    assert again == {**form, **typed}
    with desk.visitor("office") as anew:
        shown = anew.send(seat, again)
        assert shown.status_code == 403 and 'value="Kim Nochda"' in shown.text
        assert anew.send(seat, {**again, "form_token": _form_token(anew)}).status_code == 303


def test_a_draft_that_is_thrown_away_is_gone(office: Visitor) -> None:
    form, typed = office.form(MONEY, "RegisterCommitment"), {"commitment": "verworfen", "amount": "viel"}
    assert office.send(MONEY, form, **typed).status_code == 422
    assert 'value="verworfen"' in office.text(MONEY)
    assert office.send(MONEY, form, **typed, discard="yes").status_code == 303
    assert 'value="verworfen"' not in office.text(MONEY)


# In a browser


@pytest.fixture
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("no Chromium") if os.environ.get("CI") == "true" else pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def link(desk: Desk) -> str:
    return asyncio.run(_asked(desk.stack))


async def _asked(stack: RunningStack) -> str:
    """The link in the invitation of the one delegate elsewhere."""
    async with clerk_of(stack, ELSEWHERE) as clerk:
        invited = await invite_everybody(clerk, "answered-by-link")
        [mail] = await eventually(
            lambda: clerk.read("notifications", "/mails", session="answered-by-link", state="sent"), "it is sent", 60
        )
        assert mail["person"] == invited.events[0]["data"]["recipients"][0]["person"]
    return link_in(stack, mail["mail"])


def mail_in(stack: RunningStack, mail: str) -> EmailMessage:
    files = (file for file in Path(stack.state.mail_folder).glob("*.eml") if mail in file.read_text())
    return message_from_bytes(next(files).read_bytes(), policy=policy.default)


def link_in(stack: RunningStack, mail: str) -> str:
    body = mail_in(stack, mail).get_body(("plain",))
    assert body
    return next(line for line in str(body.get_content()).split() if line.startswith("http"))


@pytest.mark.browser
def test_an_invitation_is_answered_with_its_link_by_keyboard_alone(desk: Desk, link: str, browser: Browser) -> None:
    """Zoomed to twice its size, without a script, in both colour schemes; the link is in no log and no event."""
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme, presses, answer in zip(schemes, (1, 2), ("Ich nehme teil", "Ich nehme nicht teil"), strict=True):
        page = browser.new_context(java_script_enabled=False, color_scheme=scheme).new_page()
        page.set_viewport_size({"width": 640, "height": 360})
        page.goto(link)
        for _ in range(presses):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Ihre Antwort ist gespeichert").wait_for()
        assert page.locator("dd").last.inner_text() == answer
        seen = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()
        seen.set_viewport_size({"width": 320, "height": 640})
        for address in (link, f"{link}x"):
            seen.goto(address)
            assert Axe().run(seen).response["violations"] == []
            assert seen.evaluate("document.documentElement.scrollWidth") <= 320
    token = link.rpartition("/")[2]
    logs = "".join(Path(desk.stack.record(name).log).read_text() for name in ("meetings", "notifications"))
    assert logs and token.partition(".")[0] not in logs


def _entered(desk: Desk, browser: Browser, name: str, **context: Any) -> PageOfBrowser:
    """Logged in with the keyboard alone: the field has the focus."""
    page = browser.new_context(base_url=desk.address, **context).new_page()
    page.goto("/desk/login")
    page.locator("#token:focus").wait_for()
    page.keyboard.type(desk.tokens[name])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "login" not in address)
    return page


def _book(page: PageOfBrowser, number: str) -> None:
    """Typed, not sent."""
    page.goto(f"/desk{MONEY}#do-BookExpense")
    for name, text in {**RECEIPT, "receipt_number": number, "amount": "10"}.items():
        field = page.locator(f"#do-BookExpense [name={name}]")
        field.select_option(text) if name == "line" else field.fill(text)


@pytest.mark.browser
def test_whoever_sends_twice_goes_back_or_loses_the_line_books_once(desk: Desk, browser: Browser) -> None:
    page = _entered(desk, browser, "office")
    button = page.locator("#do-BookExpense [type=submit]").first
    _book(page, "2024/0701")
    button.dblclick()
    page.get_by_text("Die Ausgabe ist gebucht").wait_for()
    page.go_back()
    page.goto(f"/desk{MONEY}")
    assert page.locator("td", has_text=re.compile(r"^2024/0701$")).count() == 1
    _book(page, "2024/0702")
    page.context.set_offline(True)
    button.click()
    page.context.set_offline(False)
    page.reload()
    page.get_by_text("Die Ausgabe ist gebucht").wait_for()
    assert page.locator("td", has_text=re.compile(r"^2024/0702$")).count() == 1


def _mistyped(page: PageOfBrowser) -> PageOfBrowser:
    """A form that was refused: from now on its page has a draft."""
    page.goto(f"/desk/{HERE}/conference#do-ChangeRules")
    page.locator("#do-ChangeRules [name=since]").fill("bald")
    page.locator("#do-ChangeRules [name=reason]").fill("Beschluss")
    page.locator("#do-ChangeRules [type=submit]").click()
    assert page.locator("#do-ChangeRules [aria-invalid=true]").count() == 1
    return page


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_every_page_can_be_used_by_everybody(desk: Desk, browser: Browser, scheme: Literal["light", "dark"]) -> None:
    """By axe-core's rules, in both colour schemes, and on a narrow window without scrolling sideways."""
    pages = {name: _entered(desk, browser, name, color_scheme=scheme) for name in ("office", "admin")}
    refused = Axe().run(_mistyped(pages["office"])).response["violations"]
    faults = [("refused", one["id"], one["nodes"][0]["html"]) for one in refused]
    for address in addresses(HERE):
        if address.endswith(("/live", ".pdf", ".csv")):
            continue
        page = pages["admin" if address.startswith("/operator") else "office"]
        page.goto(f"/desk{address}")
        assert ("Entwurf verwerfen" in page.content()) is address.endswith("/conference"), address
        found = Axe().run(page).response["violations"]
        faults += [(address, one["id"], one["nodes"][0]["html"]) for one in found]
        page.set_viewport_size({"width": 320, "height": 640})
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            faults.append((address, "scrolls sideways", ""))
        page.set_viewport_size({"width": 1280, "height": 720})
    assert not faults
