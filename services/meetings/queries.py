"""Reads that take more than one look: a session, who sits where, and whom a session's invitation goes to."""

from __future__ import annotations

from datetime import date, datetime

from services.meetings.domain.session_recipients import Roster, everybody
from services.meetings.domain.session_stage import InvitationMissing, SessionNotOpen
from services.meetings.domain.session_state import Session
from services.meetings.projections import CONFERENCE, GONE, INVITATIONS, ROSTER, SESSIONS, WORKING_GROUPS
from shared.contracts.meetings import Recipient
from shared.contracts.members import RulesOfProcedure
from shared.contracts.occupancies import Seat, Seats, seats_in, seats_on
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import iso, local_day
from shared.runtime.delivery.stores import ProjectionStore


class ConferenceUnknown(Rejected):
    """Die Konferenz „{conference}“ ist hier nicht bekannt."""

    kind = Kind.NOT_FOUND


class WorkingGroupUnknown(Rejected):
    """Die Arbeitsgruppe „{working_group}“ ist nicht eingerichtet."""

    kind = Kind.NOT_FOUND


class PersonUnknown(Rejected):
    """Die Person ist bei dieser Konferenz nicht erfasst oder gelöscht; bitte erfassen Sie sie zuerst."""

    kind = Kind.NOT_FOUND


async def session(projections: ProjectionStore, conference: str, slug: str) -> Document | None:
    return await projections.get(SESSIONS, stream_name(conference, "session", slug))


async def left_out(projections: ProjectionStore, planned: Session, conference: str, slug: str) -> list[Document]:
    """Whom a session concerns and its newest invitation has not reached. Raises ``InvitationMissing``."""
    if planned.invitation is None:
        raise InvitationMissing(session=slug)
    wanted = everybody(planned, await roster_for(projections, planned, conference))
    return [one.model_dump() for one in wanted if one not in planned.invited]


async def invitations(projections: ProjectionStore, conference: str, slug: str) -> list[Document]:
    """As people were invited: every issue, the first one first. Raises ``InvitationMissing``."""
    found = await projections.find(INVITATIONS, {"conference": conference, "session": slug}, sort="issue")
    if not found:
        raise InvitationMissing(session=slug)
    return found


async def as_held(projections: ProjectionStore, conference: str, slug: str) -> Document | None:
    """Of every invited seat how it stands. Raises ``SessionNotOpen`` for one that has not been held."""
    found = await session(projections, conference, slug)
    if found is None:
        return None
    if found["state"] not in ("open", "closed"):
        raise SessionNotOpen(session=slug)
    return {**found, "seats": [_standing(found, place) for place in found["recipients"] if place["seat"]]}


def _standing(held: Document, place: Document) -> Document:
    came = any(stay["seat"] == place["seat"] for stay in held["attendance"])
    said = {one["seat"]: one["answer"] for one in held["answers"] if one["counts"]}
    excused = said.get(place["seat"]) in ("decline", "deputy")
    return {**place, "standing": "present" if came else "excused" if excused else "absent"}


async def to_come(projections: ProjectionStore, now: datetime) -> list[Document]:
    """The sessions that people are invited to and that have not begun."""
    return [
        one
        for one in await projections.find(SESSIONS, {"state": "planned"}, limit=0)
        if one["issue"] and one["starts"] > iso(now)
    ]


async def roster(projections: ProjectionStore, conference: str, on: date) -> list[Document]:
    """Every seat group in the paper's order with the seats that it has on that day, as far as they are known here."""
    groups = await projections.find(ROSTER, {"conference": conference}, sort="number")
    return [{**group, "seats": [_place(one, on) for one in _seats_of(group, on)]} for group in groups]


def _seats_of(group: Document, on: date) -> Seats:
    return seats_on(seats_in(group), on)


def _place(seat: Seat, on: date) -> Document:
    holder, deputy = seat.holder(on), seat.holder(on, "deputy")
    return {
        "seat": seat.seat,
        "person": holder.person if holder else None,
        "deputy": deputy.person if deputy else None,
    }


def invites_by(planned: Session, conference: str) -> list[str]:
    """The streams that say whom a session's invitation goes to, and by which rules."""
    rules_and_seats = [stream_name(conference, "conference", conference), stream_name(conference, "seat-group", "")]
    guests = [stream_name(conference, "person", guest) for guest in planned.guests]
    if planned.working_group is None:
        return [*rules_and_seats, *guests]
    return [*rules_and_seats, stream_name(conference, "working-group", planned.working_group), *guests]


async def roster_for(projections: ProjectionStore, planned: Session, conference: str) -> Roster:
    """Whom a session's invitation goes to, and by which rules, as the projections know them: of the session's day."""
    found = await projections.get(CONFERENCE, conference)
    if not found:
        raise ConferenceUnknown(conference=conference)
    rules = RulesOfProcedure.model_validate(found["rules"])
    assert planned.appointment is not None, "a session that is planned has one"
    day = local_day(planned.appointment.starts)
    entitled = await _entitled(projections, conference, planned.working_group, day)
    return Roster(
        voting_seats=len(await _seats(projections, conference, day)),
        recipients=tuple(Recipient(person=one["person"], seat=one["seat"]) for one in entitled),
        notice_days=rules.notice_days,
        shortest_notice_days=rules.shortest_notice_days,
        reminder_days=rules.reminder_days,
        quorum_percent=rules.quorum_percent,
        gone=await _gone(projections, planned, conference),
        edition=planned.edition,
        conference_name=found["name"],
        group_name=await _group_name(projections, conference, planned.working_group),
    )


async def _gone(projections: ProjectionStore, planned: Session, conference: str) -> tuple[PersonId, ...]:
    people = sorted({*planned.guests, *(place.person for place in planned.invited)})
    found = await projections.find(GONE, {"conference": conference, "person": {"$in": people}}, limit=0)
    return tuple(sorted({one["person"] for one in found}))


async def _entitled(
    projections: ProjectionStore, conference: str, working_group: str | None, on: date
) -> list[Document]:
    """Members of the working group for its sessions; for all others everybody who has a seat on that day.

    Whoever works in a group for a seat does so as long as they have it or are its deputy.
    """
    places = [_place(seat, on) for seat in await _seats(projections, conference, on)]
    if working_group is None:
        return [{"person": one["person"], "seat": one["seat"]} for one in places if one["person"]]
    held = {(one[of], one["seat"]) for one in places for of in ("person", "deputy")}
    members = await _members(projections, conference, working_group)
    return [one for one in members if one["seat"] is None or (one["person"], one["seat"]) in held]


async def _seats(projections: ProjectionStore, conference: str, on: date) -> list[Seat]:
    groups = await projections.find(ROSTER, {"conference": conference}, sort="number")
    return [seat for group in groups for seat in _seats_of(group, on)]


async def _members(projections: ProjectionStore, conference: str, working_group: str) -> list[Document]:
    members: list[Document] = (await _working_group(projections, conference, working_group))["members"]
    return members


async def _group_name(projections: ProjectionStore, conference: str, working_group: str | None) -> str | None:
    if working_group is None:
        return None
    name: str = (await _working_group(projections, conference, working_group))["name"]
    return name


async def _working_group(projections: ProjectionStore, conference: str, working_group: str) -> Document:
    found = await projections.get(WORKING_GROUPS, stream_name(conference, "working-group", working_group))
    if found is None:
        raise WorkingGroupUnknown(working_group=working_group)
    return found
