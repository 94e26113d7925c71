"""A seat group sends delegates to its seats. Seats belong to the group, and no seat is ever filled twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, assert_never

from pydantic import Field, StringConstraints

from services.members.domain import mandates
from services.members.domain.mandates import AppointDelegate, ChangePostHolder, EndMandate, MandateCommand
from services.members.domain.person import PersonUnknown
from services.members.domain.seat_group_state import AboutGroup, SeatGroup, SeatGroupEvent, evolve, must_be_delegated
from shared.contracts.members import DelegateNominated, OrganisationRegistered, SeatGroupOpened
from shared.kernel.decider import Decider
from shared.kernel.identifiers import LONGEST_SLUG, PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.values import Supplied

# Commands

SEATS_OF_A_GROUP = 50

GroupName = Annotated[Slug, StringConstraints(max_length=LONGEST_SLUG - len(f"-{SEATS_OF_A_GROUP}"))]
"""Leaves room for the number that makes it the name of a seat."""


def group_of(seat: Slug) -> Slug:
    return seat.rpartition("-")[0]


class OpenSeatGroup(AboutGroup):
    """Open a group with its number of seats (GRDrs 905/2023, lines 151-219)."""

    group: GroupName
    number: Annotated[int, Field(ge=1, le=999)]
    name: Line
    kind: Literal["delegated", "ex_officio"]
    seats: Annotated[int, Field(ge=1, le=SEATS_OF_A_GROUP)]


class RegisterOrganisation(AboutGroup):
    """Register an organisation that may nominate delegates for the group."""

    organisation: Slug
    name: Line


class NominateDelegate(AboutGroup):
    """Nominate a person on behalf of an organisation of the group."""

    person: PersonId
    organisation: Slug
    person_known: Supplied[bool]


SeatGroupCommand = OpenSeatGroup | RegisterOrganisation | NominateDelegate | MandateCommand

# Rejections


class SeatGroupOpenedDifferently(Rejected):
    """Die Gruppe „{group}“ ist bereits mit anderen Angaben eröffnet."""


class OrganisationUnknown(Rejected):
    """Die Organisation „{organisation}“ entsendet nicht für die Gruppe „{group}“."""

    kind = Kind.NOT_FOUND


# decide


def decide(group: SeatGroup, command: SeatGroupCommand) -> Sequence[SeatGroupEvent]:
    match command:
        case OpenSeatGroup():
            return _open(group, command)
        case RegisterOrganisation():
            return _register(group, command)
        case NominateDelegate():
            return _nominate(group, command)
        case AppointDelegate() | ChangePostHolder() | EndMandate():
            return mandates.decide(group, command)
        case _:
            assert_never(command)


def _open(group: SeatGroup, open_: OpenSeatGroup) -> Sequence[SeatGroupEvent]:
    seats = tuple(f"{open_.group}-{number}" for number in range(1, open_.seats + 1))
    if group.kind is not None:
        if (group.kind, tuple(group.seats)) != (open_.kind, seats):
            raise SeatGroupOpenedDifferently(group=open_.group)
        return []
    return [SeatGroupOpened(group=open_.group, number=open_.number, name=open_.name, kind=open_.kind, seats=seats)]


def _register(group: SeatGroup, register: RegisterOrganisation) -> Sequence[SeatGroupEvent]:
    must_be_delegated(group, register.group)
    if register.organisation in group.organisations:
        return []
    return [OrganisationRegistered(organisation=register.organisation, name=register.name, group=register.group)]


def _nominate(group: SeatGroup, nominate: NominateDelegate) -> Sequence[SeatGroupEvent]:
    must_be_delegated(group, nominate.group)
    if nominate.organisation not in group.organisations:
        raise OrganisationUnknown(organisation=nominate.organisation, group=nominate.group)
    if not nominate.person_known:
        raise PersonUnknown
    if group.nominated.get(nominate.person) == nominate.organisation:
        return []
    return [DelegateNominated(group=nominate.group, person=nominate.person, organisation=nominate.organisation)]


SEAT_GROUP = Decider("seat-group", SeatGroup(), evolve, decide, most_events=50_000)  # 0.3 KB each
