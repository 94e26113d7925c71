"""Whoever gets a no to his fields reads what would be a yes: values, formats, units and bounds, for every command."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.contracts.topics import SERVICES
from shared.kernel.decider import Command
from shared.runtime.commands.routes import body_model
from shared.runtime.http.faults import faults_in
from shared.runtime.http.requests import schema_of

COMMANDS: list[type[Command]] = [
    command
    for service in SERVICES
    for command in importlib.import_module(f"services.{service}.service").SERVICE.given.values()
]
PLANTED = "geheim4711"
BY_NAME = {command.__name__: command for command in COMMANDS}


def told_of(model: type[BaseModel], body: object) -> dict[str, dict[str, str]]:
    with pytest.raises(ValidationError) as no:
        model.model_validate_json(json.dumps(body))
    faults = faults_in(no.value.errors(), schema_of(model))
    return {fault["field"]: fault for fault in faults}


@pytest.mark.parametrize(
    ("command", "field", "value", "sentence"),
    [
        ("OpenSeatGroup", "kind", "x", "Erwartet wird: einer der Werte delegated, ex_officio."),
        ("OpenSeatGroup", "seats", 51, "Erwartet wird: ganze Zahl (1 bis 50)."),
        (
            "AppointDelegate",
            "since",
            "15.01.2024",
            "Erwartet wird: Tag von 1990 bis 2199 als JJJJ-MM-TT, z. B. 2024-04-23.",
        ),
        (
            "ScheduleSession",
            "starts",
            "2024-01-15T09:00:00",
            "Erwartet wird: Zeitpunkt mit Zone (RFC 3339) von 1990 bis 2199, z. B. 2024-04-23T14:00:00+02:00.",
        ),
        (
            "ApplyForGrant",
            "amount",
            400.5,
            "Erwartet wird: Betrag in Cent, z. B. 40000 für 400,00 EUR (1 bis 100000000000).",
        ),
        (
            "RecordPerson",
            "details.email",
            5,
            "Erwartet wird: E-Mail-Adresse ohne Umlaute, z. B. pflege@stuttgart.de (6 bis 254 Zeichen) oder null.",
        ),
    ],
)
def test_a_wrong_field_is_told_what_is_right(command: str, field: str, value: object, sentence: str) -> None:
    *outer, last = field.split(".")
    body: dict[str, Any] = {last: value}
    for name in reversed(outer):
        body = {name: body}
    assert told_of(body_model(BY_NAME[command]), body)[field]["detail"] == sentence


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_field_of_every_command_has_its_sentence(command: type[Command]) -> None:
    model = body_model(command)
    fields = schema_of(model)["properties"]
    values: list[Any] = [f"{PLANTED}\x00", {f"Frau {PLANTED}": 1}, [[]], -1, None]
    for value in values:
        body = {} if value is None else {name: value for name in fields}  # noqa: C420 - only read
        told = told_of(model, body)
        assert told
        for fault in told.values():
            assert fault["fault"] in ("missing", "unknown", "invalid")
            assert fault["detail"].endswith(".")
            assert "ein anderer Wert" not in fault["detail"]
            assert PLANTED not in str(fault)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_what_may_be_null_may_be_left_out(command: type[Command]) -> None:
    schema = schema_of(body_model(command))
    for place in (schema, *schema.get("$defs", {}).values()):
        nullable = {
            name for name, field in place.get("properties", {}).items() if {"type": "null"} in field.get("anyOf", [])
        }
        assert nullable.isdisjoint(place.get("required", []))


def test_an_amount_says_its_unit_wherever_it_is_asked_for() -> None:
    for command in COMMANDS:
        schema = schema_of(body_model(command))
        for place in (schema, *schema.get("$defs", {}).values()):
            for name, field in place.get("properties", {}).items():
                if name in ("amount", "rate", "own_contribution_due") or name.endswith("_cents"):
                    assert "Cent" in field["description"], (command.__name__, name)
