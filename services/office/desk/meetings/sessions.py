"""Sessions: the list, and one of them from its agenda to its approved minutes."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from services.office.desk.forms.form import Form, typed_agenda
from services.office.desk.forms.placed import Placed, of
from services.office.desk.meetings import session_steps as steps
from services.office.desk.meetings.guest_pools import by_name, just_recorded, with_a_list
from services.office.desk.meetings.room import number_proposed
from services.office.desk.members.roster import called, names
from services.office.desk.overview import unanswered
from services.office.desk.paper import typed_moment
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document
from shared.kernel.time import local_day, start_of


async def sessions(visit: Visit) -> Response:
    found, groups = await together(visit.items("meetings", "/sessions"), visit.items("meetings", "/working-groups"))
    to_come = [one for one in found if one["state"] in ("planned", "open")]
    return visit.page(
        "sessions.html.j2",
        to_come=sorted(to_come, key=lambda one: one["starts"]),
        past=sorted((one for one in found if one not in to_come), key=lambda one: one["starts"], reverse=True),
        unanswered=unanswered,
        schedule=Placed(
            steps.SCHEDULE, choices={"working_group": [(one["working_group"], one["name"]) for one in groups]}
        ),
    )


async def session(visit: Visit) -> Response:
    held, recommendations, replies = await together(
        visit.ask("meetings", f"/sessions/{visit.named['session']}"),
        visit.some("meetings", "/recommendations"),
        visit.some("notifications", f"/sessions/{visit.named['session']}/replies"),
    )
    return visit.page(
        "session.html.j2",
        held=held,
        placed=[one for one in await next_steps(visit, held, recommendations) if visit.may(one.form)],
        preview=await _preview(visit, held) if held["state"] == "planned" else None,
        unanswered=unanswered(held),
        proposed=number_proposed(held, replies),
        correct=steps.CORRECT_DECISION if _may_be_corrected(held) else None,
        recorded=_recorded,
    )


def _may_be_corrected(held: Document) -> bool:
    return held["state"] in ("open", "closed") and (held["minutes"] or {}).get("state") != "approved"


def _recorded(decision: Document) -> Document:
    """As its correction replaces it."""
    names = ("yes", "no", "abstentions", "present")
    return {"how": decision["by"]} | {name: decision[name] for name in names if name in decision}


async def next_steps(visit: Visit, held: Document, recommendations: list[Document]) -> list[Placed]:
    """The possible next steps, filled with what is known."""
    values = {
        "agenda": typed_agenda(held["agenda"]),
        "starts": typed_moment(held["starts"]),
        "ends": typed_moment(held["ends"]),
        "place": held["place"],
    }
    choices = {
        "item": [(str(one["number"]), f"{one['number']}. {one['title']}") for one in held["agenda"]],
        "recommendation": [
            (one["recommendation"], one["title"]) for one in recommendations if one["state"] == "submitted"
        ],
        "person": await _possible_guests(visit, held) if held["state"] == "planned" else [],
        "pool": await with_a_list(visit) if held["state"] == "planned" else [],
    }
    fixed = {
        steps.SUPPLEMENT.command: {"from": str(len(held["agenda"]) + 1)},
        steps.SECOND.command: {"second_of": held["session"]},
    }
    replaces = {
        steps.AGENDA.command: of(held, "agenda"),
        steps.MOVE.command: of(held, "starts", "ends", "place"),
    }
    return [
        Placed(form, values, fixed.get(form.command, {}), choices, replaces.get(form.command))
        for form in forms_for(held)
    ]


def forms_for(held: Document) -> list[Form]:
    state = held["state"]
    minutes = steps.BY_MINUTES[(held["minutes"] or {}).get("state")] if state == "closed" else ()
    second = (steps.SECOND,) if held.get("without_quorum") else ()
    late = () if state != "planned" or held["issue"] else (steps.SUPPLEMENT,)
    return [form for form in (*steps.BY_STATE.get(state, ()), *minutes, *second) if form not in late]


async def _possible_guests(visit: Visit, held: Document) -> list[tuple[str, str]]:
    """People just recorded here, then everybody with a seat who is not invited."""
    called = await names(visit, visit.today.isoformat())
    known = {one["person"] for one in held["recipients"]} | set(held["guests"])
    return just_recorded(visit, called) + by_name((who, name) for who, name in called.items() if who not in known)


async def _preview(visit: Visit, planned: Document) -> Document:
    """The names of those who would be invited today, and the notice in days."""
    day = local_day(datetime.fromisoformat(planned["starts"]))
    seated = await names(visit, day.isoformat())
    groups = await visit.some("meetings", "/roster", on=day.isoformat())
    seats = [
        (visit.titles.seat(place["seat"]), seated.get(place["person"], "–"))
        for one in groups
        for place in one["seats"]
        if place["person"]
    ]
    if planned["working_group"]:
        found = await visit.some("meetings", "/working-groups")
        members = [
            who["person"] for one in found if one["working_group"] == planned["working_group"] for who in one["members"]
        ]
        known = await called(visit, members, seated)
        seats = [("Arbeitsgruppe", known.get(one, f"Person {one[:8]}")) for one in members]
    return {"seats": seats, "days": (start_of(day) - start_of(visit.today)).days, "guests": len(planned["guests"])}
