"""A session is held: seats arrive and leave, and what the session decides needs its quorum."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import assert_never

from services.meetings.domain.session_state import (
    AboutSession,
    NotInvited,
    Session,
    SessionEvent,
    evolve,
    must_be,
    must_be_invited,
)
from shared.contracts.meetings import (
    AgendaItem,
    ArrivalRecorded,
    ConsensusRecorded,
    Count,
    DepartureRecorded,
    InvitationIssued,
    QuorumEstablished,
    QuorumMissed,
    SessionClosed,
    SessionOpened,
    VoteRecorded,
)
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected

# Commands


class RecordArrival(AboutSession):
    """Record that an invited person is there."""

    person: PersonId


class RecordDeparture(AboutSession):
    """Record that a person has left."""

    person: PersonId


class OpenSession(AboutSession):
    """Open an invited session; the plenary's quorum is counted."""


class _Decision(AboutSession):
    item: Count
    recommendation: Slug | None


class RecordConsensus(_Decision):
    """Record that the session agrees on an agenda item."""


class RecordVote(_Decision):
    """Record a vote on an agenda item; a tie rejects it."""

    yes: Count
    no: Count
    abstentions: Count


class CloseSession(AboutSession):
    """Close an open session."""


DayCommand = RecordArrival | RecordDeparture | OpenSession | RecordConsensus | RecordVote | CloseSession

# Rejections


class NotPresent(Rejected):
    """Die Person ist in der Sitzung „{session}“ nicht anwesend."""


class QuorumIsMissing(Rejected):
    """Die Sitzung „{session}“ ist nicht beschlussfähig: {present} Sitze sind anwesend, {needed} nötig."""


class AgendaItemUnknown(Rejected):
    """Die Sitzung „{session}“ hat keinen Tagesordnungspunkt {item}."""

    kind = Kind.NOT_FOUND


class AgendaItemDecided(Rejected):
    """Über den Tagesordnungspunkt {item} der Sitzung „{session}“ ist bereits beschlossen."""


class OnlyPlenaryAdopts(Rejected):
    """Über die Empfehlung „{recommendation}“ beschließt nur die Konferenz selbst."""


class MoreVotesThanSeats(Rejected):
    """Es sind {votes} Stimmen gezählt, aber nur {present} Sitze anwesend."""

    kind = Kind.INVALID


# decide


def decide(session: Session, command: DayCommand) -> Sequence[SessionEvent]:
    match command:
        case RecordArrival():
            return _arrive(session, command)
        case RecordDeparture():
            return _depart(session, command)
        case OpenSession():
            return _open(session, command)
        case RecordConsensus():
            return _agree(session, command)
        case RecordVote():
            return _vote(session, command)
        case CloseSession():
            return _close(session, command)
        case _:
            assert_never(command)


def _arrive(session: Session, arrival: RecordArrival) -> Sequence[SessionEvent]:
    must_be(session, arrival.session, "planned", "open")
    invitation = must_be_invited(session, arrival.session)
    places = session.places_of(arrival.person)
    if not places:
        raise NotInvited(session=arrival.session)
    arrived = [
        ArrivalRecorded(session=arrival.session, person=place.person, seat=place.seat)
        for place in places
        if place not in session.present
    ]
    return _with_quorum(session, invitation, arrived)


def _depart(session: Session, departure: RecordDeparture) -> Sequence[SessionEvent]:
    must_be(session, departure.session, "planned", "open")
    invitation = must_be_invited(session, departure.session)
    left = [
        DepartureRecorded(session=departure.session, person=place.person, seat=place.seat)
        for place in session.present
        if place.person == departure.person
    ]
    if not left:
        raise NotPresent(session=departure.session)
    return _with_quorum(session, invitation, left)


def _open(session: Session, open_: OpenSession) -> Sequence[SessionEvent]:
    if session.stage == "open":
        return []
    must_be(session, open_.session, "planned")
    invitation = must_be_invited(session, open_.session)
    return _with_quorum(session, invitation, [SessionOpened(session=open_.session)])


def _agree(session: Session, agree: RecordConsensus) -> Sequence[SessionEvent]:
    item = _must_be_able_to_decide(session, agree)
    return [
        ConsensusRecorded(
            session=agree.session,
            item=agree.item,
            recommendation=agree.recommendation,
            present=session.seats_present,
            title=item.title,
            public=item.public,
        )
    ]


def _vote(session: Session, vote: RecordVote) -> Sequence[SessionEvent]:
    item = _must_be_able_to_decide(session, vote)
    votes, present = vote.yes + vote.no + vote.abstentions, session.seats_present
    if votes > present:
        raise MoreVotesThanSeats(votes=votes, present=present)
    return [
        VoteRecorded(
            session=vote.session,
            item=vote.item,
            recommendation=vote.recommendation,
            yes=vote.yes,
            no=vote.no,
            abstentions=vote.abstentions,
            present=present,
            carried=vote.yes > vote.no,
            title=item.title,
            public=item.public,
        )
    ]


def _close(session: Session, close: CloseSession) -> Sequence[SessionEvent]:
    if session.stage == "closed":
        return []
    must_be(session, close.session, "open")
    return [SessionClosed(session=close.session)]


def _with_quorum(
    session: Session, invitation: InvitationIssued, events: Sequence[SessionEvent]
) -> Sequence[SessionEvent]:
    """An open plenary says when it gains or loses its quorum, not only when it opens."""
    after = reduce(evolve, events, session)
    enough = after.seats_present >= invitation.quorum
    if after.stage != "open" or not invitation.quorum or enough == after.quorate:
        return events
    told = QuorumEstablished if enough else QuorumMissed
    return [
        *events,
        told(
            session=invitation.session,
            present=after.seats_present,
            voting_seats=invitation.voting_seats,
            needed=invitation.quorum,
        ),
    ]


def _must_be_able_to_decide(session: Session, decision: RecordConsensus | RecordVote) -> AgendaItem:
    must_be(session, decision.session, "open")
    item = next((item for item in session.agenda if item.number == decision.item), None)
    if item is None:
        raise AgendaItemUnknown(session=decision.session, item=decision.item)
    if decision.item in session.decided:
        raise AgendaItemDecided(session=decision.session, item=decision.item)
    if decision.recommendation and session.kind != "plenary":
        raise OnlyPlenaryAdopts(recommendation=decision.recommendation)
    if session.quorate is False:
        needed = must_be_invited(session, decision.session).quorum
        raise QuorumIsMissing(session=decision.session, present=session.seats_present, needed=needed)
    return item
