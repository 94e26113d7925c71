"""Whatever takes the place of something is itself in force: of two that are to replace one another only one does.

A paper knows its own stream alone. So each try claims its place in one stream, whose optimistic lock puts the tries in
an order, before it is decided in the paper's own: none may name as successor what an earlier one is about to supersede.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, assert_never

from shared.contracts.meetings import Superseding, SupersessionClaimed, SupersessionReleased
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import Slug, Uuid, stream_name
from shared.kernel.rejections import Rejected
from shared.kernel.time import german_since

# Events

SupersessionEvent = SupersessionClaimed | SupersessionReleased

# State


@dataclass(frozen=True, slots=True)
class Supersessions:
    """Every try that was not refused, also those carried out long ago."""

    claims: Mapping[Uuid, SupersessionClaimed] = field(default_factory=dict)

    def of(self, superseded: Slug) -> list[SupersessionClaimed]:
        """The tries to supersede it."""
        return [claim for claim in self.claims.values() if claim.superseded == superseded]


def evolve(supersessions: Supersessions, event: SupersessionEvent) -> Supersessions:
    others = {claim: one for claim, one in supersessions.claims.items() if claim != event.claim}
    match event:
        case SupersessionClaimed():
            return Supersessions({**others, event.claim: event})
        case SupersessionReleased():
            return Supersessions(others)
        case _:
            assert_never(event)


# Commands


class _OfSupersession(Command):
    given_by: ClassVar[GivenBy] = "service"

    kind: Superseding
    claim: Uuid
    superseded: Slug
    successor: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "supersession", self.kind)


class ClaimSupersession(_OfSupersession):
    """Claim that one is about to supersede another; ``attempt`` is the event that then records it."""

    attempt: Uuid


class ReleaseSupersession(_OfSupersession):
    """Release a claim whose command was refused."""


SupersessionCommand = ClaimSupersession | ReleaseSupersession

# Rejections


class SuccessorIsSuperseded(Rejected):
    """„{successor}“ wird durch „{by}“ ersetzt, vorgemerkt {since}; an eine andere Stelle kann es nicht treten."""


# decide


def decide(supersessions: Supersessions, command: SupersessionCommand) -> Sequence[SupersessionEvent]:
    claimed = command.claim in supersessions.claims
    told = command.model_dump(include={"kind", "claim", "superseded", "successor"})
    match command:
        case ClaimSupersession():
            if claimed:
                return []
            _must_stay(supersessions, command.successor)
            return [SupersessionClaimed(**told, attempt=command.attempt, at=command.at)]
        case ReleaseSupersession():
            return [SupersessionReleased(**told)] if claimed else []
        case _:
            assert_never(command)


def _must_stay(supersessions: Supersessions, successor: Slug) -> None:
    for claim in supersessions.of(successor):
        raise SuccessorIsSuperseded(successor=successor, by=claim.successor, since=german_since(claim.at))


SUPERSESSION = Decider("supersession", Supersessions(), evolve, decide)
