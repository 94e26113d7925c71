"""What the notice's terms come to in cents and days. All of it is whole numbers, rounded half up."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from shared.contracts.funding import Conditions, GrantAwarded, PlanLine
from shared.kernel.money import percent_of


def rounded(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)


def own_contribution_due(grant: int, conditions: Conditions) -> int:
    """20 percent of the total cost leave 80 to the grant: 40,000.00 EUR ask for 10,000.00 (of the grant: 8,000.00)."""
    share = conditions.own_share_percent
    if conditions.own_share_base == "grant":
        return percent_of(grant, share)
    return rounded(grant * share, 100 - share)


def worth_of(quarter_hours: int, rate: int) -> int:
    return rounded(quarter_hours * rate, 4)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last: six months after 31 December are 30 June."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_commitment(awarded: GrantAwarded) -> date:
    return min(awarded.notice_on, awarded.conditions.early_start or awarded.notice_on)


def limit_of(line: PlanLine, conditions: Conditions) -> int:
    return line.amount + percent_of(line.amount, conditions.line_tolerance_percent)


def warning_mark_of(line: PlanLine, conditions: Conditions) -> int:
    """The first amount that reaches the percentage: nothing is rounded away."""
    return -(-line.amount * conditions.warn_percent // 100)
