"""Invitations: frozen when issued, in good time, answered by those who got them, followed by one reminder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.meetings.domain.session import SESSION
from services.meetings.domain.session_answers import Answered, AnswerInvitation, RecordAnswers, Said
from services.meetings.domain.session_invitation import (
    AgendaMissing,
    AnnounceReminder,
    IssueInvitation,
    NobodyToInvite,
    sealed,
)
from services.meetings.domain.session_notice import NoticeTooShort
from services.meetings.domain.session_recipients import AdmitGuest
from services.meetings.domain.session_stage import (
    InvitationMissing,
    NotInvited,
    SessionHasBegun,
    SessionIsCancelled,
    SessionIsOpen,
)
from shared.contracts.meetings import (
    AgendaChanged,
    Answer,
    AnswersMissing,
    DeadlineStageReached,
    GuestAdmitted,
    InvitationAnswered,
    InvitationIssued,
    Recipient,
    SessionCancelled,
    SessionRescheduled,
)
from shared.kernel.replacing import ChangedMeanwhile
from tests.kit.given import given_of
from tests.kit.when import NOW, person
from tests.meetings.stuttgart import (
    AGENDA,
    EVERYBODY,
    GUEST,
    INVITED,
    MOVED,
    MOVED_TO,
    NAME,
    OF_GROUP,
    OPEN,
    PLANNED,
    SCHEDULED,
    STARTS,
    WHEN,
    extended,
    invited,
    roster,
    seated,
    tell,
)

given = given_of(SESSION)

ADMITTED = GuestAdmitted(session=NAME, person=GUEST.person)
ADMIT = tell(AdmitGuest, person=GUEST.person)
REMINDED = DeadlineStageReached(session=NAME, deadline="session", appointment=WHEN, recipients=EVERYBODY)
UNANSWERED = AnswersMissing(session=NAME, appointment=WHEN, seats=tuple(one.seat for one in EVERYBODY if one.seat))
WEEK_BEFORE = STARTS - timedelta(days=7)


def issue(reason: str | None = None, at: datetime | None = None, **rules: Any) -> IssueInvitation:
    when = {"at": at} if at else {}
    return tell(IssueInvitation, reason=reason, roster=roster(**rules), **when)


def answer(number: int, said: str) -> AnswerInvitation:
    return tell(AnswerInvitation, person=person(number), answer=said)


def answered(number: int, said: Any, seat: str | None = None) -> InvitationAnswered:
    seat = seat or f"hospitals-{number}"
    return InvitationAnswered(session=NAME, person=person(number), seat=seat, answer=said, revision=0)


def remind(at: datetime = WEEK_BEFORE) -> AnnounceReminder:
    return tell(AnnounceReminder, at=at)


def test_an_invitation_tells_everybody_on_the_roster_once() -> None:
    given(*PLANNED).when(issue()).then(invited())
    given(*INVITED).when(issue()).then_nothing()


def test_a_session_without_agenda_is_not_invited() -> None:
    given(SCHEDULED).when(issue()).rejected(AgendaMissing, session=NAME)


def test_somebody_has_to_be_invited() -> None:
    given(*PLANNED).when(issue(recipients=())).rejected(NobodyToInvite, session=NAME)


def test_short_notice_needs_a_reason() -> None:
    nine_days = datetime(2024, 4, 14, 8, 0, tzinfo=UTC)
    given(*PLANNED).when(issue(at=nine_days)).rejected(NoticeTooShort, left=9, notice=14, shortest=10)
    given(*PLANNED).when(issue(reason="Beschluss eilt", at=nine_days)).then(
        invited(reason="Beschluss eilt", told_at=nine_days)
    )


def test_notice_counts_days_of_the_offices_calendar() -> None:
    late_evening_of_the_13th = datetime(2024, 4, 13, 21, 59, tzinfo=UTC)
    given(*PLANNED).when(issue(at=late_evening_of_the_13th)).then(invited(told_at=late_evening_of_the_13th))
    given(*PLANNED).when(issue(at=late_evening_of_the_13th + timedelta(minutes=1))).rejected(NoticeTooShort)


def test_another_agenda_or_another_number_of_seats_is_another_issue() -> None:
    shorter = AgendaChanged(session=NAME, agenda=AGENDA[:1])
    given(*INVITED, shorter).when(issue()).then(invited(issue=2, agenda=AGENDA[:1]))
    given(*INVITED).when(issue(voting_seats=5)).then(invited(issue=2, voting_seats=5, quorum=3))


def test_a_later_issue_takes_the_place_of_the_earlier_one() -> None:
    successor = Recipient(person=person(4), seat="hospitals-3")
    second = invited(*EVERYBODY[:2], successor, issue=2)
    history = (*INVITED, second)
    given(*history).when(answer(3, "accept")).rejected(NotInvited)
    given(*history).when(answer(4, "accept")).then(answered(4, "accept", seat="hospitals-3"))


def test_an_invitation_names_the_conference_and_the_working_group_to_whoever_gets_it() -> None:
    named: dict[str, Any] = {"conference_name": "Pflegekonferenz", "group_name": "Personal"}
    given(*PLANNED).when(issue(**named)).then(invited(**named))


def test_nobody_is_invited_to_what_has_begun() -> None:
    given(*PLANNED).when(issue(reason="Eile", at=STARTS)).rejected(SessionHasBegun, starts="23.04.2024, 14:00 Uhr")


def test_a_move_was_told_on_its_own_and_needs_no_other_issue() -> None:
    given(*INVITED, MOVED).when(issue()).then_nothing()


@pytest.mark.parametrize(
    ("seats", "percent", "needed"), [(49, 50, 25), (48, 50, 24), (49, 33, 17), (1, 1, 1), (1000, 50, 500)]
)
def test_the_quorum_is_a_share_of_all_seats_rounded_up(seats: int, percent: int, needed: int) -> None:
    given(*PLANNED).when(issue(voting_seats=seats, quorum_percent=percent)).then(
        invited(voting_seats=seats, quorum=needed)
    )


def test_where_the_rules_say_so_the_plenary_needs_no_quorum() -> None:
    given(*PLANNED).when(issue(quorum_percent=None)).then(invited(quorum=0))


def test_a_working_group_needs_no_quorum() -> None:
    given(OF_GROUP, *PLANNED[1:]).when(issue()).then(invited(kind="working_group", quorum=0))


def test_an_invitation_proves_what_it_told() -> None:
    told = invited()
    assert sealed(told) == told
    for field, forged in (
        ("appointment", MOVED_TO),
        ("agenda", AGENDA[:1]),
        ("voting_seats", 5),
        ("recipients", EVERYBODY[:2]),
    ):
        changed = told.model_copy(update={field: forged})
        assert sealed(changed) != changed


def test_only_invited_people_answer() -> None:
    given(*INVITED).when(answer(1, "decline")).then(answered(1, "decline"))
    given(*INVITED).when(answer(9, "accept")).rejected(NotInvited, session=NAME)
    given(*PLANNED).when(answer(1, "accept")).rejected(NotInvited)


def test_an_answer_is_to_the_appointment_as_it_is() -> None:
    history = (*INVITED, answered(1, "decline"), MOVED)
    again = answered(1, "decline").model_copy(update={"revision": 1})
    given(*history).when(answer(1, "decline")).then(again)
    given(*history, again).when(answer(1, "decline")).then_nothing()


def test_nobody_answers_when_the_session_has_begun() -> None:
    late = tell(AnswerInvitation, person=person(1), answer="accept", at=STARTS)
    given(*INVITED).when(late).rejected(SessionHasBegun, session=NAME)


def test_who_declined_before_a_move_is_reminded() -> None:
    history = (*INVITED, answered(1, "decline"), MOVED)
    reminded = REMINDED.model_copy(update={"appointment": MOVED_TO})
    given(*history).when(remind(WEEK_BEFORE)).then(reminded, UNANSWERED.model_copy(update={"appointment": MOVED_TO}))


def test_a_reminder_keeps_a_day_away_from_what_it_repeats() -> None:
    """Be it the invitation, a move, or that of somebody who was invited later."""
    given(*INVITED).when(remind(NOW + timedelta(hours=23, minutes=59))).then_nothing()
    given(*INVITED).when(remind(NOW + timedelta(days=1))).then(REMINDED, UNANSWERED)
    moved_late = MOVED.model_copy(update={"told_at": WEEK_BEFORE})
    given(*INVITED, moved_late).when(remind(WEEK_BEFORE + timedelta(hours=1))).then_nothing()
    history = (*INVITED, extended(seated(4), told_at=WEEK_BEFORE))
    late = UNANSWERED.model_copy(update={"seats": (*UNANSWERED.seats, seated(4).seat)})
    given(*history).when(remind(WEEK_BEFORE)).then(REMINDED, late)
    everybody = REMINDED.model_copy(update={"recipients": (*EVERYBODY, seated(4))})
    given(*history).when(remind(WEEK_BEFORE + timedelta(days=1))).then(everybody, late)


def test_an_answer_may_change() -> None:
    history = (*INVITED, answered(1, "decline"))
    given(*history).when(answer(1, "decline")).then_nothing()
    given(*history).when(answer(1, "deputy")).then(answered(1, "deputy"))


def test_who_fills_two_seats_answers_for_both() -> None:
    second = Recipient(person=person(1), seat="hospitals-4")
    given(*PLANNED, invited(*EVERYBODY, second)).when(answer(1, "accept")).then(
        answered(1, "accept"), answered(1, "accept", seat="hospitals-4")
    )


def test_a_whole_list_of_answers_is_recorded_or_none_of_it() -> None:
    lines = (Answered(person=person(1), answer="accept"), Answered(person=person(2), answer="decline"))
    given(*INVITED).when(tell(RecordAnswers, answers=lines)).then(answered(1, "accept"), answered(2, "decline"))
    given(*INVITED, answered(1, "accept")).when(tell(RecordAnswers, answers=lines)).then(answered(2, "decline"))
    stranger = Answered(person=person(9), answer="accept")
    given(*INVITED).when(tell(RecordAnswers, answers=(*lines, stranger))).rejected(NotInvited, session=NAME)


def test_an_answer_that_has_come_meanwhile_is_not_overwritten_unseen() -> None:
    """By the invitation's link, or from a colleague: of a whole list nothing is recorded then."""
    other = Answered(person=person(2), answer="decline")

    def meant(seen: Answer | None) -> RecordAnswers:
        line = Answered(person=person(1), answer="accept", replaces=Said(answer=seen))
        return tell(RecordAnswers, answers=(line, other))

    given(*INVITED).when(meant(None)).then(answered(1, "accept"), answered(2, "decline"))
    given(*INVITED, answered(1, "deputy")).when(meant(None)).rejected(ChangedMeanwhile, now="eine andere Antwort")
    given(*INVITED, answered(1, "deputy")).when(meant("decline")).rejected(ChangedMeanwhile, now="eine andere Antwort")
    given(*INVITED, answered(1, "decline")).when(meant("decline")).then(answered(1, "accept"), answered(2, "decline"))
    both = (Answered(person=person(each), answer="accept", replaces=Said(answer=None)) for each in (1, 2))
    history = (*INVITED, answered(1, "decline"), answered(2, "decline"))
    given(*history).when(tell(RecordAnswers, answers=tuple(both))).rejected(ChangedMeanwhile, now="2 andere Antworten")


