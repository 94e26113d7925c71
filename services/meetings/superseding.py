"""A paper or a recommendation is superseded after that was claimed in another stream: so nobody is led in a circle.

The claim names the request: one that broke off goes on when it is repeated. A refused one releases its claim, and one
that has waited too long is given up by whoever is in its way (``shared/runtime/commands/claims.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from services.meetings.domain.paper import PAPER
from services.meetings.domain.paper_writing import SupersedePaper
from services.meetings.domain.recommendation import RECOMMENDATION, SupersedeRecommendation
from services.meetings.domain.supersession import (
    SUPERSESSION,
    ClaimSupersession,
    ReleaseSupersession,
    SuccessorIsSuperseded,
)
from shared.contracts.meetings import SupersessionClaimed
from shared.kernel.decider import Command, Event
from shared.kernel.rejections import Rejected
from shared.runtime.commands.claims import give_up, has_waited
from shared.runtime.commands.execute import Answer, Executor, Request

Supersede = SupersedePaper | SupersedeRecommendation


@dataclass(frozen=True, slots=True)
class Superseding:
    executor: Executor

    async def execute(self, command: Command, request: Request) -> Answer:
        if isinstance(command, SupersedePaper | SupersedeRecommendation):
            return await self._supersede(command, request)
        return await self.executor.execute(command, request)

    async def _supersede(self, command: Supersede, request: Request) -> Answer:
        """A command that would be refused, or was executed, claims nothing. After ``Busy`` its outcome is unknown."""
        if not await self._follows(command, request):
            return await self.executor.execute(command, request)
        told = _told(command, request)
        await self._claim(ClaimSupersession(**told, attempt=request.first_event), request)
        try:
            return await self.executor.execute(command, request)
        except Rejected:
            await self.executor.execute(ReleaseSupersession(**told), request.following())
            raise

    async def _claim(self, claim: ClaimSupersession, request: Request) -> None:
        """A claim in the way that has waited too long is given up, unless its command was executed."""
        try:
            await self.executor.execute(claim, request.following())
        except SuccessorIsSuperseded:
            await give_up(self.executor, await self._waiting(claim), request)
            await self.executor.execute(claim, request.following())

    async def _waiting(self, claim: ClaimSupersession) -> list[tuple[SupersessionClaimed, Command]]:
        others = (await self.executor.state(SUPERSESSION, claim.stream)).of(claim.successor)
        edge = claim.model_dump(include={"conference", "at", "by"})
        about = {"kind", "claim", "superseded", "successor"}
        return [
            (one, ReleaseSupersession(**edge, **one.model_dump(include=about)))
            for one in others
            if has_waited(one, claim.at)
        ]

    async def _follows(self, command: Supersede, request: Request) -> bool:
        try:
            return bool(await self._decided(command))
        except Rejected:
            if await self.executor.first_answer(request):
                return False
            raise

    async def _decided(self, command: Supersede) -> Sequence[Event]:
        match command:
            case SupersedePaper():
                return PAPER.decide(await self.executor.state(PAPER, command.stream), command)
            case SupersedeRecommendation():
                return RECOMMENDATION.decide(await self.executor.state(RECOMMENDATION, command.stream), command)
            case _:
                assert_never(command)


def _told(command: Supersede, request: Request) -> dict[str, Any]:
    kind, superseded = (
        ("paper", command.paper) if isinstance(command, SupersedePaper) else ("recommendation", command.recommendation)
    )
    about = command.model_dump(include={"conference", "at", "by", "successor"})
    return {**about, "kind": kind, "claim": request.mark, "superseded": superseded}
