"""What the notifications service tells the world: which mail is wanted, tried, delivered or given up.

A mail names its recipient by opaque id and seat only. With ``NotificationQueued``, the person's contact and what the
conference and the seat group are called, and nothing else, the whole mail can be written, the same each time.
"""

from shared.contracts.notifications.addresses import *
from shared.contracts.notifications.contents import *
from shared.contracts.notifications.dispatch import *
from shared.contracts.notifications.mails import *
from shared.contracts.notifications.replies import *

SERVICE = "notifications"
