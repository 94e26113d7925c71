"""Reads that take more than one look: a session, who sits where, and whom a session's invitation goes to."""

from __future__ import annotations

from services.meetings.domain.session_invitation import IssueInvitation, Roster
from services.meetings.projections import CONFERENCE, ROSTER, SESSIONS, WORKING_GROUPS
from shared.contracts.meetings import Recipient
from shared.contracts.members import RulesOfProcedure
from shared.declarations.projection import Document
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.runtime.delivery.stores import ProjectionStore


class ConferenceUnknown(Rejected):
    """Die Konferenz „{conference}“ ist hier nicht bekannt."""

    kind = Kind.NOT_FOUND


async def session(projections: ProjectionStore, conference: str, slug: str) -> Document | None:
    return await projections.get(SESSIONS, stream_name(conference, "session", slug))


async def roster(projections: ProjectionStore, conference: str) -> list[Document]:
    """Every seat group in the paper's order with its seats, as far as they are known here."""
    return await projections.find(ROSTER, {"conference": conference}, sort="number")


async def roster_for(projections: ProjectionStore, asked: IssueInvitation) -> Roster:
    """Whom the session's invitation goes to, and by which rules, as this service knows them now."""
    found = await projections.find(CONFERENCE, {"conference": asked.conference})
    if not found:
        raise ConferenceUnknown(conference=asked.conference)
    rules = RulesOfProcedure.model_validate(found[0]["rules"])
    seats = [seat for group in await roster(projections, asked.conference) for seat in group["seats"]]
    planned = await session(projections, asked.conference, asked.session)
    return Roster(
        voting_seats=len(seats),
        recipients=await _recipients(projections, asked.conference, planned, seats),
        notice_days=rules.notice_days,
        shortest_notice_days=rules.shortest_notice_days,
        reminder_days=rules.reminder_days,
        quorum_percent=rules.quorum_percent,
    )


async def _recipients(
    projections: ProjectionStore, conference: str, planned: Document | None, seats: list[Document]
) -> tuple[Recipient, ...]:
    """Members of the working group for its sessions; for all others everybody who has a seat."""
    people = [seat for seat in seats if seat["person"]]
    if planned and planned["kind"] == "working_group":
        key = stream_name(conference, "working-group", planned["working_group"])
        group = await projections.get(WORKING_GROUPS, key)
        people = group["members"] if group else []
    return tuple(Recipient(person=one["person"], seat=one["seat"]) for one in people)
