"""What is left of a grant and of its lines: neither paid, nor committed by a contract that is still to be paid."""

from __future__ import annotations

from typing import NamedTuple

from services.funding.domain.overruns import Overruns
from services.funding.domain.terms import limit_of
from shared.contracts.funding import GrantAwarded, PlanLine
from shared.kernel.identifiers import CallerName
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected


class Means(NamedTuple):
    """The available money: as the last notice grants it, with the permissions to exceed lines."""

    awarded: GrantAwarded
    overruns: Overruns


class Used(NamedTuple):
    """In cents, paid or committed and unpaid: of the whole grant, and on one line."""

    grant: int
    line: int


# Rejections


class GrantExceeded(Rejected):
    """Von der Zuwendung sind noch {left} frei."""


class LineExceeded(Rejected):
    """Der Ansatz „{line}“ darf mit Überschreitung höchstens {limit} erreichen; davon sind noch {left} frei."""


class PermitterMayNotSpend(Rejected):
    """Wer die Überschreitung des Ansatzes „{line}“ zugelassen hat, darf sie nicht selbst verwenden."""

    kind = Kind.FORBIDDEN


def must_be_left(means: Means, line: PlanLine, used: Used, amount: int, by: CallerName) -> None:
    """``used`` is without what the amount itself uses up: an expense may pay a contract."""
    left = max(0, means.awarded.amount - used.grant)
    if amount > left:
        raise GrantExceeded(left=euros(left))
    tolerated, permitted = limit_of(line, means.awarded.conditions), means.overruns.get(line.line)
    if amount <= tolerated - used.line:
        return
    limit = max(tolerated, permitted.limit if permitted else 0)
    if amount > (left := max(0, limit - used.line)):
        raise LineExceeded(line=line.line, limit=euros(limit), left=euros(left))
    if permitted and by == permitted.permitted_by:
        raise PermitterMayNotSpend(line=line.line)