def test_the_reminder_goes_to_everybody_who_has_not_declined() -> None:
    given(*INVITED).when(remind()).then(REMINDED, UNANSWERED)
    answers = (answered(1, "accept"), answered(2, "decline"), answered(3, "deputy"))
    given(*INVITED, *answers).when(remind()).then(REMINDED.model_copy(update={"recipients": (seated(1), seated(3))}))


def test_with_the_reminder_it_is_said_which_seats_have_not_answered() -> None:
    answers = (answered(1, "decline"), answered(3, "deputy"))
    [_, missing] = SESSION.decide(SESSION.fold([*INVITED, *answers]), remind())
    assert missing == UNANSWERED.model_copy(update={"seats": (seated(2).seat,)})


def test_a_guest_that_does_not_answer_is_no_seat() -> None:
    given(*PLANNED, invited(Recipient(person=person(9), seat=None))).when(remind()).then(
        REMINDED.model_copy(update={"recipients": (Recipient(person=person(9), seat=None),)})
    )


def test_the_reminder_comes_once() -> None:
    given(*INVITED, REMINDED).when(remind()).then_nothing()
    given(*INVITED, REMINDED).when(remind(STARTS - timedelta(days=1))).then_nothing()


def test_a_session_moved_to_a_later_day_is_reminded_of_again() -> None:
    again = REMINDED.model_copy(update={"appointment": MOVED_TO})
    given(*INVITED, REMINDED, MOVED).when(remind()).then(again, UNANSWERED.model_copy(update={"appointment": MOVED_TO}))


