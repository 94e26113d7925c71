"""The German words, for mail and paper alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifications.letters.office import Office
from shared.contracts.notifications import NotificationQueued, Welcome
from shared.contracts.people import PersonDetails
from shared.kernel.time import german_day, german_moment, local_day

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(enabled_extensions=("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    auto_reload=False,
)
_TEMPLATES.filters.update(day=german_day, moment=german_moment)

_SUBJECTS: Mapping[str, str] = {
    "invitation": "Einladung: {}",
    "update": "Neuer Termin: {}",
    "cancellation": "Absage: {}",
    "reminder": "Erinnerung: {}",
    "minutes": "Niederschrift: {}",
}


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


def write(queued: NotificationQueued, to: PersonDetails, office: Office, group_name: str | None) -> Letter:
    """Raises ``jinja2.TemplateError`` when a template asks for something that is not there.

    ``group_name`` is what the seat group is called that the letter is about; where it is not known, its slug is said.
    """
    content = queued.content
    template = _TEMPLATES.get_template(f"{content.kind}.txt.j2")
    body = template.render(content=content, guest=queued.seat is None, group_name=group_name, to=to, office=office)
    return Letter(_subject(queued, office), body)


def on_paper(queued: NotificationQueued, to: PersonDetails, office: Office, group_name: str | None) -> str:
    """The same text as the mail, with what a letter needs around it."""
    template = _TEMPLATES.get_template("paper.txt.j2")
    letter = write(queued, to, office, group_name)
    return template.render(letter=letter, to=to, office=office, day=local_day(queued.queued_at))


def _subject(queued: NotificationQueued, office: Office) -> str:
    content = queued.content
    if isinstance(content, Welcome):
        return f"Willkommen: {office.conference}"
    day = german_day(local_day(content.appointment.starts))
    return _SUBJECTS[content.kind].format(f"{content.appointment.title} am {day}")
