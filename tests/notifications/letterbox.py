"""Mails, contacts and events that the tests of this service speak of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from services.notifications.domain.mail_commands import mail_id
from services.notifications.letters.office import Office
from services.notifications.projections import MAILS
from shared.contracts.meetings import AgendaItem, Appointment, MinutesItem, Missed, Protocol
from shared.contracts.notifications import (
    Cancellation,
    ContactCorrection,
    Content,
    Digest,
    Farewell,
    HeldUp,
    Invitation,
    Minutes,
    MissingAnswers,
    NotificationQueued,
    Owed,
    OwedOfGrant,
    Reminder,
    Supplement,
    Update,
    VacantSeat,
    Welcome,
    Withdrawal,
)
from shared.contracts.people import PersonDetails
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from tests.kit.delivered import folded
from tests.kit.when import NOW, person

CAUSE = derived_id("test-event", "1")
STARTS = datetime(2024, 4, 23, 12, 0, tzinfo=UTC)
APPOINTMENT = Appointment(
    title="5. Sitzung der Pflegekonferenz",
    starts=STARTS,
    ends=datetime(2024, 4, 23, 15, 0, tzinfo=UTC),
    place="Rathaus, Großer Sitzungssaal",
    revision=2,
)
AGENDA = (
    AgendaItem(number=1, title="Begrüßung", public=True),
    AgendaItem(number=2, title="Personalwohnen", public=False),
)
WELCOME = Welcome(group="hospitals", since=date(2023, 11, 1))
FAREWELL = Farewell(group="hospitals", until=date(2024, 3, 31))
CORRECTED_CONTACT = ContactCorrection()
INVITATION = Invitation(
    session="plenary-5",
    session_kind="plenary",
    issue=1,
    appointment=APPOINTMENT,
    agenda=AGENDA,
    voting_seats=49,
    quorum=25,
    short_notice=None,
)
UPDATE = Update(session="plenary-5", appointment=APPOINTMENT)
CANCELLATION = Cancellation(session="plenary-5", appointment=APPOINTMENT, reason="Unwetter")
WITHDRAWAL = Withdrawal(session="plenary-5", appointment=APPOINTMENT)
AS_DEPUTY = INVITATION.model_copy(update={"as_deputy": True})
SECOND = INVITATION.model_copy(
    update={"second_of": Missed(session="plenary-4", held_on=date(2024, 4, 16)), "quorum": 3}
)
RELEASED = WITHDRAWAL.model_copy(update={"as_deputy": True})
FURTHER = (AgendaItem(number=3, title="Verschiedenes", public=True),)
SUPPLEMENT = Supplement(session="plenary-5", appointment=APPOINTMENT, agenda=(*AGENDA, *FURTHER), added=FURTHER)
REMINDER = Reminder(session="plenary-5", appointment=APPOINTMENT)
MISSING = MissingAnswers(session="plenary-5", appointment=APPOINTMENT, seats=("hospitals-1", "hospitals-2"))
DIGEST = Digest(
    day=date(2024, 4, 22),
    vacant=(VacantSeat(seat="hospitals-2", since=date(2024, 4, 1)), VacantSeat(seat="head-1", since=None)),
    without_deputy=("hospitals-1",),
    absent_twice=("hospitals-3",),
    undelivered=2,
    refused=1,
    letters=3,
    owed=(
        OwedOfGrant(what="drawn_money", title="Zuwendung des Landes", due_on=date(2024, 4, 20)),
        OwedOfGrant(what="own_contribution", title="Zuwendung des Landes", due_on=date(2024, 4, 22)),
        OwedOfGrant(what="proof_of_use", title="Stiftungsmittel 2023", due_on=date(2024, 5, 2)),
    ),
    due=(
        Owed(what="minutes_draft", about="4. Sitzung der Pflegekonferenz", due_on=date(2024, 4, 19)),
        Owed(what="answer", about="Personalwohnen", by="Sozialministerium", due_on=date(2024, 4, 30)),
        Owed(what="co_signature", about="GRDrs 100/2024", by="finanzen", due_on=date(2024, 5, 3)),
        Owed(what="report", due_on=date(2024, 5, 10)),
        Owed(what="interim_proof", about="Zuwendung des Landes", year=2023, due_on=date(2024, 5, 15)),
    ),
    suspended=(HeldUp(seat="hospitals-1", waiting=1), HeldUp(seat=None, waiting=2)),
)
MINUTES = Minutes(session="plenary-5", appointment=APPOINTMENT, document="Niederschrift 5/2024")
PROTOCOL = Protocol(
    conference_name="Kommunale Pflegekonferenz Stuttgart",
    appointment=APPOINTMENT,
    seats_present=31,
    voting_seats=49,
    quorum=25,
    items=(MinutesItem(item=AGENDA[0], text="Die Sitzung wird eröffnet.", outcome=None),),
)
WRITTEN = MINUTES.model_copy(update={"protocol": PROTOCOL, "edition": 1, "objections_until": date(2024, 5, 21)})
CORRECTED = WRITTEN.model_copy(update={"edition": 2, "reason": "Zahl der Plätze berichtigt"})
APPROVED = WRITTEN.model_copy(update={"edition": 2, "objections_until": None, "approved": True})
CONTENTS: tuple[Content, ...] = (
    WELCOME,
    FAREWELL,
    CORRECTED_CONTACT,
    MISSING,
    DIGEST,
    INVITATION,
    UPDATE,
    CANCELLATION,
    WITHDRAWAL,
    AS_DEPUTY,
    RELEASED,
    SECOND,
    SUPPLEMENT,
    REMINDER,
    MINUTES,
    WRITTEN,
    CORRECTED,
    APPROVED,
)

OFFICE = Office(
    conference="Kommunale Pflegekonferenz Stuttgart",
    email="office@example.org",
    domain="stuttgart.example.org",
    department="Sozialamt",
    phone="0711 216-0",
    group="Kliniken",
    groups={"hospitals": "Kliniken", "head": "Amtsleitung Sozialamt"},
)


NAMED = {
    "conference_name": OFFICE.conference,
    "conference_office": OFFICE.department,
    "group_name": OFFICE.group,
    "group_kind": "delegated",
    "group_names": {"hospitals": OFFICE.group},
}
"""As a mail has them that is read when it is due, once they have arrived."""


def details(**fields: Any) -> PersonDetails:
    told = {
        "name": "Eva Müller",
        "salutation": "Sehr geehrte Frau Müller",
        "email": "eva.mueller@example.org",
        "postal_address": "Hauptstraße 1, 70173 Stuttgart",
    }
    return PersonDetails(**{**told, **fields})


def queued(content: Content = WELCOME, number: int = 1, **fields: Any) -> NotificationQueued:
    told = {
        "mail": mail_id(CAUSE, content.kind, person(number)),
        "person": person(number),
        "seat": "hospitals-1",
        "cause": CAUSE,
        "content": content,
        "queued_at": NOW,
        "useful_until": None,
    }
    return NotificationQueued(**{**told, **fields})


def remembered(stream: str, events: Iterable[Event]) -> Document:
    """The mail's document after these events."""
    (document,) = folded(MAILS, events, stream).values()
    return document
