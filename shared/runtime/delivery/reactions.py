"""Runs reactions: an event's commands, with ids derived from event and reaction."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

import structlog

from shared.declarations.reaction import Reaction
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import derived_id
from shared.kernel.rejections import Busy
from shared.runtime.commands.execute import Answer, Cause, Executor, Request
from shared.runtime.delivery.following import follow, refusal_in
from shared.runtime.delivery.introductions import Introductions
from shared.runtime.delivery.parked import POISON, REACTION
from shared.runtime.delivery.plan import Plan
from shared.runtime.delivery.records import Received
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.metrics import Counters

log = structlog.get_logger()

COMMANDS_AT_ONCE = 16


class Reactions:
    """One service's."""

    def __init__(
        self, reactions: Sequence[Reaction], introductions: Introductions, executor: Executor, counters: Counters
    ) -> None:
        self._by_event: defaultdict[type[Event | None], list[Reaction]] = defaultdict(list)
        for reaction in reactions:
            for event in reaction.events:
                self._by_event[event].append(reaction)
        self._introductions = introductions
        self._executor = executor
        self._counters = counters
        self._room = asyncio.Semaphore(COMMANDS_AT_ONCE)

    def foresee(self, made: Plan) -> None:
        """Calls every reaction before anything is written: if one raises, its event is parked and
        nothing is changed.
        """
        for index, received in enumerate(made.apply):
            if type(received.event) not in self._by_event:
                continue
            try:
                commands = list(self._commands(received))
            except Exception as error:
                made.cut(index, POISON, f"reaction: {type(error).__name__}")
                return
            if commands:
                made.commands[received.envelope.id] = commands

    async def carry_out(self, made: Plan) -> None:
        """Cuts the plan before the first event whose commands always fail."""
        for index, received in enumerate(made.apply):
            outcomes = await asyncio.gather(
                *(
                    self._execute(received, reaction, command)
                    for reaction, command in made.commands.get(received.envelope.id, ())
                )
            )
            if faults := [fault for fault in outcomes if fault]:
                made.cut(index, REACTION, f"reaction: {faults[0]}")
                return

    def _commands(self, received: Received) -> Iterable[tuple[Reaction, Command]]:
        for reaction in self._by_event[type(received.event)]:
            if self._introductions.acts_on(reaction, received.record):
                for command in reaction.react(received.event, received.envelope):
                    yield reaction, command

    async def _execute(self, received: Received, reaction: Reaction, command: Command) -> str | None:
        """None when it is settled, else the name of the fault, which will come back every time."""
        envelope = received.envelope
        command_id = derived_id(envelope.id, reaction.name, command.stream, type(command).__name__)
        request = Request(f"reaction:{command_id}", cause=Cause(envelope.correlation, envelope.id))
        async with self._room:
            try:
                done = await follow(
                    self._executor, command, request, reaction.name, f"{envelope.stream}:{envelope.sequence}"
                )
            except (MongoUnavailable, Busy, OSError):
                raise
            except Exception as error:
                return type(error).__name__
        self._tell(done, reaction, _named(received, reaction, command))
        return None

    def _tell(self, done: Answer, reaction: Reaction, about: dict[str, str]) -> None:
        refused = refusal_in(done)
        if refused is None:
            log.info("reaction executed", sequence=done.sequence, replayed=done.replayed, **about)
        elif not done.replayed:
            self._counters.refused(reaction.name)
            log.warning("reaction refused", rule=refused.rule, point=refused.point, **about)


def _named(received: Received, reaction: Reaction, command: Command) -> dict[str, str]:
    """The fields of log lines about a reaction: its own stream, and the story of its event."""
    envelope = received.envelope
    return {
        "reaction": reaction.name,
        "command": type(command).__name__,
        "because": envelope.type,
        "stream": command.stream,
        "correlation": envelope.correlation,
        "causation": envelope.id,
    }
