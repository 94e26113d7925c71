"""The register of recommendations as a table: a row for each addressee, or one where nobody is to answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from shared.declarations.projection import Document
from shared.kernel.time import german_day

HEADINGS = (
    "Empfehlung",
    "Titel",
    "Arbeitsgruppe",
    "Stand",
    "Sitzung",
    "Berichtet",
    "Adressat",
    "Frist",
    "Antwort",
    "Antwort vom",
    "Begründung",
)
STATES = {
    "drafted": "Entwurf",
    "submitted": "eingebracht",
    "referred_back": "zurückverwiesen",
    "rejected": "abgelehnt",
    "withdrawn": "zurückgezogen",
    "adopted": "beschlossen",
    "reported": "berichtet",
    "superseded": "ersetzt",
}
ANSWERS = {"considered": "berücksichtigt", "partly": "teilweise berücksichtigt", "not": "nicht berücksichtigt"}


def rows(recommendations: Iterable[Document]) -> Iterator[Sequence[str]]:
    yield HEADINGS
    for one in recommendations:
        for addressee in one["addressees"] or [None]:
            yield (*_about(one), *_answer(addressee))


def _about(one: Document) -> Sequence[str]:
    reports = ", ".join(f"{report['committee']} am {_day(report['on'])}" for report in one["reports"])
    told = (one["recommendation"], one["title"], one["working_group"])
    return (*told, STATES[one["state"]], one["session"] or "", reports)


def _answer(addressee: Document | None) -> Sequence[str]:
    if addressee is None:
        return ("",) * 5
    answer = ANSWERS[addressee["answer"]] if addressee["answer"] else ""
    told = (addressee["name"], _day(addressee["due_on"]), answer)
    return (*told, _day(addressee["on"]), addressee["reasons"] or "")


def _day(day: str | None) -> str:
    return german_day(date.fromisoformat(day)) if day else ""
