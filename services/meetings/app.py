"""Composition root of meetings: the only place that builds real things."""

from __future__ import annotations

from services.meetings import api
from services.meetings.settings import MeetingsSettings
from services.meetings.worker import declaration
from shared.runtime.parts import open_parts
from shared.runtime.process import Process
from shared.runtime.settings import Role


def build(settings: MeetingsSettings, role: Role) -> Process:
    parts = open_parts(settings, declaration(api.DECIDERS))
    return Process(parts, role, api.routes(parts))
