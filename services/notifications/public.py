"""Nothing of notifications is public: all of it is about somebody's mails, or the office's own work."""

from __future__ import annotations

from services.notifications.domain.address import ADDRESS
from services.notifications.domain.dispatch import DISPATCH
from services.notifications.domain.mail import MAIL
from shared.contracts.notifications import OpenPointSettled, ReactionRefused, ReplyDismissed
from shared.declarations.public import Closed

CLOSED: Closed = {
    **dict.fromkeys(MAIL.events, "it is about a person's mails"),
    **dict.fromkeys(ADDRESS.events, "it is about a person's address"),
    **dict.fromkeys(DISPATCH.events, "it is the office's own work"),
    ReplyDismissed: "it is the office's own work",
    ReactionRefused: "it is the office's own work",
    OpenPointSettled: "it is the office's own work",
}
"""Every event, and why nobody but named readers may have it."""
