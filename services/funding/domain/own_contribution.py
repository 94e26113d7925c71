"""The own contribution is rendered in hours of existing staff: worth money, never cash, and nobody is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from services.funding.domain.notice import AboutGrant
from services.funding.domain.terms import must_not_lie_ahead, worth_of
from shared.contracts.funding import (
    GrantAwarded,
    OwnContributionRecorded,
    OwnContributionReversed,
    QuarterHours,
    Rate,
)
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day

# Events

OwnContributionEvent = OwnContributionRecorded | OwnContributionReversed

A_DAY = 40
"""Quarter hours that a role may work at most: ten hours, as the working time act allows (ArbZG § 3)."""

# State


@dataclass(frozen=True, slots=True)
class OwnContribution:
    entries: Mapping[Slug, OwnContributionRecorded] = field(default_factory=dict)
    reversed: Mapping[Slug, OwnContributionReversed] = field(default_factory=dict)

    @property
    def standing(self) -> Sequence[OwnContributionRecorded]:
        return [entry for name, entry in self.entries.items() if name not in self.reversed]

    @property
    def rendered(self) -> int:
        return sum(entry.amount for entry in self.standing)

    def worked(self, role: Slug, on: date) -> int:
        return sum(entry.quarter_hours for entry in self.standing if (entry.role, entry.on) == (role, on))


def evolve(own: OwnContribution, event: OwnContributionEvent) -> OwnContribution:
    match event:
        case OwnContributionRecorded():
            return replace(own, entries={**own.entries, event.entry: event})
        case OwnContributionReversed():
            return replace(own, reversed={**own.reversed, event.entry: event})
        case _:
            assert_never(event)


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


class ReverseStaffHours(AboutGrant):
    """Take back hours that were recorded wrongly."""

    entry: Slug
    reason: Line


OwnContributionCommand = RecordStaffHours | ReverseStaffHours

# Rejections


class StaffHoursOutsidePeriod(Rejected):
    """Die Stunden vom {day} liegen außerhalb des Bewilligungszeitraums vom {start} bis {end}."""


class StaffHoursRecordedDifferently(Rejected):
    """Der Stundennachweis „{entry}“ ist bereits mit anderen Angaben erfasst."""


class StaffHoursUnknown(Rejected):
    """Der Stundennachweis „{entry}“ ist nicht erfasst."""

    kind = Kind.NOT_FOUND


class StaffHoursAreReversed(Rejected):
    """Der Stundennachweis „{entry}“ ist storniert; ein neuer bekommt einen anderen Namen."""


class StaffHoursReversedDifferently(Rejected):
    """Der Stundennachweis „{entry}“ ist bereits mit einem anderen Grund storniert."""


class TooManyStaffHours(Rejected):
    """Für die Rolle „{role}“ wären es am {day} mehr als zehn Stunden; erfasst sind schon {hours}."""


# decide


def decide(
    own: OwnContribution, awarded: GrantAwarded, command: OwnContributionCommand
) -> Sequence[OwnContributionEvent]:
    match command:
        case RecordStaffHours():
            return _record(own, awarded, command)
        case ReverseStaffHours():
            return _reverse(own, command)
        case _:
            assert_never(command)


def _record(own: OwnContribution, awarded: GrantAwarded, record: RecordStaffHours) -> Sequence[OwnContributionEvent]:
    event = _recorded(record)
    if record.entry in own.reversed:
        raise StaffHoursAreReversed(entry=record.entry)
    known = own.entries.get(record.entry)
    if known not in (None, event):
        raise StaffHoursRecordedDifferently(entry=record.entry)
    if known:
        return []
    _must_lie_in_period(awarded, record)
    must_not_lie_ahead(record.on, record.at)
    _must_be_a_days_work(own, record)
    return [event]


def _reverse(own: OwnContribution, reverse: ReverseStaffHours) -> Sequence[OwnContributionEvent]:
    known = own.entries.get(reverse.entry)
    if known is None:
        raise StaffHoursUnknown(entry=reverse.entry)
    if back := own.reversed.get(reverse.entry):
        if back.reason != reverse.reason:
            raise StaffHoursReversedDifferently(entry=reverse.entry)
        return []
    return [
        OwnContributionReversed(grant=reverse.grant, entry=reverse.entry, amount=known.amount, reason=reverse.reason)
    ]


def _must_be_a_days_work(own: OwnContribution, record: RecordStaffHours) -> None:
    worked = own.worked(record.role, record.on)
    if worked + record.quarter_hours > A_DAY:
        hours = f"{worked // 4},{worked % 4 * 25:02d}"
        raise TooManyStaffHours(role=record.role, day=german_day(record.on), hours=hours)


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
