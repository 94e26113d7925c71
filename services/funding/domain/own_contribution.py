"""The own contribution is rendered in hours of existing staff: worth money, never cash, and nobody is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.funding.domain.notice import AboutGrant
from services.funding.domain.terms import worth_of
from shared.contracts.funding import GrantAwarded, OwnContributionRecorded, QuarterHours, Rate
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day

# State


@dataclass(frozen=True, slots=True)
class OwnContribution:
    entries: Mapping[Slug, OwnContributionRecorded] = field(default_factory=dict)

    @property
    def rendered(self) -> int:
        return sum(entry.amount for entry in self.entries.values())


def evolve(own: OwnContribution, event: OwnContributionRecorded) -> OwnContribution:
    return replace(own, entries={**own.entries, event.entry: event})


# Commands


class RecordStaffHours(AboutGrant):
    """Record hours of a role's work, with the rate and where the rate comes from."""

    entry: Slug
    role: Slug
    on: Day
    quarter_hours: QuarterHours
    activity: Line
    rate: Rate
    rate_source: Line


# Rejections


class StaffHoursOutsidePeriod(Rejected):
    """Die Stunden vom {day} liegen außerhalb des Bewilligungszeitraums vom {start} bis {end}."""


class StaffHoursRecordedDifferently(Rejected):
    """Der Stundennachweis „{entry}“ ist bereits mit anderen Angaben erfasst."""


# decide


def decide(own: OwnContribution, awarded: GrantAwarded, record: RecordStaffHours) -> Sequence[OwnContributionRecorded]:
    _must_lie_in_period(awarded, record)
    event = _recorded(record)
    known = own.entries.get(record.entry)
    if known not in (None, event):
        raise StaffHoursRecordedDifferently(entry=record.entry)
    return [] if known else [event]


def _recorded(record: RecordStaffHours) -> OwnContributionRecorded:
    return OwnContributionRecorded(
        grant=record.grant,
        entry=record.entry,
        role=record.role,
        on=record.on,
        quarter_hours=record.quarter_hours,
        activity=record.activity,
        rate=record.rate,
        rate_source=record.rate_source,
        amount=worth_of(record.quarter_hours, record.rate),
    )


def _must_lie_in_period(awarded: GrantAwarded, record: RecordStaffHours) -> None:
    period = awarded.period
    if record.on not in period:
        raise StaffHoursOutsidePeriod(
            day=german_day(record.on), start=german_day(period.start), end=german_day(period.until)
        )
