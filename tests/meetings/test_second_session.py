"""A quorum is missed, and a second session decides: as Stuttgart's council did on 2 and 9 April 2020."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_attendance import RecordArrival
from services.meetings.domain.session_day import CloseSession, OpenSession, QuorumIsMissing, RecordConsensus, RecordVote
from services.meetings.domain.session_events import SessionEvent
from services.meetings.domain.session_invitation import IssueInvitation
from services.meetings.domain.session_notice import NoticeTooShort
from services.meetings.domain.session_planning import (
    ChangeAgenda,
    ScheduleSession,
    SessionScheduledDifferently,
    SupplementAgenda,
)
from services.meetings.domain.session_roster import SECOND_QUORUM
from services.meetings.domain.session_second import (
    AgendaIsOfTheFirst,
    First,
    NotBeforeTheFirst,
    NothingLeftToDecide,
    QuorumWasNotMissed,
    ScheduleSecondSession,
    SecondSessionScheduledDifferently,
    left_undecided,
)
from services.meetings.domain.session_stage import EndsBeforeItStarts, SessionIsCancelled
from services.meetings.domain.session_state import Session
from shared.contracts.meetings import (
    AgendaChanged,
    AgendaItem,
    Appointment,
    ArrivalRecorded,
    ConsensusRecorded,
    InvitationIssued,
    Missed,
    QuorumEstablished,
    QuorumMissed,
    Recipient,
    SessionCancelled,
    SessionClosed,
    SessionOpened,
    SessionScheduled,
    VoteRecorded,
)
from shared.kernel.decider import Command
from tests.kit.given import given_of
from tests.kit.when import edge, person
from tests.meetings.stuttgart import roster

given = given_of(SESSION)

FIRST, SECOND = "april-2020", "april-2020-2"
HOURS = timedelta(hours=2)
ON_THE_2ND, ON_THE_9TH = datetime(2020, 4, 2, 14, 0, tzinfo=UTC), datetime(2020, 4, 9, 14, 0, tzinfo=UTC)
WHEN = Appointment(title="Sitzung", starts=ON_THE_2ND, ends=ON_THE_2ND + HOURS, place="Rathaus", revision=0)
AGAIN = WHEN.model_copy(update={"starts": ON_THE_9TH, "ends": ON_THE_9TH + HOURS})
AGENDA = tuple(AgendaItem(number=n, title=f"Punkt {n}", public=True) for n in (1, 2, 3))
COUNCIL = tuple(Recipient(person=person(number), seat=f"council-{number}") for number in range(1, 61))
ROSTER = roster(recipients=COUNCIL, voting_seats=60)
OF_FIRST = Missed(session=FIRST, held_on=date(2020, 4, 2))
LEFT = tuple(item.model_copy(update={"number": n}) for n, item in enumerate(AGENDA[1:], 1))


def of(name: str, command: type[Command], at: datetime, /, **fields: Any) -> Any:
    return command.model_validate(edge(**{"session": name, "at": at, **fields}))


def played(history: list[SessionEvent], *commands: Any) -> list[SessionEvent]:
    for command in commands:
        history += SESSION.decide(SESSION.fold(history), command)
    return history


def invited_and_opened(
    history: list[SessionEvent], name: str, starts: datetime, invited_at: datetime, there: int
) -> list[SessionEvent]:
    invites = of(name, IssueInvitation, invited_at, reason=None, roster=ROSTER)
    arrivals = [of(name, RecordArrival, starts, person=one.person) for one in COUNCIL[:there]]
    return played(history, invites, *arrivals, of(name, OpenSession, starts))


def first_of(there: int = 29) -> list[SessionEvent]:
    """Opened, with so many of 60 seats; 30 are needed."""
    scheduled = SessionScheduled(session=FIRST, kind="plenary", working_group=None, appointment=WHEN)
    history: list[SessionEvent] = [scheduled, AgendaChanged(session=FIRST, agenda=AGENDA)]
    return invited_and_opened(history, FIRST, ON_THE_2ND, ON_THE_2ND - timedelta(days=20), there)


def facts_of(first: Session) -> First:
    assert first.appointment
    missed = first.stage == "closed" and first.quorate is False
    return First(appointment=first.appointment, is_without_quorum=missed, undecided=left_undecided(first))


MISSED = First(appointment=WHEN, is_without_quorum=True, undecided=AGENDA[1:])
THEN = {"starts": ON_THE_9TH, "ends": ON_THE_9TH + HOURS, "place": "Rathaus"}


def schedule(first: First = MISSED, **fields: Any) -> Any:
    told: Any = {"second_of": FIRST, **THEN, "first": first, **fields}
    return of(SECOND, ScheduleSecondSession, ON_THE_2ND + HOURS, **told)


SCHEDULED = SessionScheduled(session=SECOND, kind="plenary", working_group=None, appointment=AGAIN, second_of=OF_FIRST)
ITS_AGENDA = AgendaChanged(session=SECOND, agenda=LEFT)


def test_on_2_april_2020_the_quorum_was_missed_and_on_9_april_it_was_decided() -> None:
    first = first_of(there=29)
    assert QuorumMissed in map(type, first)
    with pytest.raises(QuorumIsMissing):
        played(first, of(FIRST, RecordConsensus, ON_THE_2ND, item=1, recommendation=None))
    played(first, of(FIRST, CloseSession, ON_THE_2ND + HOURS))
    assert first[-1] == SessionClosed(session=FIRST, without_quorum=True)

    second = played([], schedule(facts_of(SESSION.fold(first))))
    assert second[-1] == AgendaChanged(session=SECOND, agenda=AGENDA)
    second = invited_and_opened(second, SECOND, ON_THE_9TH, datetime(2020, 4, 3, 8, 0, tzinfo=UTC), there=12)
    assert second[-1:] == [QuorumEstablished(session=SECOND, present=12, voting_seats=60, needed=SECOND_QUORUM)]
    told: Any = {"item": 1, "recommendation": None, "yes": 8, "no": 2, "abstentions": 2}
    played(second, of(SECOND, RecordVote, ON_THE_9TH, **told), of(SECOND, CloseSession, ON_THE_9TH + HOURS))
    assert isinstance(second[-2], VoteRecorded)
    assert second[-2].carried
    assert second[-1] == SessionClosed(session=SECOND)


def test_what_was_decided_before_the_quorum_was_lost_is_not_decided_again() -> None:
    first = first_of(there=30)
    agreed = ConsensusRecorded(session=FIRST, item=1, recommendation=None, present=30, title="Punkt 1", public=True)
    lost = QuorumMissed(session=FIRST, present=29, voting_seats=60, needed=30)
    closed = SESSION.fold([*first, agreed, lost, SessionClosed(session=FIRST, without_quorum=True)])
    given().when(schedule(facts_of(closed))).then(SCHEDULED, ITS_AGENDA)


def test_a_second_session_follows_only_on_a_quorum_that_was_missed() -> None:
    open_one, quorate = SESSION.fold(first_of(29)), SESSION.fold([*first_of(30), SessionClosed(session=FIRST)])
    given().when(schedule(facts_of(open_one))).rejected(QuorumWasNotMissed, session=FIRST)
    given().when(schedule(facts_of(quorate))).rejected(QuorumWasNotMissed, session=FIRST)
    nothing = MISSED.model_copy(update={"undecided": ()})
    given().when(schedule(nothing)).rejected(NothingLeftToDecide, session=FIRST)


def test_it_is_after_the_first_and_is_scheduled_once() -> None:
    before: Any = {"starts": ON_THE_2ND, "ends": ON_THE_2ND + HOURS}
    given().when(schedule(**before)).rejected(NotBeforeTheFirst, first="02.04.2020, 16:00 Uhr")
    given().when(schedule(ends=ON_THE_9TH)).rejected(EndsBeforeItStarts)
    given(SCHEDULED, ITS_AGENDA).when(schedule()).then_nothing()
    given(SCHEDULED, ITS_AGENDA).when(schedule(place="Anderswo")).rejected(SecondSessionScheduledDifferently)
    cancelled = SessionCancelled(
        session=SECOND, appointment=SCHEDULED.appointment, reason="Saal gesperrt", recipients=()
    )
    given(SCHEDULED, ITS_AGENDA, cancelled).when(schedule()).rejected(SessionIsCancelled, session=SECOND)
    ordinary: Any = {"kind": "plenary", "working_group": None, "title": "Sitzung", **THEN}
    same = of(SECOND, ScheduleSession, ON_THE_2ND, **ordinary)
    given(SCHEDULED, ITS_AGENDA).when(same).rejected(SessionScheduledDifferently)


def test_its_agenda_is_what_was_left_open() -> None:
    more = (AgendaItem(number=3, title="Neues", public=True),)
    change = of(SECOND, ChangeAgenda, ON_THE_2ND, agenda=(*LEFT, *more))
    given(SCHEDULED, ITS_AGENDA).when(change).rejected(AgendaIsOfTheFirst, session=SECOND)
    issue = of(SECOND, IssueInvitation, ON_THE_2ND, reason=None, roster=ROSTER)
    invited = played([SCHEDULED, ITS_AGENDA], issue)
    supplement = of(SECOND, SupplementAgenda, ON_THE_2ND, items=more)
    given(*invited).when(supplement).rejected(AgendaIsOfTheFirst)


@pytest.mark.parametrize(("seats", "needed"), [(60, 3), (2, 2)])
def test_its_invitation_says_of_which_session_it_is_the_second_and_by_which_quorum(seats: int, needed: int) -> None:
    known = ROSTER.model_copy(update={"voting_seats": seats, "recipients": COUNCIL[:seats]})
    issue = of(SECOND, IssueInvitation, ON_THE_9TH - timedelta(days=6), reason=None, roster=known)
    invitation = played([SCHEDULED, ITS_AGENDA], issue)[-1]
    assert isinstance(invitation, InvitationIssued)
    assert (invitation.second_of, invitation.quorum) == (OF_FIRST, needed)


def test_its_notice_is_its_own() -> None:
    late = of(SECOND, IssueInvitation, ON_THE_9TH - timedelta(days=2), reason=None, roster=ROSTER)
    given(SCHEDULED, ITS_AGENDA).when(late).rejected(NoticeTooShort, left=2, notice=3, shortest=3)
    longer = ROSTER.model_copy(update={"second_notice_days": 7})
    early = of(SECOND, IssueInvitation, ON_THE_9TH - timedelta(days=6), reason=None, roster=longer)
    given(SCHEDULED, ITS_AGENDA).when(early).rejected(NoticeTooShort, shortest=7)


def test_who_is_there_without_a_mandate_is_not_counted_at_a_second_session_either() -> None:
    second = invited_and_opened([SCHEDULED, ITS_AGENDA], SECOND, ON_THE_9TH, ON_THE_9TH - timedelta(days=6), there=2)
    assert isinstance(second[-1], QuorumMissed)
    assert isinstance(second[-2], SessionOpened)
    assert [one.seat for one in second if isinstance(one, ArrivalRecorded)] == ["council-1", "council-2"]


def test_it_has_its_own_place_and_is_an_appointment_that_never_moved() -> None:
    moved = MISSED.model_copy(update={"appointment": WHEN.model_copy(update={"revision": 2})})
    elsewhere = AGAIN.model_copy(update={"place": "Anderswo"})
    given().when(schedule(moved, place="Anderswo")).then(
        SCHEDULED.model_copy(update={"appointment": elsewhere}), ITS_AGENDA
    )
