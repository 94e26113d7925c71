"""Whoever a session concerns is invited and whoever it does not is told so, whenever that changes."""

from __future__ import annotations

from typing import Any

import pytest

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_answers import AnswerInvitation
from services.meetings.domain.session_attendance import RecordArrival
from services.meetings.domain.session_invitation import InvitationChangedMeanwhile, IssueInvitation
from services.meetings.domain.session_planning import CancelSession, RescheduleSession
from services.meetings.domain.session_recipients import AdjustInvitation, AdmitGuest, AdmitGuestPool, NobodyOnTheList
from services.meetings.domain.session_stage import NotInvited, SessionHasBegun, SessionIsCancelled, SessionIsClosed
from shared.contracts.meetings import (
    AgendaChanged,
    GuestAdmitted,
    GuestInvited,
    InvitationAnswered,
    Recipient,
    SessionCancelled,
)
from tests.kit.given import given_of
from tests.kit.when import NOW, person
from tests.meetings.stuttgart import (
    AGENDA,
    CLOSED,
    EVERYBODY,
    GUEST,
    INVITED,
    LATER,
    MOVED,
    MOVED_TO,
    NAME,
    OPEN,
    PLANNED,
    STARTS,
    SUPPLEMENTED,
    WHEN,
    arrived,
    extended,
    invited,
    roster,
    seated,
    tell,
    withdrawn,
)

given = given_of(SESSION)

ADMITTED = GuestAdmitted(session=NAME, person=GUEST.person)
ADMIT = tell(AdmitGuest, person=GUEST.person)
FOURTH = seated(4)
SUCCESSOR = Recipient(person=person(4), seat="hospitals-3")
SHORTER = AgendaChanged(session=NAME, agenda=AGENDA[:1])


def guest_invited(**fields: Any) -> GuestInvited:
    told = extended(GUEST).model_dump(exclude={"places"})
    return GuestInvited(**{**told, **fields})


GUEST_INVITED = guest_invited()
WITH_GUEST = (*INVITED, ADMITTED, GUEST_INVITED)


def adjust(*recipients: Recipient, edition: int = 1, gone: tuple[str, ...] = (), **fields: Any) -> AdjustInvitation:
    return tell(AdjustInvitation, roster=roster(recipients=recipients, edition=edition, gone=gone), **fields)


def issue(*recipients: Recipient, **fields: Any) -> IssueInvitation:
    return tell(IssueInvitation, reason=None, roster=roster(recipients=recipients or EVERYBODY, **fields))


def test_who_is_appointed_later_is_invited_and_nobody_else_is_told() -> None:
    given(*INVITED).when(adjust(*EVERYBODY, FOURTH)).then(extended(FOURTH))
    given(*INVITED).when(adjust(*EVERYBODY)).then_nothing()


def test_from_who_leaves_the_invitation_is_withdrawn() -> None:
    given(*INVITED).when(adjust(*EVERYBODY[:2])).then(withdrawn(seated(3)))


def test_who_follows_on_a_seat_is_invited_in_the_place_of_the_other() -> None:
    given(*INVITED).when(adjust(*EVERYBODY[:2], SUCCESSOR)).then(withdrawn(seated(3)), extended(SUCCESSOR))


def test_inviting_again_tells_only_those_whom_it_concerns_by_now() -> None:
    given(*INVITED).when(issue(*EVERYBODY[:2], SUCCESSOR)).then(withdrawn(seated(3)), extended(SUCCESSOR))


def test_another_issue_takes_back_the_one_before_from_whom_it_leaves_out() -> None:
    second = invited(*EVERYBODY[:2], issue=2, agenda=AGENDA[:1])
    given(*INVITED, SHORTER).when(issue(*EVERYBODY[:2])).then(withdrawn(seated(3)), second)


def test_the_newest_appointment_and_the_agenda_of_the_others_are_told() -> None:
    told = extended(FOURTH, appointment=MOVED_TO)
    given(*INVITED, MOVED, SHORTER).when(adjust(*EVERYBODY, FOURTH, edition=2)).then(told)
    gone = withdrawn(seated(3), appointment=MOVED_TO)
    given(*INVITED, MOVED).when(adjust(*EVERYBODY[:2], edition=2)).then(gone)


