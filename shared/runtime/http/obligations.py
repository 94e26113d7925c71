"""The HTTP form of an obligation, the same in every service."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.runtime.http.app import Shown


class Obligation(Shown):
    """``obligation`` is the event that announces its stages, ``told`` its content. ``said`` is the last announced
    stage, in days from the due day. ``to`` is who has to do it.
    """

    obligation: str
    about: str
    to: str
    due_on: date
    said: int | None
    told: dict[str, Any]
