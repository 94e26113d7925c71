"""Reads: what became of the mails. Recipients are opaque here too: names stay with members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from services.notifications.domain.course import Course
from services.notifications.domain.dispatch import dispatch_of
from services.notifications.domain.mail_commands import MailUnknown
from services.notifications.projections import (
    COURSES,
    MAILS,
    NAMES,
    course_in,
    seat_group_of,
    seat_groups_of,
)
from services.notifications.projections.addresses import ADDRESSES
from services.notifications.projections.dispatches import DISPATCHES
from services.notifications.proof import ASKING
from shared.contracts.notifications import MailId
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId, Uuid, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import iso
from shared.runtime.delivery.stores import ProjectionStore

SHOWN = (
    "mail",
    "kind",
    "session",
    "seat",
    "person",
    "queued_at",
    "state",
    "reason",
    "superseded_by",
    "attempts",
    "not_before",
    "stream",
    "sequence",
)
MOST = 1000
"""The most mails in one answer, and the most that are counted in each state."""
WAITING, BY_HAND = ("queued", "attempting", "deferred"), ("letter", "held")
"""States of mails that are not over: they wait for the sender, a posted letter or a corrected address."""
STATES = (*WAITING, *BY_HAND, "sent", "posted", "failed", "superseded", "suppressed")
GOES_OUT: Document = {"is_stopped": False, "since": None, "reason": None}
LATELY = timedelta(days=30)
NONE: Mapping[str, Sequence[str]] = MappingProxyType({})


async def due(
    projections: ProjectionStore, at: datetime, limit: int, without: Mapping[str, Sequence[str]] = NONE
) -> list[Document]:
    """Mails that are to be looked at, the longest due first, each with the names that its text needs.

    ``without`` leaves out those that can do nothing yet, by mail, conference or person; otherwise they would hold up
    the others. A name is None if it has not arrived yet, or its projection is not rebuilt yet; a group's name also if
    the mail is about none. ``group_names`` are those of all groups in the text.
    """
    left_out = {name: {"$nin": [*values]} for name, values in without.items() if values}
    # as ``steps.is_due`` says, in two ranges of one index
    now = [{"not_before": {"$lte": iso(at)}}, {"not_before": {"$gt": iso(at)}, "state": "queued"}]
    where = {"$or": now, **left_out}
    return await _named(projections, await projections.find(MAILS, where, sort="not_before", limit=limit))


async def _named(projections: ProjectionStore, found: Sequence[Document]) -> list[Document]:
    groups = [seat_groups_of(mail) for mail in found]
    about = {key for mail, said in zip(found, groups, strict=True) for key in (mail["conference"], *said)}
    names = await projections.load(NAMES, [*about]) if about else {}
    return [{**mail, **_names(names, mail, said)} for mail, said in zip(found, groups, strict=True)]


def _names(names: Mapping[str, Document], mail: Document, groups: Sequence[str]) -> Document:
    conference, group = names.get(mail["conference"], {}), names.get(seat_group_of(mail) or "", {})
    return {
        "conference_name": conference.get("name"),
        "conference_office": conference.get("office"),
        "group_name": group.get("name"),
        "group_kind": group.get("kind"),
        "group_names": {key.rpartition("/")[2]: names.get(key, {}).get("name") for key in groups},
    }


async def dispatch(projections: ProjectionStore, conference: str) -> Document:
    """Whether the conference's mails go out, from the projection."""
    found = await projections.get(DISPATCHES, dispatch_of(conference))
    return {name: (found or GOES_OUT)[name] for name in GOES_OUT}


class NobodyAsked(Rejected):
    """Zur Sitzung „{session}“ ist noch niemand angeschrieben."""

    kind = Kind.NOT_FOUND


async def asked_to(projections: ProjectionStore, conference: str, session: str) -> list[Document]:
    """The mails that tell people of a session, by seat, guests last. Raises ``NobodyAsked``."""
    where = {"conference": conference, "session": session, "kind": {"$in": [*ASKING]}}
    found = await projections.find(MAILS, where, sort="queued_at")
    if not found:
        raise NobodyAsked(session=session)
    return sorted(found, key=lambda mail: (mail["seat"] is None, mail["seat"] or "", mail["person"], mail["queued_at"]))


class NoLetter(Rejected):
    """Zu dieser Nachricht gibt es keinen Brief: sie ging nicht auf Papier, oder die Person ist gelöscht."""

    kind = Kind.NOT_FOUND


async def letter(projections: ProjectionStore, conference: str, mail: MailId) -> Document:
    """A mail that is a due or posted letter, with the names that it needs. Raises ``NoLetter``."""
    found = await projections.get(MAILS, stream_name(conference, "mail", mail))
    if found is None or found["state"] not in ("letter", "posted"):
        raise NoLetter
    [named] = await _named(projections, [found])
    return named


