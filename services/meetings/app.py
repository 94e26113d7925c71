"""Composition root of meetings: the only place that builds real things."""

from __future__ import annotations

from services.meetings import api
from services.meetings.answering.front import Answering, answers_app
from services.meetings.concerned import Concerned
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_answers import AnswerInvitation
from services.meetings.domain.session_state import Session
from services.meetings.named import names
from services.meetings.projections import CONFERENCE, GONE, ROSTER, SESSIONS, WORKING_GROUPS
from services.meetings.reporting import Reports
from services.meetings.service import SERVICE
from services.meetings.superseding import Superseding
from services.meetings.worker import subscribers
from shared.declarations.service import Service
from shared.kernel.identifiers import stream_name
from shared.kernel.personal_links import Invitee, LinkKeys
from shared.runtime.commands.execute import Request
from shared.runtime.link_settings import LinkSettings
from shared.runtime.process import Process, open_session
from shared.runtime.settings import Role


def build(settings: LinkSettings, role: Role, service: Service = SERVICE) -> Process:
    process = Process(service, settings, role, open_session(service, settings), subscribers)
    executor, projections = process.executor, process.projections
    reached, clock = process.arrivals.reached, process.clock
    process.serve_commands(
        api.supplies(executor, projections, clock), names(executor, projections), Superseding(executor).execute
    )
    process.serve(lambda: api.about_sessions(executor, projections, reached))
    process.serve(lambda: api.registers(projections, reached, clock))
    process.serve(lambda: api.papers_and_reports(executor, projections, reached, clock))
    if role != "worker" and (keys := settings.link_keys()):
        process.app.mount("/answers", answers_app(_answering(process, keys)))
    concerned = Concerned(projections, executor, process.facts, clock)
    changed = process.changed(ROSTER, WORKING_GROUPS, GONE, SESSIONS)
    reports, rules_changed = Reports(projections, executor, clock), process.changed(CONFERENCE)
    process.run_also(lambda: concerned.run(changed), lambda: reports.run(rules_changed))
    return process


def _answering(process: Process, keys: LinkKeys) -> Answering:
    async def find(invitee: Invitee) -> Session:
        return await process.executor.state(SESSION, stream_name(invitee.conference, "session", invitee.session))

    async def answer(command: AnswerInvitation, asked: Request) -> object:
        await process.facts.require(AnswerInvitation, command, {})
        return await process.executor.execute(command, asked)

    return Answering(keys, find, answer, process.clock.now)
