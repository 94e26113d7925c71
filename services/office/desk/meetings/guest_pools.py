"""Guest pools: who stands on the list of each. One step of a session's page admits the whole list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from starlette.responses import Response

from services.office.desk.forms.form import Field, Form, named_by, short_name
from services.office.desk.forms.placed import Placed
from services.office.desk.members.roster import RECORD, names
from services.office.desk.visit import Visit, together
from services.office.projections import CONFERENCES
from shared.declarations.projection import Document

POOL = Field("pool", "Gästekreis", "fixed")
INVITE = Form(
    "members",
    "InviteGuestPool",
    "Gästekreis einladen",
    "Gästekreis aufnehmen",
    "Der Gästekreis ist aufgenommen.",
    (Field("name", "Name des Kreises"), short_name("pool", "dem Namen")),
    at={"GuestPoolInvitedDifferently": "name"},
    read=named_by("pool", "name"),
)
RECORDED = replace(RECORD, done="Die Person ist erfasst und kann nun auf eine Liste gesetzt werden.")
JOIN = Form(
    "members",
    "JoinGuestPool",
    "Auf die Liste setzen",
    "Auf die Liste setzen",
    "Die Person steht auf der Liste.",
    (POOL, Field("person", "Person", "choice", "Wer noch fehlt, wird unten erfasst und ist dann hier wählbar.")),
    at={"PersonUnknown": "person", "GuestPoolIsFull": "person"},
)
LEAVE = Form(
    "members",
    "LeaveGuestPool",
    "Von der Liste nehmen",
    "Von der Liste nehmen",
    "Die Person steht nicht mehr auf der Liste. Wozu sie schon eingeladen ist, das bleibt.",
    (POOL, Field("person", "Person", "choice")),
)
FORMS = (INVITE, RECORDED, JOIN, LEAVE)


async def guest_pools(visit: Visit) -> Response:
    called, listed, seated = await together(
        pools_called(visit), visit.items("members", "/guest-pools"), names(visit, visit.today.isoformat())
    )
    lists = {one["pool"]: _named(one) for one in listed}
    known = seated | {who: name for people in lists.values() for who, name in people}
    return visit.page(
        "guest_pools.html.j2",
        pools=[_shown(visit, pool, name, lists.get(pool, []), known) for pool, name in called.items()],
        placed=[Placed(RECORDED), Placed(INVITE)],
    )


async def pools_called(visit: Visit) -> Mapping[str, str]:
    """The name of each guest pool that the conference invites, by its short name."""
    found: Mapping[str, str] = (await visit.desk.projections.get(CONFERENCES, visit.conference) or {}).get("pools", {})
    return found


async def with_a_list(visit: Visit) -> list[tuple[str, str]]:
    """For choosing: the guest pools with people on their lists, and how many."""
    called, listed = await together(pools_called(visit), visit.some("members", "/guest-pools"))
    return [(one["pool"], f"{called.get(one['pool'], one['pool'])} ({_many(one)})") for one in listed if one["people"]]


async def everybody(visit: Visit, on: str) -> dict[str, str]:
    """Names by person: everybody with a seat on that day, and every possible guest."""
    seated, listed = await together(names(visit, on), visit.some("members", "/guest-pools"))
    return {who: name for one in listed for who, name in _named(one)} | dict(seated)


def just_recorded(visit: Visit, called: Mapping[str, str]) -> list[tuple[str, str]]:
    """For choosing: the people who were just recorded on this page."""
    who = visit.query.get("person")
    return [(who, called.get(who, "die eben erfasste Person"))] if who else []


def _named(listed: Document) -> list[tuple[str, str]]:
    return [(one["person"], one["person_name"]) for one in listed["people"]]


def _many(listed: Document) -> str:
    number = len(listed["people"])
    return "1 Person" if number == 1 else f"{number} Personen"


def _shown(visit: Visit, pool: str, name: str, people: list[tuple[str, str]], known: Mapping[str, str]) -> Document:
    there, fixed = dict(people), {"pool": pool}
    others = [one for one in just_recorded(visit, known) if one[0] not in there]
    others += by_name((who, called) for who, called in known.items() if who not in {*there, *dict(others)})
    forms = [Placed(JOIN, {}, fixed, {"person": others}, about=name)]
    forms += [Placed(LEAVE, {}, fixed, {"person": people}, about=name)] if people else []
    return {"pool": pool, "name": name, "people": people, "placed": forms}


def by_name(people: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """For choosing."""
    return sorted(people, key=lambda one: one[1])
