"""Composition root of funding: the only place that builds real things."""

from __future__ import annotations

from services.funding import api
from services.funding.settings import FundingSettings
from services.funding.worker import declaration
from shared.runtime.parts import open_parts
from shared.runtime.process import Process
from shared.runtime.settings import Role


def build(settings: FundingSettings, role: Role) -> Process:
    parts = open_parts(settings, declaration(api.DECIDERS))
    return Process(parts, role, api.routes(parts))
