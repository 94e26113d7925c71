"""Composition root of notifications: the only place that builds real things."""

from __future__ import annotations

from uuid import uuid4

from services.notifications import api, queries
from services.notifications.contacts import Contacts
from services.notifications.domain.mail import MailCommand
from services.notifications.letters.office import Office, OfficeOf
from services.notifications.mailserver.smtp import SmtpSender
from services.notifications.projections import PROJECTIONS
from services.notifications.sending import Sending
from services.notifications.service import SERVICE
from services.notifications.settings import NotificationsSettings
from services.notifications.worker import send_what_is_due, subscribers
from shared.contracts.topics import PEOPLE
from shared.declarations.service import Service
from shared.runtime.commands.execute import Answer, Request
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.process import Process, open_session
from shared.runtime.settings import Role


def build(settings: NotificationsSettings, role: Role, service: Service = SERVICE) -> Process:
    session = open_session(service, settings)
    contacts, projections = Contacts(session.database["contacts"]), ProjectionStore(session.database, PROJECTIONS)
    process = Process(
        service,
        settings,
        role,
        session,
        subscribers,
        copies={PEOPLE.name: contacts},
        extra=lambda: queries.mails_by_state(projections),
    )
    process.serve_commands({})
    process.serve(lambda: api.questions(process.projections, process.arrivals.reached))
    sending = _sending(process, contacts, settings)
    process.run_also(lambda: send_what_is_due(process.projections, process.clock, sending))
    return process


def _sending(process: Process, contacts: Contacts, settings: NotificationsSettings) -> Sending:
    async def execute(command: MailCommand) -> Answer:
        return await process.executor.execute(command, Request(f"sender:{uuid4()}"))

    return Sending(execute, contacts.get, _sender(settings).send, _offices(settings), process.clock.now)


def _sender(settings: NotificationsSettings) -> SmtpSender:
    password = settings.smtp_password
    return SmtpSender(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        password.get_secret_value() if password else None,
    )


def _offices(settings: NotificationsSettings) -> OfficeOf:
    domain = settings.mail_from.rpartition("@")[2]

    def office_of(conference: str, name: str | None) -> Office:
        return Office(
            name or conference,
            "Geschäftsstelle der Kommunalen Pflegekonferenz",
            settings.mail_from,
            f"{conference}.{domain}",
        )

    return office_of
