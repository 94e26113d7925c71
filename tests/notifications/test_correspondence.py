"""Whose turn it is among the mails to one person, and what each of them is written on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from services.notifications.correspondence import Correspondence
from services.notifications.domain.correspondence import (
    Background,
    Clear,
    Held,
    Pointless,
    Replaced,
    Replaces,
    Turn,
    background_of,
    replaces,
    turn_of,
)
from services.notifications.domain.course import (
    Answered,
    Course,
    Letter,
    Occasion,
    alone,
    dropped_from,
    is_withdrawn,
    letters_to,
)
from services.notifications.domain.mail_commands import (
    AttemptUnderWay,
    MailCommand,
    MailIsOver,
    QueueNotification,
    SupersedeNotification,
    mail_id,
)
from services.notifications.domain.mail_state import Mail, MailEvent
from services.notifications.projections import queued_of
from shared.contracts.notifications import Content, Welcome
from shared.contracts.occupancies import Occupancy, Seat, Seats
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Rejected
from shared.kernel.time import days
from tests.kit.when import NOW, person
from tests.notifications.letterbox import (
    CANCELLATION,
    CONTENTS,
    FAREWELL,
    INVITATION,
    MINUTES,
    MISSING,
    REMINDER,
    SUPPLEMENT,
    UPDATE,
    WELCOME,
    WITHDRAWAL,
    queued,
    remembered,
)

EVA, PAUL = person(1), person(2)
SEAT = "hospitals-1"
AGAIN = INVITATION.model_copy(update={"issue": 2})

QUEUED, TRIED, PUT_OFF = Mail("queued"), Mail("attempting", attempts=1), Mail("deferred", attempts=1)
SENT = Mail("sent", attempts=1, may_have_arrived=True)
DUE, POSTED = (Mail("over", may_have_arrived=True, letter_due=due) for due in (True, False))
FAILED, UNANSWERED = Mail("over", attempts=1), Mail("over", attempts=2, may_have_arrived=True)
UNKNOWN = Mail()


def cause(order: int) -> str:
    return derived_id("cause", str(order))


def occasion(order: int, content: Content, *people: str) -> Occasion:
    named: dict[str, str | None] = dict.fromkeys(people or (EVA,), SEAT)
    return Occasion(order=order, cause=cause(order), at=NOW, content=content, recipients=named)


def course(*contents: Content, **more: Any) -> Course:
    """All of them to Eva, from number 1 on."""
    return Course(occasions=tuple(occasion(order, one) for order, one in enumerate(contents, 1)), **more)


def letters(of: Course, about: Content = INVITATION, to: str = EVA) -> list[Letter]:
    return letters_to(of, to, about, SEAT)


def name(order: int, kind: str, to: str = EVA) -> str:
    return mail_id(cause(order), kind, to)


def turn(contents: Sequence[Content], *before: Mail, over: Collection[int] = ()) -> Turn:
    """Of the mail behind those that are ``before``. ``over``: the numbers of those that are withdrawn."""
    found = letters(course(*contents), contents[len(before)])
    mails = {one.mail: mail for one, mail in zip(found, before, strict=False)}
    withdrawn = {one.mail for one in found if one.occasion.order in over}
    return turn_of(found[len(before)].mail, found, mails, withdrawn)


def test_the_first_may_go() -> None:
    assert turn([INVITATION]) == Clear()


@pytest.mark.parametrize("newer", [UPDATE, AGAIN, CANCELLATION, WITHDRAWAL])
@pytest.mark.parametrize("older", [INVITATION, UPDATE, REMINDER, WITHDRAWAL])
def test_what_a_newer_mail_makes_untrue_is_not_sent(older: Content, newer: Content) -> None:
    assert turn([older, newer]) == Replaced(by=name(2, newer.kind))


@pytest.mark.parametrize("newer", [AGAIN, CANCELLATION, WITHDRAWAL])
def test_a_supplement_is_needless_once_all_is_told_anew_or_over(newer: Content) -> None:
    assert turn([SUPPLEMENT, newer]) == Replaced(by=name(2, newer.kind))


def test_a_move_says_nothing_of_the_agenda_and_a_supplement_nothing_of_the_time() -> None:
    assert turn([SUPPLEMENT, UPDATE]) == Clear()
    assert turn([UPDATE, SUPPLEMENT]) == Clear()
    assert turn([INVITATION, SUPPLEMENT], QUEUED) == Held(by=name(1, "invitation"))


@pytest.mark.parametrize("content", [MINUTES, WELCOME])
def test_of_two_alike_the_newer_is_sent(content: Content) -> None:
    assert turn([content, content]) == Replaced(by=name(2, content.kind))


def test_a_mail_that_stands_alone_is_for_its_recipient() -> None:
    mail = queued(WELCOME, seat=SEAT)
    letter = alone(mail)
    assert (letter.mail, letter.occasion.recipients, letter.dropped) == (mail.mail, {EVA: SEAT}, False)
    begun, later = (occasion(1, INVITATION), occasion(2, INVITATION).model_copy(update={"reminder_days": 3}))
    known = background_of(mail.mail, EVA, Course(occasions=(begun, later)), [letter], {})
    assert known.reminder_days == begun.reminder_days, "it knows what came first, and nothing later"


def test_a_mail_is_written_with_the_day_of_the_reminder_that_its_invitation_named() -> None:
    def asked(*told: int) -> int:
        invitations = [
            occasion(order, INVITATION).model_copy(update={"reminder_days": one}) for order, one in enumerate(told, 1)
        ]
        of = Course(occasions=(*invitations, occasion(9, REMINDER)))
        found = letters(of, REMINDER)
        return background_of(found[-1].mail, EVA, of, found, {one.mail: SENT for one in found}).reminder_days

    assert [asked(), asked(7), asked(7, 3)] == [0, 7, 3]


ON_APPOINTMENT = {"invitation", "update", "cancellation", "withdrawal", "supplement", "reminder"}
REPLACED: dict[str, set[str]] = {
    **dict.fromkeys(("invitation", "cancellation", "withdrawal"), ON_APPOINTMENT),
    "update": ON_APPOINTMENT - {"supplement"},
    "supplement": set(),
    "welcome": {"welcome", "farewell"},
    "farewell": {"welcome", "farewell"},
    **{kind: {kind} for kind in ("reminder", "minutes", "answers", "contact", "digest")},
}


def test_of_every_two_kinds_it_is_laid_down_whether_the_newer_makes_the_older_needless() -> None:
    kinds = {one.kind: one for one in CONTENTS}
    assert REPLACED.keys() == kinds.keys()
    for newer, content in kinds.items():
        assert {kind for kind, older in kinds.items() if replaces(content, older)} == REPLACED[newer], newer


def test_the_newest_is_named() -> None:
    assert turn([INVITATION, UPDATE, CANCELLATION]) == Replaced(by=name(3, "cancellation"))


def test_a_reminder_takes_no_mails_place_but_a_reminders() -> None:
    assert turn([INVITATION, REMINDER]) == Clear()
    assert turn([REMINDER, REMINDER]) == Replaced(by=name(2, "reminder"))


@pytest.mark.parametrize("waiting", [QUEUED, TRIED, PUT_OFF])
def test_nothing_overtakes_a_mail_that_waits(waiting: Mail) -> None:
    assert turn([INVITATION, REMINDER], waiting) == Held(by=name(1, "invitation"))
    assert turn([INVITATION, UPDATE], waiting) == Replaces([name(1, "invitation")])


@pytest.mark.parametrize("ended", [SENT, FAILED, UNANSWERED, UNKNOWN])
def test_what_has_ended_holds_up_nobody(ended: Mail) -> None:
    assert turn([INVITATION, REMINDER], ended) == Clear()


@pytest.mark.parametrize(
    ("before", "turns"), [(SENT, Clear()), (UNANSWERED, Clear()), (FAILED, Pointless("never_told"))]
)
def test_called_off_is_what_may_have_been_heard_of(before: Mail, turns: Turn) -> None:
    assert turn([INVITATION, CANCELLATION], before) == turns
    assert turn([INVITATION, WITHDRAWAL], before) == turns


def test_what_was_taken_back_and_not_told_anew_is_not_called_off_again() -> None:
    story: list[Content] = [INVITATION, WITHDRAWAL, AGAIN, WITHDRAWAL]
    assert turn(story, SENT, SENT, FAILED) == Pointless("never_told")
    assert turn(story, SENT, SENT, SENT) == Clear()


def test_what_was_announced_before_the_service_was_there_is_called_off() -> None:
    assert turn([INVITATION, CANCELLATION], UNKNOWN) == Clear()


@pytest.mark.parametrize("newer", [UPDATE, AGAIN, CANCELLATION, WITHDRAWAL])
def test_a_due_letter_ends_with_what_it_tells_and_the_newer_mail_goes_as_after_a_posted_one(newer: Content) -> None:
    assert turn([INVITATION, newer], DUE) == Replaces([name(1, "invitation")])
    assert turn([INVITATION, newer], POSTED) == Clear()


def test_a_due_letter_that_stays_true_holds_up_nothing() -> None:
    assert turn([INVITATION, SUPPLEMENT], DUE) == turn([UPDATE, REMINDER], DUE) == Clear()


def test_what_is_withdrawn_is_not_sent() -> None:
    assert turn([INVITATION], over=[1]) == Pointless("withdrawn")
    assert turn([INVITATION, UPDATE], QUEUED, over=[1, 2]) == Pointless("withdrawn")


@pytest.mark.parametrize(("true", "withdrawn"), [(WELCOME, FAREWELL), (FAREWELL, WELCOME), (INVITATION, UPDATE)])
def test_what_is_true_does_not_give_way_to_what_is_not_sent_itself(true: Content, withdrawn: Content) -> None:
    assert turn([true, withdrawn], over=[2]) == Clear()
    assert turn([true, withdrawn], QUEUED, over=[2]) == turn([true, withdrawn], DUE, over=[2]) == Pointless("withdrawn")
    assert turn([true, withdrawn, true], over=[2]) == Replaced(by=name(3, true.kind))


def test_a_due_letter_that_is_over_ends_with_the_newer_mail_that_is_over_as_well() -> None:
    assert turn([INVITATION, UPDATE], DUE, over=[1, 2]) == Replaces([name(1, "invitation")])
    assert turn([INVITATION, UPDATE], POSTED, over=[1, 2]) == Pointless("withdrawn")


def test_minutes_seats_and_appointments_are_subjects_of_their_own() -> None:
    session = course(INVITATION, MINUTES, UPDATE)
    assert [one.occasion.order for one in letters(session)] == [1, 3]
    assert [one.occasion.order for one in letters(session, MINUTES)] == [2]
    other = Occasion(order=2, cause=cause(2), at=NOW, content=WELCOME, recipients={EVA: "hospitals-2"})
    seats = Course(occasions=(occasion(1, WELCOME), other))
    assert [one.occasion.order for one in letters(seats, WELCOME)] == [1]


def test_a_person_hears_only_of_what_was_meant_for_it() -> None:
    session = Course(occasions=(occasion(1, INVITATION, EVA, PAUL), occasion(2, UPDATE, PAUL)))
    assert [one.mail for one in letters(session)] == [name(1, "invitation")]
    assert [one.mail for one in letters(session, to=PAUL)] == [name(1, "invitation", PAUL), name(2, "update", PAUL)]


DROPPED = Course(
    occasions=(occasion(1, INVITATION, EVA, PAUL), occasion(2, AGAIN, PAUL), occasion(3, CANCELLATION, PAUL))
)


def test_who_was_dropped_hears_that_it_is_called_off_and_by_what_right() -> None:
    assert dropped_from(DROPPED, cause(3)) == {EVA: SEAT}
    assert dropped_from(DROPPED, cause(9)) == {}
    assert [(one.occasion.order, one.dropped) for one in letters(DROPPED)] == [(1, False), (3, True)]
    assert [one.dropped for one in letters(DROPPED, to=PAUL)] == [False, False, False]


def test_who_only_got_minutes_is_not_told_of_the_end() -> None:
    minutes_first = Course(occasions=(occasion(1, MINUTES, PAUL), occasion(2, INVITATION), occasion(3, CANCELLATION)))
    assert dropped_from(minutes_first, cause(3)) == {}


def test_from_whom_the_invitation_was_withdrawn_hears_no_second_end() -> None:
    withdrawn_once = Course(
        occasions=(
            occasion(1, INVITATION, EVA, PAUL),
            occasion(2, WITHDRAWAL, EVA),
            occasion(3, CANCELLATION, PAUL),
        )
    )
    assert dropped_from(withdrawn_once, cause(3)) == {}
    assert [(one.occasion.order, one.dropped) for one in letters(withdrawn_once)] == [(1, False), (2, True)]


def test_who_was_never_named_hears_nothing() -> None:
    assert letters(DROPPED, to=person(3)) == []


def withdrawn(of: Course, about: Content = INVITATION, to: str = EVA, today: date = date(2024, 1, 15)) -> list[bool]:
    return [is_withdrawn(of, one, to, SEAT, today) for one in letters(of, about, to)]


def test_a_later_invitation_withdraws_the_earlier_from_whom_it_does_not_name() -> None:
    assert withdrawn(DROPPED) == [True, False]
    assert withdrawn(DROPPED, to=PAUL) == [False, False, False]


def test_who_is_told_after_an_invitation_is_told_whoever_that_named() -> None:
    """An earlier invitation to Eva may not be known here."""
    for issues in ([INVITATION], [INVITATION, AGAIN]):
        invitations = [occasion(order, one, PAUL) for order, one in enumerate(issues, 1)]
        assert withdrawn(Course(occasions=(*invitations, occasion(9, UPDATE, EVA)))) == [False]


def test_a_copy_of_a_later_issue_withdraws_nothing_from_those_whom_that_issue_names() -> None:
    copied = Course(occasions=(occasion(1, INVITATION, EVA), occasion(2, AGAIN, EVA), occasion(3, AGAIN, PAUL)))
    assert withdrawn(copied) == [False, False]


def test_a_copy_for_a_late_guest_withdraws_nothing() -> None:
    late = Course(
        occasions=(occasion(1, INVITATION, EVA), occasion(2, INVITATION, PAUL), occasion(3, UPDATE, EVA, PAUL))
    )
    assert withdrawn(late) == [False, False]
    assert withdrawn(late, to=PAUL) == [False, False]


TODAY = date(2024, 1, 15)
BEGAN = WELCOME.since


def on_seat(until: date | None = None, who: str = EVA, since: date = BEGAN, name: str = SEAT) -> Seats:
    sits = Occupancy(person=who, role="principal", organisation=None, since=since, until=until)
    return (Seat(seat="hospitals-9"), Seat(seat=name, recorded=(sits,)))


AHEAD = WELCOME.model_copy(update={"since": TODAY + days(17)})


@pytest.mark.parametrize(
    ("content", "seats", "is_over"),
    [
        (WELCOME, on_seat(), False),
        (WELCOME, on_seat(until=TODAY), False),
        (WELCOME, on_seat(until=TODAY - days(1)), True),
        (WELCOME, on_seat(who=PAUL), True),
        (WELCOME, on_seat(since=BEGAN + days(1)), True),
        (WELCOME, on_seat(name="hospitals-2"), False),
        (WELCOME, (Seat(seat=SEAT),), True),
        (WELCOME, (), False),
        (AHEAD, on_seat(since=AHEAD.since), False),
        (FAREWELL, on_seat(until=FAREWELL.until), False),
        (FAREWELL, on_seat(until=FAREWELL.until + days(1)), True),
        (FAREWELL, on_seat(until=FAREWELL.until, who=PAUL), True),
        (FAREWELL, on_seat(until=FAREWELL.until + days(1), name="hospitals-2"), False),
        (FAREWELL, (), False),
    ],
)
def test_what_is_said_of_a_seat_is_over_once_it_is_not_so(content: Content, seats: Seats, is_over: bool) -> None:
    """Of a seat that is not known here, nothing is."""
    assert withdrawn(course(content, seats=seats), content, today=TODAY) == [is_over]


@pytest.mark.parametrize(
    ("content", "since", "until", "is_over"),
    [
        (WELCOME, None, TODAY, False),
        (WELCOME, None, TODAY - days(1), True),
        (AHEAD, AHEAD.since, None, False),
        (AHEAD, None, AHEAD.since, False),
        (AHEAD, None, AHEAD.since - days(1), True),
    ],
)
def test_nobody_is_welcomed_to_a_seat_that_there_is_no_more(
    content: Welcome, since: date | None, until: date | None, is_over: bool
) -> None:
    """Nor to one that ends before the first day; one that begins by then will do."""
    [seat] = on_seat(since=content.since)[1:]
    seats = (seat.model_copy(update={"since": since, "until": until}),)
    assert withdrawn(course(content, seats=seats), content, today=TODAY) == [is_over]


def test_the_office_is_asked_about_answers_until_the_session_moves_or_is_called_off() -> None:
    for later, is_over in ((UPDATE, True), (CANCELLATION, True), (AGAIN, False), (REMINDER, False)):
        assert withdrawn(course(MISSING, later), MISSING) == [is_over]
        assert withdrawn(course(later, MISSING), MISSING) == [False]


@pytest.mark.parametrize(
    ("answered", "is_over"),
    [
        ([(2, "hospitals-1"), (3, "hospitals-2")], True),
        ([(2, "hospitals-1")], False),
        ([(2, "hospitals-1"), (3, "hospitals-3"), (4, None)], False),
        ([(1, "hospitals-1"), (3, "hospitals-2")], False),
    ],
)
def test_the_office_is_not_asked_about_answers_that_have_all_come_since(
    answered: list[tuple[int, str | None]], is_over: bool
) -> None:
    given = tuple(Answered(order=order, person=PAUL, answer="accept", seat=seat) for order, seat in answered)
    assert withdrawn(course(MISSING, answers=given), MISSING) == [is_over]


def test_whoever_has_answered_since_needs_no_reminder() -> None:
    for order, who, is_over in ((3, EVA, True), (1, EVA, False), (3, PAUL, False)):
        of = Course(occasions=(occasion(2, REMINDER),), answers=(Answered(order=order, person=who, answer="accept"),))
        assert withdrawn(of, REMINDER) == [is_over]
        asked = of.model_copy(update={"occasions": (occasion(2, INVITATION),)})
        assert withdrawn(asked) == [False], "an invitation stays one"


def background(of: Course, order: int, *before: Mail, to: str = EVA) -> Background:
    found = letters(of, next(one.content for one in of.occasions if one.order == order), to)
    own = next(one for one in found if one.occasion.order == order)
    mails: Mapping[str, Mail] = {one.mail: mail for one, mail in zip(found, before, strict=False)}
    return background_of(own.mail, to, of, found, mails)


MOVED = UPDATE.model_copy(
    update={"appointment": UPDATE.appointment.model_copy(update={"place": "Saal 2", "revision": 3})}
)


def test_who_was_never_invited_is_invited_to_what_is_true_now() -> None:
    told = background(course(INVITATION, MOVED), 2, FAILED)
    assert told.content == INVITATION.model_copy(update={"appointment": MOVED.appointment})
    assert background(course(INVITATION, MOVED), 2, SENT).content == MOVED


def test_whoever_hears_first_of_a_supplement_is_invited_with_it() -> None:
    told = background(course(INVITATION, SUPPLEMENT), 2, Mail("over"))
    assert told.content == INVITATION.model_copy(update={"agenda": SUPPLEMENT.agenda})
    assert told.calendar_sequence == INVITATION.appointment.revision
    known = background(course(INVITATION, SUPPLEMENT), 2, SENT)
    assert (known.content, known.calendar_sequence) == (SUPPLEMENT, None)


def test_later_mails_know_the_agenda_as_supplemented() -> None:
    for later in (MOVED, REMINDER):
        told = background(course(INVITATION, SUPPLEMENT, later), 3, SENT, SENT)
        assert told.invitation is not None
        assert told.invitation.agenda == SUPPLEMENT.agenda


def test_whoever_was_uninvited_knows_of_nothing() -> None:
    assert background(course(INVITATION, WITHDRAWAL, AGAIN), 3, SENT, SENT).known is None


def test_known_is_what_arrived_last() -> None:
    session = course(INVITATION, MOVED, UPDATE)
    assert background(session, 3, SENT, SENT).known == MOVED.appointment
    assert background(session, 3, SENT, FAILED).known == INVITATION.appointment
    assert background(session, 3, FAILED, FAILED).known is None


def test_an_answer_counts_for_the_appointment_that_it_was_given_to() -> None:
    def answer(order: int) -> Any:
        return background(course(INVITATION, MOVED, REMINDER, answers=given), order, SENT, SENT).answer

    given = (Answered(order=1, person=PAUL, answer="decline"), Answered(order=1, person=EVA, answer="accept"))
    assert answer(2) is answer(3) is None
    later = Course(
        occasions=(occasion(1, INVITATION), occasion(5, REMINDER)),
        answers=(
            Answered(order=2, person=EVA, answer="decline"),
            Answered(order=3, person=EVA, answer="accept"),
            Answered(order=4, person=PAUL, answer="deputy"),
            Answered(order=6, person=EVA, answer="decline"),
        ),
    )
    assert background(later, 5, SENT).answer == "accept"


def numbered(number: int | None) -> Mail:
    return Mail("sent", attempts=1, may_have_arrived=True, calendar_sequence=number)


@pytest.mark.parametrize(
    ("contents", "before", "sequence"),
    [
        ([INVITATION], [], 2),
        ([INVITATION, AGAIN], [numbered(2)], 3),
        ([INVITATION, CANCELLATION], [numbered(7)], 8),
        ([INVITATION, CANCELLATION, AGAIN], [numbered(7), numbered(8)], 9),
        ([INVITATION, REMINDER, MOVED], [numbered(2), SENT], 3),
        ([INVITATION, MOVED], [FAILED], 3),
        ([INVITATION, AGAIN], [QUEUED], 2),
        ([INVITATION, REMINDER], [numbered(2)], None),
        ([INVITATION, WITHDRAWAL], [numbered(2)], 3),
        ([INVITATION, WITHDRAWAL, AGAIN], [numbered(2), numbered(3)], 4),
        ([INVITATION, SUPPLEMENT, MOVED], [FAILED, numbered(2)], 3),
    ],
)
def test_sequence_grows_with_every_entry_that_may_have_reached_the_recipient(
    contents: list[Content], before: list[Mail], sequence: int | None
) -> None:
    assert background(course(*contents), len(contents), *before).calendar_sequence == sequence


def test_what_was_sent_before_it_was_counted_had_the_revision_of_its_appointment() -> None:
    told = background(course(INVITATION, CANCELLATION), 2, SENT)
    assert (told.calendar_sequence, told.is_counted) == (3, False)
    assert background(course(INVITATION, CANCELLATION), 2, numbered(2)).is_counted
    assert not background(course(INVITATION, UPDATE, CANCELLATION), 3, SENT, numbered(2)).is_counted


def test_no_stamp_is_given_twice() -> None:
    stamps = [one.stamp for one in letters(course(INVITATION, UPDATE, CANCELLATION))]
    assert stamps == [NOW, NOW + timedelta(seconds=1), NOW + timedelta(seconds=2)]


OLDER, OLD, NEWER = (derived_id("mail", name) for name in ("older", "old", "newer"))


@pytest.mark.parametrize(
    ("no", "outcome", "asked"),
    [
        (MailIsOver(), None, [OLDER, OLD]),
        (AttemptUnderWay(until="gleich"), Held(by=OLDER), [OLDER]),
        (None, None, [OLDER, OLD]),
    ],
)
async def test_a_mail_that_replaces_others_waits_for_one_under_way_and_not_for_one_that_is_over(
    no: Rejected | None, outcome: Held | None, asked: list[str]
) -> None:
    told: list[tuple[str, str]] = []

    async def execute(command: MailCommand) -> Sequence[MailEvent]:
        assert isinstance(command, SupersedeNotification)
        told.append((command.mail, command.superseded_by))
        if no and command.mail == OLDER:
            raise no
        return []

    async def unasked(*_: object) -> Any:
        raise AssertionError

    correspondence = Correspondence(execute, unasked, unasked, unasked)
    newer = {"conference": "stuttgart", "mail": NEWER, "session": "first"}
    assert await correspondence._supersede_all(newer, [OLDER, OLD], NOW) == outcome
    assert told == [(mail, NEWER) for mail in asked]


async def never(*_: object) -> Any:
    raise AssertionError


def document_of(content: Content, order: int) -> dict[str, Any]:
    mail = name(order, content.kind, PAUL)
    return remembered(f"stuttgart/mail/{mail}", [queued(content, cause=cause(order), person=PAUL, mail=mail)])


async def test_a_mail_behind_one_that_waits_is_held_and_nothing_is_done() -> None:
    async def find(*_: object) -> Course:
        return Course(occasions=(occasion(1, INVITATION, PAUL), occasion(2, SUPPLEMENT, PAUL)))

    async def history(*_: object) -> Mail:
        return PUT_OFF

    turns = Correspondence(never, find, never, history)
    held = Held(by=name(1, "invitation", PAUL))
    document = document_of(SUPPLEMENT, 2)
    assert await turns.turn(document, queued_of(document), NOW, NOW.date()) == (held, None)


@pytest.mark.parametrize(("content", "order", "told"), [(AGAIN, 2, []), (CANCELLATION, 3, [EVA])])
async def test_only_a_cancellation_goes_also_to_whom_it_does_not_name(
    content: Content, order: int, told: list[str]
) -> None:
    asked: list[str] = []

    async def execute(command: MailCommand) -> Sequence[MailEvent]:
        assert isinstance(command, QueueNotification) and command.content == content
        asked.append(command.person)
        return []

    turns, document = Correspondence(execute, never, never, never), document_of(content, order)
    await turns._also_tell_dropped(DROPPED, document, queued_of(document))
    assert asked == told
