"""What the notice's terms come to in cents and days. All of it is whole numbers, rounded half up."""

from __future__ import annotations

from datetime import date, datetime

from shared.contracts.funding import Conditions, GrantAwarded, PlanLine
from shared.kernel.money import percent_of
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_day, local_day


class DayLiesAhead(Rejected):
    """Der {day} liegt in der Zukunft; erfasst wird, was geschehen ist."""

    kind = Kind.INVALID


def must_not_lie_ahead(day: date, now: datetime) -> None:
    if day > local_day(now):
        raise DayLiesAhead(day=german_day(day))


class MoneyBeforeNotice(Rejected):
    """Der Bescheid ist vom {notice_on}; am {day} kann zu dieser Zuwendung noch kein Geld geflossen sein."""

    kind = Kind.INVALID


def must_follow_notice(day: date, awarded: GrantAwarded) -> None:
    """A grantor's payment, reclaim or interest claim comes after the notice that grants the money."""
    if day < awarded.notice_on:
        raise MoneyBeforeNotice(notice_on=german_day(awarded.notice_on), day=german_day(day))


def rounded(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)


def own_contribution_due(grant: int, conditions: Conditions) -> int:
    """With 20 percent the grant is 80 percent of the total cost: 40,000.00 EUR need 10,000.00 (of
    the grant: 8,000.00).
    """
    share = conditions.own_share_percent
    if conditions.own_share_base == "grant":
        return percent_of(grant, share)
    return rounded(grant * share, 100 - share)


def payable(spent: int, own: int, granted: int, conditions: Conditions) -> int:
    """What the grant pays of the spending: its share of the total cost, up to the granted amount.

    Missing own hours reduce it: 40,000.00 EUR spent and hours of 8,000.00 are 48,000.00, and 80 percent of that is
    paid. What is due is itself rounded: whoever renders it loses no cent.
    """
    claimed = min(spent, granted)
    if own >= own_contribution_due(claimed, conditions):
        return claimed
    return min(claimed, _share_allows(spent, own, conditions))


def _share_allows(spent: int, own: int, conditions: Conditions) -> int:
    share = conditions.own_share_percent
    if conditions.own_share_base == "total_cost":
        return percent_of(spent + own, 100 - share)
    return rounded(own * 100, share) if share else spent


def worth_of(quarter_hours: int, rate: int) -> int:
    return rounded(quarter_hours * rate, 4)


def first_commitment(awarded: GrantAwarded) -> date:
    return min(awarded.notice_on, awarded.conditions.early_start or awarded.notice_on)


def limit_of(line: PlanLine, conditions: Conditions) -> int:
    return line.amount + percent_of(line.amount, conditions.line_tolerance_percent)


def warning_mark_of(line: PlanLine, conditions: Conditions) -> int:
    """The lowest amount that reaches the percentage, without rounding."""
    return -(-line.amount * conditions.warn_percent // 100)
