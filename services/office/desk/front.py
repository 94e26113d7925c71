"""Every page and who may see it, and what holds of all of them: who is logged in, whose conference, whose form.

Nothing of another conference is there for whoever does not act for it: 404, as for what does not exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from importlib import resources
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from services.office.desk import documents, guide, live, mails, overview
from services.office.desk.faults import FAULTS
from services.office.desk.forms.form import Form, Refusal, Typed, one
from services.office.desk.forms.posted import must_be_ours, read_typed
from services.office.desk.funding import money, notices
from services.office.desk.login import entrance
from services.office.desk.login.entrance import BROWSER, COOKIE
from services.office.desk.login.issuer_login import IssuerLogin
from services.office.desk.login.logins import form_token
from services.office.desk.meetings import guest_pools, minutes, registers, room, session_steps, sessions, working_groups
from services.office.desk.members import groups, person, roster, roster_file, rules
from services.office.desk.operations import operator
from services.office.desk.titles import titles_of
from services.office.desk.visit import UNKNOWN, Desk, Done, Show, Take, Visit
from services.office.projections import CONFERENCES
from shared.runtime.http.access import caller_with, known_now
from shared.runtime.http.callers import Caller, CallerRole
from shared.runtime.http.problems import Refused
from shared.runtime.http.requests import READERS

log = structlog.get_logger()

ADMINS: frozenset[CallerRole] = frozenset({"admin"})
OPERATORS: frozenset[CallerRole] = ADMINS | {"monitor"}


class _Slug(Convertor[str]):
    """The form of short names. Any other address is no page of ours."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("slug", _Slug())

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Page:
    """A page below ``/desk``: the roles that may see it, and its forms."""

    address: str
    show: Show
    forms: tuple[Form, ...] = ()
    roles: frozenset[CallerRole] = READERS
    take: Take = Visit.give


WORKED_ON = (
    Page("/", overview.conferences, (rules.ESTABLISH,), roles=READERS | OPERATORS),
    Page("/operator", operator.services, operator.FORMS, OPERATORS, operator.take),
    Page("/operator/acts", operator.acts, roles=ADMINS),
    Page("/operator/parked", operator.record, roles=ADMINS),
    Page("/operator/events", operator.events, roles=OPERATORS),
    Page("/operator/live", live.live, roles=OPERATORS),
    Page("/operator/story/{id:slug}", operator.story, roles=OPERATORS),
    Page("/{conference:slug}/", overview.overview, overview.FORMS),
    Page("/{conference:slug}/search", overview.search),
    Page("/{conference:slug}/live", live.live),
    Page("/{conference:slug}/mails", mails.mails, mails.FORMS),
    Page("/{conference:slug}/history/{kind:slug}/{key:slug}", overview.history),
    Page("/{conference:slug}/conference", rules.conference, rules.FORMS),
    Page("/{conference:slug}/conference/guest-pools", guest_pools.guest_pools, guest_pools.FORMS),
    Page("/{conference:slug}/people/{person:slug}", person.person, person.FORMS),
    Page("/{conference:slug}/groups/{group:slug}", groups.group, groups.FORMS),
    Page("/{conference:slug}/working-groups", working_groups.working_groups, working_groups.FORMS),
    Page("/{conference:slug}/seats", roster.seats, (groups.OPEN,)),
    Page("/{conference:slug}/roster", roster_file.roster_file, roster_file.FORMS, take=roster_file.take),
    Page("/{conference:slug}/seats/{seat:slug}", roster.seat, roster.FORMS),
    Page("/{conference:slug}/sessions", sessions.sessions, session_steps.LIST_FORMS),
    Page("/{conference:slug}/sessions/{session:slug}", sessions.session, session_steps.FORMS),
    Page("/{conference:slug}/sessions/{session:slug}/answers", room.answers, room.ANSWER_FORMS),
    Page("/{conference:slug}/sessions/{session:slug}/attendance", room.attendance, room.FORMS),
    Page("/{conference:slug}/sessions/{session:slug}/minutes", minutes.minutes, minutes.FORMS),
    Page("/{conference:slug}/sessions/{session:slug}/minutes.pdf", documents.minutes),
    Page("/{conference:slug}/mails/{mail:slug}/letter.pdf", documents.letter),
    Page("/{conference:slug}/roster.csv", documents.roster, roles=frozenset({"office"})),
    Page("/{conference:slug}/registers", registers.registers, registers.FORMS),
    Page("/{conference:slug}/registers/report.pdf", documents.report_draft),
    Page("/{conference:slug}/papers/{paper:slug}/paper.pdf", documents.council_paper),
    Page("/{conference:slug}/money", money.grants, (notices.APPLY,)),
    Page("/{conference:slug}/money/{grant:slug}", money.grant, money.FORMS),
    Page("/{conference:slug}/money/{grant:slug}/ledger.csv", documents.ledger),
    Page("/{conference:slug}/money/{grant:slug}/proof-of-use.pdf", documents.proof_of_use),
)


PAGES = (*WORKED_ON, Page(guide.ADDRESS, guide.guide(WORKED_ON)))

