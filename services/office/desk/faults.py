"""What is answered where a page or a form could not be looked at: a sentence, and what was typed, to be sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.office.desk import paper
from services.office.desk.forms.posted import must_be_ours, read_typed
from services.office.desk.others import Problem, Silent
from shared.runtime.http.problems import Refused
from shared.runtime.mongo.driver import MongoUnavailable

MAY_HELP = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True)
class Again:
    """A form that arrived and was not processed, to be sent again unchanged."""

    address: str
    typed: Sequence[tuple[str, str]]
    login: bool
    """Shown only after a login."""


async def _refused(request: Request, why: Refused) -> Response:
    answer = await _fault(request, why.status, why.detail)
    if why.status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers["Retry-After"] = str(why.retry_after)
    return answer


async def _problem(request: Request, no: Problem) -> Response:
    """A refusal of the page's own question: usually the page does not exist."""
    status = HTTPStatus.NOT_FOUND if no.status == HTTPStatus.UNPROCESSABLE_ENTITY else no.status
    return await _fault(request, status, no.sentence)


async def _silent(request: Request, silent: Silent) -> Response:
    sentence = (
        f"Der Dienst „{paper.service(silent.service)}“ antwortet gerade nicht. Bitte gleich noch einmal versuchen."
    )
    return await _fault(request, 503, sentence)


async def _away(request: Request, _: Exception) -> Response:
    sentence = "Die Datenbank antwortet gerade nicht. Bitte gleich noch einmal versuchen."
    return await _fault(request, 503, sentence)


async def _http(request: Request, no: HTTPException) -> Response:
    sentence = {404: "Diese Seite gibt es nicht."}.get(no.status_code, "Die Anfrage kann nicht bedient werden.")
    answer = await _fault(request, no.status_code, sentence)
    answer.headers.update(no.headers or {})  # names the allowed methods (RFC 9110, 15.5.6)
    return answer


async def _failed(request: Request, _: Exception) -> Response:
    return await _fault(request, 500, "Auf der Seite ist ein Fehler aufgetreten.")


async def _fault(request: Request, status: int, sentence: str) -> Response:
    return paper.page("fault.html.j2", status, sentence=sentence, visit=None, again=await _again(request, status))


async def _again(request: Request, status: int) -> Again | None:
    """The answer repeats what was typed if sending it again can help. Nothing is stored, so this
    may be about people.
    """
    if request.method != "POST" or status not in MAY_HELP:
        return None
    try:
        must_be_ours(request)
        typed = await read_typed(request)
    except Refused:
        return None
    told = [(name, text) for name, texts in typed.items() for text in texts]
    return Again(f"{request.url.path}?{request.url.query}".rstrip("?"), told, status == HTTPStatus.UNAUTHORIZED)


FAULTS = {
    Refused: _refused,
    Problem: _problem,
    Silent: _silent,
    MongoUnavailable: _away,
    HTTPException: _http,
    Exception: _failed,
}
