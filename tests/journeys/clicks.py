"""The office at its pages: what the demo's story sends to the services is typed and chosen, with the keyboard alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Locator, Page

from deploy.demo.data import Data
from deploy.demo.office import Office, Refusal, Written
from deploy.demo.people import people_of
from services.office.desk.forms.form import Field, Form
from services.office.desk.front import PAGES
from services.office.desk.meetings.council_papers import typed as typed_paper
from services.office.desk.meetings.minutes import WRITE
from services.office.desk.paper import day, typed_moment
from shared.kernel.money import euros
from tests.kit.eventually import eventually

FORMS = {form.command: form for page in PAGES for form in page.forms if form != WRITE}
Typed = dict[str, str]


class AtTheDesk(Office):
    """One browser window for each caller. Ids of people are the pages' own: the story's are translated."""

    def __init__(self, services: Mapping[str, str], tokens: Mapping[str, str], data: Data) -> None:
        super().__init__(services, tokens, data.conference.slug)
        self.windows: dict[str, Page] = {}
        self.done = 0
        self._hands = asyncio.Lock()
        self._data, self._people = data, dict[str, str]()
        self._seats = {person.id: person.seat for person in people_of(data)}

    async def send_as(self, caller: str, service: str, command: str, key: str, /, **fields: object) -> Written:
        async with self._hands:
            return await self._do(self.windows[caller], service, command, {**fields, "key": key})

    async def _do(self, window: Page, service: str, command: str, fields: Mapping[str, Any]) -> Written:
        form = FORMS[command]
        told: dict[str, Any] = {"conference": self._conference, **fields}
        if "person" in told and command != "RecordPerson":
            told["person"] = self._people[told["person"]]
        typed = {field.name: text for field in form.fields if (text := _typed(field, told)) is not None}
        await self._fill_in(window, self._address(command, told), form, typed | _own_way(command, told))
        written = await _outcome(window, form)
        if command == "RecordPerson":
            self._people[told["person"]] = parse_qs(urlsplit(window.url).query)["person"][0]
        if written.sequence:
            self._newest[written.stream] = (service, written)
        self.done += 1
        return written

    async def _fill_in(self, window: Page, address: str, form: Form, typed: Typed) -> None:
        """Looks again while what is to be chosen is not there yet, as somebody who is faster than the services."""
        fixed = {field.name: typed.pop(field.name) for field in form.fields if field.kind == "fixed"}

        async def there() -> bool:
            await window.goto(f"/desk/{address}")
            found = _form_in(window, form, fixed)
            return await found.count() == 1 and await _can_be_chosen(found, typed)

        await eventually(there, f"{form.command} at {address} can be filled in", 20)
        found = _form_in(window, form, fixed)
        if not await found.locator("button").first.is_visible():
            await window.locator("details").filter(has=found).last.locator("> summary").press("Enter")
        for name, text in typed.items():
            await _put(found.locator(f'[name="{name}"]:not([type="hidden"])'), text)
        async with window.expect_navigation():
            await found.locator("button[type=submit]:not([name=discard])").last.press("Enter")

    def _address(self, command: str, told: Mapping[str, Any]) -> str:
        place = PLACES[command](self, told)
        return place if command == "EstablishConference" else f"{self._conference}/{place}"

    def known_as(self, person: str) -> str:
        return self._people[person]

    def seat_for(self, person: str) -> str:
        """Guests have none, and may be recorded anywhere."""
        return self._seats.get(person) or self._data.filled[0]


def _form_in(window: Page, form: Form, fixed: Typed) -> Locator:
    found = window.locator(f'form:has(input[name="command"][value="{form.command}"])')
    for name, value in fixed.items():
        found = found.locator(f'xpath=self::*[.//input[@type="hidden" and @name="{name}" and @value="{value}"]]')
    return found


async def _can_be_chosen(form: Locator, typed: Typed) -> bool:
    for name, text in typed.items():
        select = form.locator(f'select[name="{name}"]')
        if await select.count() and not await select.locator(f'option[value="{text}"]').count():
            return False
    return True


async def _put(field: Locator, text: str) -> None:
    if await field.get_attribute("type") == "checkbox":
        await field.press("Space")
    elif await field.locator("xpath=self::select").count():
        await field.select_option(text)
    else:
        await field.fill(text)


async def _outcome(window: Page, form: Form) -> Written:
    """What the page says: done, or the rule whose sentence stands at its field. Raises ``Refusal``."""
    if await window.locator('[role="alert"]').count():
        sentence = await window.locator('[role="alert"]').first.inner_text()
        for rule, field in form.at.items():
            if await window.locator(f'[id$="-{field.replace(".", "-")}-fault"]').count():
                raise Refusal(rule, sentence)
        raise AssertionError(f"{form.command}: {sentence}")
    told = await window.locator('main [role="status"]').all_inner_texts()
    said = {one.done for page in PAGES for one in page.forms if one.command == form.command}
    assert said & {one.strip() for one in told}, (form.command, window.url, told)
    seen = parse_qs(urlsplit(window.url).query).get("seen", ["|:0"])[0]
    stream, _, sequence = seen.partition("|")[2].rpartition(":")
    return Written(stream, int(sequence))


def _typed(field: Field, told: Mapping[str, Any]) -> str | None:
    value: Any = told
    for part in field.name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    match field.kind:
        case _ if value is None:
            return None
        case "euros":
            return euros(value).removesuffix(" EUR")
        case "day":
            return day(value)
        case "moment":
            return typed_moment(value)
        case "lines":
            return "\n".join(value)
        case "agenda":
            return "\n".join(one["title"] if one["public"] else f"{one['title']} (nicht öffentlich)" for one in value)
        case _:
            return str(value)


def _own_way(command: str, told: Mapping[str, Any]) -> Typed:
    """Where the page asks for something else than the command says."""
    match command:
        case "BookExpense":
            return {"line": f"{told['line']}|{told['purpose']}"}
        case "ApplyForGrant":
            return {"purpose": "\n".join(told["purposes"])}
        case "RecordAward":
            return {"plan": "\n".join(_plan_line(line) for line in told["lines"])}
        case "RequestDrawdown":
            return {"payments": "\n".join(_payment(one) for one in told["payments_due"])}
        case "WritePaper":
            return _text(told)
        case "RecordStaffHours":
            return {"hours": f"{told['quarter_hours'] / 4:.2f}".replace(".", ",")}
        case "JoinWorkingGroup":
            return {"who": f"{told['person']}|{told['seat']}"}
        case "RecordAnswers" | "RecordAttendance":
            return dict(told["typed"])
        case _:
            return {}


def _text(told: Mapping[str, Any]) -> Typed:
    """What the demo leaves out is left empty."""
    lists: dict[str, list[str]] = {name: [] for name in ("pending", "settled", "annexes", "recommendations")}
    return {name: text for name, text in typed_paper({"text": {**lists, **told["text"]}}).items() if text}


def _payment(due: Mapping[str, Any]) -> str:
    return "; ".join((due["line"], euros(due["amount"]).removesuffix(" EUR"), day(due["on"])))


def _plan_line(line: Mapping[str, Any]) -> str:
    return "; ".join((line["line"], line["purpose"], line["name"], euros(line["amount"]).removesuffix(" EUR")))


Place = Callable[[AtTheDesk, Mapping[str, Any]], str]

_SESSION: Place = lambda _, told: f"sessions/{told['session']}"  # noqa: E731 - a table of places reads best so
_GRANT: Place = lambda _, told: f"money/{told['grant']}"  # noqa: E731
_REGISTERS: Place = lambda *_: "registers"  # noqa: E731

PLACES: Mapping[str, Place] = {
    "EstablishConference": lambda *_: "",
    "InviteGuestPool": lambda *_: "conference/guest-pools",
    "OpenSeatGroup": lambda *_: "seats",
    "RegisterOrganisation": lambda _, told: f"groups/{told['group']}",
    "RecordPerson": lambda desk, told: f"seats/{desk.seat_for(told['person'])}",
    "NominateDelegate": lambda _, told: f"seats/{told['key']}?person={told['person']}",
    "AppointDelegate": lambda _, told: f"seats/{told['seat']}",
    "ChangePostHolder": lambda _, told: f"seats/{told['seat']}?person={told['person']}",
    "EstablishWorkingGroup": lambda *_: "working-groups",
    "JoinWorkingGroup": lambda *_: "working-groups",
    **dict.fromkeys(
        ("DraftPaper", "WritePaper", "RequestCoSignature", "CoSign", "IssuePaper", "RecordCommitteeDecision"),
        _REGISTERS,
    ),
    **dict.fromkeys(("DraftRecommendation", "SubmitRecommendation", "ReportRecommendation"), _REGISTERS),
    "ScheduleSession": lambda *_: "sessions",
    "AdmitGuest": lambda _, told: f"sessions/{told['session']}?person={told['person']}",
    "RecordAnswers": lambda _, told: f"sessions/{told['session']}/answers",
    "RecordAttendance": lambda _, told: f"sessions/{told['session']}/attendance",
    **dict.fromkeys(("ChangeAgenda", "IssueInvitation", "RescheduleSession", "CancelSession", "OpenSession"), _SESSION),
    **dict.fromkeys(("RecordConsensus", "CloseSession", "DraftMinutes", "SendMinutes", "ApproveMinutes"), _SESSION),
    "ApplyForGrant": lambda *_: "money",
    **dict.fromkeys(("RecordAward", "RegisterCommitment", "RequestDrawdown", "RecordPayout", "BookExpense"), _GRANT),
    **dict.fromkeys(("ApproveExpense", "RecordStaffHours", "FreezeProofOfUse", "SubmitProofOfUse"), _GRANT),
}
