"""Composition root of notifications: the only place that builds real things."""

from __future__ import annotations

from uuid import uuid4

from services.notifications import api, queries
from services.notifications.domain.mail import MailCommand
from services.notifications.letters.office import Office, OfficeOf
from services.notifications.sending import Sending
from services.notifications.settings import NotificationsSettings
from services.notifications.worker import declaration, send_what_is_due
from shared.runtime.execute import Answer, Request
from shared.runtime.parts import Parts, open_parts
from shared.runtime.process import Process
from shared.runtime.settings import Role
from shared.runtime.smtp import SmtpSender


def build(settings: NotificationsSettings, role: Role) -> Process:
    parts = open_parts(settings, declaration(api.DECIDERS))
    sending = _sending(parts, settings)
    return Process(
        parts,
        role,
        api.routes(parts),
        loops=[lambda: send_what_is_due(parts, sending)],
        extra=lambda: queries.mails_by_state(parts.store),
    )


def _sending(parts: Parts, settings: NotificationsSettings) -> Sending:
    async def execute(command: MailCommand) -> Answer:
        return await parts.executor.execute(command, Request(f"sender:{uuid4()}"))

    return Sending(execute, parts.contacts.get, _sender(settings).send, _offices(settings), parts.clock.now)


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
