"""Blanks around what somebody types are none of it: the API leaves them out or refuses them, in every command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.contracts.members import OrganisationRegistered
from shared.contracts.registry import decode, encode, type_name
from shared.kernel.decider import Command
from shared.kernel.text import AS_TYPED
from shared.runtime.commands.routes import body_model
from tests.contracts.test_accepted import COMMANDS
from tests.kit.bodies import bodies_of

GIVEN = {name: command for name, (_, command) in COMMANDS.items() if command.given_by != "service"}


def padded(content: Any, blank: str) -> Iterator[Any]:
    """The content as often as it has texts, each time with blanks around another one."""
    match content:
        case str():
            yield f"{blank}{content}{blank}"
        case dict():
            for name, value in content.items():
                yield from ({**content, name: one} for one in padded(value, blank))
        case list():
            for place, value in enumerate(content):
                yield from ([*content[:place], one, *content[place + 1 :]] for one in padded(value, blank))
        case _:
            return


def typed(command: type[Command], content: Any) -> BaseModel | None:
    """None if the edge refuses it."""
    try:
        return body_model(command).model_validate_json(json.dumps(content), context=AS_TYPED)
    except ValidationError:
        return None


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("blank", [" ", "\u00a0", "\n"])
@settings(max_examples=8, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_blanks_around_a_text_make_no_other_command(name: str, blank: str, data: Any) -> None:
    command = GIVEN[name]
    content = data.draw(bodies_of(body_model(command)))
    as_it_is = typed(command, content)
    assert all(typed(command, one) in (None, as_it_is) for one in padded(content, blank) if as_it_is)


def test_an_event_of_before_keeps_its_blanks_to_the_letter() -> None:
    told = OrganisationRegistered(organisation="north", name=" Klinik Nord\u00a0", group="hospitals")
    assert decode(type_name(told), encode(told)) == told and told.name == " Klinik Nord\u00a0"
