"""What is to be done with a mail now. Pure: the mail as remembered, its contact and the time decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from shared.contracts.notifications import FailureReason
from shared.contracts.people import PersonDetails
from shared.declarations.projection import Document
from shared.kernel.identifiers import Uuid
from shared.kernel.time import iso


class Contact(Protocol):
    """``details`` is None once the person is erased."""

    @property
    def details(self) -> PersonDetails | None: ...

    @property
    def address(self) -> Uuid | None: ...

    @property
    def is_suspended(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Awaited:
    """A contact that may still arrive."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing yet. ``what`` has to arrive here first; None: it is too early."""

    what: Literal["contact", "names"] | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Try to send it, for the ``number``-th time."""

    number: int
    to: PersonDetails
    email: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The address is suspended."""

    address: Uuid


@dataclass(frozen=True, slots=True)
class Print:
    """The recipient has no e-mail address."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The mail will never be sent."""

    reason: FailureReason


Step = Wait | Attempt | Hold | Print | GiveUp


def is_due(mail: Document, now: datetime) -> bool:
    """A queued mail at once: when it was queued, the clock of another service said, and that may be ahead."""
    if mail["not_before"] is None:
        return False
    return bool(mail["state"] == "queued" or mail["not_before"] <= iso(now))


def next_step(mail: Document, contact: Contact | Awaited | None, now: datetime) -> Step:
    """``contact`` is None if everything about people has arrived here, and nothing of this person."""
    if not is_due(mail, now):
        return Wait()
    if mail["useful_until"] is not None and mail["useful_until"] <= iso(now):
        return GiveUp("expired")
    if mail["state"] == "attempting" and mail["tried_again"]:
        return GiveUp("unanswered")
    if isinstance(contact, Awaited):
        return Wait("contact")
    if contact is None:
        return GiveUp("no_contact")
    return _write_to(mail, contact)


def reason_to_give_up(contact: Contact | Awaited | None) -> Literal["erased", "no_contact"] | None:
    """Why nobody can be written to; None if somebody can, or if it is not known yet."""
    if contact is None:
        return "no_contact"
    return "erased" if not isinstance(contact, Awaited) and contact.details is None else None


def _write_to(mail: Document, contact: Contact) -> Step:
    """A letter never invents a name: it waits for the names of the conference and the group.

    An attempt without an outcome is repeated also at a suspended address: only this shows what became of it.
    """
    if contact.details is None:
        return GiveUp("erased")
    if contact.address and contact.is_suspended and mail["state"] != "attempting":
        return Hold(contact.address)
    if None in (mail["conference_name"], mail["conference_office"]) or _lacks_group(mail):
        return Wait("names")
    if contact.details.email is None:
        return Print()
    return Attempt(mail["attempts"] + 1, contact.details, contact.details.email)


def _lacks_group(mail: Document) -> bool:
    return None in mail["group_names"].values()
