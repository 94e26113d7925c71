"""A mail: tried by one at a time, delivered once, and given up for reasons that can be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifications.domain.mail import (
    MAIL,
    AttemptIsNotNext,
    AttemptNotOpen,
    AttemptUnderWay,
    DuePrintLetter,
    MailIsOver,
    MailUnknown,
    PastItsUse,
    PauseNotOver,
    QueueNotification,
    RecordAttempt,
    RecordDeferral,
    RecordFailure,
    RecordSent,
    SuppressNotification,
    TriedAgainAlready,
    mail_id,
)
from services.notifications.domain.patience import AFTER_OBSTACLE, ANSWER_WITHIN, GIVE_UP_AFTER, PAUSES
from shared.contracts.notifications import (
    AddressBounced,
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationSent,
    NotificationSuppressed,
    PrintLetterDue,
)
from shared.kernel.decider import Command, Event
from tests.kit.given import given_of
from tests.kit.when import NOW, edge, person
from tests.notifications.letterbox import CAUSE, STARTS, WELCOME, queued

given = given_of(MAIL)

QUEUED = queued()
NAME = QUEUED.mail
SENT = NotificationSent(mail=NAME, attempt=1)
SUPPRESSED = NotificationSuppressed(mail=NAME, reason="withdrawn")
PRINTED = PrintLetterDue(mail=NAME, person=person(1), seat="hospitals-1")
BOUNCED = AddressBounced(mail=NAME, person=person(1), seat="hospitals-1")
LATER = NOW + ANSWER_WITHIN


def attempted(number: int = 1, at: datetime = NOW, ambiguous: bool = False) -> NotificationAttempted:
    return NotificationAttempted(mail=NAME, attempt=number, ambiguous=ambiguous, answer_by=at + ANSWER_WITHIN)


def deferred(number: int = 1, reason: Any = "try_later", until: datetime = LATER) -> NotificationDeferred:
    return NotificationDeferred(mail=NAME, attempt=number, reason=reason, not_before=until)


def failed(reason: Any) -> NotificationFailed:
    return NotificationFailed(mail=NAME, reason=reason)


def queue(**fields: Any) -> QueueNotification:
    told = {"person": person(1), "seat": "hospitals-1", "cause": CAUSE, "content": WELCOME}
    return QueueNotification(**edge(**{**told, "useful_until": None, **fields}))


def attempt(number: int = 1, at: datetime = NOW) -> RecordAttempt:
    return RecordAttempt(**edge(mail=NAME, attempt=number, at=at))


def sent(number: int = 1) -> RecordSent:
    return RecordSent(**edge(mail=NAME, attempt=number))


def defer(number: int = 1, reason: Any = "try_later", at: datetime = NOW) -> RecordDeferral:
    return RecordDeferral(**edge(mail=NAME, attempt=number, reason=reason, at=at))


def fail(reason: Any, at: datetime = NOW) -> RecordFailure:
    return RecordFailure(**edge(mail=NAME, reason=reason, at=at))


def print_(at: datetime = NOW) -> DuePrintLetter:
    return DuePrintLetter(**edge(mail=NAME, at=at))


def suppress(at: datetime = NOW) -> SuppressNotification:
    return SuppressNotification(**edge(mail=NAME, reason="withdrawn", at=at))


def test_a_mail_is_queued_once() -> None:
    given().when(queue()).then(QUEUED)
    given(QUEUED).when(queue(seat=None)).then_nothing()


def test_one_event_leads_to_one_mail_of_a_kind_to_a_person() -> None:
    assert queue().stream == f"stuttgart/mail/{NAME}" == attempt().stream
    others = {mail_id(CAUSE, "invitation", person(1)), mail_id(CAUSE, "welcome", person(2))}
    assert len({NAME, mail_id(NAME, "welcome", person(1)), *others}) == 4


def test_the_attempt_is_recorded_before_anything_is_sent() -> None:
    given(QUEUED).when(attempt()).then(attempted())


def test_of_two_senders_one_is_refused() -> None:
    given(QUEUED, attempted()).when(attempt(1)).rejected(AttemptIsNotNext, next=2)
    given(QUEUED, attempted()).when(attempt(2)).rejected(AttemptUnderWay, until="15.01.2024, 10:10 Uhr")
    given(QUEUED).when(attempt(2)).rejected(AttemptIsNotNext, next=1)


def test_an_attempt_without_an_outcome_is_followed_by_exactly_one() -> None:
    history = (QUEUED, attempted())
    again = attempted(2, at=LATER, ambiguous=True)
    given(*history).when(attempt(2, at=LATER)).then(again)
    given(*history, again).when(attempt(3, at=LATER + ANSWER_WITHIN)).rejected(TriedAgainAlready)


def test_that_one_attempt_is_used_up_even_when_others_were_answered_meanwhile() -> None:
    again = attempted(2, at=LATER, ambiguous=True)
    at = LATER + ANSWER_WITHIN
    history = (QUEUED, attempted(), again, deferred(2, until=at), attempted(3, at=at))
    given(*history).when(attempt(4, at=at + ANSWER_WITHIN)).rejected(TriedAgainAlready)


def test_what_was_sent_is_sent() -> None:
    given(QUEUED, attempted()).when(sent()).then(SENT)
    given(QUEUED, attempted(), SENT).when(sent()).then_nothing()


def test_a_late_answer_counts_during_the_attempt_after_it() -> None:
    given(QUEUED, attempted(), attempted(2, at=LATER, ambiguous=True)).when(sent(1)).then(SENT)


def test_nothing_is_sent_without_an_attempt() -> None:
    given(QUEUED).when(sent()).rejected(AttemptNotOpen, attempt=1)
    given(QUEUED).when(defer()).rejected(AttemptNotOpen, attempt=1)
    given(QUEUED, attempted(), deferred()).when(defer()).rejected(AttemptNotOpen, attempt=1)
    given(QUEUED, attempted(), attempted(2, ambiguous=True)).when(defer(1)).rejected(AttemptNotOpen)


@pytest.mark.parametrize(("number", "pause"), [*enumerate(PAUSES, 1), (9, PAUSES[-1])])
def test_a_deferred_mail_waits_longer_each_time(number: int, pause: timedelta) -> None:
    history = (QUEUED, attempted(number))
    given(*history).when(defer(number)).then(deferred(number, until=NOW + pause))


def test_a_server_that_is_away_is_asked_again_soon() -> None:
    away = deferred(9, "unreachable", until=NOW + AFTER_OBSTACLE)
    given(QUEUED, attempted(9)).when(defer(9, "unreachable")).then(away)


def test_a_deferred_mail_is_tried_when_its_pause_is_over() -> None:
    history = (QUEUED, attempted(), deferred())
    given(*history).when(attempt(2)).rejected(PauseNotOver, until="15.01.2024, 10:10 Uhr")
    given(*history).when(attempt(2, at=LATER)).then(attempted(2, at=LATER))


def test_after_five_days_of_trying_the_mail_is_given_up() -> None:
    late = NOW + GIVE_UP_AFTER
    history = (QUEUED, attempted(), deferred(), attempted(2, at=late))
    given(*history).when(defer(2, at=late)).then(failed("gave_up"))
    almost = late - timedelta(seconds=1)
    given(*history).when(defer(2, at=almost)).then(deferred(2, until=almost + PAUSES[1]))


def test_the_five_days_begin_with_the_first_attempt() -> None:
    late = NOW + GIVE_UP_AFTER
    given(QUEUED, attempted(at=late)).when(defer(at=late)).then(deferred(until=late + PAUSES[0]))


def test_a_refused_address_is_told_with_its_seat() -> None:
    given(QUEUED, attempted()).when(fail("rejected")).then(failed("rejected"), BOUNCED)
    given(QUEUED, attempted()).when(fail("content_refused")).then(failed("content_refused"))


@pytest.mark.parametrize("reason", ["rejected", "content_refused"])
def test_a_refusal_answers_an_attempt(reason: str) -> None:
    given(QUEUED).when(fail(reason)).rejected(AttemptNotOpen, attempt=0)


@pytest.mark.parametrize("reason", ["expired", "erased", "render_failed", "no_contact", "unanswered"])
def test_other_reasons_wait_until_the_attempt_has_its_outcome(reason: str) -> None:
    given(QUEUED).when(fail(reason)).then(failed(reason))
    given(QUEUED, attempted()).when(fail(reason)).rejected(AttemptUnderWay)
    given(QUEUED, attempted()).when(fail(reason, at=LATER)).then(failed(reason))
    given(QUEUED, attempted(), deferred()).when(fail(reason)).then(failed(reason))


def test_material_older_than_its_use_is_not_sent() -> None:
    material = queued(useful_until=STARTS)
    given(material).when(attempt(at=STARTS)).rejected(PastItsUse, until="23.04.2024, 14:00 Uhr")
    given(material).when(print_(at=STARTS)).rejected(PastItsUse)
    before = STARTS - timedelta(seconds=1)
    given(material).when(attempt(at=before)).then(attempted(at=before))


def test_people_without_an_address_get_a_letter() -> None:
    given(QUEUED).when(print_()).then(PRINTED)
    given(QUEUED, attempted()).when(print_()).rejected(AttemptUnderWay)


def test_the_office_holds_back_what_is_not_being_sent() -> None:
    given(QUEUED).when(suppress()).then(SUPPRESSED)
    given(QUEUED, attempted(), deferred()).when(suppress()).then(SUPPRESSED)
    given(QUEUED, attempted()).when(suppress()).rejected(AttemptUnderWay)


@pytest.mark.parametrize("end", [SENT, failed("expired"), SUPPRESSED, PRINTED])
@pytest.mark.parametrize("command", [attempt(2, at=LATER), defer(), fail("erased"), print_(), suppress()])
def test_what_is_over_stays_over(end: Event, command: Command) -> None:
    given(QUEUED, attempted(), end).when(command).rejected(MailIsOver)


@pytest.mark.parametrize("end", [failed("expired"), SUPPRESSED, PRINTED])
def test_what_was_given_up_is_not_sent_afterwards(end: Event) -> None:
    given(QUEUED, attempted(), end).when(sent()).rejected(MailIsOver)


def test_a_bounced_address_changes_nothing_more() -> None:
    given(QUEUED, attempted(), failed("rejected"), BOUNCED).when(sent()).rejected(MailIsOver)


@pytest.mark.parametrize("command", [attempt(), sent(), defer(), fail("erased"), print_(), suppress()])
def test_there_must_be_a_mail(command: Command) -> None:
    given().when(command).rejected(MailUnknown)
