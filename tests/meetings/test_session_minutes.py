"""Minutes: drafted after the session, sent to everybody invited, approved after that."""

from __future__ import annotations

import pytest

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_minutes import (
    ApproveMinutes,
    DraftMinutes,
    MinutesAreSent,
    MinutesMissing,
    MinutesNotSent,
    SendMinutes,
)
from services.meetings.domain.session_protocol import Terms
from services.meetings.domain.session_stage import SessionIsCancelled, SessionIsOpen, SessionNotOpen
from shared.contracts.meetings import MinutesApproved, MinutesDrafted, MinutesSent, SessionCancelled
from shared.kernel.decider import Command
from tests.kit.given import given_of
from tests.meetings.stuttgart import CLOSED, EVERYBODY, INVITED, NAME, OPEN, WHEN, tell

given = given_of(SESSION)

DOCUMENT = "Niederschrift 2024-1"
TERMS = Terms()
DRAFT = tell(DraftMinutes, document=DOCUMENT, terms=TERMS)
SEND = tell(SendMinutes, terms=TERMS)
APPROVE = tell(ApproveMinutes)
DRAFTED = (*CLOSED, MinutesDrafted(session=NAME, document=DOCUMENT))
SENT = MinutesSent(session=NAME, document=DOCUMENT, appointment=WHEN, recipients=EVERYBODY)
APPROVED = MinutesApproved(session=NAME, document=DOCUMENT, appointment=WHEN)


def test_minutes_are_drafted_and_may_be_drafted_again() -> None:
    other = MinutesDrafted(session=NAME, document="Fassung 2")
    given(*CLOSED).when(DRAFT).then(DRAFTED[-1])
    given(*DRAFTED).when(DRAFT).then_nothing()
    given(*DRAFTED).when(tell(DraftMinutes, document="Fassung 2", terms=TERMS)).then(other)


def test_sent_minutes_are_not_drafted_again() -> None:
    given(*DRAFTED, SENT).when(tell(DraftMinutes, document="Fassung 2", terms=TERMS)).rejected(MinutesAreSent)
    given(*DRAFTED, SENT, APPROVED).when(tell(DraftMinutes, document="Fassung 2", terms=TERMS)).rejected(MinutesAreSent)


def test_drafted_minutes_are_sent_once_to_everybody_invited() -> None:
    given(*DRAFTED).when(SEND).then(SENT)
    given(*DRAFTED, SENT).when(SEND).then_nothing()
    given(*CLOSED).when(SEND).rejected(MinutesMissing, session=NAME)


def test_sent_minutes_are_approved_once() -> None:
    given(*DRAFTED, SENT).when(APPROVE).then(APPROVED)
    given(*DRAFTED, SENT, APPROVED).when(APPROVE).then_nothing()
    given(*DRAFTED).when(APPROVE).rejected(MinutesNotSent, session=NAME)


@pytest.mark.parametrize("command", [DRAFT, SEND, APPROVE])
def test_only_a_closed_session_is_written_down(command: Command) -> None:
    cancelled = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=EVERYBODY)
    given(*INVITED).when(command).rejected(SessionNotOpen, session=NAME)
    given(*OPEN).when(command).rejected(SessionIsOpen, session=NAME)
    given(*INVITED, cancelled).when(command).rejected(SessionIsCancelled, session=NAME)
