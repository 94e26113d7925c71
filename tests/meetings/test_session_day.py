"""The day of the session: seats are counted, and nothing is decided without them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_attendance import (
    Attended,
    AttendedDifferently,
    CorrectAttendance,
    LeavesBeforeArrival,
    NeverAttended,
    NotOnItsDay,
    NotPresent,
    NotYet,
    RecordArrival,
    RecordAttendance,
    RecordDeparture,
    WithdrawAttendance,
)
from services.meetings.domain.session_day import (
    AgendaItemDecided,
    AgendaItemUnknown,
    CloseSession,
    NobodyIsPresent,
    OnlyPlenaryAdopts,
    OpenSession,
    QuorumIsMissing,
    RecommendationIsDecided,
    RecordConsensus,
    RecordVote,
    SessionOpenedDifferently,
    VotesDoNotAddUp,
)
from services.meetings.domain.session_stage import (
    InvitationMissing,
    NotInvited,
    SessionIsCancelled,
    SessionIsClosed,
    SessionNotOpen,
    SessionUnknown,
)
from shared.contracts.meetings import (
    ArrivalRecorded,
    AttendanceCorrected,
    AttendanceWithdrawn,
    ConsensusRecorded,
    DepartureRecorded,
    GuestAdmitted,
    MinutesApproved,
    MinutesDrafted,
    MinutesSent,
    QuorumEstablished,
    QuorumMissed,
    Recipient,
    SessionCancelled,
    SessionClosed,
    VoteRecorded,
)
from shared.kernel.decider import Command
from tests.kit.given import given_of
from tests.kit.when import person
from tests.meetings.stuttgart import (
    AGENDA,
    AGREED,
    CLOSED,
    ENOUGH,
    EVERYBODY,
    GUEST,
    INVITED,
    NAME,
    OF_GROUP,
    OPEN,
    OPENED,
    PLANNED,
    STARTS,
    WHEN,
    arrived,
    invited,
    tell,
)

given = given_of(SESSION)

OPEN_IT = tell(OpenSession, at=STARTS)
CLOSE_IT = tell(CloseSession)
MISSED = QuorumMissed(session=NAME, present=1, voting_seats=4, needed=2)
INQUORATE = (*INVITED, arrived(1), OPENED, MISSED)
GUEST_ARRIVED = ArrivalRecorded(session=NAME, person=GUEST.person, seat=None, arrived_at=STARTS)
GROUP_OPEN = (OF_GROUP, AGREED, invited(kind="working_group", quorum=0), arrived(1), OPENED)


def arrive(number: int) -> RecordArrival:
    return tell(RecordArrival, person=person(number), at=STARTS)


def depart(number: int) -> RecordDeparture:
    return tell(RecordDeparture, person=person(number), at=STARTS)


def left(number: int) -> DepartureRecorded:
    return DepartureRecorded(session=NAME, person=person(number), seat=f"hospitals-{number}", left_at=STARTS)


def agree(item: int = 2, recommendation: str | None = "staff-housing") -> RecordConsensus:
    return tell(RecordConsensus, item=item, recommendation=recommendation)


def vote(yes: int, no: int, abstentions: int = 0, **fields: Any) -> RecordVote:
    told = {"item": 2, "recommendation": "staff-housing", **fields}
    return tell(RecordVote, yes=yes, no=no, abstentions=abstentions, **told)


def agreed(present: int = 2, item: int = 2, recommendation: str | None = "staff-housing") -> ConsensusRecorded:
    about = AGENDA[item - 1]
    return ConsensusRecorded(
        session=NAME,
        item=item,
        recommendation=recommendation,
        present=present,
        title=about.title,
        public=about.public,
    )


def voted(yes: int, no: int, abstentions: int, *, carried: bool) -> VoteRecorded:
    return VoteRecorded(
        session=NAME,
        item=2,
        recommendation="staff-housing",
        yes=yes,
        no=no,
        abstentions=abstentions,
        present=2,
        carried=carried,
        title=AGENDA[1].title,
        public=AGENDA[1].public,
    )


def test_invited_people_arrive_before_and_after_the_opening() -> None:
    given(*INVITED).when(arrive(1)).then(arrived(1))
    given(*OPEN).when(arrive(3)).then(arrived(3))
    given(*INVITED).when(arrive(9)).rejected(NotInvited, session=NAME)
    given(*PLANNED).when(arrive(1)).rejected(InvitationMissing, session=NAME)


def test_nobody_arrives_twice() -> None:
    given(*INVITED, arrived(1)).when(arrive(1)).then_nothing()
    given(*INVITED, arrived(1), left(1)).when(arrive(1)).then(arrived(1))


def test_who_fills_two_seats_arrives_for_both() -> None:
    second = Recipient(person=person(1), seat="hospitals-4")
    history = (*PLANNED, invited(*EVERYBODY, second))
    both = (arrived(1), ArrivalRecorded(session=NAME, person=person(1), seat="hospitals-4", arrived_at=STARTS))
    given(*history).when(arrive(1)).then(*both)
    given(*history, *both).when(OPEN_IT).then(OPENED, ENOUGH)
    gone = DepartureRecorded(session=NAME, person=person(1), seat="hospitals-4", left_at=STARTS)
    given(*history, *both).when(depart(1)).then(left(1), gone)


def test_a_guest_who_was_admitted_arrives() -> None:
    arrival = tell(RecordArrival, person=GUEST.person, at=STARTS)
    given(*OPEN).when(arrival).rejected(NotInvited)
    given(*OPEN, GuestAdmitted(session=NAME, person=GUEST.person)).when(arrival).then(GUEST_ARRIVED)


def test_only_who_is_there_leaves() -> None:
    given(*INVITED, arrived(1)).when(depart(1)).then(left(1))
    given(*INVITED).when(depart(1)).rejected(NotPresent, session=NAME)
    given(*PLANNED).when(depart(1)).rejected(InvitationMissing, session=NAME)
    given(*INVITED, arrived(1), left(1)).when(depart(1)).rejected(NotPresent)


def test_who_was_replaced_on_a_seat_can_still_leave() -> None:
    successor = Recipient(person=person(4), seat="hospitals-1")
    given(*INVITED, arrived(1), invited(successor, issue=2)).when(depart(1)).then(left(1))


def test_a_plenary_opens_with_its_quorum_or_without() -> None:
    given(*INVITED, arrived(1), arrived(2)).when(OPEN_IT).then(OPENED, ENOUGH)
    given(*INVITED, arrived(1)).when(OPEN_IT).then(OPENED, MISSED)
    given(*OPEN).when(OPEN_IT).then_nothing()


def test_the_quorum_of_49_seats_is_25() -> None:
    seats = tuple(Recipient(person=person(number), seat=f"seat-{number}") for number in range(1, 26))
    arrivals = [ArrivalRecorded(session=NAME, person=seat.person, seat=seat.seat) for seat in seats]
    history = (*PLANNED, invited(*seats, voting_seats=49, quorum=25))
    given(*history, *arrivals).when(OPEN_IT).then(
        OPENED, QuorumEstablished(session=NAME, present=25, voting_seats=49, needed=25)
    )
    given(*history, *arrivals[:24]).when(OPEN_IT).then(
        OPENED, QuorumMissed(session=NAME, present=24, voting_seats=49, needed=25)
    )


def test_a_seat_counts_once_whoever_sat_on_it() -> None:
    successor = Recipient(person=person(4), seat="hospitals-1")
    history = (*INVITED, arrived(1), invited(successor, issue=2))
    again = ArrivalRecorded(session=NAME, person=person(4), seat="hospitals-1")
    given(*history, again).when(OPEN_IT).then(OPENED, MISSED)


def test_guests_never_count() -> None:
    history = (*PLANNED, GuestAdmitted(session=NAME, person=GUEST.person), invited(*EVERYBODY, GUEST))
    given(*history, arrived(1), GUEST_ARRIVED).when(OPEN_IT).then(OPENED, MISSED)


def test_working_groups_and_workshops_have_no_quorum() -> None:
    given(*GROUP_OPEN[:3]).when(OPEN_IT).then(OPENED)
    given(*GROUP_OPEN).when(depart(1)).then(left(1))
    given(*GROUP_OPEN).when(agree(recommendation=None)).then(agreed(1, recommendation=None))


def test_a_plenary_without_a_quorum_decides_whoever_is_there() -> None:
    history = (*PLANNED, invited(*EVERYBODY, quorum=0), arrived(1))
    given(*history).when(OPEN_IT).then(OPENED)
    given(*history, OPENED).when(agree()).then(agreed(1))
    given(*history, OPENED).when(depart(1)).then(left(1))


def test_what_a_session_has_adopted_no_other_item_of_it_decides_again() -> None:
    """Else the minutes would say that what stands as adopted was rejected. What was lost may be voted on again."""
    carried, lost = voted(2, 0, 0, carried=True), voted(0, 2, 0, carried=False)
    for again in (agree(item=1), vote(0, 2, item=1)):
        for before in (agreed(), carried):
            given(*OPEN, before).when(again).rejected(RecommendationIsDecided, recommendation="staff-housing", item=2)
        given(*OPEN, lost).when(again).then_something()
    given(*OPEN, agreed()).when(agree(item=1, recommendation="other")).then(agreed(item=1, recommendation="other"))


def test_where_nobody_is_nothing_is_decided() -> None:
    """Also where no quorum is needed: an empty room adopts no recommendation."""
    history = (*PLANNED, invited(*EVERYBODY, GUEST, quorum=0), OPENED)
    nobody = tell(RecordVote, item=1, recommendation=None, yes=0, no=0, abstentions=0)
    for command in (agree(), nobody):
        given(*history).when(command).rejected(NobodyIsPresent, session=NAME)
        given(*history, GUEST_ARRIVED).when(command).rejected(NobodyIsPresent, session=NAME)
        given(*history, arrived(1), left(1)).when(command).rejected(NobodyIsPresent, session=NAME)


def test_a_session_opens_only_after_its_invitation() -> None:
    given(*PLANNED).when(OPEN_IT).rejected(InvitationMissing, session=NAME)
    given().when(OPEN_IT).rejected(SessionUnknown, session=NAME)


def test_a_late_arrival_establishes_the_quorum_and_a_departure_ends_it() -> None:
    given(*INQUORATE).when(arrive(2)).then(arrived(2), ENOUGH)
    given(*OPEN).when(depart(2)).then(left(2), MISSED)
    given(*OPEN, arrived(3)).when(depart(2)).then(left(2))
    given(*INVITED, arrived(1)).when(arrive(2)).then(arrived(2))


NEXT_DAY = STARTS + timedelta(days=1)
LATE = STARTS + timedelta(hours=1)


def test_a_session_opens_on_its_day() -> None:
    for at in (STARTS - timedelta(days=1), NEXT_DAY):
        given(*INVITED).when(tell(OpenSession, at=at)).rejected(NotOnItsDay, session=NAME, day="23.04.2024")
    first, last = datetime(2024, 4, 22, 22, 0, tzinfo=UTC), datetime(2024, 4, 23, 21, 59, tzinfo=UTC)
    for at in (first, last):
        opened = OPENED.model_copy(update={"opened_at": at})
        given(*INVITED, arrived(1), arrived(2)).when(tell(OpenSession, at=at)).then(opened, ENOUGH)


def test_a_session_is_opened_once_and_another_time_for_it_is_refused() -> None:
    given(*OPEN).when(tell(OpenSession, at=LATE)).then_nothing()
    given(*OPEN).when(tell(OpenSession, at=LATE, opened_at=STARTS)).then_nothing()
    other = tell(OpenSession, at=LATE, opened_at=STARTS + timedelta(minutes=5))
    given(*OPEN).when(other).rejected(SessionOpenedDifferently, session=NAME, opened="23.04.2024, 14:00 Uhr")
    of_old = (*OPEN[:-2], OPENED.model_copy(update={"opened_at": None}), ENOUGH)
    given(*of_old).when(other).then_nothing()


def test_what_is_typed_afterwards_says_its_own_time() -> None:
    given(*INVITED, arrived(1)).when(tell(OpenSession, at=NEXT_DAY, opened_at=STARTS)).then(OPENED, MISSED)
    came = tell(RecordArrival, person=person(3), at=NEXT_DAY, arrived_at=STARTS)
    given(*OPEN).when(came).then(arrived(3))
    given(*CLOSED).when(came).then(arrived(3))
    went = tell(RecordDeparture, person=person(2), at=NEXT_DAY, left_at=LATE)
    given(*CLOSED).when(went).then(left(2).model_copy(update={"left_at": LATE}))
    given(*CLOSED).when(tell(RecordArrival, person=person(3), at=LATE)).rejected(SessionIsClosed)


def test_nobody_is_there_on_another_day_nor_in_the_future() -> None:
    given(*INVITED).when(tell(RecordArrival, person=person(1), at=NEXT_DAY)).rejected(NotOnItsDay)
    given(*OPEN).when(tell(RecordDeparture, person=person(1), at=NEXT_DAY)).rejected(NotOnItsDay)
    given(*INVITED).when(tell(RecordArrival, person=person(1), at=STARTS, arrived_at=LATE)).rejected(
        NotYet, moment="23.04.2024, 15:00 Uhr"
    )
    before = STARTS - timedelta(minutes=5)
    given(*OPEN).when(tell(RecordDeparture, person=person(1), at=LATE, left_at=before)).rejected(LeavesBeforeArrival)


def test_nothing_is_typed_once_the_minutes_are_approved() -> None:
    minutes = (
        MinutesDrafted(session=NAME, document="N"),
        MinutesSent(session=NAME, document="N", appointment=WHEN, recipients=EVERYBODY),
        MinutesApproved(session=NAME),
    )
    for command in (tell(RecordArrival, person=person(3), at=NEXT_DAY, arrived_at=STARTS), correct(1, LATE)):
        given(*CLOSED, *minutes).when(command).rejected(SessionIsClosed)


def correct(number: int, arrived_at: datetime, left_at: datetime | None = None) -> CorrectAttendance:
    when = {"arrived_at": arrived_at, "left_at": left_at}
    return tell(CorrectAttendance, person=person(number), reason="Falsch notiert", at=NEXT_DAY, **when)


def corrected(number: int, arrived_at: datetime, left_at: datetime | None = None) -> AttendanceCorrected:
    who = {"person": person(number), "seat": f"hospitals-{number}"}
    return AttendanceCorrected(session=NAME, **who, arrived_at=arrived_at, left_at=left_at, reason="Falsch notiert")


def test_times_are_corrected_with_a_reason() -> None:
    given(*CLOSED).when(correct(1, LATE)).then(corrected(1, LATE))
    given(*CLOSED, corrected(1, LATE)).when(correct(1, LATE)).then_nothing()
    given(*CLOSED).when(correct(3, LATE)).rejected(NeverAttended)
    given(*CLOSED).when(correct(1, NEXT_DAY)).rejected(NotOnItsDay)
    given(*CLOSED).when(correct(1, LATE, STARTS)).rejected(LeavesBeforeArrival)


def test_who_had_left_after_all_does_not_count_any_more() -> None:
    given(*OPEN).when(correct(1, STARTS, LATE)).then(corrected(1, STARTS, LATE), MISSED)
    given(*OPEN, arrived(3)).when(correct(1, STARTS, LATE)).then(corrected(1, STARTS, LATE))
    back = (*OPEN, left(1), MISSED)
    given(*back).when(correct(1, STARTS)).then(corrected(1, STARTS), ENOUGH)


def test_who_was_never_there_is_withdrawn() -> None:
    withdraw = tell(WithdrawAttendance, person=person(1), reason="Verwechslung", at=NEXT_DAY)
    gone = AttendanceWithdrawn(session=NAME, person=person(1), seat="hospitals-1", reason="Verwechslung")
    given(*OPEN).when(withdraw).then(gone, MISSED)
    given(*CLOSED).when(withdraw).then(gone)
    given(*INVITED).when(withdraw).rejected(NeverAttended)


def test_a_whole_sheet_is_recorded_or_none_of_it() -> None:
    def sheet(*lines: Attended) -> RecordAttendance:
        return tell(RecordAttendance, sheet=lines, at=NEXT_DAY)

    stayed, went = (
        Attended(person=person(1), arrived_at=STARTS),
        Attended(person=person(2), arrived_at=STARTS, left_at=LATE),
    )
    gone = left(2).model_copy(update={"left_at": LATE})
    given(*INVITED, OPENED, MISSED).when(sheet(stayed, went)).then(arrived(1), arrived(2), gone)
    given(*INVITED, arrived(1), OPENED, MISSED).when(sheet(stayed, went)).then(arrived(2), gone)
    given(*OPEN).when(sheet(stayed, went)).then(gone, MISSED)
    stranger = Attended(person=person(9), arrived_at=STARTS)
    given(*INVITED, OPENED, MISSED).when(sheet(stayed, stranger)).rejected(NotInvited)


def test_other_times_are_a_correction_and_not_dropped() -> None:
    other = tell(RecordArrival, person=person(1), at=NEXT_DAY, arrived_at=LATE)
    given(*OPEN).when(other).rejected(AttendedDifferently, session=NAME)
    again = tell(RecordArrival, person=person(1), at=NEXT_DAY, arrived_at=STARTS - timedelta(minutes=5))
    given(*OPEN, left(1), MISSED).when(again).rejected(AttendedDifferently)


def test_nothing_is_decided_without_a_quorum() -> None:
    given(*INQUORATE).when(agree()).rejected(QuorumIsMissing, present=1, needed=2)
    given(*INQUORATE).when(vote(1, 0)).rejected(QuorumIsMissing)
    given(*INQUORATE, arrived(2), ENOUGH).when(agree()).then(agreed())


def test_the_session_agrees_on_an_item() -> None:
    given(*OPEN).when(agree()).then(agreed())
    given(*OPEN).when(agree(item=1, recommendation=None)).then(agreed(item=1, recommendation=None))


@pytest.mark.parametrize(
    ("yes", "no", "abstentions", "carried"),
    [(2, 0, 0, True), (1, 0, 1, True), (1, 1, 0, False), (0, 0, 2, False)],
)
def test_a_vote_is_carried_by_more_yes_than_no(yes: int, no: int, abstentions: int, carried: bool) -> None:
    given(*OPEN).when(vote(yes, no, abstentions)).then(voted(yes, no, abstentions, carried=carried))


@pytest.mark.parametrize(("yes", "no", "abstentions"), [(3, 0, 0), (1, 2, 0), (1, 1, 1), (1, 0, 0), (0, 0, 0)])
def test_votes_add_up_to_the_seats_that_are_there(yes: int, no: int, abstentions: int) -> None:
    votes = yes + no + abstentions
    given(*OPEN).when(vote(yes, no, abstentions)).rejected(VotesDoNotAddUp, votes=votes, present=2)


def test_guests_do_not_vote() -> None:
    history = (*OPEN, GuestAdmitted(session=NAME, person=GUEST.person), GUEST_ARRIVED)
    given(*history).when(vote(3, 0)).rejected(VotesDoNotAddUp, present=2)


def test_an_item_is_decided_once_and_has_to_be_on_the_agenda() -> None:
    given(*OPEN, agreed()).when(vote(2, 0)).rejected(AgendaItemDecided, item=2)
    given(*OPEN, voted(2, 0, 0, carried=True)).when(agree()).rejected(AgendaItemDecided, item=2)
    given(*OPEN).when(agree(item=3)).rejected(AgendaItemUnknown, session=NAME, item=3)
    given(*OPEN).when(vote(2, 0, item=3)).rejected(AgendaItemUnknown)


def test_only_the_plenary_decides_on_recommendations() -> None:
    given(*GROUP_OPEN).when(agree()).rejected(OnlyPlenaryAdopts, recommendation="staff-housing")
    given(*GROUP_OPEN).when(vote(1, 0)).rejected(OnlyPlenaryAdopts)


def test_a_session_closes_once() -> None:
    given(*OPEN).when(CLOSE_IT).then(SessionClosed(session=NAME))
    given(*CLOSED).when(CLOSE_IT).then_nothing()


@pytest.mark.parametrize("command", [agree(), vote(1, 0), CLOSE_IT])
def test_only_an_open_session_decides_and_closes(command: Command) -> None:
    given(*INVITED).when(command).rejected(SessionNotOpen, session=NAME)


@pytest.mark.parametrize("command", [arrive(1), depart(1), OPEN_IT, agree(), vote(1, 0)])
def test_a_closed_session_takes_nothing_more(command: Command) -> None:
    given(*CLOSED).when(command).rejected(SessionIsClosed, session=NAME)


@pytest.mark.parametrize("command", [arrive(1), depart(1), OPEN_IT, agree(), vote(1, 0), CLOSE_IT])
def test_a_cancelled_session_takes_nothing_more(command: Command) -> None:
    cancelled = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=EVERYBODY)
    given(*INVITED, cancelled).when(command).rejected(SessionIsCancelled, session=NAME)


def test_what_the_quorum_is_of_is_named() -> None:
    """The version of the rules that the invitation was issued by."""
    history = (*PLANNED, invited(rules_version=3), arrived(1))
    missed = QuorumMissed(**{**MISSED.model_dump(), "rules_version": 3})
    given(*history).when(OPEN_IT).then(OPENED, missed)
    enough = QuorumEstablished(**{**ENOUGH.model_dump(), "rules_version": 3})
    given(*history, arrived(2)).when(OPEN_IT).then(OPENED, enough)


def test_who_has_left_may_be_back_at_that_very_moment() -> None:
    back = tell(RecordArrival, person=person(1), at=NEXT_DAY, arrived_at=LATE)
    gone = left(1).model_copy(update={"left_at": LATE})
    given(*OPEN, gone, MISSED).when(back).then(arrived(1).model_copy(update={"arrived_at": LATE}), ENOUGH)


def test_a_sheet_that_is_recorded_already_leads_to_nothing() -> None:
    gone = left(2).model_copy(update={"left_at": LATE})
    lines = (
        Attended(person=person(1), arrived_at=STARTS),
        Attended(person=person(2), arrived_at=STARTS, left_at=LATE),
    )
    given(*OPEN, gone, MISSED).when(tell(RecordAttendance, sheet=lines, at=NEXT_DAY)).then_nothing()
