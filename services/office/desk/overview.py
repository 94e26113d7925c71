"""What waits for the office, what is found by a word, and the history of one thing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from services.office import queries
from services.office.desk.forms.form import Field, Form
from services.office.desk.mails import counts
from services.office.desk.meetings.room import number_proposed
from services.office.desk.members import rules
from services.office.desk.members.roster import called, names
from services.office.desk.paper import sentence
from services.office.desk.titles import Titles
from services.office.desk.visit import Visit, together
from services.office.projections import THINGS
from shared.contracts.meetings import MinutesDraftDue
from shared.declarations.projection import Document
from shared.kernel.identifiers import stream_name
from shared.kernel.time import iso

SOON = timedelta(days=28)
"""An invitation is due when its session is this near: two weeks' notice, and two to prepare it."""

OWED_WITHIN = timedelta(days=30)
"""Obligations that are due later are not shown yet: their first stage is 30 days before."""

TREND_AFTER = timedelta(days=90)
"""The first hours of a grant allow no forecast of the last ones."""

MINUTES_OWED = MinutesDraftDue.__name__

BEFORE = ("planned", "open")
"""A session that still needs work."""

PAGES = {"grant": "/money/", "session": "/sessions/"}

ACTING = ("members", "meetings", "funding", "notifications")

SETTLE = Form(
    "",
    "SettleOpenPoint",
    "Offenen Punkt erledigen",
    "Erledigt",
    "Der offene Punkt ist erledigt.",
    (
        Field("service", "Dienst", "fixed"),
        Field("point", "Punkt", "fixed"),
        Field("reason", "Was wurde getan?", hint="Ein Satz, ohne Angaben zu einer Person."),
    ),
)
FORMS = (SETTLE,)


async def conferences(visit: Visit) -> Response:
    """A visitor with one conference goes there directly, unless the page has to show what was just done."""
    found = await visit.conferences()
    if visit.caller.role == "monitor":
        return RedirectResponse("/desk/operator", 303)
    if len(found) == 1 and not (visit.refusal or visit.done):
        return RedirectResponse(f"/desk/{found[0]['_id']}/", 303)
    return visit.page("conferences.html.j2", conferences=found, establish=rules.ESTABLISH)


async def overview(visit: Visit) -> Response:
    vacancies, nominations, leavers, sessions, grants, mails, suspended, owed, owed_of_grants, *points = await together(
        visit.some("members", "/vacancies", on=visit.today.isoformat()),
        visit.some("members", "/nominations"),
        visit.some("members", "/people/to-erase", on=visit.today.isoformat()),
        visit.some("meetings", "/sessions", unfinished=True),
        visit.some("funding", "/grants"),
        visit.one("notifications", "/mails/states"),
        visit.some("notifications", "/suspended-addresses"),
        visit.some("meetings", "/obligations"),
        visit.some("funding", "/obligations"),
        *(visit.some(service, "/open-points") for service in ACTING),
    )
    points = [{**one, "service": service} for service, found in zip(ACTING, points, strict=True) for one in found]
    running = [one for one in grants if one["state"] == "awarded"]
    waiting = counts(mails)
    causes, proposed, left_over, seats, dispatch, foreseen = await together(
        queries.at(visit.desk.projections, [one["reacted_to"] for one in points]),
        _proposed(visit, sessions),
        _left_over(visit, sessions),
        visit.some("members", "/roster", on=visit.today.isoformat()),
        visit.one("notifications", "/dispatch"),
        together(*(visit.one("funding", f"/budget/{one['grant']}/forecast") for one in running)),
    )
    return visit.page(
        "overview.html.j2",
        next_sessions=sorted((one for one in sessions if one["state"] in BEFORE), key=lambda one: one["starts"])[:2],
        running=running,
        short=list(falling_short(visit.today, running, foreseen)),
        vacancies=vacancies,
        died=list(seated_and_dead(seats)),
        nominations=nominations,
        leavers=leavers,
        left_over=left_over,
        to_invite=[one for one in sessions if _is_to_invite(visit, one) and one not in left_over],
        unanswered=[(one, unanswered(one)) for one in sessions if one["state"] == "planned" and unanswered(one)],
        proposed=proposed,
        to_write=list(to_write(visit.today, sessions, owed)),
        to_send=[one for one in sessions if (one["minutes"] or {}).get("state") == "drafted"],
        to_approve=[one for one in grants if one["unapproved_expenses"]],
        owed=list(owed_soon(visit.today, {"meetings": owed, "funding": owed_of_grants}, visit.titles)),
        undelivered=waiting.get("failed", ""),
        letters=waiting.get("letter", ""),
        suspended=suspended,
        dispatch=dispatch,
        points=[{**one, "happened": causes.get(one["reacted_to"])} for one in points],
        settle=SETTLE,
    )


