"""Whose contact data have had their time: kept no longer than they are needed (Art. 5 (1) (e) GDPR).

Pure. The time begins with the last day on a seat; who still has a part in the conference is needed, whatever the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from shared.contracts.members import RulesOfProcedure
from shared.contracts.occupancies import seats_in
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId
from shared.kernel.time import day_after, months_after

CONTACT_MONTHS = 12
"""The default of the rules of procedure."""


def first_day_to_erase(last: date, rules: RulesOfProcedure) -> date:
    return day_after(months_after(last, rules.contact_months or CONTACT_MONTHS))


def last_days(groups: Iterable[Document]) -> Mapping[PersonId, date]:
    """The last day of everybody who had a seat or was a deputy, and whose every time has an end."""
    found: dict[PersonId, date] = {}
    for group in groups:
        for one in (time for seat in seats_in(group) for time in seat.times):
            if one.person:
                found[one.person] = max(found.get(one.person, date.min), one.until or date.max)
    return {person: last for person, last in found.items() if last < date.max}


def with_a_part(groups: Iterable[Document], working_groups: Iterable[Document], pools: Iterable[Document]) -> set[str]:
    """Everybody who is nominated, in an open working group, or on the list of a guest pool."""
    return {
        *(person for group in groups for person in group["nominated"]),
        *(one["person"] for group in working_groups if not group["closed"] for one in group["members"]),
        *(person for pool in pools for person in pool["people"]),
    }
