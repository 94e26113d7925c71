"""Reads that take more than one look: a session, who sits where, and whom a session's invitation goes to."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime

from services.meetings.domain.session_protocol import Terms
from services.meetings.domain.session_roster import Roster, everybody, uncovered
from services.meetings.domain.session_stage import InvitationMissing, SessionNotOpen
from services.meetings.domain.session_state import Session
from services.meetings.projections import (
    CONFERENCE,
    GONE,
    GUEST_POOLS,
    INVITATIONS,
    MINUTES,
    PEOPLE,
    ROSTER,
    SESSIONS,
    WORKING_GROUPS,
)
from shared.contracts.meetings import Protocol, Recipient
from shared.contracts.members import RulesOfProcedure
from shared.contracts.occupancies import Seat, Seats, deaths, seats_in, seats_on
from shared.declarations.projection import Document
from shared.documents.minutes import status_of
from shared.kernel.identifiers import PersonId, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import iso, local_day, start_of
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
    """People whom a session concerns and whom its newest invitation did not reach. Raises ``InvitationMissing``."""
    if planned.invitation is None:
        raise InvitationMissing(session=slug)
    wanted = everybody(planned, await roster_for(projections, planned, conference))
    return [one.model_dump() for one in wanted.places if one not in planned.invited]


def not_covered(planned: Session, roster: Roster) -> list[Document]:
    """The seats for which nobody is known to come, each with the absent holder."""
    seats = uncovered(planned, roster)
    return [place.model_dump() for place in roster.recipients if place.seat in seats]


async def minutes(projections: ProjectionStore, conference: str, slug: str) -> Document | None:
    return await projections.get(MINUTES, stream_name(conference, "session", slug))


class MinutesNotWritten(Rejected):
    """Eine Niederschrift zur Sitzung „{session}“ mit eigenem Text, in der verlangten Fassung, gibt es hier nicht."""

    kind = Kind.NOT_FOUND


async def minutes_to_show(
    projections: ProjectionStore, conference: str, slug: str, edition: int | None
) -> tuple[Protocol, str, str]:
    """Text, name and status of an edition, by default the newest one, else of the draft.

    Raises ``MinutesNotWritten``.
    """
    found = await minutes(projections, conference, slug) or {"editions": []}
    wanted = [one for one in found["editions"] if edition in (None, one["edition"])]
    text = wanted[-1]["protocol"] if wanted else found.get("draft") if edition is None else None
    if text is None:
        raise MinutesNotWritten(session=slug)
    is_approved = found["state"] == "approved" and wanted[-1:] == found["editions"][-1:]
    until = wanted[-1]["objections_until"] if wanted else None
    status = status_of(
        wanted[-1]["edition"] if wanted else None, until and date.fromisoformat(until), is_approved=is_approved
    )
    return Protocol.model_validate_json(json.dumps(text)), found["document"], status


async def on_the_list(projections: ProjectionStore, conference: str, pool: str) -> tuple[PersonId, ...]:
    """The list of a guest pool, without erased people."""
    found = await projections.get(GUEST_POOLS, stream_name(conference, "guest-pool", pool))
    people: list[PersonId] = found["people"] if found else []
    known = await projections.load(PEOPLE, [f"{conference}/{person}" for person in people])
    gone = {one["person"] for one in known.values() if one["erased"]}
    return tuple(person for person in people if person not in gone)


async def known(projections: ProjectionStore, conference: str) -> Document:
    """What is known of the conference. Raises ``ConferenceUnknown``."""
    found = await projections.get(CONFERENCE, conference)
    if found is None:
        raise ConferenceUnknown(conference=conference)
    return found


def established_on(conference: Document) -> date:
    """None in documents of an earlier version, which are about to be rebuilt."""
    if "established" not in conference:
        raise ConferenceUnknown(conference=conference["conference"])
    return date.fromisoformat(conference["established"])


async def terms(projections: ProjectionStore, conference: str, day: date) -> Terms:
    """What minutes say of the conference, and the rules about minutes on that day.

    Raises ``ConferenceUnknown``.
    """
    found = await known(projections, conference)
    _, rules = rules_on(found, day)
    return Terms(conference_name=found["name"], objection_days=rules.objection_days)


async def invitations(projections: ProjectionStore, conference: str, slug: str) -> list[Document]:
    """Every issue, the first one first, as it was sent. Raises ``InvitationMissing``."""
    found = await projections.find(INVITATIONS, {"conference": conference, "session": slug}, sort="issue")
    if not found:
        raise InvitationMissing(session=slug)
    return found


async def as_held(projections: ProjectionStore, conference: str, slug: str) -> Document | None:
    """The standing of every invited seat, with its deputy if invited. Raises ``SessionNotOpen`` if it was not held."""
    found = await session(projections, conference, slug)
    if found is None:
        return None
    if found["state"] not in ("open", "closed"):
        raise SessionNotOpen(session=slug)
    holders = [place for place in found["recipients"] if place["seat"] and place not in found["deputies"]]
    return {**found, "seats": [_seat(found, place) for place in holders]}


def _seat(held: Document, place: Document) -> Document:
    deputy = next((one["person"] for one in held["deputies"] if one["seat"] == place["seat"]), None)
    return {**place, "deputy": deputy, "standing": _standing(held, place, deputy)}


def _standing(held: Document, place: Document, deputy: PersonId | None) -> str:
    """A person answers, whatever seat they have by then: whoever changes seats is not asked again."""
    came = {stay["person"] for stay in held["attendance"] if stay["seat"] == place["seat"]}
    if came:
        return "represented" if came == {deputy} else "present"
    said = {one["person"]: one["answer"] for one in held["answers"] if one["counts"]}
    return "excused" if said.get(place["person"]) in ("decline", "deputy") else "absent"


async def not_over(projections: ProjectionStore, now: datetime) -> list[Document]:
    """Invited sessions that are in the future, or are of today and not closed."""
    where = {"state": {"$in": ["planned", "open"]}, "ends": {"$gte": iso(start_of(local_day(now)))}}
    return [one for one in await projections.find(SESSIONS, where) if one["issue"]]


async def roster(projections: ProjectionStore, conference: str, on: date) -> list[Document]:
    """Every seat group in the council paper's order with its seats on that day, as far as they are known here."""
    groups = await _groups(projections, conference)
    return [{**group, "seats": [_place(one, on) for one in seats_on(seats_in(group), on)]} for group in groups]


