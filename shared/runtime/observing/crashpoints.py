"""Named places where a test may kill the process at the n-th pass, as a power cut would.

Off unless ``KPK_CRASH_AT="<name>:<n>"`` is in the environment; no setting of a service can enable it.
"""

from __future__ import annotations

import os
import signal
from typing import Literal, get_args

CrashPoint = Literal[
    "command.decided",
    "command.committed",
    "relay.read",
    "relay.sent",
    "relay.acknowledged",
    "relay.marked",
    "delivery.read",
    "delivery.folded",
    "delivery.reacted",
    "delivery.parked",
    "delivery.positioned",
    "delivery.committed",
    "mail.attempted",
    "mail.answered",
]
CRASH_POINTS: tuple[CrashPoint, ...] = get_args(CrashPoint)

_armed, _, _number = os.environ.get("KPK_CRASH_AT", "").partition(":")
_left = int(_number or 1)


def crashpoint(name: CrashPoint) -> None:
    if name != _armed:
        return
    global _left  # noqa: PLW0603 - counts how often one process passes one place
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
