"""How the office does what, in the order of a year, and on which page each thing is done.

Whatever is done is named by its command, so that the guide says what the button says; and the list at its end is made
from the pages themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from starlette.responses import Response

from services.office.desk.forms.form import Form
from services.office.desk.visit import Show, Visit

HOME = "/{conference:slug}"
ADDRESS = f"{HOME}/guide"
PLACES = {
    "/": "Offene Punkte",
    "/mails": "Schreiben",
    "/conference": "Konferenz",
    "/conference/guest-pools": "Konferenz, Gästekreise",
    "/people/{person:slug}": "Sitze, eine Person",
    "/groups/{group:slug}": "Sitze, eine Gruppe",
    "/working-groups": "Arbeitsgruppen",
    "/seats": "Sitze",
    "/roster": "Sitze, Mitglieder einlesen",
    "/seats/{seat:slug}": "Sitze, ein Sitz",
    "/sessions": "Sitzungen",
    "/sessions/{session:slug}": "Sitzungen, eine Sitzung",
    "/sessions/{session:slug}/answers": "Sitzungen, Antworten",
    "/sessions/{session:slug}/attendance": "Sitzungen, Anwesenheitsliste",
    "/sessions/{session:slug}/minutes": "Sitzungen, Niederschrift",
    "/registers": "Empfehlungen und Vorlagen",
    "/money": "Geld",
    "/money/{grant:slug}": "Geld, eine Zuwendung",
}
"""The label of the link to a page with forms."""


class HasForms(Protocol):
    @property
    def address(self) -> str: ...
    @property
    def forms(self) -> Sequence[Form]: ...


def guide(pages: Sequence[HasForms]) -> Show:
    """The page that explains these."""
    forms: dict[str, Form] = {}
    for page in pages:
        forms |= {form.command: form for form in page.forms if form.command not in forms}
    places = [(page.address.removeprefix(HOME), page.forms) for page in pages if page.address.startswith(HOME)]

    async def show(visit: Visit) -> Response:
        return visit.page("guide.html.j2", called=forms, places=_may(visit, places), names=PLACES)

    return show


def _may(visit: Visit, places: Sequence[tuple[str, Sequence[Form]]]) -> Mapping[str, list[Form]]:
    """What this account may do on each page."""
    allowed = {address: [form for form in forms if visit.may(form)] for address, forms in places}
    return {address: forms for address, forms in allowed.items() if forms}
