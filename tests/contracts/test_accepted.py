"""Whatever a rule accepts, every fold, letter, clock and document can carry."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.notifications.domain.mail_commands import QueueNotification
from shared.declarations.service import Service
from shared.kernel.decider import Command
from shared.kernel.rejections import Rejected
from shared.kernel.text import AS_TYPED
from shared.kernel.time import local_day
from shared.kernel.values import SuppliedByService
from shared.runtime.commands.routes import body_model, complete
from tests.contracts.stuttgart import FACTS, FOUNDING
from tests.kit.bodies import bodies_of, values_of
from tests.kit.when import CONFERENCE, NOW
from tests.kit.world import ALL, World

MOMENTS = (
    datetime(2024, 1, 15, 9, 0, tzinfo=UTC),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(2024, 3, 31, 1, 0, tzinfo=UTC),
    datetime(2099, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
)
COMMANDS: Mapping[str, tuple[Service, type[Command]]] = {
    command.__name__: (service, command)
    for service in ALL
    for command in service.decided_by
    if command is not QueueNotification  # never asked for from outside: its content is what an event says
}

MOMENT, MORE = st.sampled_from(MOMENTS), st.lists(st.sampled_from([*COMMANDS]), max_size=2)
"""Hypothesis looks through a strategy once; one that is made anew in each example it looks through each time."""


@cache
def facts_of(command: type[Command]) -> Mapping[str, TypeAdapter[Any]]:
    """What the service adds to a command, beside the clock and the caller."""
    return {
        name: TypeAdapter[Any](field.annotation)  # type: ignore[arg-type]  # it has one
        for name, field in command.model_fields.items()
        if name not in ("at", "by")
        and field.is_required()
        and any(isinstance(mark, SuppliedByService) for mark in field.metadata)
    }


def command_of(kind: type[Command], content: object, at: datetime, facts: Mapping[str, object]) -> Command:
    """Raises ``ValidationError``, which the edge answers with the fields that are wrong."""
    body = body_model(kind).model_validate_json(json.dumps(content), context=AS_TYPED)
    return complete(kind, body, {"at": at, "by": "office", **facts})


async def founded() -> World:
    world = World()
    for name, fields in FOUNDING:
        service, kind = COMMANDS[name]
        facts = {name: FACTS[name] for name in facts_of(kind)}
        await world.give(service, command_of(kind, {"conference": CONFERENCE, **fields}, NOW, facts))
    return world


@cache
def _founded_once() -> World:
    return asyncio.run(founded())


@cache
def values_of_facts(kind: type[Command]) -> Mapping[str, st.SearchStrategy[Any]]:
    return {name: values_of(fact.json_schema()) for name, fact in facts_of(kind).items()}


def drawn(draw: Any, kind: type[Command], world: World) -> Command:
    content = draw(bodies_of(body_model(kind)))
    if "mail" in content:
        content["mail"] = draw(st.sampled_from(world.mails()))
    facts = {
        name: facts_of(kind)[name].validate_json(json.dumps(draw(values)))
        for name, values in values_of_facts(kind).items()
    }
    return command_of(kind, content, draw(MOMENT), facts)


def moments_in(told: Any) -> Iterator[date]:
    if isinstance(told, date):
        yield told
    elif isinstance(told, dict):
        yield from chain.from_iterable(map(moments_in, told.values()))
    elif isinstance(told, list | tuple):
        yield from chain.from_iterable(map(moments_in, told))


def is_within(moment: date) -> bool:
    day = local_day(moment) if isinstance(moment, datetime) else moment
    return date(1990, 1, 1) <= day <= date(2199, 12, 31)


async def play(data: Any, first: str, world: World) -> None:
    for name in [first, *data.draw(MORE)]:
        service, kind = COMMANDS[name]
        try:
            command = drawn(data.draw, kind, world)
        except ValidationError:
            continue  # the edge says which fields are wrong
        asked = command.model_dump(exclude={"at", *facts_of(kind)})
        assert all(is_within(moment) for moment in moments_in(asked)), "facts were accepted when they were asked for"
        with suppress(Rejected):
            await world.give(service, command)
    await world.announce()
    assert all(world.letters())


@pytest.mark.parametrize("first", COMMANDS)
@settings(max_examples=6, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_accepted_can_be_carried(first: str, data: Any) -> None:
    asyncio.run(play(data, first, World(like=_founded_once())))


@pytest.mark.long
@pytest.mark.parametrize("first", COMMANDS)
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_accepted_can_be_carried(first: str, data: Any) -> None:
    asyncio.run(play(data, first, World(like=_founded_once())))


async def test_the_conference_is_founded_as_it_is_told() -> None:
    world = await founded()
    assert len(world.mails()) == 7, "one welcome, and two invitations to each of three sessions"
