"""Seats: filled once, by nominated people, with a history that stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.members.domain.mandates import (
    AppointDelegate,
    DeathLiesAhead,
    EndMandate,
    MandateEndsBeforeItBegan,
    NotNominated,
)
from services.members.domain.nominations import NominateDelegate, OrganisationUnknown, RegisterOrganisation
from services.members.domain.periods import SeatAlreadyFilled, SitsAlready
from services.members.domain.person import PersonUnknown
from services.members.domain.posts import ChangePostHolder, SeatIsDelegated
from services.members.domain.seat_group import SEAT_GROUP, OpenSeatGroup, SeatGroupOpenedDifferently
from services.members.domain.seat_group_state import SeatFollowsPost, SeatGroupNotOpen, SeatUnknown
from shared.contracts.members import (
    DelegateAppointed,
    DelegateNominated,
    MandateEnded,
    OrganisationRegistered,
    PostHolderChanged,
    SeatGroupOpened,
)
from shared.kernel.time import days
from tests.kit.given import given_of
from tests.kit.when import NOW, edge, person

given = given_of(SEAT_GROUP)

NAME = "Kliniken"
OPENED = SeatGroupOpened(group="hospitals", number=9, name=NAME, kind="delegated", seats=("hospitals-1", "hospitals-2"))
POST_OPENED = SeatGroupOpened(
    group="social-welfare-office-head",
    number=31,
    name="Amtsleitung Sozialamt",
    kind="ex_officio",
    seats=("social-welfare-office-head-1",),
)
REGISTERED = OrganisationRegistered(organisation="hospital-north", name="Klinik Nord", group="hospitals")
SINCE = date(2023, 11, 1)
POST_CHANGED = PostHolderChanged(
    group="social-welfare-office-head",
    seat="social-welfare-office-head-1",
    person=person(3),
    since=SINCE,
    group_name="Amtsleitung Sozialamt",
)


def nominated(number: int) -> DelegateNominated:
    return DelegateNominated(group="hospitals", person=person(number), organisation="hospital-north")


def appointed(number: int, seat: str = "hospitals-1", **dates: date | None) -> DelegateAppointed:
    who = {"group": "hospitals", "seat": seat, "person": person(number), "organisation": "hospital-north"}
    return DelegateAppointed.model_validate({**who, "since": SINCE, "group_name": OPENED.name, **dates})


def open_group(**fields: Any) -> OpenSeatGroup:
    told = {"group": "hospitals", "number": 9, "name": NAME, "kind": "delegated", "seats": 2, **fields}
    return OpenSeatGroup(**edge(**told))


def nominate(number: int, **fields: Any) -> NominateDelegate:
    told = {"group": "hospitals", "person": person(number), "organisation": "hospital-north", **fields}
    return NominateDelegate(**edge(**{"person_known": True, **told}))


def appoint(number: int, seat: str = "hospitals-1", **fields: Any) -> AppointDelegate:
    about = {"group": "hospitals", "seat": seat, "person": person(number), "since": SINCE, "person_known": True}
    return AppointDelegate(**edge(**{**about, **fields}))


def test_a_group_opens_with_its_seats() -> None:
    given().when(open_group()).then(OPENED)


def test_a_group_opens_once() -> None:
    given(OPENED).when(open_group()).then_nothing()
    given(OPENED).when(open_group(seats=3)).rejected(SeatGroupOpenedDifferently, group="hospitals")


def test_an_organisation_registers_for_an_open_group() -> None:
    register = RegisterOrganisation(**edge(group="hospitals", organisation="hospital-north", name="Klinik Nord"))
    given(OPENED).when(register).then(REGISTERED)
    given().when(register).rejected(SeatGroupNotOpen)


def test_only_registered_organisations_nominate_known_people() -> None:
    given(OPENED, REGISTERED).when(nominate(1)).then(nominated(1))
    given(OPENED).when(nominate(1)).rejected(OrganisationUnknown, organisation="hospital-north")
    given(OPENED, REGISTERED).when(nominate(1, person_known=False)).rejected(PersonUnknown)


def test_a_nominated_person_is_appointed() -> None:
    given(OPENED, REGISTERED, nominated(1)).when(appoint(1)).then(appointed(1))
    given(OPENED, REGISTERED).when(appoint(1)).rejected(NotNominated)
    given(OPENED, REGISTERED, nominated(1)).when(appoint(1, person_known=False)).rejected(PersonUnknown)


def test_a_seat_is_never_filled_twice() -> None:
    history = (OPENED, REGISTERED, nominated(1), nominated(2), appointed(1))
    given(*history).when(appoint(2)).rejected(SeatAlreadyFilled, seat="hospitals-1", since="01.11.2023")
    given(*history).when(appoint(1)).then_nothing()


def test_nobody_sits_twice_in_a_group() -> None:
    history = (OPENED, REGISTERED, nominated(1), appointed(1))
    given(*history).when(appoint(1, seat="hospitals-2")).rejected(SitsAlready, seat="hospitals-1")


def test_a_seat_that_does_not_exist_is_not_filled() -> None:
    given(OPENED, REGISTERED, nominated(1)).when(appoint(1, seat="hospitals-3")).rejected(SeatUnknown)


@pytest.mark.parametrize("until", [date(2023, 11, 1), date(2024, 6, 30)])
def test_a_mandate_ends_and_its_seat_is_vacant(until: date) -> None:
    history = (OPENED, REGISTERED, nominated(1), nominated(2), appointed(1))
    end = EndMandate(**edge(group="hospitals", seat="hospitals-1", until=until, reason="resigned"))
    ended = MandateEnded(
        group="hospitals", seat="hospitals-1", person=person(1), until=until, reason="resigned", group_name=NAME
    )
    given(*history).when(end).then(ended)
    given(*history, ended).when(end).then_nothing()
    after = until + days(1)
    given(*history, ended).when(appoint(2, since=after)).then(appointed(2, since=after))
    given(*history, ended).when(appoint(1, since=after)).rejected(NotNominated, group="hospitals")
    given(*history, ended, nominated(1)).when(appoint(1, since=after)).then(appointed(1, since=after))


def test_a_mandate_does_not_end_before_it_began() -> None:
    end = EndMandate(**edge(group="hospitals", seat="hospitals-1", until=date(2023, 10, 31), reason="recalled"))
    given(OPENED, REGISTERED, nominated(1), appointed(1)).when(end).rejected(
        MandateEndsBeforeItBegan, since="01.11.2023"
    )


def test_only_an_open_group_nominates_and_ends_mandates() -> None:
    end = EndMandate(**edge(group="hospitals", seat="hospitals-1", until=SINCE, reason="resigned"))
    given().when(nominate(1)).rejected(SeatGroupNotOpen, group="hospitals")
    given().when(end).rejected(SeatGroupNotOpen, group="hospitals")


def test_with_a_mandate_no_other_seat_is_lost() -> None:
    ended = MandateEnded(group="hospitals", seat="hospitals-1", person=person(1), until=SINCE, reason="other")
    other = ended.model_copy(update={"seat": "hospitals-2", "person": person(2)})
    history = (OPENED, REGISTERED, nominated(1), nominated(2), appointed(1), appointed(2, "hospitals-2"), ended)
    end = EndMandate(**edge(group="hospitals", seat="hospitals-2", until=SINCE, reason="other"))
    given(*history).when(end).then(other.model_copy(update={"group_name": NAME}))


def change(**fields: Any) -> ChangePostHolder:
    about = {"group": POST_CHANGED.group, "seat": POST_CHANGED.seat, "person": person(3), "since": SINCE}
    return ChangePostHolder(**edge(**{**about, "person_known": True, **fields}))


def test_an_ex_officio_seat_follows_its_post() -> None:
    given(POST_OPENED).when(change()).then(POST_CHANGED)
    given(POST_OPENED).when(change(person_known=False)).rejected(PersonUnknown)
    given(POST_OPENED).when(change(seat="social-welfare-office-head-2")).rejected(SeatUnknown)
    given(POST_OPENED).when(appoint(3, group=POST_CHANGED.group)).rejected(SeatFollowsPost)
    given(POST_OPENED).when(nominate(3, group=POST_CHANGED.group)).rejected(SeatFollowsPost)
    given(OPENED).when(change(group="hospitals", seat="hospitals-1")).rejected(SeatIsDelegated)
    given().when(change()).rejected(SeatGroupNotOpen)


def test_who_holds_a_post_already_has_no_second_seat_in_its_group() -> None:
    seats = (POST_CHANGED.seat, "social-welfare-office-head-2")
    two = POST_OPENED.model_copy(update={"seats": seats})
    given(two, POST_CHANGED).when(change()).then_nothing()
    given(two, POST_CHANGED).when(change(seat=seats[1])).rejected(SitsAlready, seat=seats[0])
    follows = {"person": person(4), "since": NOW.date()}
    given(two, POST_CHANGED).when(change(**follows)).then(POST_CHANGED.model_copy(update=follows))


def test_nobody_has_died_on_a_day_to_come() -> None:
    ended = MandateEnded(
        group="hospitals",
        seat="hospitals-1",
        person=person(1),
        until=NOW.date(),
        reason="deceased",
        group_name=NAME,
    )
    history = (OPENED, REGISTERED, nominated(1), appointed(1))
    told = {"group": "hospitals", "seat": "hospitals-1", "reason": "deceased"}
    given(*history).when(EndMandate(**edge(**told, until=NOW.date()))).then(ended)
    tomorrow = EndMandate(**edge(**told, until=NOW.date() + days(1)))
    given(*history).when(tomorrow).rejected(DeathLiesAhead, until="16.01.2024")
