"""Each page with who may see it and what may be done there is in a list that people have looked at.

Whole pages are tried on the running stack: tests/journeys/test_desk.py.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.office.desk.faults import FAULTS
from services.office.desk.forms.posted import must_be_ours, read_typed
from services.office.desk.forms.reading import Mistyped
from services.office.desk.front import PAGES
from services.office.desk.login.entrance import WITHIN
from services.office.desk.members.roster_file import as_csv
from services.office.desk.others import Problem, Silent
from services.office.desk.paper import ENVIRONMENT, HEADERS, page
from shared.runtime.http.problems import Refused
from shared.runtime.mongo.driver import MongoUnavailable

LIST = Path(__file__).with_name("pages.txt")
TEMPLATES = Path("services/office/desk/templates")


def test_the_list_of_pages_is_complete_and_true() -> None:
    found = [
        f"{one.address} {','.join(sorted(one.roles))} {','.join(form.command for form in one.forms) or '-'}"
        for one in PAGES
    ]
    listed = LIST.read_text().splitlines()
    told = difflib.unified_diff(listed, found, LIST.name, "as it is", lineterm="", n=0)
    assert listed == found, "\n" + "\n".join(told)


@pytest.mark.parametrize(
    "goal", ["//evil.example", "https://evil.example", "/other", "/desk/\\evil", "/desk/x?y=//z", "javascript:a", ""]
)
def test_logging_in_leads_to_no_other_place(goal: str) -> None:
    assert not WITHIN.fullmatch(goal)
    assert WITHIN.fullmatch("/desk/stuttgart/sessions/plenum-1")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "https://desk.example@evil.example"},
        {"origin": "https://desk.example", "host": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://desk.example:8443"},
    ],
)
def test_a_form_of_another_page_is_not_taken(headers: dict[str, str]) -> None:
    with pytest.raises(Refused, match="FormForeign"):
        must_be_ours(_request(headers))
    must_be_ours(_request({"origin": "https://desk.example", "sec-fetch-site": "same-origin"}))
    must_be_ours(_request({}))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("command=BookExpense&amount=1&amount=2", "FieldRepeated"),
        ("command=BookExpense&form_token=a&form_token=a", "FieldRepeated"),
        ("note=M%FCller", "FormUnreadable"),
        ("note=" + "%ED%A0%80", "FormUnreadable"),
        ("a=1&" * 2001, "FormUnreadable"),
        ("key=%C3%BC", "FormUnreadable"),
        ("key=a%0D%0Ab", "FormUnreadable"),
        ("note=" + "a" * 300_000, "BodyTooLarge"),
    ],
    ids=[
        "two of a field",
        "two tokens",
        "another encoding",
        "half a letter",
        "too many fields",
        "no key",
        "two lines",
        "too long",
    ],
)
async def test_a_form_says_each_thing_once_and_readably(content: str, rule: str) -> None:
    with pytest.raises(Refused, match=rule):
        await read_typed(_sent(content))
    assert await read_typed(_sent("note=M%C3%BCller&key=&key2=a b")) == {
        "note": ["Müller"],
        "key": [""],
        "key2": ["a b"],
    }


@pytest.mark.parametrize(
    "pasted", ['Nr.\tAnschrift\n1\t"Weg 1\n2\tWeg 2\n', 'Nr.\tName\n1\t"Alte" Apotheke\n', "a\tb\rc"]
)
def test_a_pasted_list_with_a_loose_quotation_mark_loses_no_row(pasted: str) -> None:
    with pytest.raises(Mistyped, match=r"Ab Zeile [123] .* Anführungszeichen"):
        as_csv(pasted)
    assert as_csv('Nr.\tAnschrift\n1\t"Weg 1\nUlm"\n') == b'Nr.;Anschrift\n1;"Weg 1\nUlm"\n'


def test_pages_run_and_style_nothing_that_is_written_into_them() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy) and "http" not in str(policy) and "*" not in str(policy)
    for template in TEMPLATES.glob("*.j2"):
        text = template.read_text()
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|\|\s*safe|https?://", text), template.name
        assert not re.search(r"<script(?! src=)", text), template.name


def test_what_people_typed_is_text_and_never_markup() -> None:
    told = page("fault.html.j2", 200, sentence="<script>alert(1)</script>", visit=None, again=None)
    assert b"&lt;script&gt;alert" in bytes(told.body)
    assert ENVIRONMENT.autoescape is True


@pytest.mark.parametrize(
    ("fault", "status", "again"),
    [
        (Silent("funding"), 503, True),
        (MongoUnavailable(), 503, True),
        (Problem(429, "Busy", "Zu viele Anfragen."), 429, True),
        (Refused(401, "LoginEnded", "Die Anmeldung ist beendet."), 401, True),
        (Refused(403, "RoleNotAllowed", "Nicht erlaubt."), 403, False),
        (Problem(404, "Unknown", "Unbekannt."), 404, False),
    ],
)
async def test_a_form_that_could_not_be_looked_at_can_be_sent_again(
    fault: Exception, status: int, *, again: bool
) -> None:
    async def fail(_: Request) -> Response:
        raise fault

    app = Starlette(routes=[Route("/x", fail, methods=["GET", "POST"])], exception_handlers=FAULTS)  # type: ignore[arg-type]  # as the desk
    typed = {"key": "k", "note": "<b>viel</b>", "empty": ""}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example") as client:
        sent = await client.post("/x?on=1", data=typed)
        foreign = await client.post("/x", data=typed, headers={"origin": "https://evil.example"})
        looked = await client.get("/x")
        strange = await client.delete("/x")
    assert strange.status_code == 405 and {*strange.headers["allow"].split(", ")} == {"GET", "HEAD", "POST"}
    assert sent.status_code == foreign.status_code == looked.status_code == status
    assert ('action="/x?on=1"' in sent.text and 'name="note" value="&lt;b&gt;viel' in sent.text) is again
    assert ("Neu anmelden" in sent.text) is (status == 401)
    assert "Noch einmal" not in foreign.text + looked.text


def _sent(content: str) -> Request:
    head = {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(content))}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": content.encode(), "more_body": False}

    told = [(name.encode(), value.encode()) for name, value in head.items()]
    return Request({"type": "http", "method": "POST", "headers": told}, receive)


def _request(headers: dict[str, str]) -> Request:
    told = {"host": "desk.example", **headers}
    return Request({"type": "http", "headers": [(name.encode(), value.encode()) for name, value in told.items()]})
