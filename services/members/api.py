"""The HTTP edge of members: what callers may ask, and which facts a command is supplied with."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Response

from services.members import queries
from services.members.domain.person import ErasePerson
from services.members.domain.seat_group import ChangePostHolder, NominateDelegate
from services.members.domain.working_group import JoinWorkingGroup
from services.members.people import People
from services.members.projections import WORKING_GROUPS
from shared.kernel.time import local_day
from shared.runtime.commands.facts import Own, Supplies
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.http.app import items
from shared.runtime.http.requests import READERS, Reached, allowed, seen_by
from shared.runtime.observing.clock import Clock


def supplies(people: People) -> Supplies:
    known = {"person_known": Own(lambda body: people.known(body.conference, body.person))}
    belongs = {"belongs_elsewhere": Own(lambda body: people.belongs_elsewhere(body.conference, body.person))}
    return {ErasePerson: belongs, NominateDelegate: known, ChangePostHolder: known, JoinWorkingGroup: known}


def questions(projections: ProjectionStore, reached: Reached, people: People, clock: Clock) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    @router.get("/roster")
    async def roster(conference: str, on: date | None = None) -> Response:
        day = on or local_day(clock.now())
        return items(await queries.roster(projections, people, conference, day))

    @router.get("/vacancies")
    async def vacancies(conference: str) -> Response:
        return items(await queries.vacancies(projections, conference))

    @router.get("/working-groups")
    async def working_groups(conference: str) -> Response:
        return items(await projections.find(WORKING_GROUPS, {"conference": conference}))

    return router
