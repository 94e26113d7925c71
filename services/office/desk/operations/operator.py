"""For whoever keeps it running: each service at a glance, what is parked, what happens, and what followed from what."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import RedirectResponse, Response

from services.office import queries
from services.office.desk.forms.form import Field, Form, Refusal, Typed
from services.office.desk.operations.masked import hidden, masked
from services.office.desk.operations.verifying import RUNNING, VERIFY, begin, in_words, verified
from services.office.desk.others import Problem, Silent
from services.office.desk.titles import titles_of_each
from services.office.desk.visit import Done, Visit, together
from shared.declarations.projection import Document
from shared.runtime.http.problems import Refused

WHY = Field("why", "Begründung", hint="Sie steht im Protokoll des Dienstes. Keine Angaben zu einer Person.")
ROW = (Field("service", "Dienst", "fixed"), Field("id", "Satz", "fixed"), WHY)
RETRY = Form(
    "",
    "RetryParked",
    "Noch einmal versuchen",
    "Noch einmal versuchen",
    "Der Satz wird noch einmal versucht.",
    ROW,
    role="admin",
    path="/admin/parked/retry",
)
DROP = Form(
    "", "DropParked", "Verwerfen", "Verwerfen", "Der Satz ist verworfen.", ROW, role="admin", path="/admin/parked/drop"
)
ID = re.compile(r"[0-9a-f]+(-[0-9a-f]+)*")
PARKED = re.compile(r"(?!.*\.\.)[A-Za-z0-9._/-]+:[A-Za-z0-9:-]+")
HEADER = re.compile(r"[A-Za-z0-9.:/+_-]{0,200}")
"""The form of headers that cannot be a name or an address."""
FORMS = (RETRY, DROP, VERIFY)
ACTS = {
    "RetryParked": "Satz noch einmal versucht",
    "DropParked": "Satz verworfen",
    "RebuildProjection": "Projektion neu aufgebaut",
    "Republish": "noch einmal veröffentlicht",
    "ReadAgain": "Thema noch einmal gelesen",
    "Recover": "Journal aus den Themen ergänzt",
    "Verify": "Datenbestand abgeglichen",
}
REASONS = {
    "poison": "Der Inhalt ist nicht zu lesen oder zu verarbeiten.",
    "fork": "Der Dienst, dem das Thema gehört, kennt dieses Ereignis nicht.",
    "gap": "Ein Ereignis davor ist noch nicht angekommen.",
    "behind": "Ein früheres Ereignis desselben Stroms ist zurückgestellt.",
    "reaction": "Was daraus folgen sollte, ist fehlgeschlagen.",
    "quarantine": "Dem Satz ist nicht zu trauen: Kopf oder Herkunft stimmen nicht.",
}


WAITS = {
    "database_unreachable": "Die Datenbank antwortet nicht.",
    "not_listening": "Der Dienst hört noch nicht auf Kafka.",
    "relay_unanswered": "Kafka antwortet beim Veröffentlichen nicht.",
    "parked_records": "Sätze sind zurückgestellt.",
    "oldest_unpublished_seconds": "Ereignisse warten darauf, veröffentlicht zu werden.",
    "stuck_records": "Zurückgestellte Sätze warten auf eine Entscheidung.",
    "fork_records": "Zwei Ereignisse beanspruchen dieselbe Stelle eines Stroms.",
    "oldest_gap_seconds": "Ein Ereignis wartet auf eines davor.",
    "consumer_lag": "Viele Sätze warten darauf, verarbeitet zu werden.",
    "consumer_standing_seconds": "Sätze warten, und es geht nicht voran.",
    "failing_batch_seconds": "Ein Stapel von Sätzen scheitert immer wieder.",
    "kafka_unreachable_seconds": "Kafka ist nicht erreichbar.",
    "histories_differ": "Datenbank und Themen erzählen nicht dieselbe Geschichte.",
    "oplog_age_seconds": "Das Protokoll der Datenbank bewahrt Gelöschtes zu lange auf.",
    "clock_off_seconds": "Die Uhren dieses Rechners und der Datenbank gehen verschieden.",
    "open_points": "Was von selbst folgt, hat eine Regel abgelehnt; es wartet auf die Geschäftsstelle.",
    "oldest_waiting_mail_seconds": "Ein Schreiben wartet seit mehr als einem Tag.",
    "disk_used_percent": "Der Datenträger ist fast voll.",
    "mail_only_to": "Schreiben warten: Diese Installation darf ihren Empfängern nicht schreiben (KPK_MAIL_ONLY_TO).",
    "mails_per_person": "Schreiben warten: Jemand hat an einem Tag schon so viele bekommen, wie erlaubt sind.",
    "mail_server": "Kein Schreiben geht hinaus: der Mailserver nimmt keines an.",
    "topic_drift": "Ein Thema in Kafka ist nicht so eingestellt wie vereinbart.",
    "topic_beginning": "Die ersten Sätze des eigenen Themas fehlen.",
    "not_rebuilt": "Eine Projektion wartet darauf, neu aufgebaut zu werden: einem Thema fehlen Ereignisse.",
    "callers_file": "Die Datei der Konten ist nicht zu lesen; niemand kommt herein.",
    "oidc_issuer": "Die Anmeldestelle nennt ihre Schlüssel nicht.",
}
"""The labels of what a service waits for, by the name of its alarm. `docs/operations.md` says what to do."""


async def services(visit: Visit) -> Response:
    names = sorted(visit.desk.others.addresses)
    told, readers = await together(together(*(_status(visit, name) for name in names)), visit.desk.subscribers.groups())
    may_see_parked = _is_operator(visit)
    found = await verified(visit) if may_see_parked else []
    return visit.page(
        "operator.html.j2",
        services=[{"name": name, **one} for name, one in zip(names, told, strict=True)],
        parked=await _of_workers(visit, "/admin/parked") if may_see_parked else [],
        may_see_parked=may_see_parked,
        readers=readers,
        reasons=REASONS,
        retry=RETRY,
        drop=DROP,
        verify=VERIFY,
        verified=found,
        is_verifying=any(one["state"] == RUNNING for one in found),
        in_words=in_words,
        waits=WAITS,
    )


async def take(visit: Visit, form: Form, typed: Typed) -> Done | Refusal:
    return await begin(visit, form, typed) if form == VERIFY else await visit.give(form, typed)


def _is_operator(visit: Visit) -> bool:
    return visit.caller.role == "admin" and visit.caller.acts_everywhere


async def _status(visit: Visit, service: str) -> Document:
    try:
        told = await visit.ask(service, "/status")
    except Silent:
        return {"ready": False, "waiting": [], "silent": True, "lag": {}}
    return {"lag": {}, **told, "silent": False, "behind": sum((told.get("lag") or {}).values())}


async def _of_workers(visit: Visit, path: str) -> list[Document]:
    """The rows of all services' workers, each with its service."""
    names = sorted(visit.desk.others.addresses)
    told = await together(*(_of_worker(visit, name, path) for name in names))
    return [{**one, "service": name} for name, every in zip(names, told, strict=True) for one in every]


