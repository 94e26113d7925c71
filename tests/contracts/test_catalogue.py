"""The catalogue has a page for each event, on which stands what a reader asks for; the site needs no network."""

from __future__ import annotations

import json
import re

import pytest

from deploy.contract.catalogue import SITE, STYLE, main, page, pages, told_by_all
from shared.contracts.registry import EVENTS, PUBLIC, PUBLIC_STATES, VERSIONS
from shared.contracts.schemas import MODELS, occasion_of, schema_of, sentence_of

TOLD = told_by_all()


@pytest.mark.parametrize("name", [*EVENTS, *PUBLIC, *PUBLIC_STATES])
def test_a_page_tells_what_an_event_means_and_everything_that_stands_in_it(name: str) -> None:
    text = page(name, TOLD)
    schema = schema_of(name)
    assert sentence_of(MODELS[name]) in text and occasion_of(MODELS[name]) in text
    assert f"Type `{name}`" in text and f"Said by {name.split('.')[1]}" in text and "Heard by" in text
    for part in (schema, *schema.get("$defs", {}).values()):
        for field, told in part["properties"].items():
            assert re.search(rf"\| `{field}` \| .+ \| {re.escape(told['description'])} \|", text), field
    assert '"ce_type"' not in text and f"ce_type: {name}" in text, "an example, with its headers"
    for service in TOLD.listeners.get(name, ()):
        assert service in text
    own = name.rpartition(".v")[0]
    assert all(one in text for one in VERSIONS if one.startswith(f"{own}.v"))


def test_who_hears_an_event_is_what_the_services_declare() -> None:
    assert "Heard by meetings, funding, notifications, office" in page("kpk.members.ConferenceEstablished.v2", TOLD)
    assert "Heard by office" in page("kpk.members.GuestPoolInvited.v1", TOLD)
    for name in ("kpk.members.public.GuestPoolInvited.v1", "kpk.members.state.Conference.v1"):
        assert "Heard by any system of the city" in page(name, TOLD)


def test_an_event_and_what_is_so_behind_it_lead_to_one_another() -> None:
    """What makes the object be gone, too."""
    cancelled, session = (
        page("kpk.meetings.public.SessionCancelled.v1", TOLD),
        page("kpk.meetings.state.Session.v1", TOLD),
    )
    assert "What is so then: [Session](../meetings-state/Session.md)" in cancelled
    assert "[SessionCancelled](../meetings-public/SessionCancelled.md)" in session
    assert {event for _, event in TOLD.flows} == PUBLIC.keys() and {
        state for state, _ in TOLD.flows
    } == PUBLIC_STATES.keys()


def test_a_field_says_what_kind_of_text_it_is() -> None:
    text = page("kpk.meetings.public.SessionScheduled.v1", TOLD)
    assert "| `session` | key |" in text and "| `title` | text up to 300 characters |" in text
    assert "| `starts` | moment, UTC |" in text and "| `working_group` | key or nothing |" in text


def test_every_page_is_in_the_navigation_and_in_the_contents() -> None:
    found = pages(TOLD)
    for path in found.keys() - {"mkdocs.yml", "docs/index.md"}:
        assert path.removeprefix("docs/") in found["mkdocs.yml"], path
        assert f"({path.removeprefix('docs/')})" in found["docs/index.md"], path


@pytest.mark.long
def test_the_site_is_built_can_be_searched_and_asks_nothing_of_the_network() -> None:
    assert main() == 0
    indexed = json.loads((SITE / "search" / "search_index.json").read_text())["docs"]
    assert {name.split(".")[-2] for name in [*EVENTS, *PUBLIC, *PUBLIC_STATES]} <= {one["title"] for one in indexed}
    assert (SITE / STYLE).is_file()
    for file in SITE.rglob("*.html"):
        assert STYLE in file.read_text(), file
        loaded = re.findall(
            r"<(?:script|img|iframe|source)[^>]*src=\"(.*?)\"|<link[^>]*href=\"(.*?)\"", file.read_text()
        )
        assert [one for pair in loaded for one in pair if "//" in one] == [], file
