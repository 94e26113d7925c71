"""A line may be exceeded beyond the notice's tolerance when a second person permits it; the grant as a whole never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from services.funding.domain.notice import AboutGrant, line_of
from services.funding.domain.terms import limit_of
from shared.contracts.funding import Amount, GrantAwarded, OverrunPermitted
from shared.kernel.decider import GivenBy
from shared.kernel.identifiers import Slug
from shared.kernel.money import euros
from shared.kernel.rejections import Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.values import Value

# State

Overruns = Mapping[Slug, OverrunPermitted]
"""The last permission by plan line; it ends with the notice under which it was given."""

# Commands


class Permitted(Value):
    """The permitted limit of a line as the caller saw it; null: no permission."""

    limit: Amount | None = None


class PermitOverrun(AboutGrant):
    """Permit that a plan line reaches ``limit``, which is beyond the tolerance of the notice."""

    given_by: ClassVar[GivenBy] = "approver"

    line: Slug
    limit: Amount
    reason: Line
    replaces: Permitted | None = None


# Rejections


class OverrunNeedsNoPermission(Rejected):
    """Der Ansatz „{line}“ darf ohnehin {limit} erreichen."""


class OverrunExceedsGrant(Rejected):
    """Mehr als die ganze Zuwendung von {awarded} kann kein Ansatz erreichen."""


# decide


def decide(overruns: Overruns, awarded: GrantAwarded, permit: PermitOverrun) -> Sequence[OverrunPermitted]:
    line = line_of(awarded, permit.line)
    limit = limit_of(line, awarded.conditions)
    if permit.limit <= limit:
        raise OverrunNeedsNoPermission(line=permit.line, limit=euros(limit))
    if permit.limit > awarded.amount:
        raise OverrunExceedsGrant(awarded=euros(awarded.amount))
    event = OverrunPermitted(
        grant=permit.grant,
        line=permit.line,
        planned=line.amount,
        limit=permit.limit,
        reason=permit.reason,
        permitted_by=permit.by,
    )
    known = overruns.get(permit.line)
    if known and _says(known) == _says(event):
        return []
    now, said = (known.limit, f"bis {euros(known.limit)}") if known else (None, "")
    must_stand(permit.replaces, Permitted(limit=now), said)
    return [event]


def _says(permitted: OverrunPermitted) -> tuple[int, Line]:
    return permitted.limit, permitted.reason
