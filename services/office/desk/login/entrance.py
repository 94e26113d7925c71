"""Logging in and out. A login lasts as long as its token is somebody's and somebody uses it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.office.desk import paper
from services.office.desk.forms import posted
from services.office.desk.forms.drafts import KEPT_FOR, new_browser
from services.office.desk.forms.form import one
from services.office.desk.login.issuer_login import LASTS_SECONDS, Attempt, IssuerLogin, NotLoggedIn
from services.office.desk.login.logins import LONGEST, Logins, form_token
from shared.runtime.http.callers import Caller
from shared.runtime.http.oidc import Issuer
from shared.runtime.http.problems import Refused

COOKIE = "__Host-desk"
"""With this prefix browsers refuse the cookie unless it is ``Secure`` and for this host alone (RFC
6265bis, 4.1.3.2).
"""

BROWSER = "__Host-desk-browser"
"""Finds a browser's drafts again, also after a login has ended. It opens nothing else."""

ATTEMPT = "__Host-desk-attempt"
"""For a visitor who is at the issuer. ``Lax``, because they come back to our page from there."""

ENDED = "Die Anmeldung ist beendet. Bitte in einem anderen Fenster neu anmelden, dann hier noch einmal senden."

OF_ISSUER = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
"""A signed token (RFC 7515, 7.1). An account's own token has no dots."""

WITHIN = re.compile(r"/desk/[A-Za-z0-9/_.-]*")
"""The allowed targets after a login: pages of this desk, nothing else."""


class Door:
    """``caller_of`` says whose a token is. It raises ``Refused`` if it is nobody's, or used too often."""

    def __init__(
        self,
        logins: Logins,
        caller_of: Callable[[str, Request], Awaitable[Caller]],
        known_now: Callable[[str], Awaitable[Caller | None]],
        at_issuer: IssuerLogin | None,
        issuer: Callable[[], Issuer | None],
    ) -> None:
        self._logins, self._caller_of, self._known_now = logins, caller_of, known_now
        self._at_issuer, self._issuer = at_issuer, issuer

    async def known(self, token: str, request: Request) -> Caller | None:
        try:
            return await self._caller_of(token, request)
        except Refused as no:
            if no.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                return None
            raise

    async def still_knows(self, cookie: str) -> bool:
        """Whether the login is still valid and its token is still somebody's. Asking does not prolong the login."""
        login = await self._logins.login(cookie, is_use=False)
        try:
            return login is not None and await self._known_now(login.token) is not None
        except Refused:
            return False

    async def ask_in(self, request: Request, token: str | None) -> Response:
        """Sends a visitor without a login to the login page, and from there back. Raises ``Refused`` for a form.

        If the issuer's ``token`` has expired during work, the visitor goes to the issuer at once and returns with a new
        one. After half an hour without use this does not happen: perhaps nobody is there.
        """
        if request.method == "POST":
            raise Refused(401, "LoginEnded", ENDED)
        door = "/desk/login/issuer" if self._at_issuer and token and OF_ISSUER.fullmatch(token) else "/desk/login"
        return RedirectResponse(f"{door}?next={quote(request.url.path)}", HTTPStatus.SEE_OTHER)

    async def login(self, request: Request) -> Response:
        if request.method != "POST":
            return self._page(200, "", request.query_params.get("next", "/desk/"))
        posted.must_be_ours(request)
        typed = await posted.read_typed(request)
        token, goal = one(typed, "token"), one(typed, "next")
        try:
            await self._caller_of(token, request)
        except Refused as no:
            return self._page(no.status, no.detail if token else "Bitte das Zugangskennzeichen eingeben.", goal)
        answer = RedirectResponse(_within(goal), HTTPStatus.SEE_OTHER)
        await self._begin(answer, request, token)
        return answer

    async def to_issuer(self, request: Request) -> Response:
        attempt = Attempt.new(_within(request.query_params.get("next", "")))
        if self._at_issuer is None:
            return self._page(404, "Eine Anmeldung der Stadt ist hier nicht eingerichtet.", attempt.goal)
        try:
            answer = RedirectResponse(await self._at_issuer.address(attempt), HTTPStatus.SEE_OTHER)
        except NotLoggedIn as no:
            return self._page(no.status, no.sentence, attempt.goal)
        answer.set_cookie(ATTEMPT, attempt.cookie, LASTS_SECONDS, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    async def back_from_issuer(self, request: Request) -> Response:
        """Goes on through a page of our own: browsers do not send a ``Strict`` cookie after another site's link."""
        attempt, issuer = Attempt.kept(request.cookies.get(ATTEMPT, "")), self._issuer()
        goal = _within(attempt.goal if attempt else "")
        if self._at_issuer is None or issuer is None:
            return self._page(404, "Eine Anmeldung der Stadt ist hier nicht eingerichtet.", goal)
        try:
            token = await self._at_issuer.token(attempt, request.query_params, issuer)
            await self._caller_of(token, request)
        except NotLoggedIn as no:
            answer = self._page(no.status, no.sentence, goal)
        except Refused as no:
            answer = self._page(no.status, no.detail, goal)
        else:
            answer = paper.page("logged_in.html.j2", goal=goal, visit=None)
            await self._begin(answer, request, token)
        answer.delete_cookie(ATTEMPT, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    async def _begin(self, answer: Response, request: Request, token: str) -> None:
        cookie = await self._logins.begin(token)
        answer.set_cookie(COOKIE, cookie, path="/", secure=True, httponly=True, samesite="strict")
        browser, lasts = request.cookies.get(BROWSER) or new_browser(), int((LONGEST + KEPT_FOR).total_seconds())
        answer.set_cookie(BROWSER, browser, lasts, path="/", secure=True, httponly=True, samesite="strict")

    async def logout(self, request: Request) -> Response:
        posted.must_be_ours(request)
        cookie, typed = request.cookies.get(COOKIE, ""), await posted.read_typed(request)
        if one(typed, "form_token") == form_token(cookie):
            await self._logins.end(cookie)
        answer = RedirectResponse("/desk/login", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    def _page(self, status: int, fault: str, goal: str) -> Response:
        return paper.page("login.html.j2", status, fault=fault, goal=goal, at_issuer=bool(self._at_issuer), visit=None)


def _within(goal: str) -> str:
    return goal if WITHIN.fullmatch(goal) else "/desk/"
