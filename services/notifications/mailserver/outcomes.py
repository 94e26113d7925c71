"""What came of handing a mail to the city's mail server, sorted once for everybody who has to act on it.

``Later`` says why, not when: when to try again is a rule of the mail's own stream. ``Unanswered`` is the one
honest word for a connection that broke after the content was sent: the mail may have arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.contracts.notifications import OBSTACLES, Postponed, Refusal

Stage = Literal["connection", "sender", "recipient", "content"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took responsibility for the mail."""


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was delivered; the same mail may succeed another time."""

    reason: Postponed

    @property
    def concerns_everybody(self) -> bool:
        return self.reason in OBSTACLES


@dataclass(frozen=True, slots=True)
class Never:
    """Nothing was delivered and nothing ever will be."""

    reason: Refusal


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The content was on its way and no answer came."""


Outcome = Sent | Later | Never | Unanswered

SERVICE_NOT_AVAILABLE = 421


def refused(stage: Stage, code: int) -> Outcome:
    """What an SMTP reply other than the hoped-for one means (RFC 5321, 4.2.1 and 4.2.3).

    A refused greeting, login or sender is our fault: it must not use up everybody's mail as undeliverable.
    """
    if code == SERVICE_NOT_AVAILABLE:
        return Later("busy")
    if stage in ("connection", "sender"):
        return Later("server_refused")
    if 400 <= code < 500:
        return Later("try_later")
    if 500 <= code < 600:
        return Never("rejected" if stage == "recipient" else "content_refused")
    return Unanswered() if stage == "content" else Later("server_refused")
