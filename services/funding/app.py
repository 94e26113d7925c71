"""Composition root of funding: the only place that builds real things."""

from __future__ import annotations

from services.funding import api
from services.funding.booking import Booking
from services.funding.named import names
from services.funding.service import SERVICE
from services.funding.worker import subscribers
from shared.declarations.service import Service
from shared.runtime.process import Process, open_session
from shared.runtime.settings import Role, ServiceSettings


def build(settings: ServiceSettings, role: Role, service: Service = SERVICE) -> Process:
    process = Process(service, settings, role, open_session(service, settings), subscribers)
    supplies = api.supplies(process.executor, process.projections)
    process.serve_commands(supplies, names(process.projections), Booking(process.executor).execute)
    journal, projections, reached, clock = process.journal, process.projections, process.arrivals.reached, process.clock
    process.serve(lambda: api.grants_and_money(journal, projections, reached, clock))
    process.serve(lambda: api.proofs_and_lists(journal, reached, clock))
    return process
