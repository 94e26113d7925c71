"""The page of mails opens with what waits for the office, and not with an empty list."""

from __future__ import annotations

import pytest

from services.office.desk.mails import OPEN_MAILS, STATES, first_of


@pytest.mark.parametrize(
    ("numbers", "state"),
    [
        ({"sent": "887", "failed": "1"}, "failed"),
        ({"sent": "887", "letter": "2", "queued": "3"}, "letter"),
        ({"sent": "887", "superseded": "5"}, "sent"),
        ({}, "failed"),
    ],
)
def test_it_opens_with_the_first_state_that_a_mail_is_in(numbers: dict[str, str], state: str) -> None:
    assert first_of(numbers) == state


def test_each_state_has_its_place() -> None:
    assert len(STATES) == len(set(STATES)) and set(STATES) > OPEN_MAILS
