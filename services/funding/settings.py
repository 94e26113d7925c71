"""What the funding service is told from outside."""

from __future__ import annotations

from shared.runtime.settings import ServiceSettings


class FundingSettings(ServiceSettings):
    mongo_database: str = "kpk_funding"
