"""The HTTP edge of members: what callers may ask, and which facts a command is supplied with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Response

from services.members import queries
from services.members.domain.seat_group import ChangePostHolder, NominateDelegate
from services.members.domain.working_group import JoinWorkingGroup
from services.members.people import People
from services.members.projections import WORKING_GROUPS
from shared.kernel.time import local_day
from shared.runtime.commands.routes import Supplies
from shared.runtime.delivery.stores import Positions, ProjectionStore
from shared.runtime.http.app import items
from shared.runtime.http.requests import READERS, allowed, seen_by
from shared.runtime.observing.clock import Clock


def supplies(people: People) -> Supplies:
    async def known(body: Any) -> bool:
        return await people.known(body.person)

    fact: Mapping[str, Any] = {"person_known": known}
    return {NominateDelegate: fact, ChangePostHolder: fact, JoinWorkingGroup: fact}


def questions(projections: ProjectionStore, positions: Positions, people: People, clock: Clock) -> APIRouter:
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(positions.reached)])

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
