"""What each service declares fits together: else it would wait for what never comes, or fail when it is asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args, get_origin, get_type_hints

from shared.contracts.registry import NAMES
from shared.contracts.topics import events_of
from shared.kernel.decider import Command
from shared.kernel.values import SuppliedByService
from shared.runtime.process import Process

AT_EVERY_EDGE = {"at", "by", "known_up_to"}


def facts_of(command: type[Command]) -> set[str]:
    return {
        name
        for name, field in command.model_fields.items()
        if any(isinstance(mark, SuppliedByService) for mark in field.metadata)
    }


def returned_by(function: Any) -> set[type[Command]]:
    """A command of one or several kinds, or an iterable of them."""
    told = get_type_hints(function)["return"]
    one = get_args(told)[0] if get_origin(told) is Iterable else told
    return set(get_args(one) or (one,))


async def test_every_event_that_is_wanted_is_on_a_topic_that_is_heard(process: Process) -> None:
    wanted = {events_of(NAMES[event].split(".")[1]).name for event in process.service.wanted}
    assert wanted <= set(process.service.topics)


async def test_every_fact_of_every_command_is_supplied(process: Process) -> None:
    missing = {command: facts_of(command) - AT_EVERY_EDGE for command in process.service.decided_by}
    assert {command: facts for command, facts in missing.items() if facts} == {
        command: set(facts) for command, facts in process.facts.supplies.items()
    }


async def test_what_follows_by_itself_is_decided_here(process: Process) -> None:
    service = process.service
    following = [one.react for one in service.reactions] + [one.command for one in service.deadlines]
    assert set().union(*map(returned_by, following)) <= set(service.decided_by)


async def test_a_deadline_is_found_by_its_index(process: Process) -> None:
    for deadline in process.service.deadlines:
        assert deadline.projection in process.service.projections
        assert "due" in deadline.projection.indexes