def to_write(today: date, sessions: Sequence[Document], owed: Sequence[Document]) -> Iterator[Document]:
    """Sessions without minutes, with the due day if the rules set one."""
    due = {one["told"]["session"]: one["due_on"] for one in owed if one["obligation"] == MINUTES_OWED}
    for one in sessions:
        if one["state"] == "closed" and not one["minutes"]:
            due_on = due.get(one["session"])
            yield {**one, "due_on": due_on, "is_late": due_on is not None and due_on < today.isoformat()}


def owed_soon(today: date, owed: Mapping[str, Sequence[Document]], titles: Titles) -> Iterator[Document]:
    """Each with the page for it and its sentence; without missing minutes."""
    last = (today + OWED_WITHIN).isoformat()
    for service, found in owed.items():
        for one in found:
            if one["due_on"] <= last and one["obligation"] != MINUTES_OWED:
                fields = {**one["told"], "due_on": one["due_on"]}
                told = sentence({"service": service, "type": one["obligation"], "fields": fields}, titles)
                kind, key = one["about"].split("/")[1:]
                page = f"{PAGES[kind]}{key}" if kind in PAGES else "/registers"
                yield {"told": told, "page": page, "is_late": one["due_on"] < today.isoformat()}


def falling_short(today: date, grants: Sequence[Document], foreseen: Sequence[Document]) -> Iterator[Document]:
    """Grants whose own share will be too small if it goes on as so far: shown while there is time to work more."""
    for grant, forecast in zip(grants, foreseen, strict=True):
        begun = date.fromisoformat(grant["period"]["start"]) + TREND_AFTER
        if forecast and today >= begun and forecast["own_contribution_expected"] < forecast["own_contribution_due"]:
            yield {**forecast, "title": grant["title"]}


async def _proposed(visit: Visit, sessions: Sequence[Document]) -> list[tuple[Document, int]]:
    """Sessions with calendars' replies that are not recorded, and their number."""
    asked = [one for one in sessions if one["state"] == "planned" and one["recipients"]]
    paths = [f"/sessions/{one['session']}/replies" for one in asked]
    replies = await together(*(visit.some("notifications", path) for path in paths))
    numbers = map(number_proposed, asked, replies)
    return [(one, number) for one, number in zip(asked, numbers, strict=True) if number]


async def _left_over(visit: Visit, sessions: Sequence[Document]) -> list[Document]:
    is_asked = any(one["working_group"] for one in sessions)
    return of_closed_groups(sessions, await visit.some("members", "/working-groups") if is_asked else [])


def of_closed_groups(sessions: Sequence[Document], groups: Sequence[Document]) -> list[Document]:
    """Planned sessions whose working group is closed: nobody is left to be invited, and nobody has called them off."""
    closed = {group["working_group"] for group in groups if group["closed"]}
    return [one for one in sessions if one["state"] == "planned" and one["working_group"] in closed]


def seated_and_dead(seats: Sequence[Document]) -> Iterator[Document]:
    """Holders and deputies whose time on another seat has ended by death: each mandate is ended by itself."""
    for line in seats:
        for one in (line, line["deputy"]):
            if one and one.get("died_on"):
                yield {**one, "seat": line["seat"], "is_deputy": one is not line}


def unanswered(session: Document) -> int:
    """For how many places nobody has answered the present appointment. A person answers for all of theirs."""
    said = {one["person"] for one in session["answers"] if one["counts"]}
    return sum(one["person"] not in said for one in session["recipients"])


def _is_to_invite(visit: Visit, session: Document) -> bool:
    near = iso(visit.now + SOON)
    return session["state"] == "planned" and not session["issue"] and session["starts"] < near


def sought(typed: str) -> str:
    """As texts are kept: in NFC, which what is copied from a PDF or a file's name often is not."""
    return "".join(filter(str.isprintable, unicodedata.normalize("NFC", typed))).strip()[:80]


async def search(visit: Visit) -> Response:
    words = sought(visit.query.get("q", ""))
    found: list[Document] = []
    people: list[Any] = []
    if words:
        seats, found = await together(
            visit.some("members", "/roster", on=visit.today.isoformat()),
            queries.found(visit.desk.projections, visit.conference, words),
        )
        people = [one for one in seats if words.lower() in (one.get("person_name") or "").lower()]
    return visit.page("search.html.j2", words=words, found=found, people=people, most=queries.MOST)


async def history(visit: Visit) -> Response:
    """The events of one stream, in words, with the names of the people in them."""
    stream = stream_name(visit.conference, visit.named["kind"], visit.named["key"])
    happened, thing, seated = await together(
        queries.history(visit.desk.projections, stream),
        visit.desk.projections.get(THINGS, stream),
        names(visit, visit.today.isoformat()),
    )
    people = {person for one in happened if (person := one["fields"].get("person"))}
    known = await called(visit, people, seated)
    return visit.page(
        "history.html.j2",
        stream=stream,
        happened=happened,
        mail=(thing or {}).get("mail"),
        who=known.get(visit.named["key"]),
        called=known,
    )
