"""One look at the desk: who looks, at which conference, what the services tell them, and what was refused before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from services.office.desk import paper
from services.office.desk.forms.drafts import Drafts, Place
from services.office.desk.forms.form import Body, Form, Refusal, Typed, body_of, refused
from services.office.desk.forms.reading import Mistyped, day
from services.office.desk.login.logins import Login, Logins
from services.office.desk.news import News
from services.office.desk.others import Others, Problem, Silent
from services.office.desk.subscribers import Subscribers
from services.office.desk.titles import NO_TITLES, Titles
from services.office.projections import CONFERENCES
from shared.declarations.projection import Document
from shared.kernel.time import local_day
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.callers import Caller
from shared.runtime.http.problems import Refused
from shared.runtime.observing.clock import Clock

UNKNOWN = (
    "Ob der Vorgang ausgeführt wurde, ist nicht bekannt. Bitte unverändert noch einmal senden: "
    "Er wird nur einmal ausgeführt."
)

WAITS = 2.0
"""Seconds for which a page waits for its visitor's last command; then it shows what is there, and says so."""


async def nobody_is() -> bool:
    return False


@dataclass(frozen=True)
class Desk:
    """Shared by all visits."""

    others: Others
    projections: ProjectionStore
    clock: Clock
    logins: Logins
    drafts: Drafts
    news: News
    subscribers: Subscribers


@dataclass(frozen=True)
class Done:
    """The command was executed; ``position`` is that of its events, empty if there are none."""

    form: Form
    position: str
    carried: Mapping[str, str]


@dataclass
class Visit:
    """``conference`` is empty on the operator's pages."""

    desk: Desk
    request: Request
    caller: Caller
    login: Login
    form_token: str
    conference: str = ""
    conference_name: str = ""
    titles: Titles = NO_TITLES
    browser: str = ""
    """Its id for the drafts; empty if the browser takes no cookie."""
    refusal: Refusal | None = None
    drafts: list[Refusal] = field(default_factory=list)
    shown: list[Refusal] = field(default_factory=list)
    """The drafts and refusals of forms on this page."""
    done: str = ""
    """The sentence for what was just done here."""
    report: Document = field(default_factory=dict)
    """A service's answer about a file."""
    silent: set[str] = field(default_factory=set)
    behind: set[str] = field(default_factory=set)
    """Services that do not show the visitor's last command yet."""
    is_still_in: Callable[[], Awaitable[bool]] = nobody_is
    """Whether the visitor still has access: for what takes longer than one answer."""

    @property
    def token(self) -> str:
        return self.login.token

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def address(self) -> str:
        """The target of this page's forms: the page as requested, without the note on what was just done."""
        kept = {key: value for key, value in self.query.items() if key != "done"}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    @property
    def named(self) -> Mapping[str, str]:
        """The parts of the address."""
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    @property
    def now(self) -> datetime:
        return self.desk.clock.now()

    @property
    def today(self) -> date:
        return local_day(self.now)

    @property
    def asked_day(self) -> date | None:
        """The day in the address, ``?on=``. Raises ``Refused``."""
        asked = self.query.get("on", "").strip()
        try:
            return day(asked) if asked else None
        except Mistyped as fault:
            raise Refused(422, "FieldsInvalid", str(fault)) from None

    @property
    def place(self) -> Place:
        return Place(self.browser, self.caller.name, self.path)

    def typed_at(self, form: Form, fixed: Mapping[str, str]) -> Refusal | None:
        """The form's text: a refused one, else a draft."""
        found = next((one for one in self._typed if one.is_of(form, fixed)), None)
        self.shown += [found] if found else []
        return found

    @property
    def strays(self) -> list[Refusal]:
        """The text of forms that the page does not have any more, because somebody else has done that step."""
        return [one for one in self._typed if one not in self.shown]

    @property
    def _typed(self) -> list[Refusal]:
        """A form that was just refused has been kept as a draft, too."""
        if not (no := self.refusal):
            return self.drafts
        return [no, *(draft for draft in self.drafts if not draft.is_of(no.form, no.fixed))]

    def may(self, form: Form) -> bool:
        return self.caller.role == form.role

    async def ask(self, service: str, path: str, **query: Any) -> Document:
        """As new as the visitor's last commands, here or on another page; otherwise the service is ``behind``.

        Raises ``Silent`` and ``Problem``.
        """
        asked = self.asked(service, query)
        try:
            async with asyncio.timeout(WAITS if "seen" in asked else None):
                return await self.desk.others.ask(service, path, self.token, asked)
        except TimeoutError:
            pass
        except Problem as no:
            if "seen" not in asked or no.status != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
        self.behind.add(service)
        return await self.desk.others.ask(service, path, self.token, self.asked(service, query))

    def asked(self, service: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """With the conference, and the positions that its service is to wait for."""
        if not self.conference:
            return {**query}
        if service in self.behind:
            return {"conference": self.conference, **query}
        seen = [one for one in self.login.seen.get(service, ()) if one.startswith(f"{self.conference}/")]
        return {"conference": self.conference, **query, **({"seen": seen} if seen else {})}

    async def items(self, service: str, path: str, **query: Any) -> list[Document]:
        found: list[Document] = (await self.ask(service, path, **query))["items"]
        return found

    async def some(self, service: str, path: str, **query: Any) -> list[Document]:
        """Empty if the service is silent; the page says so."""
        try:
            return await self.items(service, path, **query)
        except Silent:
            self.silent.add(service)
            return []

    async def one(self, service: str, path: str, **query: Any) -> Document:
        """Like ``some``, for one document."""
        try:
            return await self.ask(service, path, **query)
        except Silent:
            self.silent.add(service)
            return {}

    async def give(self, form: Form, typed: Typed) -> Done | Refusal:
        """A mistyped, refused or unanswered command is a refusal that keeps the typed text."""
        body, faults = body_of(form, typed, self.named)
        if faults:
            return Refusal(form, typed, 422, faults.pop("", "Bitte die markierten Angaben berichtigen."), faults)
        service = form.service or next(iter(typed.get("service", ())), "")
        key = next(iter(typed.get("key", ())), "") or uuid4().hex
        if service not in self.desk.others.addresses:
            return Refusal(form, typed, 422, "Diesen Dienst gibt es nicht.")
        try:
            answer = await self.desk.others.give(service, form.goes_to, self.token, self._complete(form, body), key)
        except Silent:
            return Refusal(form, typed, 503, UNKNOWN, key=key)
        except Problem as no:
            return refused(form, typed, no)
        stream = answer.get("stream") if answer.get("sequence") else None
        carried = {name: str(body[name]) for name in form.carries}
        return Done(form, f"{stream}:{answer['sequence']}" if stream else "", carried)

    def _complete(self, form: Form, body: Body) -> Body:
        return body if form.path else {"conference": self.conference, **body}

    async def conferences(self) -> list[Document]:
        """The conferences for which the visitor acts."""
        every = await self.desk.projections.find(CONFERENCES, {})
        return [one for one in every if self.caller.acts_for(one["_id"])]

    def page(self, template: str, /, **shown: Any) -> Response:
        status = self.refusal.status if self.refusal else 200
        return paper.page(template, status, visit=self, **shown)


Show = Callable[[Visit], Awaitable[Response]]
Take = Callable[[Visit, Form, Typed], Awaitable[Done | Refusal | None]]
"""None: there is no next page, and this one is shown."""


async def together(*asked: Awaitable[Any]) -> list[Any]:
    return await asyncio.gather(*asked)
