"""Working groups: who works in them, who leads them, and what has come of them."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from services.office.desk.forms.form import Body, Field, Form, Typed, named_by, one, short_name
from services.office.desk.forms.placed import Placed, of
from services.office.desk.forms.reading import Mistyped
from services.office.desk.meetings import focus_areas
from services.office.desk.members.roster import called, names, sitting
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document

GROUP = Field("working_group", "Arbeitsgruppe", "fixed")
SOON = timedelta(days=90)
"""People whose mandate begins within this time can be chosen already."""

NAME, TOPICS = Field("name", "Name"), Field("topics", "Themen", "lines", "Ein Thema je Zeile.")
MEMBER = Field("person", "Mitglied", "choice")


def _joins(typed: Typed) -> Body:
    person, _, seat = one(typed, "who").partition("|")
    if not person:
        raise Mistyped("Bitte wählen.", "who")
    return {"person": person, **({"seat": seat} if seat else {})}


ESTABLISH = Form(
    "members",
    "EstablishWorkingGroup",
    "Arbeitsgruppe einrichten",
    "Arbeitsgruppe einrichten",
    "Die Arbeitsgruppe ist eingerichtet.",
    (NAME, TOPICS, short_name("working_group", "dem Namen")),
    at={"WorkingGroupEstablishedDifferently": "name", "WorkingGroupIsClosed": "name"},
    read=named_by("working_group", "name"),
)
JOIN = Form(
    "members",
    "JoinWorkingGroup",
    "Jemanden aufnehmen",
    "Aufnehmen",
    "Die Person arbeitet nun mit.",
    (GROUP, Field("who", "Wer, für welchen Sitz", "choice", is_read=True)),
    at={"WorksForAnotherSeat": "who", "SeatOfSomebodyElse": "who", "PersonUnknown": "who"},
    read=_joins,
)
LEAVE = Form(
    "members",
    "LeaveWorkingGroup",
    "Jemand scheidet aus",
    "Ausscheiden",
    "Die Person ist ausgeschieden.",
    (GROUP, MEMBER),
)
LEAD = Form(
    "members",
    "NameWorkingGroupLead",
    "Leitung bestimmen",
    "Leitung bestimmen",
    "Die Leitung ist bestimmt.",
    (GROUP, MEMBER),
    at={"LeadIsNoMember": "person"},
)
CORRECT = Form(
    "members",
    "CorrectWorkingGroup",
    "Name oder Themen berichtigen",
    "Berichtigen",
    "Die Arbeitsgruppe ist berichtigt.",
    (GROUP, NAME, TOPICS, Field("reason", "Grund")),
)
CLOSE = Form(
    "members",
    "CloseWorkingGroup",
    "Abschließen",
    "Arbeitsgruppe abschließen",
    "Die Arbeitsgruppe ist abgeschlossen.",
    (
        GROUP,
        Field("results", "Ergebnis", "area", "Was aus der Arbeit geworden ist.", required=False),
        Field("document", "Wo es steht", hint="Aktenzeichen oder Bezeichnung.", required=False),
    ),
)
FORMS = (ESTABLISH, JOIN, LEAVE, LEAD, CORRECT, CLOSE, *focus_areas.FORMS)


async def working_groups(visit: Visit) -> Response:
    today, soon = visit.today.isoformat(), (visit.today + SOON).isoformat()
    groups, seats, areas, *seated = await together(
        visit.items("members", "/working-groups"),
        names(visit, soon),
        focus_areas.focus_areas(visit),
        sitting(visit, today),
        sitting(visit, soon),
    )
    members = (one["person"] for group in groups for one in group["members"])
    known = await called(visit, members, seats | await names(visit, today))
    return visit.page(
        "working_groups.html.j2",
        groups=[_shown(group, known, list(dict.fromkeys(seated[0] + seated[1]))) for group in groups],
        establish=Placed(ESTABLISH),
        areas=areas,
        setting=focus_areas.setting(visit),
    )


def _shown(group: Document, known: dict[str, str], seated: list[tuple[str, str]]) -> Document:
    members = [(one["person"], known.get(one["person"], f"Person {one['person'][:8]}")) for one in group["members"]]
    fixed, who = {"working_group": group["working_group"]}, {"person": members, "who": seated}
    values = {"name": group["name"], "topics": "\n".join(group["topics"])}
    forms = () if group["closed"] else (JOIN, LEAD, LEAVE, CORRECT, CLOSE)
    seen = {CORRECT.command: of(group, "name", "topics"), LEAD.command: {"person": group["lead"]}}
    return {
        **group,
        "people": members,
        "placed": [
            Placed(form, values if form is CORRECT else {}, fixed, who, seen.get(form.command), about=group["name"])
            for form in forms
        ],
    }
