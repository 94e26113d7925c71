"""What waits for the office because a rule refused it."""

from __future__ import annotations

from services.meetings.domain.open_point import OpenPointEvent
from shared.contracts.envelope import Envelope
from shared.declarations.open_points import shown
from shared.declarations.projection import Document, projection


def fold_open_point(document: Document | None, event: OpenPointEvent, envelope: Envelope) -> Document:
    return shown(document, event, envelope)


OPEN_POINTS = projection("open_points", fold_open_point, indexes=("state",))
