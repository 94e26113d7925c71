"""The HTTP edge of members: which commands callers may give, and what they may ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from services.members import queries
from services.members.domain.conference import CONFERENCE, EstablishConference, InviteGuestPool
from services.members.domain.person import PERSON, ErasePerson, RecordPerson
from services.members.domain.seat_group import (
    SEAT_GROUP,
    AppointDelegate,
    ChangePostHolder,
    EndMandate,
    NominateDelegate,
    OpenSeatGroup,
    RegisterOrganisation,
)
from services.members.domain.working_group import (
    WORKING_GROUP,
    CloseWorkingGroup,
    EstablishWorkingGroup,
    JoinWorkingGroup,
    LeaveWorkingGroup,
)
from shared.kernel.time import local_day
from shared.runtime.callers import Caller
from shared.runtime.commands import CommandRoute, Supplies, body_model, complete
from shared.runtime.execute import Answer, Deciders
from shared.runtime.execute import Request as CommandRequest
from shared.runtime.http import (
    READERS,
    allowed,
    answered,
    command_key,
    commands_router,
    items,
    read_body,
    seen_by,
)
from shared.runtime.parts import Parts
from shared.runtime.people import People

COMMANDS = (
    CommandRoute(EstablishConference, CONFERENCE),
    CommandRoute(InviteGuestPool, CONFERENCE),
    CommandRoute(OpenSeatGroup, SEAT_GROUP),
    CommandRoute(RegisterOrganisation, SEAT_GROUP),
    CommandRoute(NominateDelegate, SEAT_GROUP),
    CommandRoute(AppointDelegate, SEAT_GROUP),
    CommandRoute(ChangePostHolder, SEAT_GROUP),
    CommandRoute(EndMandate, SEAT_GROUP),
    CommandRoute(EstablishWorkingGroup, WORKING_GROUP),
    CommandRoute(JoinWorkingGroup, WORKING_GROUP),
    CommandRoute(LeaveWorkingGroup, WORKING_GROUP),
    CommandRoute(CloseWorkingGroup, WORKING_GROUP),
    CommandRoute(RecordPerson, PERSON),
    CommandRoute(ErasePerson, PERSON, role="admin"),
)
DECIDERS: Deciders = {route.command: route.decider for route in COMMANDS}


def routes(parts: Parts, people: People) -> APIRouter:
    router = APIRouter()
    journalled = [route for route in COMMANDS if route.command is not RecordPerson]
    router.include_router(commands_router(journalled, _supplies(people), parts.executor, parts.clock, parts.counters))
    router.include_router(_record_person(parts, people))
    router.include_router(_questions(parts, people))
    return router


def _supplies(people: People) -> Supplies:
    async def known(body: Any) -> bool:
        return await people.known(body.person)

    fact: Mapping[str, Any] = {"person_known": known}
    return {NominateDelegate: fact, ChangePostHolder: fact, JoinWorkingGroup: fact}


def _record_person(parts: Parts, people: People) -> APIRouter:
    """Not journalled: the details go to the one collection from which they can be erased."""
    router = APIRouter()

    @router.post("/commands/RecordPerson", response_model=None)
    async def record(request: Request, caller: Annotated[Caller, allowed("office")]) -> Response:
        key = command_key(caller, request.headers.get("idempotency-key"))
        _, body = await read_body(request, body_model(RecordPerson))
        command = complete(RecordPerson, body, {"at": parts.clock.now(), "by": caller.name})
        assert isinstance(command, RecordPerson)
        await parts.executor.execute(command, CommandRequest(key))
        version = await people.record(command.conference, command.person, command.details, command.at)
        return answered(Answer(command.stream, version, ()))

    return router


def _questions(parts: Parts, people: People) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(parts.store.positions)])

    @router.get("/roster")
    async def roster(conference: str, on: date | None = None) -> Response:
        day = on or local_day(parts.clock.now())
        return items(await queries.roster(parts.store, people, conference, day))

    @router.get("/vacancies")
    async def vacancies(conference: str) -> Response:
        return items(await queries.vacancies(parts.store, conference))

    @router.get("/working-groups")
    async def working_groups(conference: str) -> Response:
        return items(await queries.working_groups(parts.store, conference))

    return router
