"""The published schemas: everything that stands on a topic is valid by them, and each field says what it means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

from deploy.contract.records import golden_in
from deploy.contract.shape import shape_of
from shared.contracts.registry import READ_AS, VERSIONS, decode, encode
from shared.contracts.schemas import MODELS, Schema, occasion_of, schema_of, sentence_of, shapes_of
from tests.contracts.test_cloudevents import sample

RECORDS = golden_in(Path(__file__).parents[2] / "contract" / "records")


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(name), validate_formats=True)


def parts_of(schema: Schema) -> Iterator[tuple[str, str, Schema]]:
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, field in part["properties"].items():
            yield part["title"], name, field


def numbers_in(node: Any) -> Iterator[Schema]:
    match node:
        case {"type": "integer"}:
            yield node
        case dict():
            for one in node.values():
                yield from numbers_in(one)
        case list():
            for one in node:
                yield from numbers_in(one)
        case _:
            return


@pytest.mark.parametrize("name", MODELS)
def test_every_field_has_a_meaning_and_every_number_a_unit(name: str) -> None:
    schema = schema_of(name)
    meta.validate(schema)
    assert [(part, field) for part, field, told in parts_of(schema) if len(told["description"]) < 4] == []
    assert [number for number in numbers_in(schema["properties"]) if "x-unit" not in number] == []
    assert [number for number in numbers_in(schema.get("$defs", {})) if "x-unit" not in number] == []


@pytest.mark.parametrize("name", VERSIONS)
def test_every_event_says_what_has_happened_and_when_it_is_said(name: str) -> None:
    assert sentence_of(VERSIONS[name]).endswith(".")
    assert occasion_of(VERSIONS[name]).startswith("Said ")


def test_nothing_of_what_callers_are_told_in_german_is_published() -> None:
    assert "Kurzname" not in json.dumps([schema_of(name) for name in MODELS])
    assert schema_of("kpk.members.MandateEnded.v1").get("additionalProperties") is None, "readers meet unknown fields"


@pytest.mark.parametrize("golden", RECORDS, ids=lambda golden: golden.name)
def test_every_golden_record_is_valid_and_a_spoiled_one_is_not(golden: Any) -> None:
    value = golden.record["value"]
    assert list(validator(golden.type).iter_errors(value)) == []
    assert list(validator(golden.type).iter_errors({**value, "unknown": {"to": "anybody"}})) == []
    for field, line in shape_of(schema_of(golden.type)).items():
        if line.get("required") and "." not in field and "[" not in field and "(" not in field:
            without = {name: one for name, one in value.items() if name != field}
            assert list(validator(golden.type).iter_errors(without)), field


@pytest.mark.parametrize("name", READ_AS)
def test_what_is_made_from_the_schema_of_a_type_alone_is_valid_and_readable(name: str) -> None:
    """A foreign program may write the type after its schema; whatever it writes is understood."""
    event = sample(VERSIONS[name])
    assert list(validator(name).iter_errors(event.model_dump(mode="json"))) == []
    assert type(decode(name, encode(event))) is READ_AS[name]


def test_an_open_choice_admits_what_nobody_knows_and_a_closed_one_does_not() -> None:
    failed = next(one for one in RECORDS if one.type == "kpk.notifications.NotificationFailed.v1")
    assert list(validator(failed.type).iter_errors({**failed.record["value"], "reason": "eaten_by_dog"})) == []
    ended = next(one for one in RECORDS if one.type == "kpk.members.MandateEnded.v1")
    assert list(validator(ended.type).iter_errors({**ended.record["value"], "reason": "eaten_by_dog"}))


def test_what_a_field_holds_is_read_from_its_type() -> None:
    shapes = shapes_of("kpk.funding.DrawnMoneyDue.v1")
    assert [field for field, shape in shapes.items() if shape == "cents"] == ["drawn"]
    answered = shapes_of("kpk.meetings.RecommendationAnswered.v1")
    assert (answered["addressee"], answered["on"], answered["answer"]) == ("other", "date", "word")
    assert (answered["name"], answered["reasons"]) == ("text", "text")
    assert shapes_of("kpk.notifications.NotificationDeferred.v1")["not_before"] == "date-time"
    assert shapes_of("kpk.notifications.AddressBounced.v1")["seat"] == "other", "what may be left out, too"
    assert shapes_of("kpk.nobody.Nothing.v1") == {}
