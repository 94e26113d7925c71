"""What is wanted of members: few seats for many people, so that they are fought for."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from random import Random

from tests.campaign.load.caller import Order
from tests.campaign.load.people import Register

GROUPS = {"hospitals": 3, "care-insurance-funds": 3}
POSTS = "social-welfare-office"
WORKING_GROUPS = ("ag-1", "ag-2")
ENOUGH_PEOPLE = 40
FIRST_DAY = date(2030, 1, 1)
"""Each order is about a later day than the one before, so that seats are handed on and not only refused."""


def order(command: str, by: str = "office", **fields: object) -> Order:
    return Order("members", command, {"conference": "stuttgart", **fields}, by)


class Members:
    def __init__(self, dice: Random, people: Register) -> None:
        self._dice = dice
        self._people = people
        self._days = count()

    def founding(self) -> list[Order]:
        """In this order; the conference stands when all are accepted."""
        rules = {"name": "Pflegekonferenz", "reference": "GRDrs 905/2023", "office": "Amt", "committee": "Ausschuss"}
        orders = [order("EstablishConference", **rules)]
        for number, (group, seats) in enumerate(GROUPS.items(), start=1):
            orders.append(_opened(group, number, "delegated", seats))
            orders.append(order("RegisterOrganisation", group=group, organisation=f"{group}-org", name="Träger"))
        orders.append(_opened(POSTS, 9, "ex_officio", 2))
        orders += [
            order("EstablishWorkingGroup", working_group=one, name=one, topics=["Pflege"]) for one in WORKING_GROUPS
        ]
        orders += [self._record_new() for _ in range(10)]
        for place, person in enumerate(self._people.known[:4]):
            group = [*GROUPS][place % 2]
            orders.append(self._nominate(group, person))
            orders.append(self._appoint(group, person, f"{group}-{place // 2 + 1}"))
        return orders

    def next(self) -> Order:
        wants = {
            self._nominate: 4,
            self._appoint: 4,
            self._end: 2,
            self._change_post: 1,
            self._record: 4,
            self._join: 3,
            self._leave: 3,
            self._erase: 1,
        }
        [want] = self._dice.choices(list(wants), list(wants.values()))
        return want()

    def _record(self) -> Order:
        if len(self._people.known) < ENOUGH_PEOPLE:
            return self._record_new()
        person = self._somebody()
        return order("RecordPerson", person=person, details=self._people.new_details(person, self._dice))

    def _record_new(self) -> Order:
        person, details = self._people.somebody_new()
        return order("RecordPerson", person=person, details=details)

    def _nominate(self, group: str = "", person: str = "") -> Order:
        group = group or self._dice.choice([*GROUPS])
        return order("NominateDelegate", group=group, person=person or self._somebody(), organisation=f"{group}-org")

    def _appoint(self, group: str = "", person: str = "", seat: str = "") -> Order:
        group = group or self._dice.choice([*GROUPS])
        return order(
            "AppointDelegate",
            group=group,
            seat=seat or self._seat(group),
            person=person or self._somebody(),
            since=self._day(),
        )

    def _end(self) -> Order:
        group = self._dice.choice([*GROUPS])
        return order("EndMandate", group=group, seat=self._seat(group), until=self._day(), reason="resigned")

    def _change_post(self) -> Order:
        seat = f"{POSTS}-{self._dice.randint(1, 2)}"
        return order("ChangePostHolder", group=POSTS, seat=seat, person=self._somebody(), since=self._day())

    def _join(self) -> Order:
        group = self._dice.choice(WORKING_GROUPS)
        return order("JoinWorkingGroup", working_group=group, person=self._somebody(), seat=None)

    def _leave(self) -> Order:
        return order("LeaveWorkingGroup", working_group=self._dice.choice(WORKING_GROUPS), person=self._somebody())

    def _erase(self) -> Order:
        if len(self._people.known) < ENOUGH_PEOPLE // 2:
            return self._record()
        person = self._somebody()
        self._people.gone(person)
        return order("ErasePerson", by="admin", person=person)

    def _day(self) -> str:
        return (FIRST_DAY + timedelta(days=next(self._days))).isoformat()

    def _somebody(self) -> str:
        return self._dice.choice(self._people.known)

    def _seat(self, group: str) -> str:
        """Now and then one that does not exist."""
        return f"{group}-{self._dice.randint(1, GROUPS[group] + 1)}"


def _opened(group: str, number: int, kind: str, seats: int) -> Order:
    return order("OpenSeatGroup", group=group, number=number, name=group, kind=kind, seats=seats)
