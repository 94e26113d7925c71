"""A rule's no to what follows by itself: an event of the service and an open point for the office, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.declarations.open_points import RecordReactionRefusal
from shared.kernel.decider import Command
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Rejected
from shared.runtime.commands.execute import Cause, Executor, Request
from shared.runtime.http.app import Kept


class OpenPoint(Kept):
    """``reacted_to`` is the stream and number of the event that ``command`` was to follow from."""

    point: str
    reaction: str
    reacted_to: str
    command: str
    rule: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Refusals:
    """One service's. Recording has no rule that says no, so nothing follows from it again."""

    executor: Executor

    async def record(
        self,
        refused: Command,
        command_id: str,
        reaction: str,
        reacted_to: str,
        no: Rejected,
        cause: Cause | None = None,
    ) -> None:
        """``command_id`` is that of the refused command: the same gives the same point."""
        point = derived_id("refusal", command_id)
        command = RecordReactionRefusal(
            conference=refused.conference,
            at=refused.at,
            by=refused.by,
            point=point,
            reaction=reaction,
            reacted_to=reacted_to,
            command=type(refused).__name__,
            rule=no.rule,
        )
        await self.executor.execute(command, Request(f"refusal:{point}", cause=cause))
