"""The guide names what is there: each way to a form, each button by its own words, to whoever may press it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.requests import Request

from services.office.desk.forms.form import Form
from services.office.desk.front import PAGES, WORKED_ON
from services.office.desk.guide import HOME, PLACES, guide
from services.office.desk.visit import Visit
from shared.runtime.http.callers import Caller, CallerRole

TEMPLATES = Path("services/office/desk/templates")
GUIDE = (TEMPLATES / "guide.html.j2").read_text()
QUOTED = re.compile("„([^“{]+)“")


async def shown_to(role: CallerRole) -> str:
    headers = [(b"host", b"desk.example")]
    request = Request(
        {"type": "http", "method": "GET", "path": "/desk/stuttgart/guide", "headers": headers, "query_string": b""}
    )
    visit = Visit(None, request, Caller(f"{role}-1", role), "", "", "stuttgart", "Pflegekonferenz")  # type: ignore[arg-type]
    answer = await guide(WORKED_ON)(visit)
    return bytes(answer.body).decode()


def of_conferences() -> list[tuple[str, Form]]:
    pages = [page for page in WORKED_ON if page.address.startswith(HOME)]
    return [(page.address.removeprefix(HOME), form) for page in pages for form in page.forms]


def test_each_page_with_a_form_has_a_way_to_it() -> None:
    assert PLACES.keys() == {address for address, _ in of_conferences()}
    assert PAGES[-1].address == f"{HOME}/guide"


@pytest.mark.parametrize("role", ["office", "approver"])
async def test_whoever_may_do_something_finds_it_in_the_list(role: CallerRole) -> None:
    _, _, listed = (await shown_to(role)).partition('id="all"')
    allowed = {form.title for _, form in of_conferences() if form.role == role}
    others = {form.title for _, form in of_conferences()} - allowed
    assert allowed and all(f"{title}" in listed for title in allowed)
    assert not [title for title in others if re.search(rf"(>|· ){re.escape(title)}( ·|<)", listed)]


def test_what_is_quoted_stands_on_a_page() -> None:
    """What a form is called is asked of the form; this is the rest."""
    others = " ".join(file.read_text() for file in TEMPLATES.glob("*.j2") if file.name != "guide.html.j2")
    quoted = QUOTED.findall(GUIDE)
    assert quoted and [words for words in quoted if words not in others] == []
