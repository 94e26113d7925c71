"""A closed session is written down: drafted, sent to everybody invited, approved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.meetings.domain.session_stage import must_be
from services.meetings.domain.session_state import AboutSession, Session, SessionEvent
from shared.contracts.meetings import MinutesApproved, MinutesDrafted, MinutesSent
from shared.kernel.rejections import Rejected
from shared.kernel.text import Line

# Commands


class DraftMinutes(AboutSession):
    """Name the document that holds the draft of the minutes."""

    document: Line


class SendMinutes(AboutSession):
    """Send the drafted minutes to everybody invited."""


class ApproveMinutes(AboutSession):
    """Approve the minutes that were sent."""


MinutesCommand = DraftMinutes | SendMinutes | ApproveMinutes

# Rejections


class MinutesMissing(Rejected):
    """Die Niederschrift der Sitzung „{session}“ liegt noch nicht im Entwurf vor."""


class MinutesNotSent(Rejected):
    """Die Niederschrift der Sitzung „{session}“ ist noch nicht versandt."""


class MinutesAreSent(Rejected):
    """Die Niederschrift der Sitzung „{session}“ ist bereits versandt."""


# decide


def decide(session: Session, command: MinutesCommand) -> Sequence[SessionEvent]:
    match command:
        case DraftMinutes():
            return _draft(session, command)
        case SendMinutes():
            return _send(session, command)
        case ApproveMinutes():
            return _approve(session, command)
        case _:
            assert_never(command)


def _draft(session: Session, draft: DraftMinutes) -> Sequence[SessionEvent]:
    must_be(session, draft.session, "closed")
    if session.document == draft.document:
        return []
    if session.minutes in ("sent", "approved"):
        raise MinutesAreSent(session=draft.session)
    return [MinutesDrafted(session=draft.session, document=draft.document)]


def _send(session: Session, send: SendMinutes) -> Sequence[SessionEvent]:
    appointment = must_be(session, send.session, "closed")
    if session.document is None:
        raise MinutesMissing(session=send.session)
    if session.minutes != "drafted":
        return []
    return [
        MinutesSent(
            session=send.session,
            document=session.document,
            appointment=appointment,
            recipients=session.invited,
        )
    ]


def _approve(session: Session, approve: ApproveMinutes) -> Sequence[SessionEvent]:
    appointment = must_be(session, approve.session, "closed")
    if session.minutes == "approved":
        return []
    if session.minutes != "sent":
        raise MinutesNotSent(session=approve.session)
    return [MinutesApproved(session=approve.session, document=session.document, appointment=appointment)]
