"""What the notifications service tells the world: which mail is wanted, tried, delivered or given up.

A mail names its recipient by opaque id and seat only. With ``NotificationQueued``, the person's contact and what the
conference and the seat group are called, and nothing else, the whole mail can be written, the same each time.
"""

from shared.contracts.notifications.contents import (
    Cancellation,
    Content,
    Invitation,
    Minutes,
    Reminder,
    Supplement,
    Update,
    Welcome,
    Withdrawal,
)
from shared.contracts.notifications.mails import (
    OBSTACLES,
    AddressBounced,
    Attempt,
    FailureReason,
    HeldBack,
    MailId,
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationQueued,
    NotificationRequeued,
    NotificationSent,
    NotificationSuperseded,
    NotificationSuppressed,
    Obstacle,
    OfMail,
    OpenPointSettled,
    Postponed,
    PrintLetterDue,
    ReactionRefused,
    Refusal,
    SuppressionReason,
    Withheld,
)

SERVICE = "notifications"

__all__ = [
    "OBSTACLES",
    "AddressBounced",
    "Attempt",
    "Cancellation",
    "Content",
    "FailureReason",
    "HeldBack",
    "Invitation",
    "MailId",
    "Minutes",
    "NotificationAttempted",
    "NotificationDeferred",
    "NotificationFailed",
    "NotificationQueued",
    "NotificationRequeued",
    "NotificationSent",
    "NotificationSuperseded",
    "NotificationSuppressed",
    "Obstacle",
    "OfMail",
    "OpenPointSettled",
    "Postponed",
    "PrintLetterDue",
    "ReactionRefused",
    "Refusal",
    "Reminder",
    "Supplement",
    "SuppressionReason",
    "Update",
    "Welcome",
    "Withdrawal",
    "Withheld",
]
