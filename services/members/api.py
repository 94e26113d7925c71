"""The HTTP edge of members: what callers may ask, and which facts a command is supplied with."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.members.answers import (
    Details,
    EarlierConference,
    GuestPool,
    Listed,
    Nominated,
    RosterLine,
    RulesVersion,
    TimeOnSeat,
    ToErase,
    VacantSeat,
    WorkingGroup,
)
from services.members.domain.guest_pool import JoinGuestPool
from services.members.domain.mandate_corrections import WithdrawMandate
from services.members.domain.mandates import AppointDelegate, AppointDeputy
from services.members.domain.nominations import NominateDelegate
from services.members.domain.person import ErasePerson
from services.members.domain.posts import ChangePostHolder
from services.members.domain.working_group import JoinWorkingGroup
from services.members.people import People
from services.members.projections import WORKING_GROUPS
from services.members.queries import Register
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.time import Day, local_day
from shared.runtime.commands.facts import Own, Supplies
from shared.runtime.http.app import Items, as_json, items
from shared.runtime.http.requests import READERS, Conference, Reached, allowed, seen_by
from shared.runtime.observing.clock import Clock

MOST_ASKED = 200
"""The most people in one question for names. Their address is then 9 KB; a request's head may have 16 KB."""

Several = Annotated[list[PersonId], Query(min_length=1, max_length=MOST_ASKED)]


def supplies(people: People) -> Supplies:
    known = {"person_known": Own(lambda body: people.known(body.conference, body.person))}
    belongs = {"belongs_elsewhere": Own(lambda body: people.belongs_elsewhere(body.conference, body.person))}
    appoint = (NominateDelegate, AppointDelegate, AppointDeputy, ChangePostHolder, WithdrawMandate)
    return {ErasePerson: belongs, **dict.fromkeys((*appoint, JoinWorkingGroup, JoinGuestPool), known)}


def questions(register: Register, reached: Reached, clock: Clock) -> APIRouter:
    """``on`` is the day in question, by default today. ``known_on``: as it was known at the end of that day."""
    router = APIRouter(dependencies=[allowed(*READERS), seen_by(reached)])

    def day(on: date | None) -> date:
        return on or local_day(clock.now())

    @router.get("/roster", response_model=Items[RosterLine])
    async def roster(conference: Conference, on: Day | None = None, known_on: Day | None = None) -> Response:
        return items(await register.roster(conference, day(on), known_on))

    @router.get("/vacancies", response_model=Items[VacantSeat])
    async def vacancies(conference: Conference, on: Day | None = None, known_on: Day | None = None) -> Response:
        return items(await register.vacancies(conference, day(on), known_on))

    @router.get("/seats/{seat}/history", response_model=Items[TimeOnSeat])
    async def history(seat: Slug, conference: Conference, known_on: Day | None = None) -> Response:
        return items(await register.history(conference, seat, known_on))

    @router.get("/rules", response_model=Items[RulesVersion])
    async def rules(conference: Conference) -> Response:
        return items(await register.rules(conference))

    @router.get("/earlier-conferences", response_model=Items[EarlierConference])
    async def earlier_conferences(conference: Conference) -> Response:
        return items(await register.earlier_conferences(conference))

    @router.get("/nominations", response_model=Items[Nominated])
    async def nominations(conference: Conference) -> Response:
        return items(await register.nominations(conference))

    @router.get("/people", response_model=Items[Listed])
    async def people(conference: Conference, person: Several) -> Response:
        """The names of those people who are recorded here, each once."""
        return items(await register.called(conference, person))

    @router.get("/people/to-erase", response_model=Items[ToErase])
    async def to_erase(conference: Conference, on: Day | None = None) -> Response:
        return items(await register.to_erase(conference, day(on)))

    @router.get("/people/{person}", response_model=Details, dependencies=[allowed("office")])
    async def details(conference: Conference, person: PersonId) -> Response:
        """For correcting them. The office alone may ask, as for the roster's file."""
        return as_json(await register.person(conference, person))

    @router.get("/guest-pools", response_model=Items[GuestPool])
    async def guest_pools(conference: Conference) -> Response:
        return items(await register.guest_pools(conference))

    @router.get("/working-groups", response_model=Items[WorkingGroup])
    async def working_groups(conference: Conference) -> Response:
        return items(await register.projections.find(WORKING_GROUPS, {"conference": conference}))

    return router
