"""What the notifications service is told from outside: how mail leaves the house."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import AfterValidator, DirectoryPath, Field, SecretStr, StringConstraints

from services.notifications.mailserver.only_to import entries_of
from shared.contracts.people import EmailAddress
from shared.runtime.link_settings import LinkSettings

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _readable(text: str | None) -> str | None:
    entries_of(text)
    return text


def _host(text: str) -> str:
    """Without a port, which is a setting of its own."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", text):
        ip_address(text)
    return text


class NotificationsSettings(LinkSettings):
    smtp_host: Annotated[str, AfterValidator(_host)]
    smtp_port: int = Field(ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: EmailAddress
    office_phone: Annotated[str, StringConstraints(pattern=r"^[0-9+ ()/-]{3,40}$")] | None = None
    """As printed below letters."""
    office_maildir: DirectoryPath | None = None
    """The office's mailbox as a Maildir, from which calendars' replies are proposed. It is only read."""
    mail_only_to: Annotated[str | None, AfterValidator(_readable)] = None
    """For a test installation: the allowed recipients. Left out: everybody; empty: nobody."""
    mails_per_person_and_day: int = Field(default=50, ge=1, le=1_000_000)
    """The most mails from one process to one person within 24 hours; further mails wait."""
    digest_on: Literal["never", Weekday] = "never"
    """The weekday on which the office is told what is open."""
