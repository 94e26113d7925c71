"""Each page with who may see it and what may be done there is in a list that people have looked at.

Whole pages are tried on the running stack: tests/journeys/test_desk.py.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest
from starlette.requests import Request

from services.office.desk.entrance import WITHIN
from services.office.desk.front import PAGES
from services.office.desk.paper import ENVIRONMENT, HEADERS, page
from services.office.desk.posted import must_be_ours
from shared.runtime.http.problems import Refused

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


def test_pages_run_and_style_nothing_that_is_written_into_them() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy) and "http" not in str(policy) and "*" not in str(policy)
    for template in TEMPLATES.glob("*.j2"):
        text = template.read_text()
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|\|\s*safe|https?://", text), template.name
        assert not re.search(r"<script(?! src=)", text), template.name


def test_what_people_typed_is_text_and_never_markup() -> None:
    told = page("fault.html.j2", 200, sentence="<script>alert(1)</script>", visit=None)
    assert b"&lt;script&gt;alert" in bytes(told.body)
    assert ENVIRONMENT.autoescape is True


def _request(headers: dict[str, str]) -> Request:
    told = {"host": "desk.example", **headers}
    return Request({"type": "http", "headers": [(name.encode(), value.encode()) for name, value in told.items()]})
