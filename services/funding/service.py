"""What funding is: the rules about a grant, and what the office looks at of it.

No event leads to a command here: money moves because somebody entitled to it says so. A council decision allows an
application, it does not make one.
"""

from __future__ import annotations

from services.funding.domain.grant import GRANT
from services.funding.domain.receipts import RECEIPT
from services.funding.projections import PROJECTIONS
from services.funding.public import CLOSED, PUBLIC
from shared.contracts.topics import events_of
from shared.declarations.service import Service

SERVICE = Service(
    name="funding",
    hears=(events_of("members"), events_of("funding")),
    deciders=(GRANT, RECEIPT),
    projections=PROJECTIONS,
    public=PUBLIC,
    closed=CLOSED,
)
