"""The draft of a session's minutes is owed by the rules' day, and said in stages until it is there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_day import CloseSession
from services.meetings.domain.session_invitation import IssueInvitation
from services.meetings.domain.session_minutes_due import AnnounceMinutesDraft
from services.meetings.projections import OBLIGATIONS
from services.meetings.projections.obligations import announce
from shared.contracts.meetings import MinutesDraftDue, MinutesDrafted, SessionCancelled, SessionClosed
from shared.declarations.obligations import still_owed
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from tests.kit.delivered import delivered, folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE
from tests.meetings.stuttgart import (
    ENDS,
    ENOUGH,
    EVERYBODY,
    INVITED,
    NAME,
    OPENED,
    PLANNED,
    STREAM,
    WHEN,
    arrived,
    invited,
    roster,
    tell,
)

given = given_of(SESSION)

DAYS, DUE = 21, date(2024, 5, 14)
OPEN = (*PLANNED, invited(minutes_days=DAYS), arrived(1), arrived(2), OPENED, ENOUGH)
CLOSED = SessionClosed(session=NAME, minutes_due=DUE)
DRAFTED = MinutesDrafted(session=NAME, document="Niederschrift 1/2024")


def due(stage: int) -> MinutesDraftDue:
    return MinutesDraftDue(session=NAME, due_on=DUE, stage=stage)


def owed(*history: tuple[Event, datetime]) -> Document:
    document: Document | None = None
    for number, (event, at) in enumerate(history, start=1):
        if type(event) in OBLIGATIONS.events:
            _, envelope = delivered(event, STREAM, number, at)
            document = OBLIGATIONS.fold(document, event, envelope)
    assert document is not None
    return {**document, "conference": CONFERENCE, "stream": STREAM}


def says(*history: tuple[Event, datetime]) -> Any:
    return announce(owed(*history), datetime(2025, 1, 1, tzinfo=UTC)).says


def test_a_session_that_is_closed_says_by_when_its_minutes_are_owed_by_its_invitations_rules() -> None:
    given(*OPEN).when(tell(CloseSession, at=datetime(2024, 4, 30, tzinfo=UTC))).then(CLOSED)
    issued = invited(minutes_days=DAYS, told_at=tell(IssueInvitation, reason=None, roster=roster()).at)
    given(*PLANNED).when(tell(IssueInvitation, reason=None, roster=roster(minutes_days=DAYS))).then(issued)


def test_a_session_of_old_is_closed_without_a_day_and_owes_nothing() -> None:
    given(*INVITED, arrived(1), arrived(2), OPENED, ENOUGH).when(tell(CloseSession, at=ENDS)).then(
        SessionClosed(session=NAME)
    )
    assert still_owed([owed((SessionClosed(session=NAME), ENDS))]) == []


def test_each_stage_is_said_once_and_none_when_the_minutes_are_drafted() -> None:
    say = tell(AnnounceMinutesDraft, says=(due(-3),))
    given(*OPEN, CLOSED).when(say).then(due(-3))
    given(*OPEN, CLOSED, due(-3)).when(say).then_nothing()
    given(*OPEN, CLOSED, DRAFTED).when(say).then_nothing()
    given(*OPEN).when(say).then_nothing()
    given(*INVITED).when(say).then_nothing()


def test_the_office_owes_a_draft_from_the_session_on_until_it_is_there() -> None:
    [one] = still_owed([owed((CLOSED, ENDS))])
    assert (one["obligation"], one["to"], one["due_on"]) == ("MinutesDraftDue", "office", "2024-05-14")
    assert one["about"] == STREAM
    assert still_owed([owed((CLOSED, ENDS), (DRAFTED, ENDS))]) == []
    assert owed((CLOSED, ENDS), (DRAFTED, ENDS))["due"] is None


def test_what_was_missed_while_the_service_was_down_is_said_each_once() -> None:
    assert says((CLOSED, ENDS)) == (due(-30),)
    assert says((CLOSED, ENDS), (due(-30), ENDS)) == (due(-14),)
    stages = ((due(stage), ENDS) for stage in (-30, -14, -3, 0, 7))
    assert owed((CLOSED, ENDS), *stages)["due"] is None


def test_a_session_that_is_never_held_owes_nothing() -> None:
    called_off = SessionCancelled(session=NAME, appointment=WHEN, recipients=EVERYBODY, reason="Zu wenige")
    assert folded(OBLIGATIONS, [*PLANNED, invited(minutes_days=DAYS), called_off], STREAM) == {}
