"""Minutes whose attendance was corrected afterwards go out again, with the text as it is."""

from __future__ import annotations

from typing import Any

import pytest

from services.office.desk.forms.form import Typed
from services.office.desk.forms.reading import Mistyped
from services.office.desk.meetings.minutes import CORRECT, WRITE, attended_otherwise

HELD: dict[str, Any] = {"attendance": [{"seat": "a-1"}, {"seat": "a-2"}, {"seat": "a-2"}, {"seat": None}]}


def told(seats: int, state: str = "sent") -> dict[str, Any]:
    return {"state": state, "editions": [{"protocol": {"seats_present": seats, "items": []}}]}


def test_the_page_says_where_the_newest_edition_is_not_true_any_more() -> None:
    assert attended_otherwise(HELD, told(3)) == (2, 3)
    assert attended_otherwise(HELD, told(2)) is None
    assert attended_otherwise(HELD, told(3, "approved")) is None
    assert attended_otherwise(HELD, {"state": "sent", "editions": [{"protocol": None}]}) is None
    assert attended_otherwise(HELD, {}) is None


def test_the_same_text_is_sent_only_where_the_attendance_is_another() -> None:
    assert CORRECT.read
    typed: Typed = {"was.1": ["Eins."], "text.1": ["Eins."], "was.2": [""], "text.2": [""]}
    with pytest.raises(Mistyped):
        CORRECT.read(typed)
    again = CORRECT.read({**typed, "attended": ["2"]})
    assert again["items"] == [{"number": 1, "text": "Eins."}]


def test_what_another_system_wrote_with_blanks_around_it_can_be_changed_and_is_not_by_itself() -> None:
    """The service compares what was there with what is: no blank may be lost on the way."""
    stood = "\n  Eins.\n\nZwei. \n"
    untouched: Typed = {"was.1": [stood.replace("\n", "\r\n")], "text.1": [stood.strip().replace("\n", "\r\n")]}
    assert CORRECT.read and WRITE.read
    with pytest.raises(Mistyped):
        CORRECT.read(untouched)
    known = [{"number": 1, "text": stood}]
    assert WRITE.read(untouched) == {"items": known, "known": known}
    for read in (CORRECT.read, WRITE.read):
        assert read({**untouched, "text.1": ["Neu."]}) == {
            "items": [{"number": 1, "text": "Neu."}],
            "known": known,
        }
