"""From what is known to a page: the templates, and how a German office writes days, moments and money."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from services.office.desk.forms.form import one
from services.office.desk.titles import CALLED, NO_TITLES, Titles
from services.office.projections import IDENTIFIER
from shared.contracts.german import SESSION_KINDS, WORDS
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import Shape, filled_in, german_of, shapes_of
from shared.kernel.money import euros
from shared.kernel.time import BERLIN, german_day, german_hours, german_moment

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""``data:`` is for the symbols within the style sheet. Pages run no scripts and no styles from their content.

With a stricter referrer policy browsers would not name a form's origin (Fetch, 3.1, Origin header).
"""

STATES: dict[str, str] = {
    "planned": "geplant",
    "open": "eröffnet",
    "closed": "geschlossen",
    "cancelled": "abgesagt",
    "drafted": "Entwurf",
    "sent": "versandt",
    "approved": "genehmigt",
    "submitted": "eingebracht",
    "reported": "berichtet",
    "referred_back": "zurückverwiesen",
    "rejected": "abgelehnt",
    "withdrawn": "zurückgezogen",
    "considered": "berücksichtigt",
    "partly": "teilweise berücksichtigt",
    "not": "nicht berücksichtigt",
    "issued": "ausgefertigt",
    "decided": "beschieden",
    "signed": "mitgezeichnet",
    "requested": "angefragt",
    "claimed": "gefordert",
    "refused": "abgelehnt",
    "applied": "beantragt",
    "awarded": "bewilligt",
    "proof_frozen": "Nachweis festgeschrieben",
    "proof_submitted": "Nachweis vorgelegt",
    "booked": "gebucht",
    "reversed": "storniert",
    "drawdown": "Abruf",
    "hours": "Arbeitsstunden",
    "repayment": "Rückzahlung",
    "interest": "Zinsen",
    "registered": "erfasst",
    "paid": "ausgezahlt",
    "recorded": "erfasst",
    "audited": "geprüft",
    "reversal_requested": "Storno beantragt",
    "deputy": "Vertretung",
    "present": "anwesend",
    "excused": "entschuldigt",
    "absent": "fehlt",
    "queued": "wartet",
    "attempting": "wird gesendet",
    "deferred": "später noch einmal",
    "failed": "nicht zustellbar",
    "held": "wartet auf Adresse",
    "suppressed": "zurückgehalten",
    "superseded": "ersetzt",
    "letter": "als Brief fällig",
    "posted": "als Brief aufgegeben",
    **SESSION_KINDS,
    "delegated": "entsandt",
    "ex_officio": "kraft Amtes",
    "consensus": "im Konsens",
    "vote": "durch Abstimmung",
    "decision": "Beschlussvorlage",
    "report": "Mitteilungsvorlage",
}


NOBODY: Mapping[str, str] = {}
SERVICES = {
    "members": "Mitglieder",
    "meetings": "Sitzungen",
    "funding": "Zuwendungen",
    "notifications": "Schreiben",
    "office": "Geschäftsstelle",
}
"""The names of services for readers who do not know the short ones."""


def day(text: str | date | None) -> str:
    return german_day(date.fromisoformat(text) if isinstance(text, str) else text) if text else "–"


def moment(text: str | datetime | None) -> str:
    return german_moment(_moment(text)) if text else "–"


def clock(text: str | None) -> str:
    return f"{_moment(text).astimezone(BERLIN):%H:%M}" if text else ""


def typed_moment(text: str | None) -> str:
    """In the form in which it is typed."""
    return f"{_moment(text).astimezone(BERLIN):%d.%m.%Y %H:%M}" if text else ""


def typed_day(text: str | None) -> str:
    return day(text) if text else ""


def word(text: str | None) -> str:
    return STATES.get(text or "") or WORDS.get(text or "") or (text or "–")


def service(name: str) -> str:
    return SERVICES.get(name, name)


def _moment(text: str | datetime) -> datetime:
    return datetime.fromisoformat(text) if isinstance(text, str) else text


def sentence(happened: dict[str, Any], titles: Titles = NO_TITLES, people: Mapping[str, str] = NOBODY) -> str:
    """An event in German words, with the office's names for things, and ``people`` by their names."""
    newest = _newest(happened["service"], happened["type"])
    shapes = shapes_of(newest)
    said = happened["fields"]
    fields = {key: titles.said(key, value, said) or _told(key, value, shapes.get(key)) for key, value in said.items()}
    if name := people.get(str(said.get("person"))):
        fields["person"] = name
    return filled_in(german_of(newest) if newest else happened["type"], fields)


@cache
def _newest(service: str, kind: str) -> str:
    """The type's name in its newest version."""
    return next((name for name in EVENTS if name.rpartition(".v")[0] == f"kpk.{service}.{kind}"), "")


def _told(field: str, value: Any, shape: Shape | None) -> str:
    """What was typed stays as it is, also if it looks like one of our words or like a day."""
    match value, shape:
        case None, _:
            return "–"
        case int(), "cents":
            return euros(value)
        case str(), "word":
            return word(value)
        case str(), "date":
            return day(value)
        case str(), "date-time":
            return moment(value)
        case str(), "other" if field == "person":
            return f"Person {value[:8]}"
        case str(), "other" if IDENTIFIER.fullmatch(value):
            return value[:8]
        case _:
            return str(value)


ENVIRONMENT = Environment(
    loader=PackageLoader("services.office.desk"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters |= {
    "day": day,
    "moment": moment,
    "clock": clock,
    "typed_moment": typed_moment,
    "word": word,
    "euros": euros,
    "hours": german_hours,
    "sentence": sentence,
    "service": service,
    "kind": lambda kind: CALLED.get(kind, kind),
}
ENVIRONMENT.globals |= {"new_key": lambda: uuid4().hex, "one": one, "as_json": json.dumps}


def page(template: str, status: int = 200, **shown: Any) -> HTMLResponse:
    return HTMLResponse(ENVIRONMENT.get_template(template).render(**shown), status, headers=HEADERS)
