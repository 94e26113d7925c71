"""What came of handing a mail to the city's mail server, sorted once for everybody who has to act on it.

``Later`` says why, not when: when to try again is a rule of the mail's own stream. ``Unanswered`` is the one
honest word for a connection that broke after the content was sent: the mail may have arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, assert_never

from services.notifications.mailserver.status_codes import (
    Bearing,
    bearing_at_content,
    bearing_at_recipient,
    enhanced_code,
)
from shared.contracts.notifications import OBSTACLES, Postponed, Refusal

Stage = Literal["connection", "sender", "recipient", "content"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took responsibility for the mail."""


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was delivered; the same mail may succeed at another time.

    Two refusals with the same ``sign`` are alike; ``answer`` is the server's code, for logs.
    """

    reason: Postponed
    sign: str = ""
    answer: str = field(default="", compare=False)

    @property
    def concerns_everybody(self) -> bool:
        return self.reason in OBSTACLES


@dataclass(frozen=True, slots=True)
class Never:
    """Nothing was delivered, and nothing will be."""

    reason: Refusal
    answer: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The content was sent and no answer came."""


Outcome = Sent | Later | Never | Unanswered

SERVICE_NOT_AVAILABLE = 421


def refused(stage: Stage, code: int, text: str = "") -> Outcome:
    """The meaning of an SMTP reply other than the expected one (RFC 5321, 4.2).

    A refused greeting, login or sender concerns all mails. At the recipient or the content, one refusal of us may be
    that recipient's own; two alike for different domains are not (``Pause``).
    """
    answer = f"{code} {enhanced_code(text) or ''}".strip()
    if stage in ("connection", "sender"):
        return Later("busy" if code == SERVICE_NOT_AVAILABLE else "server_refused", answer=answer)
    if code == SERVICE_NOT_AVAILABLE:
        return Later("refused_us", sign="421", answer=answer)
    if 400 <= code < 600:
        bearing = bearing_at_recipient(code, text) if stage == "recipient" else bearing_at_content(code, text)
        return _outcome(bearing, answer)
    return Unanswered() if stage == "content" else Later("server_refused", answer=answer)


def _outcome(bearing: Bearing, answer: str) -> Outcome:
    match bearing:
        case "us":
            return Later("refused_us", sign=_sign(answer), answer=answer)
        case "mailbox_full":
            return Later("mailbox_full", answer=answer)
        case "mailbox_passing":
            return Later("try_later", answer=answer)
        case "mailbox_final":
            return Never("rejected", answer)
        case "message":
            return Never("content_refused", answer)
        case _:
            assert_never(bearing)


def _sign(answer: str) -> str:
    """The subject of the enhanced code: servers report one policy with several details, in class 4 and 5."""
    _, _, enhanced = answer.partition(" ")
    return f"x.{enhanced.split('.')[1]}" if enhanced else "plain"
