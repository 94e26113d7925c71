"""The address for people outside: a page for each personal link, and nothing else. Only a POST answers.

Who opens every link of a mail, as scanners do, records nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from importlib import resources
from typing import get_args
from urllib.parse import parse_qs
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services.meetings.answering import pages
from services.meetings.domain.session_answers import AnswerInvitation
from services.meetings.domain.session_stage import NotInvited, SessionIsCancelled
from services.meetings.domain.session_state import Session
from shared.contracts.meetings import Answer, Appointment
from shared.kernel.identifiers import PersonId
from shared.kernel.personal_links import Invitee, LinkKeys
from shared.kernel.rejections import Busy, NotUpToDate, Rejected
from shared.runtime.commands.execute import Request as CommandRequest
from shared.runtime.http.limits import Limit
from shared.runtime.mongo.driver import MongoUnavailable

FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 1_000
"""Bytes."""
MOVED = "Der Termin hat sich seit dieser E-Mail geändert. Bitte antworten Sie mit dem Link in der neuesten E-Mail."
OVER = "Die Zeit für eine Antwort ist vorbei."
UNKNOWN = "Diesen Link gibt es nicht. Bitte prüfen Sie, ob er vollständig ist."
TOO_OFTEN = "Das waren zu viele Aufrufe. Bitte versuchen Sie es in einigen Minuten noch einmal."
AWAY = "Die Antwort kann gerade nicht gespeichert werden. Bitte versuchen Sie es gleich noch einmal."


class Unanswerable(Exception):
    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True)
class Answering:
    """``find`` reads a session from the journal; ``answer`` carries a command out or raises ``Rejected``."""

    keys: LinkKeys
    find: Callable[[Invitee], Awaitable[Session]]
    answer: Callable[[AnswerInvitation, CommandRequest], Awaitable[object]]
    now: Callable[[], datetime]
    opened: Limit = field(default_factory=lambda: Limit(1 / 5, 30))
    """Requests with one link: this many at once, then one every five seconds."""
    wrong: Limit = field(default_factory=lambda: Limit(1 / 3, 20))
    """Requests from one address without a valid link. They do not count against somebody with a valid one."""


def answers_app(answering: Answering) -> Starlette:
    """To be mounted at ``/answers``."""

    async def show(request: Request) -> Response:
        invitee = _invitee(answering, request)
        session = await answering.find(invitee)
        if request.method == "POST":
            await _answer(answering, invitee, session, await _typed(request))
            return RedirectResponse("?done", HTTPStatus.SEE_OTHER)
        appointment, choices = _must_be_asked(session, invitee), _choices(session, invitee.person)
        given = session.answers.get(invitee.person)
        return pages.question(appointment, given, choices, is_done="done" in request.query_params and given is not None)

    style = resources.files("mkdocs_kern_ux") / "kern-ux" / "vendor" / "kern"
    routes = [
        Mount("/kern", StaticFiles(directory=str(style))),
        Mount("/static", StaticFiles(directory=str(resources.files("services.meetings.answering") / "static"))),
        Route("/{token}", show, methods=["GET", "POST"]),
    ]
    app = Starlette(routes=routes, exception_handlers=FAULTS)
    app.router.redirect_slashes = False  # it would redirect a link to the unencrypted address that the proxy uses
    return app


def _invitee(answering: Answering, request: Request) -> Invitee:
    token = request.path_params["token"]
    invitee = answering.keys.read(token)
    limit, who = (
        (answering.opened, token) if invitee else (answering.wrong, request.client.host if request.client else "")
    )
    if limit.take(who):
        raise Unanswerable(HTTPStatus.TOO_MANY_REQUESTS, TOO_OFTEN)
    if invitee is None:
        raise Unanswerable(HTTPStatus.NOT_FOUND, UNKNOWN)
    if answering.now() >= invitee.until:
        raise Unanswerable(HTTPStatus.GONE, OVER)
    return invitee


def _must_be_asked(session: Session, invitee: Invitee) -> Appointment:
    if session.appointment is None:
        raise Unanswerable(HTTPStatus.NOT_FOUND, UNKNOWN)
    if session.stage == "cancelled":
        raise SessionIsCancelled(session=session.appointment.title)
    if session.stage != "planned":
        raise Unanswerable(HTTPStatus.GONE, OVER)
    if session.appointment.revision != invitee.revision:
        raise Unanswerable(HTTPStatus.GONE, MOVED)
    if all(one.person != invitee.person for one in session.invited):
        raise NotInvited(session=session.appointment.title)
    return session.appointment


def _choices(session: Session, person: PersonId) -> tuple[Answer, ...]:
    """Only the holder of a seat can be represented."""
    holds = any(one.person == person and one.seat and one not in session.deputies for one in session.invited)
    every: tuple[Answer, ...] = get_args(Answer)
    return every if holds else tuple(one for one in every if one != "deputy")


async def _answer(answering: Answering, invitee: Invitee, session: Session, typed: str) -> None:
    _must_be_asked(session, invitee)
    choice = next((one for one in _choices(session, invitee.person) if one == typed), None)
    if choice is None:
        raise Unanswerable(HTTPStatus.BAD_REQUEST, "Bitte wählen Sie eine der angebotenen Antworten.")
    command = AnswerInvitation(
        **invitee.model_dump(include={"conference", "session", "person", "revision"}),
        answer=choice,
        at=answering.now(),
        by="personal-link",
    )
    await answering.answer(command, CommandRequest(f"personal-link:{uuid4()}"))


async def _typed(request: Request) -> str:
    """The one answer that was chosen, or something that cannot be an answer: two answers are none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != FORM:
        raise Unanswerable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Das ist kein Formular dieser Seite.")
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length[:9]) > LARGEST_FORM:
        raise Unanswerable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Das Formular ist zu groß.")
    try:
        typed = parse_qs((await request.body()).decode(), max_num_fields=5, errors="strict").get("answer", [])
    except (ValueError, ClientDisconnect):
        return ""
    return typed[0] if len(typed) == 1 else ""


async def _unanswerable(_: Request, why: Exception) -> Response:
    assert isinstance(why, Unanswerable)
    return pages.fault(why.status, why.sentence)


async def _refused(_: Request, no: Exception) -> Response:
    assert isinstance(no, Rejected)
    return pages.fault(HTTPStatus.CONFLICT, no.detail)


async def _away(_: Request, __: Exception) -> Response:
    return pages.fault(HTTPStatus.SERVICE_UNAVAILABLE, AWAY)


async def _http(_: Request, no: Exception) -> Response:
    """A response to a wrong method names the allowed ones in its head (RFC 9110, 15.5.6)."""
    assert isinstance(no, HTTPException)
    answer = pages.fault(no.status_code, UNKNOWN)
    answer.headers.update(no.headers or {})
    return answer


FAULTS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Unanswerable: _unanswerable,
    Rejected: _refused,
    Busy: _away,
    NotUpToDate: _away,
    MongoUnavailable: _away,
    HTTPException: _http,
    Exception: _away,
}
