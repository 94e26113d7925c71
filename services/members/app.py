"""Composition root of members: the only place that builds real things."""

from __future__ import annotations

from services.members import api
from services.members.named import names
from services.members.people import People, Recording
from services.members.projections import ERASED, GUEST_POOLS, SEATS, WORKING_GROUPS
from services.members.queries import Register
from services.members.release import release_what_is_lost
from services.members.roster.intake import Intake
from services.members.roster.routes import roster_router
from services.members.service import SERVICE
from services.members.worker import announce_people, erase_people, subscribers
from shared.declarations.service import Service
from shared.runtime.process import Process, open_session
from shared.runtime.settings import Role, ServiceSettings


def build(settings: ServiceSettings, role: Role, service: Service = SERVICE) -> Process:
    session = open_session(service, settings)
    people = People(session.database["people"])
    process = Process(service, settings, role, session, subscribers, owns=[people])
    named = names(process.executor, process.clock)
    execute = Recording(process.executor, people).execute
    process.serve_commands(api.supplies(people), named, execute)
    register = Register(process.projections, process.journal, people)
    intake = Intake(process.executor, execute, people, process.clock)
    process.serve(lambda: api.questions(register, process.arrivals.reached, process.clock))
    process.serve(lambda: roster_router(register, intake, process.arrivals.reached))
    recorded = process.changes.of("people")
    process.run_also(lambda: announce_people(people, process.executor, process.clock, recorded))
    announced = process.changed(ERASED)
    process.run_also(lambda: erase_people(process.projections, process.executor, people, process.clock, announced))
    held = process.changed(SEATS, WORKING_GROUPS, GUEST_POOLS, ERASED)
    process.run_also(lambda: release_what_is_lost(process.projections, process.executor, process.clock, held))
    return process
