"""Which replies of calendars the office has dismissed."""

from __future__ import annotations

from shared.contracts.envelope import Envelope
from shared.contracts.notifications import ReplyDismissed
from shared.declarations.projection import Document, projection


def fold_dismissed(_: Document | None, event: ReplyDismissed, envelope: Envelope) -> Document:
    return {"reply": event.reply, "session": event.session}


DISMISSED = projection("dismissed_replies", fold_dismissed, indexes=("conference session",))
