"""One document a guest pool that somebody is on the list of."""

from __future__ import annotations

from services.members.domain.guest_pool import GuestPoolEvent
from shared.contracts.envelope import Envelope
from shared.contracts.members import GuestPoolJoined
from shared.declarations.projection import Document, projection


def fold_guest_pool(document: Document | None, event: GuestPoolEvent, envelope: Envelope) -> Document:
    others = [one for one in (document or {"people": []})["people"] if one != event.person]
    joined = [event.person] if isinstance(event, GuestPoolJoined) else []
    return {"pool": event.pool, "people": [*others, *joined]}


GUEST_POOLS = projection("guest_pools", fold_guest_pool, indexes=("people",))
