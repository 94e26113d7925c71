"""Of which conferences nothing is sent, since when and why. One document a conference that was ever stopped."""

from __future__ import annotations

from typing import assert_never

from services.notifications.domain.dispatch import DispatchEvent
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import DispatchResumed, DispatchStopped
from shared.declarations.projection import Document, projection
from shared.kernel.time import iso


def fold_dispatch(_: Document | None, event: DispatchEvent, envelope: Envelope) -> Document:
    told = {"since": iso(envelope.time), "reason": event.reason}
    match event:
        case DispatchStopped():
            return {"is_stopped": True, **told}
        case DispatchResumed():
            return {"is_stopped": False, **told}
        case _:
            assert_never(event)


DISPATCHES = projection("dispatches", fold_dispatch, indexes=("is_stopped",))
