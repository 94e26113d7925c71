"""What is to be done with a mail now. Pure: the mail as remembered, its contact and the time decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.contracts.notifications import FailureReason
from shared.contracts.people import PersonDetails
from shared.declarations.projection import Document
from shared.kernel.time import iso

WAIT_FOR_CONTACT = timedelta(minutes=10)
"""Contacts come on a topic of their own and may arrive after the mail that needs them."""


class Contact(Protocol):
    """``details`` is None once the person is erased."""

    @property
    def details(self) -> PersonDetails | None: ...


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing yet."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Try to send it, for the ``number``-th time."""

    number: int
    to: PersonDetails
    email: str


@dataclass(frozen=True, slots=True)
class Print:
    """The recipient has no e-mail address."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It will never be sent."""

    reason: FailureReason


Step = Wait | Attempt | Print | GiveUp


def next_step(mail: Document, contact: Contact | None, now: datetime, missing_for: timedelta) -> Step:
    """``missing_for``: how long the contact has been looked for in vain."""
    if mail["not_before"] is None or mail["not_before"] > iso(now):
        return Wait()
    if mail["useful_until"] is not None and mail["useful_until"] <= iso(now):
        return GiveUp("expired")
    if mail["state"] == "attempting" and mail["tried_again"]:
        return GiveUp("unanswered")
    if contact is None:
        return Wait() if missing_for < WAIT_FOR_CONTACT else GiveUp("no_contact")
    return _write_to(mail, contact)


def _write_to(mail: Document, contact: Contact) -> Step:
    if contact.details is None:
        return GiveUp("erased")
    if contact.details.email is None:
        return Print()
    return Attempt(mail["attempts"] + 1, contact.details, contact.details.email)
