"""The HTTP edge of members: which commands callers may give, and what they may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Header, Response

from services.members import queries
from services.members.domain.conference import CONFERENCE, EstablishConference, InviteGuestPool
from services.members.domain.person import PERSON, ErasePerson, PersonIsErased, RecordPerson
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
from shared.kernel.decider import Command
from shared.kernel.time import local_day
from shared.runtime.callers import Caller
from shared.runtime.commands import CallerRole, CommandRoute, Supplies
from shared.runtime.execute import Answer, CommandIdReused, Deciders, Executor, Request
from shared.runtime.http import READERS, allowed, command_key, commands_router, items, seen_by
from shared.runtime.journal import Journal
from shared.runtime.parts import Parts
from shared.runtime.people import People, PersonGone

RECORD_PERSON = CommandRoute(RecordPerson, PERSON)
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
    RECORD_PERSON,
    CommandRoute(ErasePerson, PERSON, role="admin"),
)
DECIDERS: Deciders = {route.command: route.decider for route in COMMANDS}


class Recording(Executor):
    """Executes ``RecordPerson``: decided like every command, and kept where it can be erased instead of in the journal.

    So the person's stream goes on without a new number: the answer names the last one, and no event.
    """

    def __init__(self, journal: Journal, people: People) -> None:
        super().__init__(journal, {RecordPerson: PERSON}, lambda: None)
        self._people = people

    async def execute(self, command: Command, request: Request) -> Answer:
        """The first answer again, and nothing else, for a command that was executed before; until the erasure."""
        assert isinstance(command, RecordPerson)
        answer = await super().execute(command, request)
        if answer.replayed:  # in the journal the id can only be another command's
            raise CommandIdReused
        try:
            repeated = await self._people.record(
                command.conference, command.person, command.details, command.at, request
            )
        except PersonGone:
            raise PersonIsErased from None
        return replace(answer, replayed=repeated)


def routes(parts: Parts, people: People) -> APIRouter:
    router = APIRouter()
    journalled = [route for route in COMMANDS if route is not RECORD_PERSON]
    router.include_router(
        commands_router(journalled, _supplies(people), parts.executor, parts.clock, parts.counters),
        dependencies=[_not_used_to_record(people)],
    )
    router.include_router(
        commands_router([RECORD_PERSON], {}, Recording(parts.journal, people), parts.clock, parts.counters)
    )
    router.include_router(_questions(parts, people))
    return router


def _not_used_to_record(people: People) -> Any:
    """Dependency of the other commands: the journal does not know under which keys a person was recorded."""

    async def unused(
        caller: Annotated[Caller, allowed(*get_args(CallerRole))],
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> None:
        if await people.has_executed(Request(command_key(caller, idempotency_key))):
            raise CommandIdReused

    return Depends(unused)


def _supplies(people: People) -> Supplies:
    async def known(body: Any) -> bool:
        return await people.known(body.person)

    fact: Mapping[str, Any] = {"person_known": known}
    return {NominateDelegate: fact, ChangePostHolder: fact, JoinWorkingGroup: fact}


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
