"""What the letters of one event have in common is made once: nobody gets another recipient's or another event's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notifications.letters import calendar, plain
from shared.contracts.notifications import Content
from tests.kit.when import NOW
from tests.notifications.letterbox import CANCELLATION, INVITATION, OFFICE, UPDATE, WITHDRAWAL, details, queued
from tests.notifications.test_letters import bytes_of

LATER = INVITATION.appointment.model_copy(update={"starts": INVITATION.appointment.starts + timedelta(minutes=1)})
LETTERS: tuple[tuple[Content, dict[str, Any]], ...] = (
    (INVITATION, {}),
    (INVITATION, {"to": details(name="Paul Ångström; MdB")}),
    (INVITATION, {"calendar_sequence": 3}),
    (INVITATION, {"queued_at": NOW + timedelta(seconds=1)}),
    (INVITATION, {"is_counted": False}),
    (INVITATION, {"office": replace(OFFICE, conference="Pflegekonferenz Ulm")}),
    (INVITATION, {"office": replace(OFFICE, email="ulm@example.org")}),
    (INVITATION, {"office": replace(OFFICE, domain="ulm.example.org")}),
    (INVITATION.model_copy(update={"session": "another"}), {}),
    (INVITATION.model_copy(update={"appointment": LATER}), {}),
    (UPDATE, {}),
    (CANCELLATION, {}),
    (CANCELLATION, {"dropped": True}),
    (WITHDRAWAL, {"dropped": True}),
)


def written(content: Content, about: dict[str, Any]) -> bytes:
    told = {name: value for name, value in about.items() if name != "queued_at"}
    return bytes_of(queued(content, queued_at=about.get("queued_at", NOW)), **told)


def forget() -> None:
    calendar._around_attendee.cache_clear()
    plain._set_once.cache_clear()


@pytest.fixture
def written_alone() -> list[bytes]:
    """Each letter as it is where no other was written before."""
    told = []
    for content, about in LETTERS:
        forget()
        told.append(written(content, about))
    forget()
    return told


def test_a_letter_is_the_same_whichever_were_written_before(written_alone: list[bytes]) -> None:
    assert len(set(written_alone)) == len(LETTERS)
    for _ in range(2):
        assert [written(content, about) for content, about in LETTERS] == written_alone


def test_nothing_about_a_recipient_is_kept() -> None:
    forget()
    bytes_of(queued(INVITATION))
    before = calendar._around_attendee.cache_info().misses, plain._set_once.cache_info().misses
    bytes_of(queued(INVITATION, number=2), details(name="Paul Ångström; MdB", email="paul@example.org"))
    assert (calendar._around_attendee.cache_info().misses, plain._set_once.cache_info().misses) == before