@pytest.mark.parametrize("moved", [timedelta(days=-1), timedelta(hours=2)])
def test_a_move_to_an_earlier_day_or_another_hour_brings_no_other_reminder(moved: timedelta) -> None:
    appointment = WHEN.model_copy(update={"starts": STARTS + moved, "revision": 1})
    event = SessionRescheduled(session=NAME, appointment=appointment, recipients=EVERYBODY)
    given(*INVITED, REMINDED, event).when(remind()).then_nothing()


def test_nobody_is_reminded_of_what_has_begun() -> None:
    given(*INVITED).when(remind(STARTS - timedelta(milliseconds=1))).then(REMINDED, UNANSWERED)
    given(*INVITED).when(remind(STARTS)).rejected(SessionHasBegun, starts="23.04.2024, 14:00 Uhr")
    given(*OPEN).when(remind()).rejected(SessionIsOpen)


def test_nobody_is_reminded_of_what_they_were_not_invited_to() -> None:
    given(*PLANNED).when(remind()).rejected(InvitationMissing, session=NAME)


@pytest.mark.parametrize("command", [issue(), ADMIT, answer(1, "accept"), remind()])
def test_a_cancelled_session_invites_nobody(command: Any) -> None:
    cancelled = SessionCancelled(session=NAME, appointment=WHEN, reason="Saal gesperrt", recipients=EVERYBODY)
    given(*INVITED, cancelled).when(command).rejected(SessionIsCancelled, session=NAME)


@pytest.mark.parametrize("command", [issue(), answer(1, "accept")])
def test_an_open_session_invites_nobody(command: Any) -> None:
    given(*OPEN).when(command).rejected(SessionIsOpen, session=NAME)


def test_an_invitation_names_the_rules_that_it_is_issued_by() -> None:
    decided = SESSION.decide(SESSION.fold(PLANNED), issue(rules_version=3))
    assert [event.rules_version for event in decided if isinstance(event, InvitationIssued)] == [3]