OTHER_LOGIN = "Das Formular gehört nicht zu dieser Anmeldung. Bitte die Angaben prüfen und noch einmal senden."


def desk_app(desk: Desk, service: FastAPI, at_issuer: IssuerLogin | None = None) -> Starlette:
    """To be mounted at ``/desk``. ``service`` is the app that knows the callers."""

    async def caller_of(token: str, request: Request) -> Caller:
        return await caller_with(token, request, service)

    door = entrance.Door(
        desk.logins, caller_of, partial(known_now, app=service), at_issuer, lambda: service.state.access.issuer
    )
    pages = [Route(one.address, _endpoint(one, desk, door), methods=["GET", "POST"]) for one in PAGES]
    fonts = resources.files("mkdocs_kern_ux") / "kern-ux" / "vendor" / "kern"
    routes = [
        Route("/login", door.login, methods=["GET", "POST"]),
        Route("/login/issuer", door.to_issuer),
        Route("/login/return", door.back_from_issuer),
        Route("/logout", door.logout, methods=["POST"]),
        Mount("/static", Kept(directory=str(resources.files("services.office.desk") / "static"))),
        Mount("/kern", Kept(directory=str(fonts))),
        *pages,
    ]
    return Starlette(routes=routes, exception_handlers=FAULTS)  # type: ignore[arg-type]  # each takes its own error


class Kept(StaticFiles):
    """A browser may keep these for an hour; they contain nobody's data."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


def _endpoint(page: Page, desk: Desk, door: entrance.Door) -> Endpoint:
    async def answer(request: Request) -> Response:
        cookie = request.cookies.get(COOKIE, "")
        login = await desk.logins.login(cookie, is_use=_is_use(request)) if cookie else None
        caller = await door.known(login.token, request) if login else None
        if login is None or caller is None:
            return await door.ask_in(request, login.token if login else None)
        visit = Visit(desk, request, caller, login, form_token(cookie), browser=request.cookies.get(BROWSER, ""))
        visit.is_still_in = partial(door.still_knows, cookie)
        await _must_be_there(visit)
        if caller.role not in page.roles:
            raise Refused(403, "RoleNotAllowed", "Dieses Konto darf diese Seite nicht sehen.")
        if request.method == "POST":
            done = await _take(page, visit, cookie)
            if done:
                return done
        visit.done = next((form.done for form in page.forms if form.command == visit.query.get("done")), "")
        if visit.browser and any(visit.may(form) for form in page.forms):
            visit.drafts = await desk.drafts.at(visit.place, page.forms, UNKNOWN)
        return await page.show(visit)

    return answer


def _is_use(request: Request) -> bool:
    """Requests that an open page makes by itself are no use; browsers mark them (Fetch Metadata)."""
    return request.headers.get("sec-fetch-dest") != "empty"


async def _must_be_there(visit: Visit) -> None:
    name = visit.named.get("conference")
    if name is None:
        return
    found = await visit.desk.projections.get(CONFERENCES, name) if visit.caller.acts_for(name) else None
    if found is None:
        log.warning("page refused", by=visit.caller.name)
        raise Refused(404, "NotFound", "Diese Seite gibt es nicht.")
    visit.conference, visit.conference_name = name, found["name"]
    visit.titles = await titles_of(visit.desk.projections, name)


async def _take(page: Page, visit: Visit, cookie: str) -> Response | None:
    """None if it was refused: the page then shows the typed text and the reason."""
    typed = await read_typed(visit.request)
    must_be_ours(visit.request)
    form = next((form for form in page.forms if [form.command] == typed.get("command")), None)
    if form is None or not visit.may(form):
        raise Refused(403, "RoleNotAllowed", "Dieses Konto darf das nicht.")
    if one(typed, "form_token") != visit.form_token:
        visit.refusal = Refusal(form, typed, 403, OTHER_LOGIN, key=one(typed, "key") or None)
        return None
    if "discard" in typed:
        await visit.desk.drafts.drop(visit.place, form, typed)
        return RedirectResponse(visit.address, HTTPStatus.SEE_OTHER)
    outcome = await _give(page, visit, form, typed)
    if outcome is None:
        return None
    if isinstance(outcome, Refusal):
        visit.refusal = outcome
        return None
    if outcome.position:
        await visit.desk.logins.note(cookie, form.service, outcome.position)
    told = {**outcome.carried, "done": form.command}
    joint = "&" if "?" in visit.address else "?"
    return RedirectResponse(f"{visit.address}{joint}{urlencode(told)}", HTTPStatus.SEE_OTHER)


async def _give(page: Page, visit: Visit, form: Form, typed: Typed) -> Done | Refusal | None:
    """The typed text is kept from before the command is sent until it is executed."""
    if not (visit.browser and form.may_be_kept):
        return await page.take(visit, form, typed)
    drafts, place = visit.desk.drafts, visit.place
    await drafts.keep(place, form, typed, one(typed, "key") or None)
    outcome = await page.take(visit, form, typed)
    if isinstance(outcome, Refusal):
        await drafts.keep(place, form, typed, outcome.key)
    else:
        await drafts.drop(place, form, typed)
    return outcome
