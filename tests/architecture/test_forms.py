"""Whatever a person may be told to do, there is a form for it on the office's pages, or a reason why not."""

from __future__ import annotations

from importlib import import_module

from services.office.desk.front import PAGES
from shared.contracts.topics import SERVICES

WITHOUT_FORM = {
    "AnswerInvitation": "the page of answers takes everybody's at once: RecordAnswers",
    "RecordArrival": "the attendance sheet takes the whole room at once: RecordAttendance",
}
"""Why nobody misses it."""


def test_every_command_that_a_person_gives_has_a_form_or_a_reason() -> None:
    given = {
        name
        for service in SERVICES
        for name, command in import_module(f"services.{service}.service").SERVICE.given.items()
        if command.given_by != "service"
    }
    formed = {form.command for page in PAGES for form in page.forms}
    assert given - formed == WITHOUT_FORM.keys(), "give it a form in services/office/desk, or say here why it has none"
