"""A conference is one tenant: established once, with its rules of procedure and the guests it invites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import takewhile
from typing import Any, assert_never

from services.members.domain import earlier_conference
from services.members.domain.earlier_conference import CarryOverConference, CorrectEarlierConference, Earlier
from shared.contracts.members import (
    ConferenceCorrected,
    ConferenceEstablished,
    EarlierConferenceCarriedOver,
    GuestPoolInvited,
    RulesChanged,
    RulesOfProcedure,
)
from shared.kernel.decider import Command, Decider
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import ChangedMeanwhile, must_stand
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day, local_day
from shared.kernel.values import Value

# Events

ConferenceEvent = (
    ConferenceEstablished | ConferenceCorrected | EarlierConferenceCarriedOver | RulesChanged | GuestPoolInvited
)

# State


@dataclass(frozen=True, slots=True)
class Conference:
    established: ConferenceEstablished | None = None
    changes: Sequence[RulesChanged] = ()
    """The versions of the rules of procedure, in their order."""
    pools: Mapping[Slug, Line] = field(default_factory=dict)
    earlier: Earlier = field(default_factory=dict)

    def rules_on(self, day: date) -> RulesOfProcedure:
        """The defaults for a conference that is not established."""
        first = self.established.rules if self.established else RulesOfProcedure()
        return [first, *(one.rules for one in self.changes if one.since <= day)][-1]


def is_established(conference: Conference) -> bool:
    """No event takes this back, so that one look is enough."""
    return conference.established is not None


def evolve(conference: Conference, event: ConferenceEvent) -> Conference:
    match event:
        case ConferenceEstablished():
            return replace(conference, established=event)
        case ConferenceCorrected():
            told = event.model_dump(include={"name", "reference", "office", "committee"})
            return replace(
                conference, established=conference.established and conference.established.model_copy(update=told)
            )
        case EarlierConferenceCarriedOver():
            return replace(conference, earlier={**conference.earlier, event.earlier: event})
        case RulesChanged():
            return replace(conference, changes=(*conference.changes, event))
        case GuestPoolInvited():
            return replace(conference, pools={**conference.pools, event.pool: event.name})
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


class ConferenceCalled(Value):
    name: Line
    reference: Line
    office: Line
    committee: Line


class CorrectConference(_AboutConference):
    """Correct what the conference, its paper, its office or its committee is called."""

    name: Line
    reference: Line
    office: Line
    committee: Line
    replaces: ConferenceCalled | None = None
    reason: Line


class ChangeRules(_AboutConference):
    """Change the rules of procedure from a day on; rules that are not named stay as they are."""

    rules: RulesOfProcedure
    since: Day
    reason: Line
    replaces: RulesOfProcedure | None = None
    """All rules as the caller saw them; only the named ones are compared."""


class InviteGuestPool(_AboutConference):
    """Let guests from a pool attend at any time (lines 226-229)."""

    pool: Slug
    name: Line


ConferenceCommand = (
    EstablishConference
    | CorrectConference
    | CarryOverConference
    | CorrectEarlierConference
    | ChangeRules
    | InviteGuestPool
)

# Rejections


class ConferenceNotEstablished(Rejected):
    """Die Konferenz „{conference}“ ist nicht eingerichtet."""

    kind = Kind.NOT_FOUND


class ConferenceEstablishedDifferently(Rejected):
    """Die Konferenz „{conference}“ ist bereits mit anderen Angaben eingerichtet."""


class RulesRunBackwards(Rejected):
    """Die Regeln sind schon ab dem {since} geändert; davor können sie nicht mehr geändert werden."""


class RulesBeginEarlier(Rejected):
    """Diese Regeln gelten schon ab dem {since}. Zum Verschieben sind zuerst ab diesem Tag die bisherigen zu nennen."""


class GuestPoolInvitedDifferently(Rejected):
    """Der Gästekreis „{pool}“ ist bereits unter anderem Namen eingeladen."""


# decide


def decide(conference: Conference, command: ConferenceCommand) -> Sequence[ConferenceEvent]:
    match command:
        case EstablishConference():
            return _establish(conference, command)
        case CorrectConference():
            return _correct(conference, command)
        case ChangeRules():
            return _change_rules(conference, command)
        case CarryOverConference() | CorrectEarlierConference():
            _must_be_established(conference, command.conference)
            return earlier_conference.decide(conference.earlier, command)
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


def _correct(conference: Conference, correct: CorrectConference) -> Sequence[ConferenceEvent]:
    established = _must_be_established(conference, correct.conference)
    corrected = ConferenceCorrected(
        name=correct.name,
        reference=correct.reference,
        office=correct.office,
        committee=correct.committee,
        reason=correct.reason,
    )
    told = corrected.model_dump(exclude={"reason"})
    known = established.model_dump(include=set(told))
    if known == told:
        return []
    must_stand(correct.replaces, ConferenceCalled(**known))
    return [corrected]


def _change_rules(conference: Conference, change: ChangeRules) -> Sequence[ConferenceEvent]:
    established = _must_be_established(conference, change.conference)
    last = conference.changes[-1] if conference.changes else None
    known = last.rules if last else established.rules
    named = {name: getattr(change.rules, name) for name in change.rules.model_fields_set}
    rules = known.model_copy(update=named)
    is_earlier = last is not None and change.since < last.since
    if rules == known and not is_earlier:
        _must_not_be_put_off(conference, established, change)
        return []
    _must_be_as_seen(known, last, change)
    if last and is_earlier:
        raise RulesRunBackwards(since=german_day(last.since))
    version = last.rules_version + 1 if last else 2
    return [RulesChanged(rules_version=version, rules=rules, since=change.since, reason=change.reason)]


def _must_not_be_put_off(conference: Conference, established: ConferenceEstablished, change: ChangeRules) -> None:
    """Of rules in force, a later day says nothing new. Of rules that are yet to come, it says another first day."""
    since = _first_day_of(conference, established, change.rules)
    if since and local_day(change.at) < since < change.since:
        raise RulesBeginEarlier(since=german_day(since))


def _first_day_of(conference: Conference, established: ConferenceEstablished, rules: RulesOfProcedure) -> Day | None:
    """Since when the named rules stand as they do in the end; None: always. A day has its last version."""
    versions: dict[Day | None, RulesOfProcedure] = {None: established.rules}
    versions |= {one.since: one.rules for one in conference.changes}
    told = _named(rules, rules)
    alike = takewhile(lambda since: _named(rules, versions[since]) == told, reversed(versions))
    return [*alike][-1]


def _named(rules: RulesOfProcedure, known: RulesOfProcedure) -> dict[str, Any]:
    """Of what is known, the rules that a command names."""
    return known.model_dump(include=rules.model_fields_set)


def _must_be_as_seen(known: RulesOfProcedure, last: RulesChanged | None, change: ChangeRules) -> None:
    """Two callers may change different rules at the same time."""
    seen = change.replaces
    if seen and last and _named(change.rules, seen) != _named(change.rules, known):
        raise ChangedMeanwhile(now=f"die {last.rules_version}. Fassung, gültig ab {german_day(last.since)}")


def _invite(conference: Conference, invite: InviteGuestPool) -> Sequence[ConferenceEvent]:
    _must_be_established(conference, invite.conference)
    known = conference.pools.get(invite.pool)
    if known == invite.name:
        return []
    if known is not None:
        raise GuestPoolInvitedDifferently(pool=invite.pool)
    return [GuestPoolInvited(pool=invite.pool, name=invite.name)]


def _must_be_established(conference: Conference, name: Slug) -> ConferenceEstablished:
    if conference.established is None:
        raise ConferenceNotEstablished(conference=name)
    return conference.established


CONFERENCE = Decider("conference", Conference(), evolve, decide)