def _place(seat: Seat, on: date) -> Document:
    holder, deputy = seat.holder(on), seat.holder(on, "deputy")
    return {
        "seat": seat.seat,
        "person": holder.person if holder else None,
        "deputy": deputy.person if deputy else None,
    }


def _without(died: set[PersonId], place: Document) -> Document:
    """Whoever died before that day has no seat then, also where nobody has ended that mandate."""
    return {**place, **{of: None for of in ("person", "deputy") if place[of] in died}}


def invites_by(planned: Session, conference: str) -> list[str]:
    """The streams that determine a session's recipients and rules."""
    rules_and_seats = [stream_name(conference, "conference", conference), stream_name(conference, "seat-group", "")]
    guests = [stream_name(conference, "person", guest) for guest in planned.guests]
    if planned.working_group is None:
        return [*rules_and_seats, *guests]
    return [*rules_and_seats, stream_name(conference, "working-group", planned.working_group), *guests]


async def roster_for(projections: ProjectionStore, planned: Session, conference: str) -> Roster:
    """A session's recipients and rules on its day, from the projections."""
    found = await known(projections, conference)
    assert planned.appointment is not None, "a session that is planned has one"
    day = local_day(planned.appointment.starts)
    version, rules = rules_on(found, day)
    every = [seat for group in await _groups(projections, conference) for seat in seats_in(group)]
    seats, died = seats_on(tuple(every), day), deaths(every)
    alive = [_without({one for one in died if died[one] < day}, _place(seat, day)) for seat in seats]
    entitled = await _entitled(projections, conference, planned.working_group, alive, died)
    deputies = _deputies(seats, day) if planned.working_group is None else ()
    people = {*planned.guests, *(place.person for place in (*planned.invited, *deputies))}
    return Roster(
        voting_seats=len(seats),
        recipients=tuple(Recipient(person=one["person"], seat=one["seat"]) for one in entitled),
        notice_days=rules.notice_days,
        shortest_notice_days=rules.shortest_notice_days,
        reminder_days=rules.reminder_days,
        quorum_percent=rules.quorum_percent,
        minutes_days=rules.minutes_days,
        rules_version=version,
        **_of_second_sessions(rules),
        deputies=deputies,
        gone=tuple(sorted(await _gone(projections, conference, people, died))),
        edition=planned.edition,
        conference_name=found["name"],
        group_name=await _group_name(projections, conference, planned.working_group),
    )


def rules_on(conference: Document, day: date) -> tuple[int, RulesOfProcedure]:
    """The version that is in force on that day, with its rules."""
    changes = [one for one in conference.get("changes", []) if one["since"] <= day.isoformat()]
    first = {"rules_version": 1, "rules": conference["rules"]}
    last = max(changes, key=lambda one: (one["since"], one["rules_version"]), default=first)
    return last["rules_version"], RulesOfProcedure.model_validate(last["rules"])


def _of_second_sessions(rules: RulesOfProcedure) -> dict[str, int]:
    """The rules for second sessions, if there are any."""
    named = {"second_quorum": rules.second_quorum, "second_notice_days": rules.second_notice_days}
    return {name: number for name, number in named.items() if number is not None}


def _deputies(seats: Seats, day: date) -> tuple[Recipient, ...]:
    found = ((seat.holder(day, "deputy"), seat.seat) for seat in seats)
    return tuple(Recipient(person=one.person, seat=name) for one, name in found if one and one.person)


async def _gone(
    projections: ProjectionStore, conference: str, people: set[PersonId], died: Collection[PersonId]
) -> set[PersonId]:
    erased = await projections.find(GONE, {"conference": conference, "person": {"$in": sorted(people)}})
    return people.intersection(died) | {one["person"] for one in erased}


async def _entitled(
    projections: ProjectionStore,
    conference: str,
    working_group: str | None,
    places: list[Document],
    died: Collection[PersonId],
) -> list[Document]:
    """Members of the working group for its sessions; for all others everybody who has a seat on that day.

    A member for a seat belongs to the group as long as they have the seat or are its deputy, any other as long as they
    are not gone.
    """
    if working_group is None:
        return [{"person": one["person"], "seat": one["seat"]} for one in places if one["person"]]
    held = {(one[of], one["seat"]) for one in places for of in ("person", "deputy")}
    members = await _members(projections, conference, working_group)
    guests = {one["person"] for one in members if one["seat"] is None}
    stay = {(person, None) for person in guests - await _gone(projections, conference, guests, died)}
    return [one for one in members if (one["person"], one["seat"]) in held | stay]


async def _groups(projections: ProjectionStore, conference: str) -> list[Document]:
    return await projections.find(ROSTER, {"conference": conference}, sort="number")


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