async def _of_worker(visit: Visit, service: str, path: str) -> list[Document]:
    """A process that is no worker has no such page."""
    try:
        return await visit.some(service, path)
    except Problem:
        return []


async def record(visit: Visit) -> Response:
    """A parked record, masked; without an id in the address, the list."""
    service, name = visit.query.get("service", ""), visit.query.get("id", "")
    if service not in visit.desk.others.addresses or not PARKED.fullmatch(name):
        return RedirectResponse("/desk/operator", 303)
    _must_be_operator(visit)
    row = await visit.ask(service, f"/admin/parked/{name}")
    headers = {header: one if HEADER.fullmatch(one or "") else hidden(one) for header, one in row["headers"].items()}
    return visit.page(
        "parked.html.j2", service=service, row=row, headers=headers, content=masked(row["value"]), reasons=REASONS
    )


async def acts(visit: Visit) -> Response:
    """The acts of admins on all services, the newest first."""
    _must_be_operator(visit)
    done = await _of_workers(visit, "/admin/acts")
    return visit.page("acts.html.j2", acts=sorted(done, key=lambda act: act["at"], reverse=True), called=ACTS)


def _must_be_operator(visit: Visit) -> None:
    if not _is_operator(visit):
        raise Refused(403, "RoleNotAllowed", "Dieses Konto darf diese Seite nicht sehen.")


async def events(visit: Visit) -> Response:
    if (sought := visit.query.get("id", "").strip().lower()) and ID.fullmatch(sought):
        return RedirectResponse(f"/desk/operator/story/{sought}", 303)
    asked = {name: visit.query.get(name, "").strip()[:80] for name in ("service", "conference", "stream", "type")}
    where: dict[str, Any] = {name: value for name, value in asked.items() if value}
    if not visit.caller.acts_everywhere:
        mine = sorted(visit.caller.conferences)
        where["conference"] = {"$in": [asked["conference"]] if asked["conference"] in mine else mine}
    happened = await queries.lately(visit.desk.projections, where)
    return visit.page(
        "events.html.j2",
        asked=asked,
        services=sorted(visit.desk.others.addresses),
        happened=happened,
        titles=await titles_of_each(visit.desk.projections, happened),
    )


async def story(visit: Visit) -> Response:
    found = await queries.story(visit.desk.projections, visit.named["id"])
    mine = [node for node in found if _is_of(visit, node)]
    titles = await titles_of_each(visit.desk.projections, queries.told_in(mine))
    return visit.page("story.html.j2", id=visit.named["id"], trees=mine, titles=titles)


def _is_of(visit: Visit, node: queries.Node) -> bool:
    """A story stays within its conference."""
    first = node.happened or (node.follows[0].happened if node.follows else None)
    return first is not None and visit.caller.acts_for(first["conference"])