def test_who_has_one_more_seat_or_changes_seats_hears_nothing_new() -> None:
    second = Recipient(person=person(1), seat="hospitals-4")
    both = extended(second, recipients=())
    given(*INVITED).when(adjust(*EVERYBODY, second)).then(both)
    given(*INVITED, both).when(adjust(*EVERYBODY, edition=2)).then(withdrawn(second, recipients=()))
    given(*INVITED).when(adjust(second, *EVERYBODY[1:])).then(both, withdrawn(seated(1), recipients=()))


def test_a_guest_who_gets_a_seat_is_invited_for_it_and_the_other_way_round() -> None:
    seat = Recipient(person=GUEST.person, seat="hospitals-4")
    for_seat = (withdrawn(GUEST, recipients=()), extended(seat))
    given(*WITH_GUEST).when(adjust(*EVERYBODY, seat, edition=2)).then(*for_seat)
    as_guest = (withdrawn(seat, recipients=()), extended(GUEST))
    given(*WITH_GUEST, *for_seat).when(adjust(*EVERYBODY, edition=4)).then(*as_guest)


def test_whoever_was_erased_or_has_died_is_not_invited_and_not_written_to() -> None:
    gone = (person(3), GUEST.person)
    out = withdrawn(seated(3), GUEST, recipients=())
    given(*WITH_GUEST).when(adjust(*EVERYBODY[:2], edition=2, gone=gone)).then(out)
    given(*PLANNED, ADMITTED).when(issue(gone=(GUEST.person,))).then(invited())


def test_what_rests_on_an_older_roster_than_the_last_change_says_nothing() -> None:
    given(*INVITED, extended(FOURTH)).when(adjust(*EVERYBODY, edition=1)).then_nothing()
    given(*INVITED, extended(FOURTH)).when(issue(edition=1)).rejected(InvitationChangedMeanwhile, session=NAME)
    given(*INVITED, SUPPLEMENTED).when(issue(edition=1)).rejected(InvitationChangedMeanwhile, session=NAME)
    given(*INVITED, SUPPLEMENTED).when(adjust(*EVERYBODY[:2], edition=1)).then_nothing()
    given(*PLANNED).when(issue(edition=0)).then(invited())


def test_only_the_invitation_to_a_session_that_is_not_over_is_adjusted() -> None:
    given(*PLANNED).when(adjust(*EVERYBODY[:2], edition=0)).then_nothing()
    given(*CLOSED).when(adjust(*EVERYBODY[:2])).then_nothing()


@pytest.mark.parametrize("history", [INVITED, OPEN])
def test_nobody_is_told_of_a_session_that_has_begun_and_the_office_has_to_see_to_it(history: Any) -> None:
    given(*history).when(adjust(*EVERYBODY[:2], at=STARTS)).rejected(SessionHasBegun, session=NAME)
    given(*history).when(adjust(*EVERYBODY, at=STARTS)).then_nothing()


def test_who_is_not_invited_any_more_counts_nowhere() -> None:
    said = InvitationAnswered(session=NAME, person=person(3), seat="hospitals-3", answer="accept", revision=0)
    history = (*INVITED, said, arrived(3), withdrawn(seated(3)))
    given(*history).when(tell(AnswerInvitation, person=person(3), answer="accept")).rejected(NotInvited)
    given(*history).when(tell(RecordArrival, person=person(3), at=STARTS)).rejected(NotInvited)
    state = SESSION.fold(history)
    assert (state.answers, state.present, state.invited) == ({}, (), EVERYBODY[:2])


def test_moves_and_cancellations_go_to_whoever_is_invited_by_then() -> None:
    history = (*INVITED, extended(FOURTH), withdrawn(seated(3)))
    everybody = (*EVERYBODY[:2], FOURTH)
    move = tell(RescheduleSession, **LATER, place=WHEN.place)
    given(*history).when(move).then(MOVED.model_copy(update={"recipients": everybody}))
    cancelled = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=everybody)
    given(*history).when(tell(CancelSession, reason="Saal gesperrt")).then(cancelled)


