"""Which addresses are suspended, or were. One document an address; it has nothing of the address itself."""

from __future__ import annotations

from typing import assert_never

from services.notifications.domain.address import AddressEvent
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import AddressReleased, AddressSuspended
from shared.declarations.projection import Document, projection
from shared.kernel.time import iso


def fold_address(document: Document | None, event: AddressEvent, envelope: Envelope) -> Document:
    match event:
        case AddressSuspended():
            told = {"address": event.address, "person": event.person, "seat": event.seat}
            return {**told, "state": "suspended", "since": iso(envelope.time), "because": None}
        case AddressReleased():
            return {**(document or {}), "state": "released", "because": event.because}
        case _:
            assert_never(event)


ADDRESSES = projection("addresses", fold_address, indexes=("state", "conference state", "person state"))
