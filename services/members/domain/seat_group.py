"""A seat group sends delegates to its seats. Seats belong to the group, and no seat is filled twice on a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, assert_never

from pydantic import Field, StringConstraints

from services.members.domain import entitlement, mandate_corrections, mandates, nominations, posts
from services.members.domain.entitlement import SEATS_OF_A_GROUP, ChangeEntitlement
from services.members.domain.mandate_corrections import CorrectionCommand, CorrectMandate, WithdrawMandate
from services.members.domain.mandates import (
    AnnounceLeaving,
    AnnounceVacancy,
    AppointDelegate,
    AppointDeputy,
    EndMandate,
    MandateCommand,
)
from services.members.domain.nominations import (
    ConfirmNomination,
    CorrectOrganisation,
    NominateDelegate,
    NominationCommand,
    RegisterOrganisation,
    ReturnNomination,
)
from services.members.domain.posts import ChangePostHolder, PostCommand, VacatePost
from services.members.domain.seat_group_state import AboutGroup, SeatGroup, SeatGroupEvent, SeatGroupNotOpen, evolve
from shared.contracts.members import SeatGroupCorrected, SeatGroupOpened
from shared.kernel.decider import Decider
from shared.kernel.identifiers import LONGEST_SLUG, Slug
from shared.kernel.rejections import Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.values import Value

# Commands

GroupName = Annotated[Slug, StringConstraints(max_length=LONGEST_SLUG - len(f"-{SEATS_OF_A_GROUP}"))]
"""Leaves room for the number that is added to name a seat."""

GroupNumber = Annotated[int, Field(ge=1, le=999)]


class OpenSeatGroup(AboutGroup):
    """Open a group with its number of seats (GRDrs 905/2023, lines 151-219)."""

    group: GroupName
    number: GroupNumber
    name: Line
    kind: Literal["delegated", "ex_officio"]
    seats: Annotated[int, Field(ge=1, le=SEATS_OF_A_GROUP)]


class SeatGroupCalled(Value):
    number: GroupNumber
    name: Line


class CorrectSeatGroup(AboutGroup):
    """Correct what a group is called, or its number in the council paper."""

    number: GroupNumber
    name: Line
    replaces: SeatGroupCalled | None = None
    reason: Line


OpeningCommand = OpenSeatGroup | CorrectSeatGroup | ChangeEntitlement
SeatGroupCommand = OpeningCommand | NominationCommand | MandateCommand | PostCommand | CorrectionCommand

# Rejections


class SeatGroupOpenedDifferently(Rejected):
    """Die Gruppe „{group}“ ist bereits mit anderen Angaben eröffnet."""


# decide


def decide(group: SeatGroup, command: SeatGroupCommand) -> Sequence[SeatGroupEvent]:
    match command:
        case OpenSeatGroup():
            return _open(group, command)
        case CorrectSeatGroup():
            return _correct(group, command)
        case ChangeEntitlement():
            return entitlement.decide(group, command)
        case RegisterOrganisation() | CorrectOrganisation() | NominateDelegate():
            return nominations.decide(group, command)
        case ConfirmNomination() | ReturnNomination():
            return nominations.decide(group, command)
        case AppointDelegate() | AppointDeputy() | EndMandate():
            return mandates.decide(group, command)
        case AnnounceVacancy() | AnnounceLeaving():
            return mandates.decide(group, command)
        case ChangePostHolder() | VacatePost():
            return posts.decide(group, command)
        case CorrectMandate() | WithdrawMandate():
            return mandate_corrections.decide(group, command)
        case _:
            assert_never(command)


def _open(group: SeatGroup, open_: OpenSeatGroup) -> Sequence[SeatGroupEvent]:
    seats = tuple(f"{open_.group}-{number}" for number in range(1, open_.seats + 1))
    opened = SeatGroupOpened(group=open_.group, number=open_.number, name=open_.name, kind=open_.kind, seats=seats)
    if group.opened == opened:
        return []
    if group.opened is not None:
        raise SeatGroupOpenedDifferently(group=open_.group)
    return [opened]


def _correct(group: SeatGroup, correct: CorrectSeatGroup) -> Sequence[SeatGroupEvent]:
    if group.opened is None:
        raise SeatGroupNotOpen(group=correct.group)
    if (group.opened.number, group.opened.name) == (correct.number, correct.name):
        return []
    must_stand(correct.replaces, SeatGroupCalled(number=group.opened.number, name=group.opened.name))
    return [SeatGroupCorrected(group=correct.group, number=correct.number, name=correct.name, reason=correct.reason)]


SEAT_GROUP = Decider("seat-group", SeatGroup(), evolve, decide, most_events=50_000)  # 0.3 KB each