async def courses(projections: ProjectionStore, keys: Sequence[str]) -> dict[str, Course]:
    """What mails are about, as far as it is known now."""
    return {key: course_in(found) for key, found in (await projections.load(COURSES, keys)).items()}


async def mails(
    projections: ProjectionStore,
    conference: str,
    session: str | None = None,
    state: str | None = None,
    before: MailId | None = None,
    limit: int = MOST,
) -> list[Document]:
    """The newest mails, up to this number; ``before`` is the last one of the page before. Raises ``MailUnknown``."""
    asked = {"conference": conference, "session": session, "state": state}
    where: Document = {key: value for key, value in asked.items() if value is not None}
    if before:
        where |= _earlier_than(await _known(projections, conference, before))
    found = await projections.last(MAILS, where, "queued_at _id", limit)
    return [{key: mail.get(key) for key in SHOWN} for mail in found]


async def _known(projections: ProjectionStore, conference: str, mail: MailId) -> Document:
    if found := await projections.get(MAILS, stream_name(conference, "mail", mail)):
        return found
    raise MailUnknown


def _earlier_than(mail: Document) -> Document:
    """The first condition tells the server where to enter its index."""
    queued_at = mail["queued_at"]
    same = {"queued_at": queued_at, "_id": {"$lt": mail["_id"]}}
    return {"queued_at": {"$lte": queued_at}, "$or": [{"queued_at": {"$lt": queued_at}}, same]}


async def states(projections: ProjectionStore, conference: str) -> Document:
    """How many mails are in each state, counted up to ``most``: the states of finished mails have many."""
    where = [{"conference": conference, "state": state} for state in STATES]
    numbers = [await projections.count(MAILS, one, MOST) for one in where]
    return {"states": dict(zip(STATES, numbers, strict=True)), "most": MOST}


async def is_suspended(projections: ProjectionStore, conference: str, address: Uuid) -> bool:
    found = await projections.get(ADDRESSES, stream_name(conference, "address", address))
    return found is not None and found["state"] == "suspended"


async def suspended_of(projections: ProjectionStore, people: Sequence[PersonId]) -> dict[PersonId, list[Uuid]]:
    """The ids of these people's suspended addresses, in any conference."""
    found: dict[PersonId, list[Uuid]] = {}
    for one in await projections.find(ADDRESSES, {"person": {"$in": people}, "state": "suspended"}):
        found.setdefault(one["person"], []).append(one["address"])
    return found


async def suspended(projections: ProjectionStore, conference: str) -> list[Document]:
    """By seat, guests last, with the number of waiting mails."""
    of = {"conference": conference}
    held = await projections.count_by(MAILS, "address", where={**of, "state": "held"})
    found = await projections.find(ADDRESSES, {**of, "state": "suspended"})
    told = ("address", "person", "seat", "since")
    counted = [{**{name: one[name] for name in told}, "waiting": held.get((one["address"],), 0)} for one in found]
    return sorted(counted, key=lambda one: (one["seat"] is None, one["seat"] or "", one["since"]))


async def summary(projections: ProjectionStore, conference: str) -> Document:
    """How many mails of each kind are in each state."""
    counts: dict[str, dict[str, int]] = {}
    numbers = await projections.count_by(MAILS, "kind", "state", where={"conference": conference})
    for (kind, state), number in sorted(numbers.items()):
        counts.setdefault(kind, {})[state] = number
    return {"kinds": counts}


async def mails_by_state(projections: ProjectionStore, at: datetime) -> dict[str, Any]:
    """Open mails, and failed ones that were queued in the last 30 days. Finished mails are not counted: this is asked
    often.

    Ambiguous: sent once more because no answer came, so perhaps delivered twice.
    """
    states, again = {"state": {"$in": [*WAITING, *BY_HAND]}}, {"tried_again": True}
    found = {state: number for (state,), number in (await projections.count_by(MAILS, "state", where=states)).items()}
    lately = {"state": "failed", "queued_at": {"$gte": iso(at - LATELY)}}
    if failed := await projections.count(MAILS, lately):
        found["failed"] = failed
    oldest = await projections.lowest(MAILS, "queued_at", {"state": {"$in": [*WAITING]}})
    return {
        "mails": found,
        "ambiguous_mails": await projections.count(MAILS, again),
        "waiting_mails": sum(found.get(state, 0) for state in WAITING),
        "oldest_waiting_mail_seconds": _age(oldest, at) if oldest else 0.0,
    }


def _age(since: str, at: datetime) -> float:
    return max(0.0, (at - datetime.fromisoformat(since)).total_seconds())
