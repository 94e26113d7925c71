"""A holder who declines brings the invitation of the seat's deputy; who comes after all takes it back."""

from __future__ import annotations

from typing import Any

import pytest

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_answers import AnswerInvitation
from services.meetings.domain.session_attendance import RecordArrival
from services.meetings.domain.session_day import OpenSession
from services.meetings.domain.session_invitation import IssueInvitation
from services.meetings.domain.session_planning import RescheduleSession
from services.meetings.domain.session_recipients import AdjustInvitation, CoverSeat, SeatNotCovered
from services.meetings.domain.session_stage import SessionHasBegun
from shared.contracts.meetings import (
    AgendaChanged,
    Answer,
    ArrivalRecorded,
    DeputyInvited,
    GuestAdmitted,
    InvitationAnswered,
    InvitationWithdrawn,
    QuorumEstablished,
    Recipient,
)
from tests.kit.given import given_of
from tests.kit.when import person
from tests.meetings.stuttgart import (
    AGENDA,
    EVERYBODY,
    INVITED,
    LATER,
    MOVED,
    NAME,
    OPENED,
    STARTS,
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

DEPUTY = Recipient(person=person(11), seat="hospitals-1")
ANOTHER = Recipient(person=person(12), seat="hospitals-2")
HOLDER_ELSEWHERE = Recipient(person=person(2), seat="hospitals-1")


def answered(place: Recipient, answer: Answer, revision: int = 0) -> InvitationAnswered:
    return InvitationAnswered(session=NAME, person=place.person, seat=place.seat, answer=answer, revision=revision)


def deputy_invited(*places: Recipient, **fields: Any) -> DeputyInvited:
    told = extended(*places).model_dump(exclude={"places"})
    return DeputyInvited(**{**told, **fields})


def released(*places: Recipient, **fields: Any) -> InvitationWithdrawn:
    return withdrawn(*places, as_deputies=True, **fields)


def adjust(
    edition: int, *deputies: Recipient, holders: tuple[Recipient, ...] = EVERYBODY, **fields: Any
) -> AdjustInvitation:
    known = roster(recipients=holders, deputies=deputies, edition=edition, gone=fields.pop("gone", ()))
    return tell(AdjustInvitation, roster=known, **fields)


def cover(seat: str, *deputies: Recipient) -> CoverSeat:
    return tell(CoverSeat, seat=seat, roster=roster(deputies=deputies))


DECLINED = (*INVITED, answered(seated(1), "decline"))
REPRESENTED = (*DECLINED, deputy_invited(DEPUTY))


@pytest.mark.parametrize("answer", ["decline", "deputy"])
def test_who_does_not_come_brings_the_deputys_invitation(answer: Answer) -> None:
    history = (*INVITED, answered(seated(1), answer))
    given(*history).when(adjust(1, DEPUTY, ANOTHER)).then(deputy_invited(DEPUTY))


def test_nobody_is_deputized_who_comes_or_has_not_answered() -> None:
    given(*INVITED, answered(seated(2), "accept")).when(adjust(1, DEPUTY, ANOTHER)).then_nothing()


def test_who_comes_after_all_needs_no_deputy_any_more() -> None:
    comes = (*REPRESENTED, answered(DEPUTY, "accept"), answered(seated(1), "accept"))
    given(*comes).when(adjust(2, DEPUTY)).then(released(DEPUTY))
    state = SESSION.fold([*comes, released(DEPUTY)])
    assert (state.invited, state.deputies, state.answers) == (EVERYBODY, (), {person(1): "accept"})


def test_another_deputy_takes_the_place_of_the_one_before() -> None:
    successor = Recipient(person=person(13), seat="hospitals-1")
    given(*REPRESENTED).when(adjust(2, successor)).then(released(DEPUTY), deputy_invited(successor))


def test_another_holder_is_asked_first() -> None:
    successor = Recipient(person=person(4), seat="hospitals-1")
    holders = (successor, *EVERYBODY[1:])
    told = (withdrawn(seated(1)), released(DEPUTY), extended(successor))
    given(*REPRESENTED).when(adjust(2, DEPUTY, holders=holders)).then(*told)


def test_a_deputy_who_takes_over_the_seat_is_invited_as_its_holder() -> None:
    told = (withdrawn(seated(1)), released(DEPUTY, recipients=()), extended(DEPUTY))
    given(*REPRESENTED).when(adjust(2, holders=(DEPUTY, *EVERYBODY[1:]))).then(*told)
    assert SESSION.fold([*REPRESENTED, *told]).deputies == ()


def test_who_has_a_seat_is_not_asked_for_another() -> None:
    given(*DECLINED).when(adjust(1, HOLDER_ELSEWHERE)).then_nothing()
    given(*DECLINED).when(cover("hospitals-1", HOLDER_ELSEWHERE)).rejected(SeatNotCovered, seat="hospitals-1")


def test_nobody_is_asked_for_two_seats_and_whoever_is_asked_stays_asked() -> None:
    both = (DEPUTY, Recipient(person=DEPUTY.person, seat="hospitals-2"))
    history = (*INVITED, answered(seated(2), "decline"), deputy_invited(both[1]), answered(seated(1), "decline"))
    given(*history).when(adjust(2, *both)).then_nothing()
    given(*history).when(cover("hospitals-1", *both)).rejected(SeatNotCovered, seat="hospitals-1")


def test_a_guest_who_deputizes_is_told_for_which_seat() -> None:
    guest = Recipient(person=DEPUTY.person, seat=None)
    history = (*INVITED, GuestAdmitted(session=NAME, person=DEPUTY.person), extended(guest))
    told = (withdrawn(guest, recipients=()), deputy_invited(DEPUTY))
    given(*history, answered(seated(1), "decline")).when(adjust(2, DEPUTY)).then(*told)


def test_nobody_writes_to_a_deputy_who_is_gone() -> None:
    given(*DECLINED).when(adjust(1, DEPUTY, gone=(DEPUTY.person,))).then_nothing()
    given(*REPRESENTED).when(adjust(2, DEPUTY, gone=(DEPUTY.person,))).then(released(DEPUTY, recipients=()))


def test_a_move_takes_deputies_back_and_asks_the_holders_again() -> None:
    move = tell(RescheduleSession, **LATER, place=WHEN.place)
    given(*REPRESENTED).when(move).then(released(DEPUTY), MOVED)
    given(*REPRESENTED, released(DEPUTY), MOVED).when(adjust(4, DEPUTY)).then_nothing()


def test_another_issue_goes_to_deputies_as_such() -> None:
    second = (
        invited(issue=2, agenda=AGENDA[:1]),
        deputy_invited(DEPUTY, issue=2, agenda=AGENDA[:1]),
    )
    again = tell(IssueInvitation, reason=None, roster=roster(deputies=(DEPUTY,), edition=2))
    changed = AgendaChanged(session=NAME, agenda=AGENDA[:1])
    given(*REPRESENTED, changed).when(again).then(*second)
    assert SESSION.fold([*REPRESENTED, changed, *second]).deputies == (DEPUTY,)


def test_a_seat_for_which_nobody_comes_is_not_covered() -> None:
    given(*DECLINED).when(cover("hospitals-1", ANOTHER)).rejected(SeatNotCovered, seat="hospitals-1", session=NAME)
    given(*DECLINED).when(cover("hospitals-1", DEPUTY)).then_nothing()
    given(*DECLINED).when(cover("hospitals-2")).then_nothing()
    given(*DECLINED).when(cover("hospitals-1")).then_nothing()
    neither = (*REPRESENTED, answered(DEPUTY, "decline"))
    given(*neither).when(cover("hospitals-1", DEPUTY)).rejected(SeatNotCovered, seat="hospitals-1")


def test_a_deputy_answers_and_is_there_for_the_seat() -> None:
    given(*REPRESENTED).when(tell(AnswerInvitation, person=DEPUTY.person, answer="accept")).then(
        answered(DEPUTY, "accept")
    )
    there = ArrivalRecorded(session=NAME, person=DEPUTY.person, seat="hospitals-1", arrived_at=STARTS)
    arrives = tell(RecordArrival, person=DEPUTY.person, arrived_at=STARTS, at=STARTS)
    given(*REPRESENTED).when(arrives).then(there)
    enough = QuorumEstablished(session=NAME, present=2, voting_seats=4, needed=2)
    given(*REPRESENTED, there, arrived(2)).when(tell(OpenSession, at=STARTS)).then(OPENED, enough)


@pytest.mark.parametrize("history", [DECLINED, (*DECLINED, OPENED)])
def test_a_session_that_has_begun_is_not_adjusted_silently(history: Any) -> None:
    given(*history).when(adjust(1, DEPUTY, at=STARTS)).rejected(SessionHasBegun, session=NAME)
    given(*history).when(adjust(1, at=STARTS)).then_nothing()
