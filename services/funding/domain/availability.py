"""What is left of a grant and of its lines: neither paid, nor committed by a contract that is still to be paid."""

from __future__ import annotations

from typing import NamedTuple

from services.funding.domain.terms import limit_of
from shared.contracts.funding import GrantAwarded, PlanLine
from shared.kernel.money import euros
from shared.kernel.rejections import Rejected


class Used(NamedTuple):
    """In cents: paid, and committed and not paid; of the whole grant, and on one line."""

    grant: int
    line: int


# Rejections


class GrantExceeded(Rejected):
    """Von der Zuwendung sind noch {left} frei."""


class LineExceeded(Rejected):
    """Der Ansatz „{line}“ darf mit Überschreitung höchstens {limit} erreichen; davon sind noch {left} frei."""


def must_be_left(awarded: GrantAwarded, line: PlanLine, used: Used, amount: int) -> None:
    """``used`` leaves out what the amount itself uses up: an expense names its contract."""
    left = max(0, awarded.amount - used.grant)
    if amount > left:
        raise GrantExceeded(left=euros(left))
    limit = limit_of(line, awarded.conditions)
    left = max(0, limit - used.line)
    if amount > left:
        raise LineExceeded(line=line.line, limit=euros(limit), left=euros(left))