def test_guests_admitted_before_are_part_of_the_invitation() -> None:
    given(*PLANNED).when(ADMIT).then(ADMITTED)
    given(*PLANNED, ADMITTED).when(ADMIT).then_nothing()
    given(*PLANNED, ADMITTED).when(issue()).then(invited(*EVERYBODY, GUEST))


def test_a_guest_admitted_later_is_invited_alone() -> None:
    given(*INVITED).when(ADMIT).then(ADMITTED, GUEST_INVITED)
    given(*WITH_GUEST).when(issue()).then_nothing()
    given(*WITH_GUEST).when(tell(AnswerInvitation, person=GUEST.person, answer="accept")).then(
        InvitationAnswered(session=NAME, person=GUEST.person, seat=None, answer="accept", revision=0)
    )


def test_a_copy_of_the_issue_for_a_guest_as_of_old_invites_him_too() -> None:
    of_old = (*INVITED, ADMITTED, invited(GUEST))
    given(*of_old).when(issue()).then_nothing()
    given(*of_old).when(adjust(*EVERYBODY, edition=2)).then_nothing()


def test_a_late_guest_learns_of_the_newest_date_and_the_agenda_that_the_others_have() -> None:
    given(*INVITED, MOVED, SHORTER).when(ADMIT).then(ADMITTED, guest_invited(appointment=MOVED_TO))


def test_a_guest_of_a_session_that_has_begun_needs_no_letter() -> None:
    given(*OPEN).when(ADMIT).then(ADMITTED)
    given(*INVITED).when(tell(AdmitGuest, person=GUEST.person, at=STARTS)).then(ADMITTED)
    given(*CLOSED).when(ADMIT).rejected(SessionIsClosed)


def test_who_is_invited_anyway_is_no_guest() -> None:
    given(*INVITED).when(tell(AdmitGuest, person=person(1))).then_nothing()
    given(*PLANNED, GuestAdmitted(session=NAME, person=person(1))).when(issue()).then(invited())


def test_a_cancelled_session_admits_nobody() -> None:
    cancelled = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=EVERYBODY)
    given(*INVITED, cancelled).when(ADMIT).rejected(SessionIsCancelled, session=NAME)
    given(*INVITED, cancelled).when(adjust()).then_nothing()


def test_the_moment_of_telling_is_kept() -> None:
    later = tell(AdjustInvitation, roster=roster(recipients=(*EVERYBODY, FOURTH), edition=1), at=STARTS.replace(day=1))
    given(*INVITED).when(later).then(extended(FOURTH, told_at=STARTS.replace(day=1)))
    assert SESSION.fold([*INVITED, MOVED]).announced_at == NOW


def admit_pool(*numbers: int, **fields: Any) -> AdmitGuestPool:
    return tell(AdmitGuestPool, pool="academia", people=tuple(person(number) for number in numbers), **fields)


def guests(*numbers: int) -> tuple[Recipient, ...]:
    return tuple(Recipient(person=person(number), seat=None) for number in numbers)


def test_everybody_on_a_list_is_admitted_by_one_command_and_told_by_one_event() -> None:
    admitted = [GuestAdmitted(session=NAME, person=person(number)) for number in (8, 9)]
    given(*PLANNED).when(admit_pool(8, 9)).then(*admitted)
    given(*INVITED).when(admit_pool(8, 9)).then(*admitted, guest_invited(recipients=guests(8, 9)))
    given(*OPEN).when(admit_pool(8, 9, at=STARTS)).then(*admitted)


def test_of_a_list_those_who_come_anyway_are_left_as_they_are() -> None:
    """Be it for a seat, or as a guest already."""
    known = GuestAdmitted(session=NAME, person=person(8))
    new = GuestAdmitted(session=NAME, person=person(9))
    given(*INVITED, known).when(admit_pool(1, 8, 9)).then(new, guest_invited(recipients=guests(9)))
    given(*INVITED, known).when(admit_pool(1, 8)).then_nothing()


def test_an_empty_list_admits_nobody_and_says_so() -> None:
    given(*INVITED).when(admit_pool()).rejected(NobodyOnTheList, pool="academia")


def test_a_list_is_not_admitted_to_what_is_over() -> None:
    given(*CLOSED).when(admit_pool(8)).rejected(SessionIsClosed, session=NAME)
