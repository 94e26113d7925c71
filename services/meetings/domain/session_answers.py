"""What invited people answer: each for the appointment as it is; a move asks them again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Annotated, assert_never

from pydantic import Field

from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_stage import NotInvited, must_be_ahead
from services.meetings.domain.session_state import AboutSession, Session, evolve
from shared.contracts.meetings import Answer, InvitationAnswered, Revision
from shared.kernel.identifiers import PersonId
from shared.kernel.rejections import Rejected
from shared.kernel.replacing import ChangedMeanwhile
from shared.kernel.values import Value

# Commands


class AnswerInvitation(AboutSession):
    """Record an invited person's answer."""

    person: PersonId
    answer: Answer
    revision: Revision | None = None
    """The revision of the appointment that is answered; null: the present one."""


class Said(Value):
    answer: Answer | None = None
    """Null: nothing yet."""


class Answered(Value):
    """A line of the list."""

    person: PersonId
    answer: Answer
    replaces: Said | None = None
    """The answer as the caller saw it; null: any."""


class RecordAnswers(AboutSession):
    """Record all answers of a list, or none."""

    answers: Annotated[tuple[Answered, ...], Field(min_length=1, max_length=500)]


class AppointmentHasMoved(Rejected):
    """Der Termin der Sitzung „{session}“ hat sich inzwischen geändert; die Antwort gilt dem früheren."""


AnswersCommand = AnswerInvitation | RecordAnswers

# decide


def decide(session: Session, command: AnswersCommand) -> Sequence[SessionEvent]:
    appointment = must_be_ahead(session, command.session, command.at)
    match command:
        case AnswerInvitation():
            if command.revision not in (None, appointment.revision):
                raise AppointmentHasMoved(session=command.session)
            return _answer(session, command, command, appointment.revision)
        case RecordAnswers():
            _must_stand(session, command.answers)
            events: list[SessionEvent] = []
            for line in command.answers:
                events += _answer(reduce(evolve, events, session), command, line, appointment.revision)
            return events
        case _:
            assert_never(command)


def _must_stand(session: Session, answers: Sequence[Answered]) -> None:
    """The list shows which answers differ; the rejection names nobody. Raises ``ChangedMeanwhile``."""
    others = [one for one in answers if one.replaces and one.replaces.answer != session.answers.get(one.person)]
    if others:
        raise ChangedMeanwhile(now="eine andere Antwort" if len(others) == 1 else f"{len(others)} andere Antworten")


def _answer(
    session: Session, reply: AboutSession, said: AnswerInvitation | Answered, revision: int
) -> Sequence[InvitationAnswered]:
    addressed = [recipient for recipient in session.invited if recipient.person == said.person]
    if not addressed:
        raise NotInvited(session=reply.session)
    if session.answers.get(said.person) == said.answer:
        return []
    return [
        InvitationAnswered(
            session=reply.session,
            person=said.person,
            seat=recipient.seat,
            answer=said.answer,
            revision=revision,
        )
        for recipient in addressed
    ]
