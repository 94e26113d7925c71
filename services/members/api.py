"""The HTTP edge of members: what callers may ask, and which facts a command is supplied with."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.members import queries
from services.members.answers import RosterLine, VacantSeat, WorkingGroup
from services.members.domain.mandates import AppointDelegate, ChangePostHolder
from services.members.domain.person import ErasePerson
from services.members.domain.seat_group import NominateDelegate
from services.members.domain.working_group import JoinWorkingGroup
from services.members.people import People
from services.members.projections import WORKING_GROUPS
from shared.kernel.time import Day, local_day
from shared.runtime.commands.facts import Own, Supplies
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import Items, items
from shared.runtime.http.requests import READERS, Conference, Reached, allowed, seen_by
from shared.runtime.observing.clock import Clock


def supplies(people: People) -> Supplies:
    known = {"person_known": Own(lambda body: people.known(body.conference, body.person))}
    belongs = {"belongs_elsewhere": Own(lambda body: people.belongs_elsewhere(body.conference, body.person))}
    need = (NominateDelegate, AppointDelegate, ChangePostHolder, JoinWorkingGroup)
    return {ErasePerson: belongs, **dict.fromkeys(need, known)}


def questions(projections: ProjectionStore, reached: Reached, people: People, clock: Clock) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/roster", response_model=Items[RosterLine])
    async def roster(conference: Conference, on: Day | None = None) -> Response:
        day = on or local_day(clock.now())
        return items(await queries.roster(projections, people, conference, day))

    @router.get("/vacancies", response_model=Items[VacantSeat])
    async def vacancies(conference: Conference) -> Response:
        return items(await queries.vacancies(projections, conference))

    @router.get("/working-groups", response_model=Items[WorkingGroup])
    async def working_groups(conference: Conference) -> Response:
        return items(await projections.find(WORKING_GROUPS, {"conference": conference}))

    return router
