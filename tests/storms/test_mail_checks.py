"""What the checker of storms takes for the end of a mail."""

from __future__ import annotations

import pytest

from tests.storms.case import Place
from tests.storms.mail_checks import ends_of

DUE, OVERTAKEN, HELD_BACK = "PrintLetterDue", "NotificationSuperseded", "NotificationSuppressed"
SENT, FAILED, AGAIN, HELD = "NotificationSent", "NotificationFailed", "NotificationRequeued", "NotificationHeld"


@pytest.mark.parametrize(
    ("history", "ends"),
    [
        ([], []),
        ([SENT], [SENT]),
        ([SENT, SENT], [SENT, SENT]),
        ([FAILED, AGAIN, SENT], [SENT]),
        ([HELD, AGAIN, SENT], [SENT]),
        ([HELD], [HELD]),
        ([DUE, "LetterPosted"], [DUE]),
        ([DUE, OVERTAKEN], [OVERTAKEN]),
        ([DUE, HELD_BACK], [HELD_BACK]),
        ([DUE, FAILED], [FAILED]),
        ([DUE, SENT], [DUE, SENT]),
        ([OVERTAKEN, DUE], [OVERTAKEN, DUE]),
        ([DUE, OVERTAKEN, FAILED], [DUE, OVERTAKEN, FAILED]),
    ],
)
def test_a_mail_ends_once_and_a_letter_may_do_so_after_it_was_due(history: list[str], ends: list[str]) -> None:
    told = ["NotificationQueued", *history]
    events = [
        Place("stuttgart/mail/1", n, str(n), f"kpk.notifications.{kind}.v1", "{}", {}) for n, kind in enumerate(told)
    ]
    assert [place.type.split(".")[2] for place in ends_of(events)] == ends
