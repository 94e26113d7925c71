"""No event leads to a command here: money moves because somebody entitled to it says so.

A council decision allows an application, it does not make one; and no person is known here who could be erased.
"""

from __future__ import annotations

from shared.contracts.subscriptions import Reaction

REACTIONS: tuple[Reaction, ...] = ()
