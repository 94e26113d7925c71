"""Sessions: the list, and one of them from its agenda to its approved minutes."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from services.office.desk.forms import Body, Field, Form, Mistyped, Typed, moment, one, slug
from services.office.desk.overview import unanswered
from services.office.desk.roster import names
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document
from shared.kernel.time import local_day, start_of

ABOUT = ("session",)
WHEN = (Field("starts", "Beginn", "moment"), Field("ends", "Ende", "moment"), Field("place", "Ort"))
WHY = Field(
    "reason", "Begründung", hint="Nötig, wenn die Frist kürzer ist, als die Geschäftsordnung verlangt.", required=False
)


def _called(typed: Typed) -> Body:
    """A session's name is its title and day; to schedule it again under them is to say the same."""
    title, starts = one(typed, "title"), one(typed, "starts")
    if not slug(title) or not starts:
        raise Mistyped("Bitte Bezeichnung und Beginn angeben.")
    return {"session": f"{slug(title)}-{moment(starts)[:10]}"}


SCHEDULE = Form(
    "meetings",
    "ScheduleSession",
    "Sitzung ansetzen",
    "Sitzung ansetzen",
    "Die Sitzung ist angesetzt.",
    (
        Field("title", "Bezeichnung"),
        Field("kind", "Art", "choice"),
        Field("working_group", "Arbeitsgruppe", "choice", "Nur für die Sitzung einer Arbeitsgruppe.", required=False),
        *WHEN,
    ),
    at={"EndsBeforeItStarts": "ends", "WorkingGroupMismatch": "working_group"},
    read=_called,
)
AGENDA = Form(
    "meetings",
    "ChangeAgenda",
    "Tagesordnung",
    "Tagesordnung speichern",
    "Die Tagesordnung ist gespeichert.",
    (
        Field(
            "agenda",
            "Punkte",
            "agenda",
            "Ein Punkt je Zeile. Was nicht öffentlich ist, endet mit „(nicht öffentlich)“.",
        ),
    ),
    ABOUT,
)
INVITE = Form(
    "meetings",
    "IssueInvitation",
    "Einladen",
    "Einladung versenden",
    "Die Einladung ist versandt.",
    (WHY,),
    ABOUT,
    at={"NoticeTooShort": "reason"},
)
MOVE = Form(
    "meetings",
    "RescheduleSession",
    "Verlegen",
    "Sitzung verlegen",
    "Die Sitzung ist verlegt. Alle werden neu gefragt.",
    (*WHEN, WHY),
    ABOUT,
    at={"EndsBeforeItStarts": "ends", "MovedIntoThePast": "starts", "NoticeTooShort": "reason"},
)
CANCEL = Form(
    "meetings",
    "CancelSession",
    "Absagen",
    "Sitzung absagen",
    "Die Sitzung ist abgesagt.",
    (Field("reason", "Grund", hint="Er steht im Schreiben an alle Eingeladenen."),),
    ABOUT,
)
OPEN = Form("meetings", "OpenSession", "Eröffnen", "Sitzung eröffnen", "Die Sitzung ist eröffnet.", (), ABOUT)
CLOSE = Form("meetings", "CloseSession", "Schließen", "Sitzung schließen", "Die Sitzung ist geschlossen.", (), ABOUT)
ITEM = Field("item", "Tagesordnungspunkt", "choice")
FOR = Field("recommendation", "Empfehlung", "choice", "Wenn damit eine Empfehlung beschlossen wird.", required=False)


def _numbered(typed: Typed) -> Body:
    item = one(typed, "item")
    if not item.isdecimal():
        raise Mistyped("Bitte den Tagesordnungspunkt wählen.")
    return {"item": int(item)}


