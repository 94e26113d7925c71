"""What a personal link leads to: the appointment, and what may be answered. Looking at it changes nothing.

No page tells who somebody is, says from where its reader comes, or is kept anywhere.
"""

from __future__ import annotations

from http import HTTPStatus

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from shared.contracts.meetings import Answer, Appointment
from shared.kernel.time import BERLIN, german_moment

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
CHOICES: dict[Answer, str] = {
    "accept": "Ich nehme teil",
    "decline": "Ich nehme nicht teil",
    "deputy": "Meine Vertretung nimmt teil",
}

_PAGES = Environment(
    loader=PackageLoader("services.meetings.answering"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def question(
    appointment: Appointment, answer: Answer | None, choices: tuple[Answer, ...], *, is_done: bool
) -> HTMLResponse:
    """``answer`` is the answer that counts now; ``is_done``: it was given just now, on this page."""
    until = appointment.ends.astimezone(BERLIN)
    same_day = until.date() == appointment.starts.astimezone(BERLIN).date()
    told: dict[str, object] = {
        "title": appointment.title,
        "place": appointment.place,
        "starts": german_moment(appointment.starts),
        "ends": f"{until:%H:%M} Uhr" if same_day else german_moment(appointment.ends),
        "choices": [(choice, CHOICES[choice]) for choice in choices],
        "answer": CHOICES[answer] if answer else None,
        "is_done": is_done,
    }
    return _page("question.html.j2", HTTPStatus.OK, told)


def fault(status: int, sentence: str) -> HTMLResponse:
    return _page("fault.html.j2", status, {"sentence": sentence})


def _page(template: str, status: int, told: dict[str, object]) -> HTMLResponse:
    return HTMLResponse(_PAGES.get_template(template).render(told), status, HEADERS)
