"""What is granted by a notice runs forward, adds up, and is for what was applied for."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.funding import Amount, GrantApplied, Period, PlanLine
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import german_day


class PeriodEndsBeforeItBegins(Rejected):
    """Der Bewilligungszeitraum beginnt am {start} und kann nicht vorher enden."""

    kind = Kind.INVALID


class PlanDoesNotAddUp(Rejected):
    """Die Ansätze ergeben {planned}, bewilligt sind {amount}."""

    kind = Kind.INVALID


class PlanLineRepeated(Rejected):
    """Der Ansatz „{line}“ steht mehrfach im Finanzierungsplan."""

    kind = Kind.INVALID


class PurposeNotAppliedFor(Rejected):
    """Der Zweck „{purpose}“ ist nicht beantragt."""

    kind = Kind.INVALID


def must_run_forward(period: Period) -> None:
    if period.until < period.start:
        raise PeriodEndsBeforeItBegins(start=german_day(period.start))


def must_plan_what_was_applied_for(applied: GrantApplied, lines: Sequence[PlanLine]) -> None:
    seen: set[Slug] = set()
    for line in lines:
        if line.line in seen:
            raise PlanLineRepeated(line=line.line)
        if line.purpose not in applied.purposes:
            raise PurposeNotAppliedFor(purpose=line.purpose)
        seen.add(line.line)


def must_add_up(lines: Sequence[PlanLine], amount: Amount) -> None:
    planned = sum(line.amount for line in lines)
    if planned != amount:
        raise PlanDoesNotAddUp(planned=euros(planned), amount=euros(amount))