CONSENSUS = Form(
    "meetings",
    "RecordConsensus",
    "Konsens festhalten",
    "Konsens festhalten",
    "Der Konsens ist festgehalten.",
    (ITEM, FOR),
    ABOUT,
    at={"AgendaItemDecided": "item", "AgendaItemUnknown": "item"},
    read=_numbered,
)
VOTE = Form(
    "meetings",
    "RecordVote",
    "Abstimmung festhalten",
    "Abstimmung festhalten",
    "Die Abstimmung ist festgehalten.",
    (
        ITEM,
        FOR,
        Field("yes", "Ja", "number"),
        Field("no", "Nein", "number"),
        Field("abstentions", "Enthaltungen", "number"),
    ),
    ABOUT,
    at={"AgendaItemDecided": "item", "AgendaItemUnknown": "item", "VotesDoNotAddUp": "abstentions"},
    read=_numbered,
)
DRAFT = Form(
    "meetings",
    "DraftMinutes",
    "Niederschrift benennen",
    "Entwurf vermerken",
    "Der Entwurf ist vermerkt.",
    (Field("document", "Dokument", hint="Bezeichnung oder Aktenzeichen der Niederschrift."),),
    ABOUT,
)
SEND = Form(
    "meetings", "SendMinutes", "Niederschrift versenden", "Versenden", "Die Niederschrift ist versandt.", (), ABOUT
)
APPROVE = Form(
    "meetings",
    "ApproveMinutes",
    "Niederschrift genehmigen",
    "Genehmigen",
    "Die Niederschrift ist genehmigt.",
    (),
    ABOUT,
)

LIST_FORMS = (SCHEDULE,)
FORMS = (AGENDA, INVITE, MOVE, CANCEL, OPEN, CLOSE, CONSENSUS, VOTE, DRAFT, SEND, APPROVE)
BY_STATE = {
    "planned": (AGENDA, INVITE, OPEN, MOVE, CANCEL),
    "open": (CONSENSUS, VOTE, CLOSE),
    "closed": (),
    "cancelled": (),
}
BY_MINUTES = {None: (DRAFT,), "drafted": (SEND, DRAFT), "sent": (APPROVE,), "approved": ()}


async def sessions(visit: Visit) -> Response:
    found, groups = await together(visit.items("meetings", "/sessions"), visit.items("meetings", "/working-groups"))
    to_come = [one for one in found if one["state"] in ("planned", "open")]
    return visit.page(
        "sessions.html.j2",
        to_come=sorted(to_come, key=lambda one: one["starts"]),
        past=sorted((one for one in found if one not in to_come), key=lambda one: one["starts"], reverse=True),
        unanswered=unanswered,
        schedule=SCHEDULE,
        groups=[(one["working_group"], one["name"]) for one in groups],
    )


async def session(visit: Visit) -> Response:
    held, recommendations = await together(
        visit.ask("meetings", f"/sessions/{visit.named['session']}"), visit.some("meetings", "/recommendations")
    )
    preview = await _preview(visit, held) if held["state"] == "planned" else None
    return visit.page(
        "session.html.j2",
        held=held,
        forms=forms_for(visit, held),
        preview=preview,
        unanswered=unanswered(held),
        items=[(str(one["number"]), f"{one['number']}. {one['title']}") for one in held["agenda"]],
        recommendations=[
            (one["recommendation"], one["title"]) for one in recommendations if one["state"] == "submitted"
        ],
        agenda_text="\n".join(
            one["title"] if one["public"] else f"{one['title']} (nicht öffentlich)" for one in held["agenda"]
        ),
    )


def forms_for(visit: Visit, held: Document) -> list[Form]:
    """What may come next, as far as the visitor may say it."""
    state = held["state"]
    minutes = BY_MINUTES[(held["minutes"] or {}).get("state")] if state == "closed" else ()
    return [form for form in (*BY_STATE.get(state, ()), *minutes) if visit.may(form)]


async def _preview(visit: Visit, planned: Document) -> Document:
    """Whom an invitation would go to today, by name, and how many days before."""
    day = local_day(datetime.fromisoformat(planned["starts"]))
    called = await names(visit, day.isoformat())
    groups = await visit.some("meetings", "/roster", on=day.isoformat())
    seats = [
        (visit.titles.seat(place["seat"]), called.get(place["person"], "–"))
        for one in groups
        for place in one["seats"]
        if place["person"]
    ]
    if planned["working_group"]:
        found = await visit.some("meetings", "/working-groups")
        members = [who for one in found if one["working_group"] == planned["working_group"] for who in one["members"]]
        seats = [("Arbeitsgruppe", called.get(one["person"], f"Person {one['person'][:8]}")) for one in members]
    return {"seats": seats, "days": (start_of(day) - start_of(visit.today)).days, "guests": len(planned["guests"])}
