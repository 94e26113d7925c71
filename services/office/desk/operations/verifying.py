"""Whether journals, topics and projections agree: begun for all services at once, and what each of them has found."""

from __future__ import annotations

import re

from services.office.desk.forms.form import Field, Form, Refusal, Typed, one, refused
from services.office.desk.others import Problem, Silent
from services.office.desk.visit import Done, Visit, together
from shared.declarations.projection import Document

PATH = "/admin/verify"
VERIFY = Form(
    "",
    "Verify",
    "Datenbestand abgleichen",
    "Alle Dienste abgleichen",
    "Der Abgleich hat begonnen.",
    (Field("why", "Anlass", hint="Er steht im Protokoll der Dienste. Keine Angaben zu einer Person."),),
    role="admin",
    path=PATH,
)
RUNNING = "running"
KINDS = {
    "an event is missing in the topic": "Im Thema fehlt ein Ereignis des Journals",
    "an event in the topic is not in the journal": "Im Thema steht ein Ereignis, das nicht im Journal ist",
    "the topic's order is broken": "Die Reihenfolge im Thema ist gestört",
    "the topic lost its beginning in partition": "Dem Thema fehlt der Anfang der Partition",
    "the journal has a gap before": "Im Journal ist eine Lücke vor",
    "the journal's hash chain is broken at": "Die Prüfkette des Journals ist gebrochen bei",
    "commits are not published": "Nicht veröffentlicht",
    "records are parked": "Zurückgestellte Sätze",
    "a record is no event": "Ein Satz ist kein Ereignis",
    "an event cannot be read": "Ein Ereignis ist nicht lesbar",
    "the position is ahead of the topic's": "Der Dienst steht weiter, als das Thema reicht",
    "the position differs from the topic's": "Der Dienst steht nicht da, wo das Thema endet",
    "the position is missing": "Der Dienst kennt einen Strom des Themas nicht",
    "there is no topic": "Das Thema gibt es nicht",
    "the public topic is not filled from the journal yet": "Das öffentliche Thema ist noch nicht gefüllt",
    "a record is no public event": "Ein Satz ist kein öffentliches Ereignis",
    "a public event is missing in the topic": "Im öffentlichen Thema fehlt ein Ereignis",
    "a public event says something else than follows from the journal": (
        "Ein öffentliches Ereignis sagt etwas anderes, als aus dem Journal folgt"
    ),
    "a public event follows from nothing in the journal": "Ein öffentliches Ereignis folgt aus nichts im Journal",
    "a record is no present state": "Ein Satz ist kein Stand",
    "the present state is missing in the topic": "Im Thema fehlt ein Stand",
    "the present state says something else than follows from the journal": (
        "Ein Stand sagt etwas anderes, als aus dem Journal folgt"
    ),
    "the present state is older than what is published": "Ein Stand ist älter als das, was veröffentlicht ist",
    "a present state follows from nothing in the journal": "Ein Stand folgt aus nichts im Journal",
}
"""The labels of kinds of differences. ``OF_A_PROJECTION`` is for those that name a projection."""
OF_A_PROJECTION = (
    (re.compile(r"projection (\S+) has a document that no event made"), "Projektion „{}“ hat ein Dokument zu viel"),
    (re.compile(r"projection (\S+) differs from its events at"), "Projektion „{}“ weicht von den Ereignissen ab"),
    (re.compile(r"projection (\S+) lacks a document"), "Projektion „{}“ fehlt ein Dokument"),
    (
        re.compile(r"a projection cannot take an event \((\S+)\)"),
        "Eine Projektion nimmt ein Ereignis nicht auf ({})",
    ),
)


async def verified(visit: Visit) -> list[Document]:
    """The progress or result of each service; nothing for one that does not answer."""
    names = sorted(visit.desk.others.addresses)
    told = await together(*(_told(visit, name) for name in names))
    return [{**one, "service": name} for name, one in zip(names, told, strict=True) if one]


async def _told(visit: Visit, service: str) -> Document:
    try:
        return await visit.one(service, PATH)
    except Problem:
        return {}


async def begin(visit: Visit, form: Form, typed: Typed) -> Done | Refusal:
    """Begins in all services; refused only if none of them has begun."""
    if not one(typed, "why"):
        return Refusal(form, typed, 422, "Bitte die markierten Angaben berichtigen.", {"why": "Bitte angeben."})
    names = sorted(visit.desk.others.addresses)
    refusals = await together(*(_begin(visit, name, form, typed) for name in names))
    return next((no for no in refusals if no), Done(form, "", {})) if all(refusals) else Done(form, "", {})


async def _begin(visit: Visit, service: str, form: Form, typed: Typed) -> Refusal | None:
    try:
        await visit.desk.others.give(service, PATH, visit.token, {"why": one(typed, "why")}, one(typed, "key"))
    except Silent:
        visit.silent.add(service)
        return Refusal(form, typed, 503, "Kein Dienst antwortet. Bitte gleich noch einmal versuchen.")
    except Problem as no:
        return refused(form, typed, no)
    return None


def in_words(what: str) -> str:
    for pattern, sentence in OF_A_PROJECTION:
        if named := pattern.fullmatch(what):
            return sentence.format(named[1])
    return KINDS.get(what, what)
