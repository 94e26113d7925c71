"""An address is suspended once it was refused, and released by whoever puts it right."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifications.domain.address import (
    ADDRESS,
    AddressNotSuspended,
    LiftSuspension,
    ReleaseAddress,
    SuspendAddress,
)
from services.notifications.projections.addresses import ADDRESSES
from services.notifications.reactions import suspend
from shared.contracts.notifications import AddressBounced, AddressReleased, AddressSuspended
from shared.kernel.identifiers import derived_id, stream_name
from tests.kit.delivered import delivered, folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, edge, person

given = given_of(ADDRESS)

NAME = derived_id("address", person(1), "1")
WHOSE: dict[str, Any] = {"address": NAME, "person": person(1), "seat": "hospitals-1"}
SUSPENDED = AddressSuspended(**WHOSE)
RELEASED = AddressReleased(**WHOSE, because="by_office", reason="Das Postfach ist wieder da.")
SUSPEND = SuspendAddress(**edge(**WHOSE))
RELEASE = ReleaseAddress(**edge(address=NAME, reason="Das Postfach ist wieder da."))


def lift(because: Any) -> LiftSuspension:
    return LiftSuspension(**edge(address=NAME, because=because))


def test_an_address_is_suspended_once() -> None:
    given().when(SUSPEND).then(SUSPENDED)
    given(SUSPENDED).when(SUSPEND).then_nothing()


def test_one_that_was_released_is_suspended_again_when_it_is_refused_again() -> None:
    given(SUSPENDED, RELEASED).when(SUSPEND).then(SUSPENDED)


def test_the_office_releases_what_is_suspended_and_says_why() -> None:
    given(SUSPENDED).when(RELEASE).then(RELEASED)
    given().when(RELEASE).rejected(AddressNotSuspended)
    given(SUSPENDED, RELEASED).when(RELEASE).rejected(AddressNotSuspended)


@pytest.mark.parametrize("because", ["other_address", "erased"])
def test_a_suspension_that_is_about_nothing_any_more_is_lifted(because: Any) -> None:
    given(SUSPENDED).when(lift(because)).then(AddressReleased(**WHOSE, because=because))
    given(SUSPENDED, RELEASED).when(lift(because)).then_nothing()
    given().when(lift(because)).then_nothing()


def test_a_refused_address_leads_to_its_suspension_and_one_that_nobody_names_to_none() -> None:
    bounced = AddressBounced(mail=NAME, person=person(1), seat="hospitals-1", address=NAME)
    _, envelope = delivered(bounced, stream_name(CONFERENCE, "mail", NAME))
    [command] = suspend.react(bounced, envelope)
    assert isinstance(command, SuspendAddress)
    assert (command.stream, command.person, command.seat) == (stream_of(), person(1), "hospitals-1")
    assert list(suspend.react(bounced.model_copy(update={"address": None}), envelope)) == []


def test_what_is_remembered_of_an_address_is_whose_it_is_and_how_it_stands() -> None:
    [suspended] = folded(ADDRESSES, [SUSPENDED], stream_of()).values()
    assert (suspended["state"], suspended["person"], suspended["seat"]) == ("suspended", person(1), "hospitals-1")
    [released] = folded(ADDRESSES, [SUSPENDED, RELEASED], stream_of()).values()
    assert (released["state"], released["because"]) == ("released", "by_office")


def stream_of() -> str:
    return stream_name(CONFERENCE, "address", NAME)
