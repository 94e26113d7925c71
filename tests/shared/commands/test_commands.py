"""From a command to what a caller may say: without the supplied fields, strict, and complete again afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.members.domain.conference import EstablishConference
from services.members.domain.nominations import NominateDelegate
from services.members.domain.seat_group import OpenSeatGroup
from services.members.service import SERVICE
from shared.kernel.decider import Command
from shared.runtime.commands.routes import body_model, complete
from tests.kit.when import NOW, person

SUPPLIED = {"at", "by", "person_known", "belongs_elsewhere"}
NOMINATION = {
    "conference": "stuttgart",
    "group": "hospitals",
    "person": person(1),
    "organisation": "marienhospital",
}
GROUP = {"conference": "stuttgart", "group": "hospitals", "number": 9, "name": "Kliniken", "kind": "delegated"}


def said(command: type[Command], fields: dict[str, Any]) -> Any:
    return body_model(command).model_validate_json(json.dumps(fields))


def faults(command: type[Command], fields: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as no:
        said(command, fields)
    return [(".".join(map(str, fault["loc"])), fault["type"]) for fault in no.value.errors()]


@pytest.mark.parametrize("command", list(SERVICE.given.values()), ids=lambda command: command.__name__)
def test_supplied_fields_can_be_neither_seen_nor_set(command: type[Command]) -> None:
    schema = body_model(command).model_json_schema()
    assert not SUPPLIED & set(schema["properties"])
    assert set(schema["properties"]) == set(command.model_fields) - SUPPLIED
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("field", sorted(SUPPLIED))
def test_a_supplied_field_is_an_unknown_one(field: str) -> None:
    assert faults(NominateDelegate, {**NOMINATION, field: "office"}) == [(field, "extra_forbidden")]


def test_what_was_asked_and_what_is_known_make_the_command() -> None:
    body = said(NominateDelegate, NOMINATION)
    command = complete(NominateDelegate, body, {"at": NOW, "by": "office", "person_known": True})
    assert command == NominateDelegate(**NOMINATION, at=NOW, by="office", person_known=True)


def test_a_default_stays_and_a_nested_value_arrives() -> None:
    paper = {"name": "Pflege", "reference": "GRDrs 1/24", "office": "Amt", "committee": "Rat"}
    fields = {"conference": "stuttgart", **paper}
    known = {"at": NOW, "by": "office"}
    by_default = complete(EstablishConference, said(EstablishConference, fields), known)
    asked = said(EstablishConference, {**fields, "rules": {"notice_days": 21}})
    by_rule = complete(EstablishConference, asked, known)
    assert isinstance(by_default, EstablishConference) and by_default.rules.notice_days == 14
    assert isinstance(by_rule, EstablishConference) and by_rule.rules.notice_days == 21


@pytest.mark.parametrize("seats", ["5", 5.0, True, None, [5], 10**30, 0, 51])
def test_an_integer_is_one_and_bounded(seats: object) -> None:
    assert [field for field, _ in faults(OpenSeatGroup, {**GROUP, "seats": seats})] == ["seats"]


def test_a_constraint_of_the_command_is_one_of_the_body() -> None:
    assert faults(OpenSeatGroup, {**GROUP, "seats": 5, "kind": "other"}) == [("kind", "literal_error")]
    assert faults(OpenSeatGroup, {**GROUP, "seats": 5, "group": "../other"}) == [("group", "string_pattern_mismatch")]


def test_one_command_has_one_body() -> None:
    assert body_model(OpenSeatGroup) is body_model(OpenSeatGroup)
    assert body_model(OpenSeatGroup).__doc__ == OpenSeatGroup.__doc__
