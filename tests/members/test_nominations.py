"""Organisations nominate, the office confirms or returns, and an appointment uses the nomination up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.members.domain.mandates import AppointDelegate, NotNominated
from services.members.domain.nominations import (
    ConfirmNomination,
    CorrectOrganisation,
    NominateDelegate,
    NominationUnknown,
    OrganisationRegisteredDifferently,
    OrganisationUnknown,
    RegisterOrganisation,
    ReturnNomination,
)
from services.members.domain.person import PersonUnknown
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.seat_group_state import SeatFollowsPost, SeatGroupNotOpen
from shared.contracts.members import (
    DelegateAppointed,
    DelegateNominated,
    DeputyAppointed,
    DeputyEnded,
    MandateEnded,
    NominationConfirmed,
    NominationReturned,
    OrganisationCorrected,
    OrganisationRegistered,
    SeatGroupOpened,
)
from shared.kernel.decider import Command
from tests.kit.given import given_of
from tests.kit.when import edge, person

given = given_of(SEAT_GROUP)

OPENED = SeatGroupOpened(group="hospitals", number=9, name="Kliniken", kind="delegated", seats=("hospitals-1",))
POST = SeatGroupOpened(group="hospitals", number=9, name="Amt", kind="ex_officio", seats=("hospitals-1",))
NORTH = OrganisationRegistered(organisation="north", name="Klinik Nord", group="hospitals")
SOUTH = OrganisationRegistered(organisation="south", name="Klinik Süd", group="hospitals")
NOMINATED = DelegateNominated(group="hospitals", person=person(1), organisation="north")
CONFIRMED = NominationConfirmed(group="hospitals", person=person(1))
RETURNED = NominationReturned(group="hospitals", person=person(1), reason="form_missing")
APPOINTED = DelegateAppointed(
    group="hospitals",
    seat="hospitals-1",
    person=person(1),
    organisation="north",
    since=date(2024, 1, 1),
    group_name="Kliniken",
)
ENDED = MandateEnded(
    group="hospitals", seat="hospitals-1", person=person(1), until=date(2024, 1, 10), reason="recalled"
)
READY = (OPENED, NORTH, SOUTH)


def about(command: type[Command], **fields: Any) -> Command:
    return command.model_validate(edge(group="hospitals", **fields))


def nominate(organisation: str = "north", **fields: Any) -> Command:
    return about(
        NominateDelegate, **{"person": person(1), "organisation": organisation, "person_known": True, **fields}
    )


def appoint(since: date = date(2024, 1, 1)) -> Command:
    return about(AppointDelegate, seat="hospitals-1", person=person(1), since=since, person_known=True)


CONFIRM = about(ConfirmNomination, person=person(1))
RETURN = about(ReturnNomination, person=person(1), reason="form_missing")


def test_an_organisation_is_registered_once_and_corrected_by_name() -> None:
    register = about(RegisterOrganisation, organisation="north", name="Klinik Nord")
    given(OPENED).when(register).then(NORTH)
    given(OPENED, NORTH).when(register).then_nothing()
    other = about(RegisterOrganisation, organisation="north", name="Klinik West")
    given(OPENED, NORTH).when(other).rejected(OrganisationRegisteredDifferently, organisation="north")
    told = {"organisation": "north", "name": "Klinik West", "reason": "umbenannt"}
    corrected = OrganisationCorrected(group="hospitals", **told)
    given(OPENED, NORTH).when(about(CorrectOrganisation, **told)).then(corrected)
    given(OPENED, NORTH, corrected).when(other).then_nothing()
    given(OPENED).when(about(CorrectOrganisation, **told)).rejected(OrganisationUnknown, organisation="north")


def test_a_known_person_is_nominated_by_an_organisation_of_the_group() -> None:
    given(*READY).when(nominate()).then(NOMINATED)
    given(*READY, NOMINATED).when(nominate()).then_nothing()
    given(*READY).when(nominate("west")).rejected(OrganisationUnknown, organisation="west", group="hospitals")
    given(*READY).when(nominate(person_known=False)).rejected(PersonUnknown)


def test_the_later_of_two_nominations_counts() -> None:
    by_south = DelegateNominated(group="hospitals", person=person(1), organisation="south")
    given(*READY, NOMINATED, CONFIRMED).when(nominate("south")).then(by_south)
    given(*READY, NOMINATED, CONFIRMED, by_south).when(CONFIRM).then(CONFIRMED)
    appointed = APPOINTED.model_copy(update={"organisation": "south"})
    given(*READY, NOMINATED, by_south).when(appoint()).then(appointed)


def test_a_nomination_is_confirmed_once() -> None:
    given(*READY, NOMINATED).when(CONFIRM).then(CONFIRMED)
    given(*READY, NOMINATED, CONFIRMED).when(CONFIRM).then_nothing()
    given(*READY).when(CONFIRM).rejected(NominationUnknown, group="hospitals")


@pytest.mark.parametrize("history", [(NOMINATED,), (NOMINATED, CONFIRMED)])
def test_what_is_returned_counts_no_more(history: tuple[Any, ...]) -> None:
    given(*READY, *history).when(RETURN).then(RETURNED)
    given(*READY, *history, RETURNED).when(appoint()).rejected(NotNominated, group="hospitals")
    given(*READY, *history, RETURNED).when(CONFIRM).rejected(NominationUnknown, group="hospitals")
    given(*READY, *history, RETURNED).when(RETURN).rejected(NominationUnknown, group="hospitals")
    given(*READY, *history, RETURNED).when(nominate()).then(NOMINATED)


def test_an_appointment_uses_the_nomination_up() -> None:
    given(*READY, NOMINATED, CONFIRMED).when(appoint()).then(APPOINTED)
    for command in (CONFIRM, RETURN):
        given(*READY, NOMINATED, APPOINTED).when(command).rejected(NominationUnknown, group="hospitals")


def test_whoever_was_recalled_needs_a_new_nomination() -> None:
    again = appoint(date(2024, 2, 1))
    given(*READY, NOMINATED, APPOINTED, ENDED).when(again).rejected(NotNominated, group="hospitals")
    back = APPOINTED.model_copy(update={"since": date(2024, 2, 1)})
    given(*READY, NOMINATED, APPOINTED, ENDED, NOMINATED).when(again).then(back)


def test_a_nomination_for_the_next_mandate_outlasts_the_end_of_this_one() -> None:
    """In either order: nominated again and then ended, or ended and then nominated again."""
    again, history = appoint(date(2024, 2, 1)), (*READY, NOMINATED, APPOINTED, NOMINATED)
    back = APPOINTED.model_copy(update={"since": date(2024, 2, 1)})
    given(*history, ENDED).when(again).then(back)
    given(*history, CONFIRMED, ENDED).when(CONFIRM).then_nothing()
    given(*history, ENDED, back).when(CONFIRM).rejected(NominationUnknown, group="hospitals")


@pytest.mark.parametrize("reason", ["deceased", "erased"])
def test_whoever_is_gone_for_good_is_nominated_for_nothing(reason: Any) -> None:
    told = ENDED.model_copy(update={"reason": reason})
    as_deputy = DeputyEnded(**told.model_dump(exclude={"group_name"}))
    stood_in = DeputyAppointed(group="hospitals", seat="hospitals-1", person=person(1), since=date(2024, 1, 1))
    for gone in ((APPOINTED, NOMINATED, told), (stood_in, as_deputy)):
        given(*READY, NOMINATED, *gone).when(CONFIRM).rejected(NominationUnknown, group="hospitals")


@pytest.mark.parametrize("command", [nominate(), CONFIRM, RETURN])
def test_only_open_groups_of_delegates_are_nominated_for(command: Command) -> None:
    given().when(command).rejected(SeatGroupNotOpen, group="hospitals")
    given(POST).when(command).rejected(SeatFollowsPost, group="hospitals")
