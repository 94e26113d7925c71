"""Who sits where, as it is known now and as it was known on a day; in answers, and as a line of the office's file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from services.members.answers import (
    EarlierConference,
    Nominated,
    RosterLine,
    RulesVersion,
    TimeOnSeat,
    ToErase,
    VacantSeat,
)
from services.members.domain.conference import ChangeRules, EstablishConference, InviteGuestPool
from services.members.domain.earlier_conference import CarryOverConference
from services.members.domain.guest_pool import JoinGuestPool
from services.members.domain.mandates import AppointDelegate, AppointDeputy, EndMandate
from services.members.domain.nominations import ConfirmNomination, NominateDelegate, RegisterOrganisation
from services.members.domain.person import ErasePerson, PersonUnknown
from services.members.domain.posts import ChangePostHolder, VacatePost
from services.members.domain.seat_group import CorrectSeatGroup, OpenSeatGroup
from services.members.domain.seat_group_state import SeatGroupNotOpen, SeatUnknown
from services.members.domain.working_group import CloseWorkingGroup, EstablishWorkingGroup, JoinWorkingGroup
from services.members.people import People
from services.members.projections import SEATS
from services.members.queries import FORMER, Register, to_be_erased
from services.members.roster.export import lines_of
from services.members.service import SERVICE as MEMBERS
from shared.contracts.occupancies import SeatsAreReadAnew
from shared.declarations.projection import Document
from shared.kernel.decider import Command
from shared.kernel.time import days
from shared.runtime.http.app import Shown
from tests.kit.projected import Projected
from tests.kit.when import CONFERENCE, NOW, edge, person
from tests.kit.world import World

TODAY = NOW.date()
LATER = NOW + days(60)
BEGAN, ENDS = date(2023, 11, 1), date(2027, 12, 31)
EVA = {"name": "Eva", "salutation": "Guten Tag", "email": "eva@example.org", "postal_address": "Am Berg 1"}
RECORDED = {person(1): EVA, person(2): {**EVA, "name": "Paul"}, person(3): {**EVA, "name": "Kim"}}
"""All others who sit are erased."""


class Recorded(People):
    def __init__(self) -> None:
        pass

    async def details(self, conference: str, people: Sequence[str]) -> dict[str, Document | None]:
        return {one: RECORDED.get(one) for one in people} if conference == CONFERENCE else {}

    async def recorded(self, conference: str, person: str) -> Document | None:
        found = RECORDED.get(person) if conference == CONFERENCE else None
        return {"details": found, "version": 1} if found else None


async def give(world: World, command: type[Command], at: datetime = NOW, **fields: Any) -> None:
    await world.give(MEMBERS, command.model_validate(edge(at=at, **fields)))


async def sit(world: World, command: type[Command], seat: str, number: int, at: datetime = NOW, **dates: Any) -> None:
    about: dict[str, Any] = {
        "group": seat.rpartition("-")[0],
        "seat": seat,
        "person": person(number),
        "person_known": True,
    }
    await give(world, command, at, **{"since": BEGAN, **about, **dates})


async def nominate(world: World, number: int, organisation: str) -> None:
    who: dict[str, Any] = {"group": "hospitals", "person": person(number), "person_known": True}
    await give(world, NominateDelegate, organisation=organisation, **who)


async def delegate(world: World, seat: str, number: int, **dates: Any) -> None:
    """By the first of the two organisations."""
    await nominate(world, number, "north")
    await sit(world, AppointDelegate, seat, number, **dates)


@pytest.fixture
async def world() -> World:
    """Later than everything else the group gets another name, and its first seat another holder."""
    world = World()
    about: dict[str, Any] = {
        "name": "Pflegekonferenz",
        "reference": "R",
        "office": "Sozialamt",
        "committee": "Ausschuss",
        "rules": {},
    }
    await give(world, EstablishConference, **about)
    opened: dict[str, Any] = {"group": "hospitals", "number": 9, "name": "Häuser", "kind": "delegated", "seats": 3}
    await give(world, OpenSeatGroup, **opened)
    await give(world, OpenSeatGroup, group="head", number=1, name="Amtsleitung", kind="ex_officio", seats=1)
    for slug, name in (("north", "Klinik Nord"), ("south", "Klinik Süd")):
        await give(world, RegisterOrganisation, group="hospitals", organisation=slug, name=name)
    await delegate(world, "hospitals-1", 1)
    await delegate(world, "hospitals-2", 9, until=ENDS)
    await sit(world, AppointDeputy, "hospitals-1", 2, until=ENDS)
    await sit(world, ChangePostHolder, "head-1", 3)
    for number, confirmed in ((2, True), (3, False)):
        await nominate(world, number, "south")
        if confirmed:
            await give(world, ConfirmNomination, group="hospitals", person=person(number))
    renamed: dict[str, Any] = {"group": "hospitals", "number": 9, "name": "Kliniken", "reason": "Verschrieben"}
    await give(world, CorrectSeatGroup, at=LATER, **renamed)
    left: dict[str, Any] = {"group": "hospitals", "seat": "hospitals-1", "until": TODAY + days(9), "reason": "resigned"}
    await give(world, EndMandate, at=LATER, **left)
    return world


@pytest.fixture
def register(world: World) -> Register:
    return Register(Projected(world, "members"), world.journals["members"], Recorded())


def as_answered(kind: type[Shown], lines: Sequence[Document]) -> Sequence[Document]:
    """With nothing that the answer does not know, and nothing missing."""
    for line in lines:
        kind.model_validate(line, extra="forbid")
    return lines


GROUP = {"group": "hospitals", "number": 9, "name": "Kliniken", "kind": "delegated"}
HEAD = {"group": "head", "number": 1, "name": "Amtsleitung", "kind": "ex_officio"}
OF_EVA = {"person": person(1), "person_name": "Eva", "organisation": "north", "since": "2023-11-01"}
OF_PAUL = {"person": person(2), "person_name": "Paul", "organisation": None, "since": "2023-11-01"}
OF_KIM = {"person": person(3), "person_name": "Kim", "organisation": None, "since": "2023-11-01", "until": None}
OF_NOBODY = {"person": person(9), "person_name": FORMER, "organisation": "north", "since": "2023-11-01"}


async def test_each_seat_is_a_line_in_the_order_of_the_groups(register: Register) -> None:
    assert as_answered(RosterLine, await register.roster(CONFERENCE, TODAY, None)) == [
        {"seat": "head-1", **HEAD, **OF_KIM, "deputy": None},
        {
            "seat": "hospitals-1",
            **GROUP,
            **OF_EVA,
            "until": "2024-01-24",
            "deputy": {**OF_PAUL, "until": "2027-12-31"},
        },
        {"seat": "hospitals-2", **GROUP, **OF_NOBODY, "until": "2027-12-31", "deputy": None},
        {"seat": "hospitals-3", **GROUP, "person": None, "deputy": None},
    ]
    assert await register.roster("ulm", TODAY, None) == []


async def test_who_died_on_one_seat_is_named_on_every_other_until_that_mandate_is_ended(
    world: World, register: Register
) -> None:
    """Eva is the holder in one group and the deputy in another; Kim, whose mandate ended otherwise, is not dead."""

    async def told(on: date = TODAY) -> list[tuple[str, str, str | None]]:
        lines = as_answered(RosterLine, await register.roster(CONFERENCE, on, None))
        both = [(line["seat"], one) for line in lines for one in (line, line["deputy"]) if one]
        return [(seat, one["person_name"], one["died_on"]) for seat, one in both if one.get("died_on")]

    await sit(world, AppointDeputy, "head-1", 1)
    await sit(world, AppointDeputy, "hospitals-3", 3)
    ended: dict[str, Any] = {"until": TODAY - days(3), "at": NOW + days(1)}
    of_kim: dict[str, Any] = {**ended, "group": "hospitals", "seat": "hospitals-3", "role": "deputy"}
    await give(world, EndMandate, **of_kim, reason="resigned")
    assert await told() == []
    await give(world, EndMandate, **ended, group="hospitals", seat="hospitals-1", reason="deceased")
    died = (TODAY - days(3)).isoformat()
    assert await told() == [("head-1", "Eva", died)] == await told(TODAY - days(9))
    await give(world, EndMandate, **ended, group="head", seat="head-1", role="deputy", reason="deceased")
    assert await told() == [] == await told(TODAY - days(9))


async def test_what_was_known_on_a_day_is_told_in_the_words_of_that_day(register: Register) -> None:
    """The last day on which nobody knew better, and the first on which somebody did."""
    for known_on, name, until in (
        (TODAY, "Häuser", None),
        (LATER.date() - days(1), "Häuser", None),
        (LATER.date(), "Kliniken", "2024-01-24"),
    ):
        _, first, *_ = as_answered(RosterLine, await register.roster(CONFERENCE, TODAY, known_on))
        assert (first["seat"], first["name"], first["until"]) == ("hospitals-1", name, until)
    assert await register.roster(CONFERENCE, TODAY, TODAY - days(1)) == []


async def test_vacant_is_a_seat_that_nobody_has_that_day_with_its_reason(register: Register) -> None:
    after = TODAY + days(10)
    of_first = {"seat": "hospitals-1", **GROUP, "vacant_since": "2024-01-25", "reason": "resigned"}
    of_third = {"seat": "hospitals-3", **GROUP, "vacant_since": None, "reason": None}
    assert as_answered(VacantSeat, await register.vacancies(CONFERENCE, TODAY, None)) == [of_third]
    assert await register.vacancies(CONFERENCE, after, None) == [of_first, of_third]


async def test_a_seat_tells_everybody_who_ever_had_it(register: Register) -> None:
    told = as_answered(TimeOnSeat, await register.history(CONFERENCE, "hospitals-1", None))
    assert [(one["role"], one["person_name"], one["until"], one["reason"]) for one in told] == [
        ("principal", "Eva", "2024-01-24", "resigned"),
        ("deputy", "Paul", "2027-12-31", None),
    ]
    before = await register.history(CONFERENCE, "hospitals-1", TODAY)
    assert [(one["until"], one["reason"]) for one in before] == [(None, None), ("2027-12-31", None)]
    with pytest.raises(SeatUnknown):
        await register.history(CONFERENCE, "hospitals-9", None)
    for conference, seat in ((CONFERENCE, "clinics-1"), ("ulm", "hospitals-1")):
        with pytest.raises(SeatGroupNotOpen) as no:
            await register.history(conference, seat, None)
        assert no.value.facts == {"group": seat.rpartition("-")[0]}


async def test_of_a_post_is_told_when_it_was_vacant_and_why(world: World, register: Register) -> None:
    await give(world, VacatePost, group="head", seat="head-1", since=TODAY, reason="not_filled")
    held, vacant = as_answered(TimeOnSeat, await register.history(CONFERENCE, "head-1", None))
    assert held == {"role": "principal", **OF_KIM, "until": "2024-01-14", "reason": None}
    assert vacant == {"role": "principal", "person": None, "reason": "not_filled"}
    of_head = {"seat": "head-1", **HEAD, "vacant_since": "2024-01-15", "reason": "not_filled"}
    assert (await register.vacancies(CONFERENCE, TODAY, None))[0] == of_head


async def test_a_group_as_an_earlier_version_wrote_it_is_no_answer(world: World, register: Register) -> None:
    documents = world.documents["members"]
    [key] = [key for key in documents if key == (SEATS.name, "stuttgart/seat-group/hospitals")]
    documents[key] = {**documents[key], "seats": [{"seat": "hospitals-1"}]}
    for asked in (
        register.roster(CONFERENCE, TODAY, None),
        register.vacancies(CONFERENCE, TODAY, None),
        register.history(CONFERENCE, "hospitals-1", None),
        register.nominations(CONFERENCE),
        register.to_erase(CONFERENCE, TODAY),
    ):
        with pytest.raises(SeatsAreReadAnew):
            await asked


async def test_whose_erasure_was_announced_is_named_until_it_is_done(world: World, register: Register) -> None:
    for number in (1, 2):
        await give(world, ErasePerson, person=person(number), belongs_elsewhere=False)
    asked: list[tuple[str, str]] = []

    class Erased(Recorded):
        async def not_to_be_erased(self, people: Sequence[tuple[str, str]]) -> set[str]:
            asked.extend(people)
            return {person(1)}

    assert [one["_id"] for one in await to_be_erased(register.projections, Erased())] == [person(2)]
    assert sorted(asked) == sorted((person(number), CONFERENCE) for number in (1, 2))


async def test_rules_are_told_in_all_their_versions(world: World, register: Register) -> None:
    assert await register.rules("ulm") == []
    [first] = as_answered(RulesVersion, await register.rules(CONFERENCE))
    assert (first["rules_version"], first["since"], first["reason"]) == (1, None, None)
    await give(world, ChangeRules, rules={"notice_days": 21}, since=TODAY + days(1), reason="Beschluss")
    again, second = as_answered(RulesVersion, await register.rules(CONFERENCE))
    assert again == first
    assert (second["rules_version"], second["since"], second["reason"]) == (2, "2024-01-16", "Beschluss")
    assert (first["rules"]["notice_days"], second["rules"]["notice_days"]) == (14, 21)


async def test_earlier_conferences_are_told_the_first_to_begin_first(world: World, register: Register) -> None:
    for earlier, year in (("first", 2020), ("third", 2018), ("second", 2018)):
        carried: dict[str, Any] = {"name": earlier, "since": date(year, 1, 1), "until": date(year + 1, 1, 1)}
        await give(world, CarryOverConference, earlier=earlier, working_groups=("Pflege",), **carried)
    told = as_answered(EarlierConference, await register.earlier_conferences(CONFERENCE))
    assert [one["earlier"] for one in told] == ["second", "third", "first"]


async def test_a_nomination_is_told_until_it_is_used_up(register: Register) -> None:
    by = {"group": "hospitals", "organisation": "south"}
    assert as_answered(Nominated, await register.nominations(CONFERENCE)) == [
        {"person": person(2), "person_name": "Paul", "confirmed": True, **by},
        {"person": person(3), "person_name": "Kim", "confirmed": False, **by},
    ]


async def test_who_is_on_the_list_of_a_pool_is_called_by_name(world: World, register: Register) -> None:
    for pool in ("guests", "experts"):
        await give(world, InviteGuestPool, pool=pool, name="Gäste")
    for pool, number in (("guests", 9), ("guests", 1), ("experts", 2)):
        await give(world, JoinGuestPool, pool=pool, person=person(number), person_known=True)
    told = await register.guest_pools(CONFERENCE)
    listed = [(pool["pool"], [(one["person"], one["person_name"]) for one in pool["people"]]) for pool in told]
    assert listed == [
        ("experts", [(person(2), "Paul")]),
        ("guests", [(person(9), FORMER), (person(1), "Eva")]),
    ]


async def test_people_are_called_by_name_and_one_is_told_to_the_office(register: Register) -> None:
    assert await register.called(CONFERENCE, [person(1), person(9)]) == [
        {"person": person(1), "person_name": "Eva"},
        {"person": person(9), "person_name": FORMER},
    ]
    assert await register.person(CONFERENCE, person(1)) == {"person": person(1), "details": EVA, "version": 1}
    for conference, number in ((CONFERENCE, 9), ("ulm", 1)):
        with pytest.raises(PersonUnknown):
            await register.person(conference, person(number))


async def test_the_file_has_a_line_for_each_seat_and_for_each_deputy(register: Register) -> None:
    def of(number: int, group: str, seat: str, role: str) -> Document:
        return {"number": number, "group": group, "seat": seat, "role": role}

    began = {"since": BEGAN}
    assert await lines_of(register, CONFERENCE, TODAY, None) == [
        {**of(1, "Amtsleitung", "1", "Mitglied"), **RECORDED[person(3)], "organisation": None}
        | {**began, "until": None, "person": person(3)},
        {**of(9, "Kliniken", "1", "Mitglied"), **EVA, "organisation": "Klinik Nord"}
        | {**began, "until": TODAY + days(9), "person": person(1)},
        {**of(9, "Kliniken", "1", "Stellvertretung"), **RECORDED[person(2)], "organisation": None}
        | {**began, "until": ENDS, "person": person(2)},
        {**of(9, "Kliniken", "2", "Mitglied"), "name": FORMER, "salutation": None, "email": None}
        | {"postal_address": None, "organisation": "Klinik Nord", **began, "until": ENDS, "person": person(9)},
        of(9, "Kliniken", "3", "Mitglied"),
    ]


GONE = date(2025, 1, 25)
"""A year and a day after Eva's last one on her seat."""


