"""Composition root of office: the only place that builds real things."""

from __future__ import annotations

from services.office.desk.forms.drafts import DRAFTS, Drafts
from services.office.desk.front import desk_app
from services.office.desk.login.issuer_login import IssuerLogin
from services.office.desk.login.logins import LOGINS, Logins
from services.office.desk.news import News
from services.office.desk.others import Others
from services.office.desk.subscribers import Subscribers
from services.office.desk.visit import Desk
from services.office.projections import HAPPENED
from services.office.service import SERVICE
from services.office.settings import OfficeSettings
from services.office.worker import subscribers
from shared.declarations.service import Service
from shared.runtime.kafka.access import access_of
from shared.runtime.process import Process, open_session
from shared.runtime.settings import Role


def build(settings: OfficeSettings, role: Role, service: Service = SERVICE) -> Process:
    process = Process(service, settings, role, open_session(service, settings), subscribers)
    process.serve_commands({}, {})
    if role != "worker":
        here = f"http://127.0.0.1:{settings.http_port}"
        others = Others({**settings.addresses, "office": here}, settings.workers)
        news = News(process.projections, process.changed(HAPPENED))
        at_issuer = IssuerLogin(settings.login, settings.oidc) if settings.login and settings.oidc else None
        logins = Logins(process.session.database[LOGINS])
        drafts = Drafts(process.session.database[DRAFTS])
        behind = Subscribers(access_of(settings))
        desk = Desk(others, process.projections, process.clock, logins, drafts, news, behind)
        process.app.mount("/desk", desk_app(desk, process.app, at_issuer))
        process.loops += [others.keep, news.keep_looking, drafts.keep_sweeping]
        if role == "api":
            process.loops.append(process.changes.run)  # a worker runs it anyway
    return process
