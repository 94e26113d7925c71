"""What is remembered of a mail: enough to write it, and when it wants to be looked at."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest

from services.notifications.domain.contents import recipients_of
from services.notifications.domain.course import Answered
from services.notifications.domain.mail_state import MailEvent
from services.notifications.domain.patience import ANSWER_WITHIN
from services.notifications.projections import (
    COURSES,
    MAILS,
    NAMES,
    PROJECTIONS,
    course_in,
    course_of,
    queued_of,
    seat_group_of,
    seat_groups_of,
    seats_in,
    topic_of,
)
from shared.contracts.meetings import InvitationAnswered
from shared.contracts.members import (
    ConferenceCorrected,
    ConferenceEstablished,
    DelegateAppointed,
    MandateCorrected,
    SeatGroupCorrected,
    SeatGroupOpened,
)
from shared.contracts.notifications import Content, HeldUp, NotificationReturned, VacantSeat, Welcome
from shared.contracts.topics import events_of
from shared.kernel.decider import Event
from shared.kernel.time import days, iso
from tests.kit.delivered import delivered, folded
from tests.kit.when import CONFERENCE, NOW, person
from tests.meetings.stuttgart import MOVED, invited
from tests.meetings.stuttgart import NAME as SESSION
from tests.notifications.letterbox import CAUSE, CONTENTS, DIGEST, INVITATION, MISSING, queued, remembered
from tests.notifications.test_mail import (
    BOUNCED,
    BOUNCED_THERE,
    HELD,
    LATER,
    POSTED,
    PRINTED,
    QUEUED,
    REQUEUED,
    SENT,
    SUPERSEDED,
    SUPPRESSED,
    attempted,
    deferred,
    failed,
)

STREAM = f"stuttgart/mail/{QUEUED.mail}"
AFTER = iso(LATER + ANSWER_WITHIN)


def after(*events: Event) -> dict[str, Any]:
    return remembered(STREAM, (QUEUED, *events))


def test_every_event_of_a_mail_is_remembered_in_the_mails_one_document() -> None:
    assert PROJECTIONS == (MAILS, NAMES, COURSES)
    assert MAILS.events == frozenset(get_args(MailEvent))
    assert list(MAILS.keys(*delivered(QUEUED, STREAM))) == [STREAM]


@pytest.mark.parametrize("content", CONTENTS)
def test_the_mail_can_be_written_from_what_is_remembered(content: Content) -> None:
    event = queued(content, useful_until=LATER)
    document = remembered(STREAM, [event])
    assert queued_of(document) == event
    assert document["kind"] == content.kind


def test_a_queued_mail_is_due_at_once() -> None:
    mail = remembered(STREAM, [queued(INVITATION)])
    assert (mail["state"], mail["not_before"], mail["session"]) == ("queued", iso(NOW), "plenary-5")
    assert after()["session"] is None


def test_an_attempt_is_looked_at_again_when_no_answer_came() -> None:
    mail = after(attempted())
    assert (mail["state"], mail["attempts"], mail["not_before"]) == ("attempting", 1, iso(LATER))
    assert not mail["tried_again"]
    assert after(attempted(), attempted(2, ambiguous=True), deferred(2), attempted(3))["tried_again"]


def test_a_deferred_mail_says_why_and_until_when() -> None:
    mail = after(attempted(), deferred())
    assert (mail["state"], mail["reason"], mail["not_before"]) == ("deferred", "try_later", iso(LATER))


@pytest.mark.parametrize(
    ("end", "state", "reason"),
    [
        (SENT, "sent", None),
        (failed("expired"), "failed", "expired"),
        (SUPPRESSED, "suppressed", "withdrawn"),
        (SUPERSEDED, "superseded", None),
        (PRINTED, "letter", None),
        (POSTED, "posted", None),
    ],
)
def test_what_is_over_is_never_due_again(end: Event, state: str, reason: str | None) -> None:
    mail = after(attempted(), deferred(), end)
    assert (mail["state"], mail["reason"], mail["not_before"]) == (state, reason, None)


USEFUL = queued(useful_until=LATER)
REFUSED = (attempted(), failed("rejected"), BOUNCED_THERE)
STEPS: list[tuple[tuple[Event, ...], Event, dict[str, Any]]] = [
    ((), attempted(), {"state": "attempting", "attempts": 1, "not_before": iso(LATER)}),
    (
        (attempted(),),
        deferred(until=LATER + days(1)),
        {"state": "deferred", "reason": "try_later", "not_before": iso(LATER + days(1))},
    ),
    ((attempted(),), attempted(2, LATER, ambiguous=True), {"attempts": 2, "tried_again": True, "not_before": AFTER}),
    ((attempted(),), SENT, {"state": "sent", "not_before": None}),
    ((attempted(),), failed("rejected"), {"state": "failed", "reason": "rejected", "not_before": None}),
    (REFUSED[:2], BOUNCED_THERE, {"bounced": True, "address": CAUSE}),
    (
        REFUSED,
        REQUEUED,
        {"state": "queued", "reason": None, "not_before": iso(NOW), "bounced": False, "address": None},
    ),
    ((), HELD, {"state": "held", "not_before": iso(LATER), "address": CAUSE}),
    ((), SUPERSEDED, {"state": "superseded", "not_before": None, "superseded_by": CAUSE}),
    ((), SUPPRESSED, {"state": "suppressed", "reason": "withdrawn", "not_before": None}),
    ((), PRINTED, {"state": "letter", "not_before": None}),
    ((PRINTED,), POSTED, {"state": "posted"}),
]
"""What each event changes in what is remembered, and nothing else."""


@pytest.mark.parametrize(("history", "event", "changed"), STEPS)
def test_each_step_changes_what_it_says(history: tuple[Event, ...], event: Event, changed: dict[str, Any]) -> None:
    before = remembered(STREAM, (USEFUL, *history))
    assert remembered(STREAM, (USEFUL, *history, event)) == {**before, **changed, "sequence": len(history) + 2}


def test_a_queued_mail_is_remembered_whole() -> None:
    mail = remembered(STREAM, [USEFUL])
    nothing_yet = {"state": "queued", "reason": None, "attempts": 0, "tried_again": False, "bounced": False}
    told = {"kind": "welcome", "session": None, "not_before": iso(NOW), **nothing_yet}
    kept = {"_id": STREAM, "conference": CONFERENCE, "stream": STREAM, "sequence": 1}
    assert mail == {**USEFUL.model_dump(mode="json"), **told, **kept}


def test_a_bounced_address_is_marked() -> None:
    assert not after()["bounced"]
    assert after(attempted(), failed("rejected"), BOUNCED)["bounced"]


def test_what_came_back_has_failed_and_its_reports_are_remembered() -> None:
    reports = [NotificationReturned(mail=QUEUED.mail, report=person(one), reason="gave_up") for one in (8, 9)]
    mail = after(attempted(), SENT, *reports)
    assert (mail["state"], mail["reason"], mail["not_before"]) == ("failed", "gave_up", None)
    assert mail["reports"] == [person(8), person(9)] and not mail["bounced"]


def test_names_are_remembered_by_conference_and_seat_group() -> None:
    opened = SeatGroupOpened(group="hospitals", number=9, name="Kliniken", kind="delegated", seats=("hospitals-1",))
    told = delivered(opened, "stuttgart/seat-group/hospitals")
    assert NAMES.events == {ConferenceEstablished, ConferenceCorrected, SeatGroupOpened, SeatGroupCorrected}
    assert list(NAMES.keys(*told)) == [seat_group_of(after())] == ["stuttgart/hospitals"]
    assert NAMES.fold(None, *told) == {"name": "Kliniken", "kind": "delegated"}
    corrected = SeatGroupCorrected(group="hospitals", number=9, name="Krankenhäuser", reason="Tippfehler")
    [named] = folded(NAMES, [opened, corrected], "stuttgart/seat-group/hospitals").values()
    assert (named["_id"], named["name"], named["kind"]) == ("stuttgart/hospitals", "Krankenhäuser", "delegated")


def test_what_people_were_told_about_a_session_and_answered_is_remembered_in_its_order() -> None:
    stream, name = f"stuttgart/session/{SESSION}", "hospitals-1"
    answered = InvitationAnswered(session=SESSION, person=person(1), seat=name, answer="accept")
    moved = MOVED.model_copy(update={"session": SESSION})
    (document,) = folded(COURSES, [invited(), answered, moved], stream).values()
    told = course_in(document)
    assert [(one.order, one.content.kind, one.reminder_days) for one in told.occasions] == [
        (1, "invitation", 7),
        (3, "update", 0),
    ]
    assert [one.recipients for one in told.occasions] == [
        recipients_of(invited(), CONFERENCE),
        recipients_of(moved, CONFERENCE),
    ]
    assert [(one.cause, one.at) for one in told.occasions[:1]] == [(delivered(invited(), stream)[1].id, NOW)]
    assert told.answers == (Answered(order=2, person=person(1), answer="accept", seat=name),)
    assert told.seats == ()


def test_a_mail_about_a_session_is_about_no_group() -> None:
    assert seat_group_of(remembered(STREAM, [queued(INVITATION)])) is None
    assert seat_groups_of(after()) == ["stuttgart/hospitals"]
    named = [seat_groups_of(remembered(STREAM, [queued(one)])) for one in (INVITATION, MISSING, DIGEST)]
    assert named == [[], ["stuttgart/hospitals"], ["stuttgart/hospitals", "stuttgart/head"]]


def test_the_seats_that_a_mail_to_the_office_says_are_those_of_all_its_lists() -> None:
    digest = DIGEST.model_copy(
        update={
            "vacant": (VacantSeat(seat="a-1", since=None),),
            "without_deputy": ("b-1",),
            "absent_twice": ("c-1",),
            "suspended": (HeldUp(seat="d-1", waiting=1), HeldUp(seat=None, waiting=2)),
        }
    )
    assert seats_in(digest) == ("a-1", "b-1", "c-1", "d-1")
    assert seats_in(digest.model_copy(update={"suspended": None})) == ("a-1", "b-1", "c-1")
    assert (seats_in(MISSING), seats_in(INVITATION)) == (MISSING.seats, ())


@pytest.mark.parametrize("content", CONTENTS)
def test_what_a_mail_is_about_is_told_on_one_topic_in_one_stream(content: Content) -> None:
    owner, stream = {
        "welcome": ("members", "seat-group/hospitals"),
        "farewell": ("members", "seat-group/hospitals"),
        "contact": ("members", f"person/{person(1)}"),
        "digest": ("members", f"person/{person(1)}"),
    }.get(content.kind, ("meetings", "session/plenary-5"))
    assert topic_of(content) == events_of(owner)
    assert course_of("ulm", person(1), content) == f"ulm/{stream}"


SINCE = date(2023, 11, 1)
OPENED = SeatGroupOpened(group="hospitals", number=9, name="Kliniken", kind="delegated", seats=("hospitals-1",))
APPOINTED = DelegateAppointed(
    group="hospitals", seat="hospitals-1", person=person(1), organisation="hospital-north", since=SINCE
)


def test_a_course_knows_the_seats_and_a_welcome_says_the_first_day_as_it_was_corrected() -> None:
    about: dict[str, Any] = {"group": "hospitals", "seat": "hospitals-1", "reason": "Tippfehler"}
    to = {"correct_since": SINCE + days(30), "correct_until": None}
    meant: dict[str, Any] = {"role": "principal", "person": person(1), "since": SINCE}
    for said, first in (
        (meant, SINCE + days(30)),
        ({**meant, "role": "deputy"}, SINCE),
        ({**meant, "person": person(2)}, SINCE),
        ({**meant, "since": SINCE + days(1)}, SINCE),
        ({**meant, "seat": "hospitals-2"}, SINCE),
    ):
        corrected = MandateCorrected(**{**about, **to, **said})
        [document] = folded(COURSES, [OPENED, APPOINTED, corrected], "stuttgart/seat-group/hospitals").values()
        told = course_in(document)
        assert [(one.order, one.content) for one in told.occasions] == [(2, Welcome(group="hospitals", since=first))]
        [seat] = told.seats
        assert seat.seat == "hospitals-1" and seat.recorded[0].since == first


def test_a_course_knows_until_when_a_seat_is_somebodys_as_it_was_corrected() -> None:
    """What ends it later says so itself."""
    last, other = SINCE + days(90), SINCE + days(60)
    about: dict[str, Any] = {"group": "hospitals", "seat": "hospitals-1", "person": person(1), "reason": "Tippfehler"}
    corrected = MandateCorrected(**about, role="principal", since=SINCE, correct_since=SINCE, correct_until=other)
    until_then = APPOINTED.model_copy(update={"until": last})
    for told, until in (((APPOINTED,), None), ((until_then,), last), ((until_then, corrected), other)):
        [document] = folded(COURSES, [OPENED, *told], "stuttgart/seat-group/hospitals").values()
        assert [one.until for one in course_in(document).occasions] == [until]


def test_what_the_runtime_keeps_is_left_alone() -> None:
    kept = {**after(), "unknown": 7}
    assert MAILS.fold(kept, *delivered(SENT, STREAM, 2))["unknown"] == 7
