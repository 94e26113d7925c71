"""What the meetings service is told from outside."""

from __future__ import annotations

from shared.runtime.settings import ServiceSettings


class MeetingsSettings(ServiceSettings):
    mongo_database: str = "kpk_meetings"
