"""A service describes itself, and cannot start where two things claim the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from services.members.domain.nominations import RegisterOrganisation
from services.members.domain.seat_group import OpenSeatGroup
from shared.contracts import members
from shared.contracts.envelope import Envelope
from shared.contracts.meetings import SessionOpened
from shared.contracts.members import OrganisationRegistered, SeatGroupOpened
from shared.contracts.registry import EVENTS, NAMES, ClaimedTwice, events_in
from shared.contracts.topics import SERVICES, events_of
from shared.declarations.open_points import IN_EVERY_SERVICE
from shared.declarations.projection import Document, projection
from shared.declarations.reaction import reaction
from shared.declarations.service import Service
from shared.kernel.annotations import classes_in
from shared.kernel.decider import Command, Decider, Event
from shared.runtime.process import Process
from tests.architecture.conftest import settings

HEARS = (events_of("members"),)


class OrganisationRenamed(Event):
    """In no contract."""


class FollowsUp(RegisterOrganisation):
    """Given by nobody."""

    given_by = "service"


def evolve_opened(state: None, event: SeatGroupOpened) -> None: ...
def evolve_registered(state: None, event: OrganisationRegistered) -> None: ...
def evolve_renamed(state: None, event: OrganisationRenamed) -> None: ...


def decide_opening(state: None, command: OpenSeatGroup) -> Sequence[SeatGroupOpened]:
    return []


def decide_following(state: None, command: RegisterOrganisation | FollowsUp) -> Sequence[OrganisationRegistered]:
    return []


def decider(evolve: Any, decide: Any) -> Decider[None, Any, Any]:
    return Decider("kind", None, evolve, decide)


def fold(document: Document | None, event: SeatGroupOpened | OrganisationRegistered, envelope: Envelope) -> Document:
    return {}


@reaction("act")
def act(event: SessionOpened, envelope: Envelope) -> Iterable[Command]:
    return []


ONE = decider(evolve_opened, decide_opening)
OTHER = decider(evolve_registered, decide_following)


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            {"deciders": (ONE, decider(evolve_registered, decide_opening))},
            "service members: command OpenSeatGroup is claimed twice",
        ),
        (
            {"deciders": (ONE, decider(evolve_opened, decide_following))},
            "service members: event SeatGroupOpened is claimed twice",
        ),
        (
            {"projections": (projection("seats", fold), projection("seats", fold, version=2))},
            "service members: projection seats is claimed twice",
        ),
        ({"reactions": (act, act)}, "service members: reaction act is claimed twice"),
        (
            {"deciders": (decider(evolve_renamed, decide_opening),)},
            "service members: event OrganisationRenamed is not of its own contract",
        ),
    ],
)
def test_nothing_is_claimed_twice_within_a_service(parts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClaimedTwice) as claimed:
        Service("members", HEARS, **parts)
    assert str(claimed.value) == sentence


def test_no_two_services_claim_an_event() -> None:
    Service("members", HEARS, (ONE,))
    with pytest.raises(ClaimedTwice) as claimed:
        Service("meetings", HEARS, (ONE,))
    assert str(claimed.value) == "service meetings: event SeatGroupOpened is not of its own contract"


def test_no_two_contracts_claim_an_event() -> None:
    event = type("SeatGroupOpened", (Event,), {"__module__": "contracts.other"})
    other = ModuleType("contracts.other")
    other.__dict__.update(SERVICE="members", SeatGroupOpened=event)
    with pytest.raises(ClaimedTwice) as claimed:
        events_in([members, other])
    sentence = (
        "event kpk.members.SeatGroupOpened.v1 is claimed by shared.contracts.members.seat_groups and contracts.other"
    )
    assert str(claimed.value) == sentence


def test_what_it_decides_gives_and_wants_follows_from_its_parts() -> None:
    service = Service("members", HEARS, (ONE, OTHER), (projection("seats", fold),), (act,))
    assert service.decided_by == {OpenSeatGroup: ONE, RegisterOrganisation: OTHER, FollowsUp: OTHER}
    assert service.given == {"OpenSeatGroup": OpenSeatGroup, "RegisterOrganisation": RegisterOrganisation}
    assert service.wanted == {SeatGroupOpened, OrganisationRegistered, SessionOpened}
    assert service.topics == ("kpk.members.v1",)
    assert Service("members", HEARS).wanted == frozenset()


def test_a_function_says_by_its_annotation_what_it_takes() -> None:
    def one(event: SeatGroupOpened) -> None: ...
    def several(event: SeatGroupOpened | OrganisationRegistered | SessionOpened) -> None: ...

    assert classes_in(one, "event") == (SeatGroupOpened,)
    assert classes_in(several, "event") == (SeatGroupOpened, OrganisationRegistered, SessionOpened)


def test_without_an_annotation_nothing_is_declared() -> None:
    def silent(document, event, envelope):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return {}

    def misnamed(document: Document | None, told: SeatGroupOpened, envelope: Envelope) -> Document:
        return {}

    for function in (silent, misnamed):
        with pytest.raises(KeyError, match="event"):
            projection("seats", function)
    with pytest.raises(KeyError, match="event"):
        reaction("act")(lambda _event, _envelope: [])


# The services as they are


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = import_module(f"services.{request.param}.service").SERVICE
    return found


def test_each_event_of_its_contract_is_evolved_by_one_decider(service: Service) -> None:
    evolved = Counter(event for one in service.deciders for event in one.events)
    assert evolved == {event: 1 for name, event in EVENTS.items() if name.split(".")[1] == service.name}


def test_it_hears_what_it_wants(service: Service) -> None:
    assert {events_of(NAMES[event].split(".")[1]).name for event in service.wanted} <= set(service.topics)


def test_what_falls_due_is_a_projection_of_its_own(service: Service) -> None:
    assert {one.projection for one in service.deadlines} <= set(service.projections)


def test_no_command_is_decided_by_two_services() -> None:
    services: list[Service] = [import_module(f"services.{name}.service").SERVICE for name in SERVICES]
    decided = Counter(command for one in services for command in one.decided_by if command not in IN_EVERY_SERVICE)
    assert set(decided.values()) == {1}
    assert len({command.__name__ for command in decided} | {command.__name__ for command in IN_EVERY_SERVICE}) == len(
        decided
    ) + len(IN_EVERY_SERVICE)


async def test_each_command_has_a_route_or_follows_by_itself(service: Service, tmp_path: Path) -> None:
    process: Process = import_module(f"services.{service.name}.app").build(settings(service.name, tmp_path), "api")
    paths = [route.path or "" for route in iter_route_contexts(process.app.routes)]
    routed = sorted(path.removeprefix("/commands/") for path in paths if path.startswith("/commands/"))
    assert routed == sorted(one.__name__ for one in service.decided_by if one.given_by != "service")
    await process.close()
