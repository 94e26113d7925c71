"""For each kind of mail: which later events make one that waits untrue, so that it is not sent; and no others do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

import pytest

from services.notifications.domain.correspondence import Pointless, Replaced, turn_of
from services.notifications.domain.course import Course, is_withdrawn, letters_to
from services.notifications.domain.mail_state import Mail
from services.notifications.domain.office import office_in
from services.notifications.projections import COURSES, course_in
from shared.contracts.meetings import (
    AnswersMissing,
    DeadlineStageReached,
    DeputyInvited,
    GuestInvited,
    InvitationAnswered,
    InvitationIssued,
    InvitationWithdrawn,
    MinutesSent,
    SessionCancelled,
    SessionRescheduled,
)
from shared.contracts.members import (
    ContactCorrected,
    EntitlementChanged,
    HolderLeft,
    MandateWithdrawn,
    PostVacated,
)
from shared.contracts.notifications import Content
from shared.contracts.occupancies import SeatEvent
from shared.kernel.decider import Event
from shared.kernel.identifiers import stream_name
from shared.kernel.time import days, local_day
from tests.kit.delivered import folded
from tests.kit.when import CONFERENCE, NOW, person
from tests.meetings.stuttgart import EVERYBODY, GUEST, INVITED, MOVED, SUPPLEMENTED, WHEN, extended, invited, withdrawn
from tests.meetings.stuttgart import NAME as SESSION
from tests.members.test_dates import HEAD, SEAT, TYPED, changed, corrected, deputy, ended
from tests.members.test_seat_group import OPENED, SINCE, appointed

EVA, TODAY = person(1), local_day(NOW)
YESTERDAY, TOMORROW, LONG_AGO = TODAY - days(1), TODAY + days(1), SINCE - days(400)
ABOUT: dict[str, Any] = {"session": SESSION, "appointment": WHEN}

AGAIN = invited(issue=2)
CALLED_OFF = SessionCancelled(**ABOUT, reason="Unwetter", recipients=EVERYBODY)
TAKEN_BACK = withdrawn(EVERYBODY[0])
DUE = DeadlineStageReached(**ABOUT, deadline="session", recipients=EVERYBODY)
WRITTEN = MinutesSent(**ABOUT, document="Niederschrift", recipients=EVERYBODY)
UNANSWERED = AnswersMissing(**ABOUT, seats=("hospitals-1",))
SAID_YES = InvitationAnswered(session=SESSION, person=EVA, seat=EVERYBODY[0].seat, answer="accept")
TOLD_LATER = {name: value for name, value in extended(GUEST) if name != "places"}
A_GUEST_MORE, A_DEPUTY_MORE = GuestInvited(**TOLD_LATER), DeputyInvited(**TOLD_LATER)
"""Events of a session, all to Eva but where it says otherwise."""

MAILS_OF_A_SESSION: Mapping[str, Event] = {
    "invitation": invited(),
    "update": MOVED,
    "cancellation": CALLED_OFF,
    "withdrawal": TAKEN_BACK,
    "supplement": SUPPLEMENTED,
    "reminder": DUE,
    "minutes": WRITTEN,
    "answers": UNANSWERED,
}
OF_NO_SESSION = {"welcome", "farewell", "contact", "digest"}

SAYS_ALL_ANEW: set[type[Event]] = {InvitationIssued, InvitationWithdrawn, SessionCancelled}
UNTRUE_BY: Mapping[str, set[type[Event]]] = {
    "invitation": {*SAYS_ALL_ANEW, SessionRescheduled},
    "update": {*SAYS_ALL_ANEW, SessionRescheduled},
    "cancellation": {*SAYS_ALL_ANEW, SessionRescheduled},
    "withdrawal": {*SAYS_ALL_ANEW, SessionRescheduled},
    "supplement": SAYS_ALL_ANEW,
    "reminder": {*SAYS_ALL_ANEW, SessionRescheduled, DeadlineStageReached, InvitationAnswered},
    "minutes": {MinutesSent},
    "answers": {SessionRescheduled, SessionCancelled, AnswersMissing, InvitationAnswered},
}
LATER = (
    AGAIN,
    MOVED,
    CALLED_OFF,
    TAKEN_BACK,
    SUPPLEMENTED,
    DUE,
    WRITTEN,
    UNANSWERED,
    SAID_YES,
    extended(EVERYBODY[1]),
    A_GUEST_MORE,
    A_DEPUTY_MORE,
)

TAKES_A_SEAT_AWAY: Mapping[str, Sequence[Event]] = {
    "MandateEnded": (ended(1, YESTERDAY),),
    "MandateWithdrawn": (MandateWithdrawn(**SEAT, role="principal", person=EVA, since=SINCE, reason=TYPED),),
    "MandateCorrected": (corrected(1, SINCE, LONG_AGO, YESTERDAY),),
    "DelegateAppointed": (appointed(2, since=TODAY),),
    "EntitlementChanged": (EntitlementChanged(group="hospitals", seats=("hospitals-2",), since=TODAY),),
    "a mandate that was corrected and withdrawn": (
        corrected(1, SINCE, LONG_AGO),
        MandateWithdrawn(**SEAT, role="principal", person=EVA, since=LONG_AGO, reason=TYPED),
    ),
}
LEAVES_THE_SEAT: Mapping[str, Sequence[Event]] = {
    "an end that is to come": (ended(1, TODAY),),
    "an end that was moved": (ended(1, YESTERDAY), ended(1, TOMORROW)),
    "another mandate": (MandateWithdrawn(**SEAT, role="principal", person=EVA, since=LONG_AGO, reason=TYPED),),
    "as a deputy": (
        deputy(1, SINCE),
        MandateWithdrawn(**SEAT, role="deputy", person=EVA, since=SINCE, reason=TYPED),
    ),
    "somebody else": (MandateWithdrawn(**SEAT, role="principal", person=person(2), since=SINCE, reason=TYPED),),
    "whoever follows tomorrow": (appointed(2, since=TOMORROW),),
    "another seat": (appointed(2, "hospitals-2"), ended(2, YESTERDAY)),
    "seats that go tomorrow": (EntitlementChanged(group="hospitals", seats=("hospitals-2",), since=TOMORROW),),
}


def course(history: Sequence[Event], stream: str) -> Course:
    (document,) = folded(COURSES, history, stream_name(CONFERENCE, *stream.split("/"))).values()
    return course_in(document)


def is_sent(of: Course, about: Content, seat: str | None, today: date = TODAY) -> bool:
    """The first mail of that kind to Eva, or to the office, while all of them wait."""
    letters = letters_to(of, to_whom(about.kind), about, seat)
    first = next(one for one in letters if one.content.kind == about.kind)
    over = {one.mail for one in letters if is_withdrawn(of, one, to_whom(about.kind), seat, today)}
    turn = turn_of(first.mail, letters, {one.mail: Mail("queued") for one in letters}, over)
    return not isinstance(turn, Replaced | Pointless)


def to_whom(kind: str) -> str:
    return office_in(CONFERENCE) if kind == "answers" else EVA


@pytest.mark.parametrize("later", LATER, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("kind", MAILS_OF_A_SESSION)
def test_a_mail_about_a_session_is_sent_unless_a_later_event_makes_it_untrue(kind: str, later: Event) -> None:
    first = MAILS_OF_A_SESSION[kind]
    before = INVITED[:2] if kind == "invitation" else INVITED
    of = course([*before, first, later], f"session/{SESSION}")
    about = next(one.content for one in of.occasions if one.content.kind == kind)
    assert is_sent(of, about, EVERYBODY[0].seat) == (type(later) not in UNTRUE_BY[kind])


def welcome(*later: Event) -> Course:
    return course([OPENED, appointed(1), *later], "seat-group/hospitals")


@pytest.mark.parametrize("why", TAKES_A_SEAT_AWAY)
def test_nobody_is_welcomed_to_a_seat_that_he_has_not(why: str) -> None:
    of = welcome(*TAKES_A_SEAT_AWAY[why])
    assert not is_sent(of, of.occasions[0].content, "hospitals-1")


@pytest.mark.parametrize("why", LEAVES_THE_SEAT)
def test_whoever_has_the_seat_is_welcomed(why: str) -> None:
    of = welcome(*LEAVES_THE_SEAT[why])
    assert is_sent(of, of.occasions[0].content, "hospitals-1")


LEFT = HolderLeft(group="hospitals", seat="hospitals-1", person=EVA, until=YESTERDAY)


@pytest.mark.parametrize(
    ("later", "sent"),
    [
        ((), True),
        ((corrected(1, SINCE, SINCE, TODAY),), False),
        ((MandateWithdrawn(**SEAT, role="principal", person=EVA, since=SINCE, reason=TYPED),), False),
        ((appointed(2, since=TODAY),), True),
        ((corrected(1, SINCE, SINCE, TODAY), LEFT.model_copy(update={"until": TODAY})), False),
    ],
)
def test_a_farewell_is_sent_as_long_as_that_day_was_the_last(later: Sequence[Event], sent: bool) -> None:
    of = welcome(ended(1, YESTERDAY), LEFT, *later)
    about = next(one.content for one in of.occasions if one.content.kind == "farewell")
    assert is_sent(of, about, "hospitals-1") == sent


def test_whoever_is_bid_farewell_is_not_welcomed_any_more() -> None:
    of = welcome(ended(1, YESTERDAY), LEFT)
    assert not is_sent(of, of.occasions[0].content, "hospitals-1")


def test_of_two_corrections_the_newer_is_told() -> None:
    again = ContactCorrected(person=EVA)
    of = course([again, again], f"person/{EVA}")
    assert len(of.occasions) == 2
    assert not is_sent(of, of.occasions[0].content, None)


@pytest.mark.parametrize(
    "later", [changed(2, TODAY), PostVacated(group="head", seat="head-1", since=TODAY, reason="other")]
)
def test_whoever_left_the_post_is_not_welcomed_to_its_seat(later: Event) -> None:
    of = course([HEAD, changed(1, SINCE), later], "seat-group/head")
    assert is_sent(of, of.occasions[0].content, "head-1", YESTERDAY)
    assert not is_sent(of, of.occasions[0].content, "head-1", TODAY)


def test_a_welcome_says_the_first_day_as_it_was_corrected() -> None:
    of = welcome(corrected(1, SINCE, TOMORROW), corrected(1, TOMORROW, YESTERDAY))
    assert [one.content for one in of.occasions] == [of.occasions[0].content.model_copy(update={"since": YESTERDAY})]
    assert is_sent(of, of.occasions[0].content, "hospitals-1")
    for other in (
        corrected(2, SINCE, TOMORROW),
        corrected(1, LONG_AGO, TOMORROW),
        corrected(1, SINCE, TOMORROW, role="deputy"),
    ):
        assert welcome(other).occasions == welcome().occasions


def test_whoever_has_the_seat_is_not_welcomed_for_a_second_time_that_was_withdrawn() -> None:
    ends, begins = date(2024, 12, 31), date(2025, 1, 1)
    taken_back = MandateWithdrawn(**SEAT, role="principal", person=EVA, since=begins, reason=TYPED)
    of = course([OPENED, appointed(1, until=ends), appointed(1, since=begins), taken_back], "seat-group/hospitals")
    letters = letters_to(of, EVA, of.occasions[0].content, "hospitals-1")
    assert [is_withdrawn(of, one, EVA, "hospitals-1", TODAY) for one in letters] == [False, True]
    assert is_sent(of, of.occasions[0].content, "hospitals-1")


def test_whoever_keeps_the_seat_after_all_is_welcomed_though_a_farewell_was_written() -> None:
    of = welcome(ended(1, YESTERDAY), LEFT, corrected(1, SINCE, SINCE, TOMORROW))
    assert is_sent(of, of.occasions[0].content, "hospitals-1")


def test_of_a_seat_that_is_not_known_nothing_is_said() -> None:
    of = Course(occasions=welcome().occasions)
    assert is_sent(of, of.occasions[0].content, "hospitals-1")


def test_every_kind_of_mail_has_its_row_and_every_event_in_one_is_heard() -> None:
    kinds = {one.model_fields["kind"].default for one in get_args(get_args(Content)[0])}
    assert kinds - OF_NO_SESSION == {*MAILS_OF_A_SESSION} == {*UNTRUE_BY}
    assert {*get_args(SeatEvent), *(type(one) for one in LATER)} <= COURSES.events
