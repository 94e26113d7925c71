"""What a mail leaves in the log: one line for each step, found by ids, and nobody's name."""

from __future__ import annotations

import pytest
from structlog.typing import EventDict

from services.notifications.domain.mail_state import MailEvent
from services.notifications.mail_log import about, counted, tell
from shared.kernel.decider import Event
from tests.notifications.letterbox import CAUSE, INVITATION, queued, remembered
from tests.notifications.test_mail import (
    BOUNCED,
    HELD,
    LATER,
    POSTED,
    PRINTED,
    QUEUED,
    REQUEUED,
    SENT,
    SUPERSEDED,
    SUPPRESSED,
    attempted,
    deferred,
    failed,
    returned,
)

LINES: list[tuple[MailEvent, str, str, dict[str, str]]] = [
    (QUEUED, "info", "mail queued", {}),
    (attempted(2), "debug", "mail attempted", {"attempt": "2"}),
    (SENT, "info", "mail sent", {"attempt": "1"}),
    (
        deferred(),
        "warning",
        "mail deferred",
        {"attempt": "1", "reason": "try_later", "not_before": str(LATER)},
    ),
    (failed("expired"), "warning", "mail failed", {"reason": "expired"}),
    (returned("gave_up"), "warning", "mail returned", {"reason": "gave_up"}),
    (BOUNCED, "warning", "address bounced", {}),
    (HELD, "warning", "mail held", {}),
    (SUPPRESSED, "info", "mail suppressed", {"reason": "withdrawn"}),
    (SUPERSEDED, "info", "mail superseded", {"by": CAUSE}),
    (REQUEUED, "info", "mail requeued", {}),
    (PRINTED, "info", "letter due", {}),
    (POSTED, "info", "letter posted", {}),
]


@pytest.mark.parametrize(("event", "level", "line", "shown"), LINES)
def test_each_step_is_one_line_with_what_an_operator_asks(
    event: MailEvent, level: str, line: str, shown: dict[str, str], lines: list[EventDict]
) -> None:
    tell([event], {"session": "plenary-5"})
    tell([event], {}, answer="550 5.1.1")
    told = {"event": line, "log_level": level, **shown}
    assert lines == [{**told, "session": "plenary-5"}, {**told, "answer": "550 5.1.1"}]
    assert counted(event) == (line.rpartition(" ")[2], shown.get("reason", ""))


@pytest.mark.parametrize(
    ("history", "named"),
    [
        ([QUEUED], {"kind": "welcome", "seat": "hospitals-1"}),
        ([queued(INVITATION, seat=None)], {"kind": "invitation", "session": "plenary-5"}),
    ],
)
def test_a_mail_is_found_by_its_stream_kind_session_and_seat(history: list[Event], named: dict[str, str]) -> None:
    assert about(remembered("stuttgart/mail/x", history)) == {**named, "stream": "stuttgart/mail/x"}
