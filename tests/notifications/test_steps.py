"""What to do with a mail, decided from what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from services.notifications.domain.patience import ANSWER_WITHIN
from services.notifications.steps import Attempt, Awaited, GiveUp, Hold, Print, Step, Wait, next_step
from shared.contracts.people import PersonDetails
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from tests.kit.when import NOW
from tests.notifications.letterbox import CAUSE, NAMED, REMINDER, details, queued, remembered
from tests.notifications.test_mail import HELD, LATER, SENT, attempted, deferred, failed

EVA = details()
ATTEMPT = Attempt(1, EVA, "eva.mueller@example.org")


@dataclass(frozen=True)
class Known:
    details: PersonDetails | None
    address: str | None = None
    is_suspended: bool = False


def mail(*events: Event, useful_until: datetime | None = None) -> Document:
    return remembered("stuttgart/mail/x", [queued(useful_until=useful_until), *events])


def step(
    document: Document, contact: Known | Awaited | None = Known(EVA), now: datetime = NOW, names: Document | None = None
) -> Step:
    return next_step({**document, **NAMED, **(names or {})}, contact, now)


def test_a_queued_mail_is_tried() -> None:
    assert step(mail()) == ATTEMPT


def test_a_queued_mail_is_tried_also_if_it_was_queued_by_a_clock_that_is_ahead() -> None:
    assert step(remembered("stuttgart/mail/x", [queued(queued_at=NOW + timedelta(days=1))])) == ATTEMPT


def test_a_deferred_mail_is_tried_again_when_its_pause_is_over() -> None:
    history = (attempted(), deferred())
    assert step(mail(*history)) == Wait()
    assert step(mail(*history), now=LATER) == Attempt(2, EVA, "eva.mueller@example.org")


def test_a_mail_without_an_outcome_is_tried_once_more() -> None:
    lost = mail(attempted())
    assert step(lost, now=LATER - timedelta(seconds=1)) == Wait()
    assert step(lost, now=LATER) == Attempt(2, EVA, "eva.mueller@example.org")
    again = mail(attempted(), attempted(2, at=LATER, ambiguous=True))
    assert step(again, now=LATER) == Wait()
    assert step(again, now=LATER + ANSWER_WITHIN) == GiveUp("unanswered")


def test_a_mail_that_was_answered_at_last_goes_on() -> None:
    answered = mail(attempted(), attempted(2, ambiguous=True), deferred(2))
    assert step(answered, now=LATER) == Attempt(3, EVA, "eva.mueller@example.org")


@pytest.mark.parametrize("end", [SENT, failed("expired")])
def test_what_is_over_is_left_alone(end: Event) -> None:
    assert step(mail(attempted(), end), now=LATER) == Wait()


def test_a_contact_that_may_be_under_way_is_waited_for() -> None:
    assert step(mail(), Awaited()) == Wait("contact")
    assert step(mail(), None) == GiveUp("no_contact")


@pytest.mark.parametrize(
    "missing", [{"conference_name": None}, {"conference_office": None}, {"group_names": {"hospitals": None}}]
)
def test_a_name_that_has_not_arrived_is_waited_for_by_mail_and_letter(missing: Document) -> None:
    for contact in (Known(EVA), Known(details(email=None))):
        assert step(mail(), contact, names=missing) == Wait("names")
    assert step(mail(), Known(None), names=missing) == GiveUp("erased")
    assert step(mail(useful_until=LATER), now=LATER, names=missing) == GiveUp("expired")


def test_a_mail_about_no_group_needs_none() -> None:
    about = remembered("stuttgart/mail/x", [queued(REMINDER)])
    assert step(about, names={"group_name": None, "group_names": {}}) == ATTEMPT


def test_nobody_writes_to_the_erased() -> None:
    assert step(mail(), Known(None)) == GiveUp("erased")
    assert step(mail(attempted(), deferred()), Known(None), now=LATER) == GiveUp("erased")


def test_without_an_address_a_letter_is_printed() -> None:
    assert step(mail(), Known(details(email=None))) == Print()


def test_material_older_than_its_use_expires_whoever_it_is_for() -> None:
    useful = mail(useful_until=LATER)
    assert step(useful, now=LATER - timedelta(seconds=1)) == ATTEMPT
    for contact in (Known(EVA), Known(details(email=None)), Known(None), Awaited(), None):
        assert step(useful, contact, now=LATER) == GiveUp("expired")


def test_a_mail_to_a_suspended_address_waits_for_it_but_for_one_whose_attempt_has_no_outcome() -> None:
    suspended = Known(EVA, CAUSE, is_suspended=True)
    assert step(mail(), suspended, names={"conference_name": None}) == Hold(CAUSE)
    assert step(mail(attempted(), deferred()), suspended, now=LATER) == Hold(CAUSE)
    assert step(mail(attempted()), suspended, now=LATER) == Attempt(2, EVA, "eva.mueller@example.org")
    assert step(mail(), Known(EVA, CAUSE)) == ATTEMPT, "it was released"


def test_a_mail_that_waits_for_an_address_is_looked_at_when_its_use_has_passed() -> None:
    held = mail(HELD, useful_until=LATER)
    assert held["not_before"] == held["useful_until"]
    assert step(held, Known(EVA, CAUSE, is_suspended=True), now=LATER) == GiveUp("expired")
    assert step(mail(HELD), now=LATER) == Wait()
