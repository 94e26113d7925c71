"""Members decides on its own: no event of another service leads to a command here."""

from __future__ import annotations

from shared.contracts.subscriptions import Reaction

REACTIONS: tuple[Reaction, ...] = ()
