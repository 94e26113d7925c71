"""Composition root of meetings: the only place that builds real things."""

from __future__ import annotations

from services.meetings import api
from services.meetings.concerned import Concerned
from services.meetings.named import names
from services.meetings.projections import GONE, ROSTER, SESSIONS, WORKING_GROUPS
from services.meetings.service import SERVICE
from services.meetings.worker import subscribers
from shared.declarations.service import Service
from shared.runtime.process import Process, open_session
from shared.runtime.settings import Role, ServiceSettings


def build(settings: ServiceSettings, role: Role, service: Service = SERVICE) -> Process:
    process = Process(service, settings, role, open_session(service, settings), subscribers)
    process.serve_commands(
        api.supplies(process.executor, process.projections), names(process.executor, process.projections)
    )
    process.serve(lambda: api.questions(process.executor, process.projections, process.arrivals.reached, process.clock))
    concerned = Concerned(process.projections, process.executor, process.facts, process.clock)
    changed = process.changed(ROSTER, WORKING_GROUPS, GONE, SESSIONS)
    process.run_also(lambda: concerned.run(changed))
    return process
