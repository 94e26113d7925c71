"""A conference is one tenant: established once, with its rules of procedure and the guests it invites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from shared.contracts.members import ConferenceEstablished, GuestPoolInvited, RulesOfProcedure
from shared.kernel.decider import Command, Decider
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line

# Events

ConferenceEvent = ConferenceEstablished | GuestPoolInvited

# State


@dataclass(frozen=True, slots=True)
class Conference:
    established: ConferenceEstablished | None = None
    pools: frozenset[Slug] = frozenset()


def evolve(conference: Conference, event: ConferenceEvent) -> Conference:
    match event:
        case ConferenceEstablished():
            return replace(conference, established=event)
        case GuestPoolInvited():
            return replace(conference, pools=conference.pools | {event.pool})
        case _:
            assert_never(event)


# Commands


class _AboutConference(Command):
    @property
    def stream(self) -> str:
        return stream_name(self.conference, "conference", self.conference)


class EstablishConference(_AboutConference):
    """Establish the conference by a council paper (GRDrs 905/2023, lines 145-233)."""

    name: Line
    reference: Line
    office: Line
    committee: Line
    rules: RulesOfProcedure = RulesOfProcedure()
    paper_key: Slug | None = None


class InviteGuestPool(_AboutConference):
    """Let guests from a pool attend at any time (lines 226-229)."""

    pool: Slug
    name: Line


ConferenceCommand = EstablishConference | InviteGuestPool

# Rejections


class ConferenceNotEstablished(Rejected):
    """Die Konferenz „{conference}“ ist nicht eingerichtet."""

    kind = Kind.NOT_FOUND


class ConferenceEstablishedDifferently(Rejected):
    """Die Konferenz „{conference}“ ist bereits mit anderen Angaben eingerichtet."""


# decide


def decide(conference: Conference, command: ConferenceCommand) -> Sequence[ConferenceEvent]:
    match command:
        case EstablishConference():
            return _establish(conference, command)
        case InviteGuestPool():
            return _invite(conference, command)
        case _:
            assert_never(command)


def _establish(conference: Conference, establish: EstablishConference) -> Sequence[ConferenceEvent]:
    established = ConferenceEstablished(
        name=establish.name,
        reference=establish.reference,
        office=establish.office,
        committee=establish.committee,
        rules=establish.rules,
        paper_key=establish.paper_key,
    )
    if conference.established == established:
        return []
    if conference.established is not None:
        raise ConferenceEstablishedDifferently(conference=establish.conference)
    return [established]


def _invite(conference: Conference, invite: InviteGuestPool) -> Sequence[ConferenceEvent]:
    if conference.established is None:
        raise ConferenceNotEstablished(conference=invite.conference)
    if invite.pool in conference.pools:
        return []
    return [GuestPoolInvited(pool=invite.pool, name=invite.name)]


CONFERENCE = Decider("conference", Conference(), evolve, decide)
