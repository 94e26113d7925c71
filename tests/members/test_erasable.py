"""By which day somebody's contact data have had their time: the last of all their days, on whatever seat."""

from __future__ import annotations

from datetime import date

from services.members.erasable import first_day_to_erase, last_days
from shared.contracts.members import Role, RulesOfProcedure
from shared.contracts.occupancies import Occupancy, Seat, as_documents
from shared.declarations.projection import Document
from shared.kernel.time import days
from tests.kit.when import person

DAY = date(2024, 1, 15)


def sits(number: int | None, since: date, until: date | None, role: Role = "principal") -> Occupancy:
    who = None if number is None else person(number)
    return Occupancy(person=who, role=role, organisation=None, since=since, until=until)


def group(*recorded: Occupancy) -> Document:
    return {"seats": as_documents((Seat(seat="a-1", recorded=recorded), Seat(seat="a-2")))}


def test_the_last_of_somebodys_days_counts_and_who_goes_on_has_none() -> None:
    groups = [
        group(sits(1, DAY, DAY + days(9)), sits(2, DAY + days(10), None)),
        group(sits(1, DAY, DAY + days(4)), sits(3, DAY + days(5), DAY + days(6))),
        group(sits(4, DAY, DAY + days(5), "deputy"), sits(2, DAY, DAY + days(1))),
    ]
    assert last_days(groups) == {person(1): DAY + days(9), person(3): DAY + days(6), person(4): DAY + days(5)}


def test_a_post_that_was_vacant_is_nobody() -> None:
    """Its time has an end as well, once somebody holds the post."""
    assert last_days([group(sits(None, DAY, None), sits(1, DAY + days(5), None))]) == {}


def test_they_are_erased_on_the_day_after_the_months_that_the_rules_name() -> None:
    assert first_day_to_erase(date(2024, 2, 29), RulesOfProcedure()) == date(2025, 3, 1)
    assert first_day_to_erase(date(2024, 1, 24), RulesOfProcedure(contact_months=1)) == date(2024, 2, 25)
