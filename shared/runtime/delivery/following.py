"""A command of a reaction has one outcome for ever: it is executed, or its refusal is an open point.

The refusal is recorded under the id that the executed command would have. So the journal allows only one of the two,
once, whoever retries it: after a crash, on another worker, or when a topic is read again.
"""

from __future__ import annotations

from typing import cast

from shared.contracts.open_points import RefusedReaction
from shared.contracts.registry import EVENTS
from shared.declarations.open_points import RecordReactionRefusal
from shared.kernel.decider import Command
from shared.kernel.identifiers import StreamPosition, derived_id
from shared.kernel.rejections import Rejected
from shared.runtime.commands.execute import Answer, Executor, Request


async def follow(
    executor: Executor, command: Command, request: Request, reaction: str, reacted_to: StreamPosition
) -> Answer:
    """``reaction`` wants the command because of the event at ``reacted_to``.

    Raises ``Busy`` or ``MongoUnavailable``: then nothing is decided yet. No rule can refuse to record a refusal.
    """
    try:
        return await executor.execute(command, request)
    except Rejected as no:
        return await record_refusal(executor, command, request, reaction, reacted_to, no)


async def record_refusal(
    executor: Executor, refused: Command, request: Request, reaction: str, reacted_to: StreamPosition, no: Rejected
) -> Answer:
    """The final answer: the refusal's, or the command's if another process has executed it meanwhile."""
    record = RecordReactionRefusal(
        conference=refused.conference,
        at=refused.at,
        by=refused.by,
        point=derived_id("refusal", request.id),
        reaction=reaction,
        reacted_to=reacted_to,
        command=type(refused).__name__,
        about=refused.stream,
        rule=no.rule,
    )
    return await executor.execute(record, request)


def refusal_in(answer: Answer) -> RefusedReaction | None:
    """None if the command was executed, or led to no event."""
    for recorded in answer.events:
        if issubclass(EVENTS[recorded.type], RefusedReaction):
            return cast("RefusedReaction", recorded.event())
    return None
