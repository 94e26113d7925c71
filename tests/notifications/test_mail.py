"""A mail: tried by one at a time, delivered once, and given up for reasons that can be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifications.domain.mail import MAIL
from services.notifications.domain.mail_commands import (
    AddressIsSuspended,
    AttemptIsNotNext,
    AttemptNotOpen,
    AttemptUnderWay,
    DuePrintLetter,
    HoldNotification,
    MailIsOver,
    MailUnknown,
    MarkLetterPosted,
    NoLetterDue,
    NothingToResend,
    PastItsUse,
    PauseNotOver,
    QueueNotification,
    RecordAttempt,
    RecordDeferral,
    RecordFailure,
    RecordReturn,
    RecordSent,
    ResendNotification,
    ResumeNotification,
    SupersedeNotification,
    SuppressNotification,
    TriedAgainAlready,
    WithholdNotification,
    mail_id,
)
from services.notifications.domain.mail_state import MailEvent
from services.notifications.domain.patience import AFTER_OBSTACLE, ANSWER_WITHIN, GIVE_UP_AFTER, PAUSES
from shared.contracts.notifications import (
    OBSTACLES,
    AddressBounced,
    LetterPosted,
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationHeld,
    NotificationRequeued,
    NotificationReturned,
    NotificationSent,
    NotificationSuperseded,
    NotificationSuppressed,
    PrintLetterDue,
)
from shared.contracts.registry import decode, encode
from shared.kernel.decider import Command, Event
from tests.kit.given import given_of
from tests.kit.when import NOW, edge, person
from tests.notifications.letterbox import CAUSE, STARTS, WELCOME, queued

given = given_of(MAIL)

QUEUED = queued()
NAME = QUEUED.mail
SENT = NotificationSent(mail=NAME, attempt=1)
SUPPRESSED = NotificationSuppressed(mail=NAME, reason="withdrawn")
SUPERSEDED = NotificationSuperseded(mail=NAME, by=CAUSE)
PRINTED = PrintLetterDue(mail=NAME, person=person(1), seat="hospitals-1")
POSTED = LetterPosted(mail=NAME, person=person(1), seat="hospitals-1")
BOUNCED = AddressBounced(mail=NAME, person=person(1), seat="hospitals-1")
ADDRESS = CAUSE
HELD = NotificationHeld(mail=NAME, address=ADDRESS)
BOUNCED_THERE = BOUNCED.model_copy(update={"address": ADDRESS})
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


def come_back(reason: Any = "rejected", report: str = person(8)) -> RecordReturn:
    return RecordReturn(**edge(mail=NAME, report=report, reason=reason))


def returned(reason: Any = "rejected", report: str = person(8)) -> NotificationReturned:
    return NotificationReturned(mail=NAME, report=report, reason=reason)


def print_(at: datetime = NOW) -> DuePrintLetter:
    return DuePrintLetter(**edge(mail=NAME, at=at))


def suppress(at: datetime = NOW) -> SuppressNotification:
    return SuppressNotification(**edge(mail=NAME, reason="withdrawn", at=at))


def test_a_letter_is_due_until_somebody_says_that_it_was_posted() -> None:
    post = MarkLetterPosted(**edge(mail=NAME))
    given(QUEUED, PRINTED).when(post).then(POSTED)
    given(QUEUED, PRINTED, POSTED).when(post).rejected(NoLetterDue)
    given(QUEUED, attempted(), SENT).when(post).rejected(NoLetterDue)
    given().when(post).rejected(MailUnknown)
    again = ResendNotification(**edge(mail=NAME))
    given(QUEUED, PRINTED, POSTED).when(again).rejected(NothingToResend)


@pytest.mark.parametrize("reason", ["erased", "no_contact"])
def test_a_due_letter_is_lost_with_its_recipient(reason: Any) -> None:
    lost, post = RecordFailure(**edge(mail=NAME, reason=reason)), MarkLetterPosted(**edge(mail=NAME))
    given(QUEUED, PRINTED).when(lost).then(failed(reason))
    given(QUEUED, PRINTED, failed(reason)).when(post).rejected(NoLetterDue)
    given(QUEUED, PRINTED, POSTED).when(lost).rejected(MailIsOver)
    given(QUEUED, PRINTED).when(RecordFailure(**edge(mail=NAME, reason="expired"))).rejected(MailIsOver)


def test_a_due_letter_is_superseded_until_it_is_posted_and_may_have_arrived_all_the_same() -> None:
    post = MarkLetterPosted(**edge(mail=NAME))
    given(QUEUED, PRINTED).when(supersede()).then(SUPERSEDED)
    given(QUEUED, PRINTED, SUPERSEDED).when(post).rejected(NoLetterDue)
    given(QUEUED, PRINTED, SUPERSEDED).when(supersede()).rejected(MailIsOver)
    given(QUEUED, PRINTED, POSTED).when(supersede()).rejected(MailIsOver)
    assert MAIL.fold([QUEUED, PRINTED, SUPERSEDED]).may_have_arrived


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


def refused(times: int, reason: Any = "try_later") -> list[Event]:
    """So many attempts of a mail, each answered alike."""
    pairs = [(attempted(number), deferred(number, reason)) for number in range(1, times + 1)]
    return [event for pair in pairs for event in pair]


@pytest.mark.parametrize(("number", "pause"), [*enumerate(PAUSES, 1), (9, PAUSES[-1])])
@pytest.mark.parametrize("reason", ["try_later", "mailbox_full", "refused_us", "timed_out"])
def test_a_deferred_mail_waits_longer_each_time(number: int, pause: timedelta, reason: Any) -> None:
    history = (QUEUED, *refused(number - 1, reason), attempted(number))
    given(*history).when(defer(number, reason)).then(deferred(number, reason, until=NOW + pause))


@pytest.mark.parametrize("reason", sorted(OBSTACLES))
def test_a_server_that_takes_nothing_makes_no_mail_wait_longer(reason: Any) -> None:
    history = (QUEUED, *refused(40, reason), attempted(41))
    given(*history).when(defer(41, "try_later")).then(deferred(41, until=NOW + PAUSES[0]))


def test_a_server_that_is_away_is_asked_again_soon() -> None:
    away = deferred(9, "unreachable", until=NOW + AFTER_OBSTACLE)
    given(QUEUED, attempted(9)).when(defer(9, "unreachable")).then(away)


def test_a_deferred_mail_is_tried_when_its_pause_is_over() -> None:
    history = (QUEUED, attempted(), deferred())
    given(*history).when(attempt(2)).rejected(PauseNotOver, until="15.01.2024, 10:10 Uhr")
    given(*history).when(attempt(2, at=LATER)).then(attempted(2, at=LATER))


TRIES = 34
"""The pauses after so many answers make up five days."""


def test_after_five_days_of_answers_about_the_mailbox_the_mail_is_given_up() -> None:
    assert sum((PAUSES[min(n, 4)] for n in range(TRIES)), timedelta()) >= GIVE_UP_AFTER
    history = (QUEUED, *refused(TRIES - 1), attempted(TRIES))
    given(*history).when(defer(TRIES)).then(failed("gave_up"))
    almost = (QUEUED, *refused(TRIES - 2), attempted(TRIES - 1))
    given(*almost).when(defer(TRIES - 1)).then(deferred(TRIES - 1, until=NOW + PAUSES[-1]))


@pytest.mark.parametrize("reason", sorted({*OBSTACLES, "refused_us", "timed_out"}))
def test_what_says_nothing_of_the_mailbox_never_uses_a_mail_up(reason: Any) -> None:
    others = refused(3 * TRIES, reason)
    number = 3 * TRIES + 1
    given(QUEUED, *others, attempted(number)).when(defer(number, reason)).then(
        deferred(number, reason, until=NOW + (AFTER_OBSTACLE if reason in OBSTACLES else PAUSES[-1]))
    )
    given(QUEUED, *others, attempted(number)).when(defer(number)).then(
        deferred(number, until=NOW + (PAUSES[0] if reason in OBSTACLES else PAUSES[-1]))
    )


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


def supersede(at: datetime = NOW) -> SupersedeNotification:
    return SupersedeNotification(**edge(mail=NAME, superseded_by=CAUSE, at=at))


def withhold(at: datetime = NOW) -> WithholdNotification:
    return WithholdNotification(**edge(mail=NAME, reason="never_told", at=at))


def test_a_newer_mail_takes_the_place_of_one_that_waits() -> None:
    given(QUEUED).when(supersede()).then(SUPERSEDED)
    given(QUEUED, attempted(), deferred()).when(supersede()).then(SUPERSEDED)
    given(QUEUED, attempted()).when(supersede()).rejected(AttemptUnderWay)
    given(QUEUED, attempted()).when(supersede(at=LATER)).then(SUPERSEDED)


def test_what_has_nothing_left_to_say_is_withheld() -> None:
    given(QUEUED).when(withhold()).then(NotificationSuppressed(mail=NAME, reason="never_told"))
    given(QUEUED, attempted()).when(withhold()).rejected(AttemptUnderWay)


@pytest.mark.parametrize(
    ("history", "may"),
    [
        ([], False),
        ([attempted(), deferred()], False),
        ([attempted(), failed("rejected")], False),
        ([attempted(), failed("content_refused")], False),
        ([failed("expired")], False),
        ([attempted(), deferred(), SUPERSEDED], False),
        ([SUPPRESSED], False),
        ([attempted(), SENT], True),
        ([PRINTED], True),
        ([attempted(), failed("unanswered")], True),
        ([attempted(), SUPERSEDED], True),
        ([attempted(), attempted(2, ambiguous=True), deferred(2)], True),
        ([NotificationSuppressed(mail=NAME, reason="told_otherwise")], True),
    ],
)
def test_a_mail_may_have_arrived_unless_every_attempt_was_answered_by_a_no(history: list[Any], may: bool) -> None:
    assert MAIL.fold([QUEUED, *history]).may_have_arrived is may


def test_a_calendar_entry_keeps_the_sequence_of_its_first_attempt() -> None:
    first = RecordAttempt(**edge(mail=NAME, attempt=1, calendar_sequence=4))
    numbered = attempted().model_copy(update={"calendar_sequence": 4})
    given(QUEUED).when(first).then(numbered)
    assert MAIL.fold([QUEUED, numbered, deferred(), attempted(2)]).calendar_sequence == 4


def test_a_mail_without_a_calendar_is_recorded_as_it_always_was() -> None:
    assert "calendar" not in encode(attempted())
    assert decode("kpk.notifications.NotificationAttempted.v1", encode(attempted())) == attempted()


def test_the_office_holds_back_what_is_not_being_sent() -> None:
    given(QUEUED).when(suppress()).then(SUPPRESSED)
    given(QUEUED, attempted(), deferred()).when(suppress()).then(SUPPRESSED)
    given(QUEUED, attempted()).when(suppress()).rejected(AttemptUnderWay)


@pytest.mark.parametrize("end", [SENT, failed("expired"), SUPPRESSED, SUPERSEDED, PRINTED])
@pytest.mark.parametrize("command", [attempt(2, at=LATER), defer(), fail("expired"), print_(), withhold()])
def test_what_is_over_stays_over(end: Event, command: Command) -> None:
    given(QUEUED, attempted(), end).when(command).rejected(MailIsOver)


@pytest.mark.parametrize("end", [[SENT], [failed("expired")], [SUPPRESSED], [SUPERSEDED], [PRINTED, POSTED]])
@pytest.mark.parametrize("command", [suppress(), supersede()])
def test_what_is_over_is_not_held_back_or_superseded(end: list[MailEvent], command: Command) -> None:
    given(QUEUED, attempted(), *end).when(command).rejected(MailIsOver)


def test_the_office_holds_back_a_letter_that_it_has_not_posted_and_nobody_else_does() -> None:
    """A later mail to the same person goes as before: whether the letter was in the post after all, nobody knows."""
    given(QUEUED, PRINTED).when(suppress()).then(SUPPRESSED)
    given(QUEUED, PRINTED, SUPPRESSED).when(MarkLetterPosted(**edge(mail=NAME))).rejected(NoLetterDue)
    assert MAIL.fold([QUEUED, PRINTED, SUPPRESSED]).may_have_arrived
    given(QUEUED, PRINTED).when(withhold()).rejected(MailIsOver)


@pytest.mark.parametrize("end", [failed("expired"), SUPPRESSED, SUPERSEDED, PRINTED])
def test_what_was_given_up_is_not_sent_afterwards(end: Event) -> None:
    given(QUEUED, attempted(), end).when(sent()).rejected(MailIsOver)


def test_a_bounced_address_changes_nothing_more() -> None:
    given(QUEUED, attempted(), failed("rejected"), BOUNCED).when(sent()).rejected(MailIsOver)


@pytest.mark.parametrize(
    "command", [attempt(), sent(), defer(), fail("erased"), print_(), suppress(), supersede(), withhold()]
)
def test_there_must_be_a_mail(command: Command) -> None:
    given().when(command).rejected(MailUnknown)


RESEND = ResendNotification(**edge(mail=NAME))
REQUEUED = NotificationRequeued(mail=NAME)


def failed_by(reason: Any) -> NotificationFailed:
    return NotificationFailed(mail=NAME, reason=reason)


@pytest.mark.parametrize("reason", ["rejected", "content_refused", "no_contact", "gave_up", "render_failed"])
def test_what_did_not_arrive_is_sent_again(reason: Any) -> None:
    tried = (attempted(), deferred()) if reason in ("no_contact", "gave_up", "render_failed") else (attempted(),)
    given(QUEUED, *tried, failed_by(reason)).when(RESEND).then(REQUEUED)


def test_what_may_have_arrived_or_is_not_wanted_any_more_is_not_sent_again() -> None:
    over = ((attempted(), SENT), (SUPPRESSED,), (SUPERSEDED,), (PRINTED,), (), (attempted(),))
    for history in (*over, (attempted(), failed_by("unanswered"))):
        given(QUEUED, *history).when(RESEND).rejected(NothingToResend)
    given().when(RESEND).rejected(MailUnknown)


def test_nothing_is_sent_again_after_its_use() -> None:
    useful = QUEUED.model_copy(update={"useful_until": NOW})
    given(useful, failed_by("no_contact")).when(RESEND).rejected(PastItsUse)


def test_what_is_sent_again_goes_on_with_its_attempts_and_has_all_its_patience() -> None:
    tried: list[MailEvent] = [QUEUED, attempted(), deferred(reason="mailbox_full"), attempted(2), failed_by("rejected")]
    assert MAIL.fold(tried).used_up == 1
    state = MAIL.fold([*tried, REQUEUED])
    assert (state.phase, state.attempts, state.refusals, state.used_up) == ("queued", 2, 0, 0)
    assert state.is_waiting and not state.has_failed and state.wait_until is None


def test_a_mail_that_comes_back_has_failed_and_only_its_mailbox_is_condemned() -> None:
    given(QUEUED, attempted(), SENT).when(come_back()).then(returned(), BOUNCED)
    for reason in ("content_refused", "refused_us", "gave_up"):
        given(QUEUED, attempted(), SENT).when(come_back(reason)).then(returned(reason))


def test_a_mail_comes_back_once_and_again_only_by_another_report() -> None:
    over = (QUEUED, attempted(), SENT, returned(), BOUNCED)
    given(*over).when(come_back()).then()
    given(*over).when(come_back(report=person(9))).then()
    again = (*over, REQUEUED, attempted(2), SENT)
    given(*again).when(come_back()).then()
    given(*again).when(come_back(report=person(9))).then(returned(report=person(9)), BOUNCED)
    once_more = (*again, returned(report=person(9)), BOUNCED, REQUEUED, attempted(3), SENT)
    given(*once_more).when(come_back()).then()


@pytest.mark.parametrize("end", [failed("expired"), failed("rejected"), SUPPRESSED, SUPERSEDED, PRINTED, deferred()])
def test_what_has_not_gone_out_does_not_come_back(end: Event) -> None:
    given(QUEUED, attempted(), end).when(come_back()).then()
    given(QUEUED).when(come_back()).then()
    given().when(come_back()).rejected(MailUnknown)


@pytest.mark.parametrize("reason", ["rejected", "content_refused", "refused_us", "gave_up"])
def test_what_came_back_is_sent_again(reason: Any) -> None:
    given(QUEUED, attempted(), SENT, returned(reason)).when(RESEND).then(REQUEUED)


def test_of_two_copies_one_may_have_arrived_unless_there_is_no_such_mailbox() -> None:
    twice = (QUEUED, attempted(), attempted(2, ambiguous=True), SENT)
    given(*twice, returned("gave_up")).when(RESEND).rejected(NothingToResend)
    given(*twice, returned(), BOUNCED).when(RESEND).then(REQUEUED)


HOLD = HoldNotification(**edge(mail=NAME, address=ADDRESS))
RESUME = ResumeNotification(**edge(mail=NAME, address=ADDRESS))


@pytest.mark.parametrize("history", [(), (attempted(), deferred())])
def test_a_mail_waits_for_a_suspended_address_instead_of_being_tried(history: tuple[Event, ...]) -> None:
    given(QUEUED, *history).when(HOLD).then(HELD)
    given(QUEUED, *history, HELD).when(HOLD).then_nothing()
    number = 1 + len(history) // 2
    given(QUEUED, *history, HELD).when(RecordAttempt(**edge(mail=NAME, attempt=number))).rejected(AddressIsSuspended)


def test_a_mail_whose_attempt_has_no_outcome_and_one_that_is_over_wait_for_no_address() -> None:
    given(QUEUED, attempted()).when(HOLD).rejected(AttemptUnderWay)
    given(QUEUED, attempted(), SENT).when(HOLD).rejected(MailIsOver)


def test_a_mail_that_waits_for_an_address_is_sent_again_by_its_release_alone() -> None:
    given(QUEUED, HELD).when(RESEND).rejected(AddressIsSuspended)
    given(QUEUED, HELD).when(RESUME).then(NotificationRequeued(mail=NAME))
    given(QUEUED, HELD).when(ResumeNotification(**edge(mail=NAME, address=NAME))).then_nothing()
    given(QUEUED, HELD, NotificationRequeued(mail=NAME)).when(RESUME).then_nothing()


def test_a_mail_that_waits_for_an_address_can_be_suppressed_superseded_and_given_up() -> None:
    held = given(QUEUED, HELD)
    held.when(SuppressNotification(**edge(mail=NAME, reason="withdrawn"))).then(SUPPRESSED)
    held.when(SupersedeNotification(**edge(mail=NAME, superseded_by=CAUSE))).then(SUPERSEDED)
    held.when(RecordFailure(**edge(mail=NAME, reason="expired"))).then(failed("expired"))


def test_a_mail_that_went_on_is_not_of_that_address_any_more() -> None:
    """Whatever befalls it afterwards."""
    given(QUEUED, HELD, REQUEUED, failed("no_contact")).when(RESUME).then_nothing()
    assert MAIL.fold([QUEUED, attempted(), deferred(), HELD]).wait_until is None


def test_what_was_refused_at_an_address_is_queued_again_by_its_release() -> None:
    refused = (attempted(), failed("rejected"), BOUNCED_THERE)
    given(QUEUED, *refused).when(RESUME).then(NotificationRequeued(mail=NAME))
    given(QUEUED, *refused[:2], BOUNCED).when(RESUME).then_nothing()
    given(QUEUED, *refused[:2], BOUNCED_THERE, SENT).when(RESUME).then_nothing()


def test_what_was_refused_and_is_of_no_use_any_more_or_may_have_arrived_stays_as_it_is() -> None:
    refused = (attempted(), failed("rejected"), BOUNCED_THERE)
    given(queued(useful_until=NOW), *refused).when(RESUME).then_nothing()
    again = (attempted(), attempted(2, ambiguous=True), failed("rejected"), BOUNCED_THERE)
    given(QUEUED, *again).when(RESUME).then_nothing()


def test_a_refusal_names_the_address_that_was_refused() -> None:
    told = {"address": ADDRESS, "reason": "rejected"}
    given(QUEUED, attempted()).when(RecordFailure(**edge(mail=NAME, **told))).then(failed("rejected"), BOUNCED_THERE)
    given(QUEUED, attempted(), SENT).when(RecordReturn(**edge(mail=NAME, report=CAUSE, **told))).then(
        NotificationReturned(mail=NAME, report=CAUSE, reason="rejected"), BOUNCED_THERE
    )
