"""Every issue of an invitation as it was issued, and whom it reached later or was withdrawn from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.meetings import (
    DeputyInvited,
    GuestInvited,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    Recipient,
)
from shared.declarations.projection import Document, projection
from shared.kernel.time import iso

InvitationEvent = InvitationIssued | InvitationExtended | GuestInvited | DeputyInvited | InvitationWithdrawn


def by_issue(event: InvitationEvent, envelope: Envelope) -> Iterable[str]:
    return (f"{envelope.stream}/{event.issue}",)


def fold_invitation(document: Document | None, event: InvitationEvent, envelope: Envelope) -> Document:
    match event:
        case InvitationIssued():
            return _issued(document, event, envelope)
        case InvitationExtended():
            return _changed(document, "extended", event.places, envelope)
        case GuestInvited():
            return _changed(document, "guest", event.recipients, envelope)
        case DeputyInvited():
            return _changed(document, "deputy", event.recipients, envelope)
        case InvitationWithdrawn():
            return _changed(document, "withdrawn", event.places, envelope)
        case _:
            assert_never(event)


def _issued(document: Document | None, event: InvitationIssued, envelope: Envelope) -> Document:
    """In old events a copy of the same issue went to a guest who was admitted later."""
    if document:
        return _changed(document, "guest", event.recipients, envelope)
    told = {"session", "issue", "appointment", "agenda", "voting_seats", "quorum", "recipients", "snapshot", "reason"}
    return {**event.model_dump(mode="json", include=told), "issued": iso(envelope.time), "changes": []}


def _changed(document: Document | None, what: str, places: Iterable[Recipient], envelope: Envelope) -> Document:
    known = document or {"changes": []}
    change = {"what": what, "at": iso(envelope.time), "places": [place.model_dump() for place in places]}
    return {**known, "changes": [*known["changes"], change]}


INVITATIONS = projection("invitations", fold_invitation, by_issue, indexes=("conference session",))