async def erasable(register: Register, on: date) -> list[tuple[str, str]]:
    lines = as_answered(ToErase, await register.to_erase(CONFERENCE, on))
    return [(one["person_name"], one["last_day"]) for one in lines]


async def test_a_year_after_somebody_left_the_office_is_told_to_erase_them(register: Register) -> None:
    assert await erasable(register, GONE - days(1)) == []
    assert await erasable(register, GONE) == [("Eva", "2024-01-24")]
    assert await register.to_erase("ulm", GONE) == []


async def test_who_has_a_seat_is_nominated_or_erased_is_not_told_of(register: Register) -> None:
    assert await erasable(register, date(2040, 1, 1)) == [("Eva", "2024-01-24")]


async def test_the_rules_of_the_day_say_how_long_contact_data_are_kept(world: World, register: Register) -> None:
    rules: dict[str, Any] = {"rules": {"contact_months": 24}, "since": GONE, "reason": "Beschluss"}
    await give(world, ChangeRules, **rules)
    assert await erasable(register, GONE - days(1)) == await erasable(register, GONE) == []
    assert await erasable(register, date(2026, 1, 25)) == [("Eva", "2024-01-24")]


async def test_who_is_on_a_list_or_in_a_working_group_is_still_needed(world: World, register: Register) -> None:
    group: dict[str, Any] = {"working_group": "care", "name": "AG", "topics": ("Pflege",)}
    await give(world, EstablishWorkingGroup, **group)
    joins: dict[str, Any] = {"person": person(1), "person_known": True}
    await give(world, JoinWorkingGroup, working_group="care", seat=None, **joins)
    assert await erasable(register, GONE) == []
    await give(world, CloseWorkingGroup, working_group="care")
    assert await erasable(register, GONE) == [("Eva", "2024-01-24")]
    await give(world, InviteGuestPool, pool="friends", name="Freunde")
    await give(world, JoinGuestPool, pool="friends", **joins)
    assert await erasable(register, GONE) == []
