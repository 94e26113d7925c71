"""Who is told of what: every recipient of every event gets exactly one mail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from services.notifications.domain.mail_commands import QueueNotification
from services.notifications.domain.office import office_in
from services.notifications.reactions import REACTIONS
from shared.contracts.meetings import (
    AgendaSupplemented,
    AnswersMissing,
    DeadlineStageReached,
    GuestInvited,
    InvitationExtended,
    InvitationIssued,
    InvitationWithdrawn,
    MinutesSent,
    Recipient,
    SessionCancelled,
    SessionRescheduled,
)
from shared.contracts.members import ContactCorrected, DelegateAppointed, HolderLeft, PostHolderChanged
from shared.contracts.notifications import Content
from shared.kernel.decider import Event
from tests.kit.delivered import delivered
from tests.kit.when import CONFERENCE, NOW, person
from tests.notifications.letterbox import (
    AGENDA,
    APPOINTMENT,
    CANCELLATION,
    CORRECTED_CONTACT,
    FAREWELL,
    INVITATION,
    MINUTES,
    MISSING,
    REMINDER,
    STARTS,
    SUPPLEMENT,
    UPDATE,
    WELCOME,
    WITHDRAWAL,
)

SESSION = "plenary-5"
STREAM = "stuttgart/session/plenary-5"
SEATED = Recipient(person=person(1), seat="hospitals-1")
GUEST = Recipient(person=person(2), seat=None)
BOTH = (SEATED, GUEST)
SINCE = date(2023, 11, 1)

APPOINTED = DelegateAppointed(
    group="hospitals", seat="hospitals-1", person=person(1), organisation="hospital-north", since=SINCE
)
POST_HELD = PostHolderChanged(group="hospitals", seat="hospitals-1", person=person(1), since=SINCE)
RESCHEDULED = SessionRescheduled(session=SESSION, appointment=APPOINTMENT, recipients=BOTH)
CANCELLED = SessionCancelled(session=SESSION, appointment=APPOINTMENT, reason="Unwetter", recipients=BOTH)
DUE = DeadlineStageReached(session=SESSION, deadline="session", appointment=APPOINTMENT, recipients=BOTH)
WRITTEN = MinutesSent(session=SESSION, document="Niederschrift 5/2024", appointment=APPOINTMENT, recipients=BOTH)

LEFT = HolderLeft(group="hospitals", seat="hospitals-1", person=person(1), until=date(2024, 3, 31))
MISSED = AnswersMissing(session=SESSION, appointment=APPOINTMENT, seats=MISSING.seats)


def invited(*recipients: Recipient) -> InvitationIssued:
    return InvitationIssued(
        session=SESSION,
        issue=1,
        kind="plenary",
        appointment=APPOINTMENT,
        agenda=AGENDA,
        voting_seats=49,
        recipients=recipients,
        snapshot="0" * 64,
        quorum=25,
    )


TOLD: dict[str, Any] = {
    name: getattr(invited(*BOTH), name)
    for name in ("session", "issue", "kind", "appointment", "agenda", "voting_seats", "quorum", "recipients")
}
EXTENDED = InvitationExtended(
    **TOLD, places=(*BOTH, Recipient(person=person(3), seat="hospitals-3")), reminder_days=7, told_at=NOW
)
GUEST_INVITED = GuestInvited(**TOLD, reminder_days=7, told_at=NOW)
WITHDRAWN = InvitationWithdrawn(
    session=SESSION, issue=1, appointment=APPOINTMENT, recipients=BOTH, places=EXTENDED.places
)
SUPPLEMENTED = AgendaSupplemented(
    session=SESSION, agenda=SUPPLEMENT.agenda, added=SUPPLEMENT.added, appointment=APPOINTMENT, recipients=BOTH
)


def queued_by(event: Event) -> list[QueueNotification]:
    told = delivered(event, STREAM)
    commands = [
        command for reaction in REACTIONS if type(event) in reaction.events for command in reaction.react(*told)
    ]
    assert all(isinstance(command, QueueNotification) for command in commands)
    return [command for command in commands if isinstance(command, QueueNotification)]


@pytest.mark.parametrize("event", [APPOINTED, POST_HELD])
def test_who_fills_a_seat_is_welcomed(event: Event) -> None:
    (welcome,) = queued_by(event)
    assert (welcome.person, welcome.seat, welcome.content) == (person(1), "hospitals-1", WELCOME)
    assert welcome.useful_until is None


@pytest.mark.parametrize(
    ("event", "content"),
    [
        (invited(*BOTH), INVITATION),
        (RESCHEDULED, UPDATE),
        (EXTENDED, INVITATION),
        (GUEST_INVITED, INVITATION),
        (WITHDRAWN, WITHDRAWAL),
        (SUPPLEMENTED, SUPPLEMENT),
        (CANCELLED, CANCELLATION),
        (DUE, REMINDER),
        (WRITTEN, MINUTES),
    ],
)
def test_everybody_named_in_the_event_is_told(event: Event, content: Content) -> None:
    mails = queued_by(event)
    assert {(mail.person, mail.seat) for mail in mails} == {(person(1), "hospitals-1"), (person(2), None)}
    assert [mail.content for mail in mails] == [content, content]


@pytest.mark.parametrize(
    ("event", "until"),
    [
        (invited(*BOTH), STARTS),
        (EXTENDED, STARTS),
        (SUPPLEMENTED, STARTS),
        (WITHDRAWN, None),
        (RESCHEDULED, STARTS),
        (DUE, STARTS),
        (MISSED, STARTS),
        (LEFT, None),
        (CANCELLED, None),
        (WRITTEN, None),
    ],
)
def test_what_asks_people_to_come_is_useful_until_the_session_begins(event: Event, until: datetime | None) -> None:
    assert {mail.useful_until for mail in queued_by(event)} == {until}


@pytest.mark.parametrize(
    ("event", "to", "seat", "content"),
    [
        (LEFT, person(1), "hospitals-1", FAREWELL),
        (ContactCorrected(person=person(1)), person(1), None, CORRECTED_CONTACT),
        (MISSED, office_in(CONFERENCE), None, MISSING),
    ],
)
def test_one_is_told_alone(event: Event, to: str, seat: str | None, content: Content) -> None:
    [mail] = queued_by(event)
    assert (mail.person, mail.seat, mail.content) == (to, seat, content)


def test_nobody_is_bid_farewell_long_after() -> None:
    assert queued_by(LEFT.model_copy(update={"long_ago": True})) == []


def test_49_recipients_get_49_mails_each_in_a_stream_of_its_own() -> None:
    recipients = [Recipient(person=person(number), seat=f"seat-{number}") for number in range(1, 50)]
    assert len({mail.stream for mail in queued_by(invited(*recipients))}) == 49


def test_who_sits_twice_gets_one_mail() -> None:
    twice = Recipient(person=person(1), seat="hospitals-2")
    (mail,) = queued_by(invited(SEATED, twice))
    assert mail.seat == "hospitals-1"


def test_the_same_event_again_means_the_same_mails() -> None:
    assert queued_by(invited(*BOTH)) == queued_by(invited(*BOTH))


def test_a_mail_is_dated_by_its_cause() -> None:
    (welcome,) = queued_by(APPOINTED)
    cause = delivered(APPOINTED, STREAM)[1].id
    assert (welcome.conference, welcome.at, welcome.by, welcome.cause) == (CONFERENCE, NOW, "reaction", cause)
