"""What the members service is told from outside."""

from __future__ import annotations

from shared.runtime.settings import ServiceSettings


class MembersSettings(ServiceSettings):
    mongo_database: str = "kpk_members"
