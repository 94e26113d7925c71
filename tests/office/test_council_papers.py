"""The text of a council paper as it is typed, and typed again from what is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.meetings.domain.paper_writing import WritePaper
from services.office.desk.council_papers import EXPECTED_STEP, PATH, WRITE, committee, typed
from services.office.desk.forms import body_of
from tests.kit.when import edge
from tests.meetings.grdrs_905 import COMMITTEE, NAME, TEXT


def shown(**changed: Any) -> dict[str, Any]:
    return {"paper": NAME, "text": TEXT.model_copy(update=changed).model_dump(mode="json"), "decisions": []}


def form(**changed: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in {"paper": NAME, **typed(shown()), **changed}.items()}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"file_sign": None, "climate": None, "finances": None},
        {"pending": ("Anfrage 1", "Antrag 2"), "annexes": ()},
        {"reasons": ("a)\nb)", "c)")},
    ],
)
def test_what_is_shown_of_a_text_is_the_same_text_when_it_is_sent_again(changed: dict[str, Any]) -> None:
    told = {name: [value.replace("\n", "\r\n")] for name, value in typed(shown(**changed)).items()}
    fields = {"paper": [NAME], **told}
    body, faults = body_of(WRITE, fields, {})
    assert not faults
    written = WritePaper.model_validate_json(json.dumps({**edge(), **body}, default=str))
    assert written.text == TEXT.model_copy(update=changed)


@pytest.mark.parametrize(
    "path",
    ["Ausschuss", "Ausschuss; Beratung; öffentlich; 25.09.2023", "Ausschuss; Vorberatung; öffentlich; 31.02.2023"],
)
def test_a_path_that_cannot_be_read_is_said_at_its_field(path: str) -> None:
    _, faults = body_of(WRITE, form(**{PATH: path}), {})
    assert faults == {PATH: EXPECTED_STEP}


def test_a_day_that_is_none_is_said_at_its_field() -> None:
    assert "text.dated" in body_of(WRITE, form(**{"text.dated": "gestern"}), {})[1]


def test_the_committee_that_decides_next_is_proposed() -> None:
    council = TEXT.consultations[0].model_copy(update={"committee": "Gemeinderat"})
    paper = shown(consultations=(*TEXT.consultations, council))
    assert committee(paper) == COMMITTEE
    assert committee({**paper, "decisions": [{"committee": COMMITTEE, "decision": "adopted"}]}) == "Gemeinderat"
    assert committee({"paper": NAME, "text": None, "decisions": []}) == ""
