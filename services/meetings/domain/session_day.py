"""A session is held: opened on its day, and what it decides needs its quorum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.meetings.domain.session_attendance import must_be_on_its_day
from services.meetings.domain.session_events import SessionEvent, is_carried
from services.meetings.domain.session_minutes_due import minutes_due
from services.meetings.domain.session_quorum import with_quorum
from services.meetings.domain.session_stage import must_be, must_be_invited
from services.meetings.domain.session_state import AboutSession, Session
from shared.contracts.meetings import (
    AgendaItem,
    ConsensusRecorded,
    Count,
    SessionClosed,
    SessionOpened,
    VoteRecorded,
)
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import Moment, german_moment

# Commands


class OpenSession(AboutSession):
    """Open an invited session on its day; the plenary's quorum is counted. Recorded afterwards, with the time."""

    opened_at: Moment | None = None


class _Decision(AboutSession):
    item: Count
    recommendation: Slug | None


class RecordConsensus(_Decision):
    """Record that the session agrees on an agenda item without a vote."""


class RecordVote(_Decision):
    """Record a vote on an agenda item; a tie rejects it."""

    yes: Count
    no: Count
    abstentions: Count


class CloseSession(AboutSession):
    """Close an open session; without its quorum it is closed as a session that missed it."""


DayCommand = OpenSession | RecordConsensus | RecordVote | CloseSession

# Rejections


class QuorumIsMissing(Rejected):
    """Die Sitzung „{session}“ ist nicht beschlussfähig: {present} Sitze sind anwesend, {needed} nötig."""


class NobodyIsPresent(Rejected):
    """In der Sitzung „{session}“ ist kein Sitz als anwesend verzeichnet; ohne Anwesende wird nichts beschlossen."""


class SessionOpenedDifferently(Rejected):
    """Die Sitzung „{session}“ ist seit dem {opened} eröffnet; eine andere Zeit wird dafür nicht mehr erfasst."""


class AgendaItemUnknown(Rejected):
    """Die Sitzung „{session}“ hat keinen Tagesordnungspunkt {item}."""

    kind = Kind.NOT_FOUND


class AgendaItemDecided(Rejected):
    """Über den Tagesordnungspunkt {item} der Sitzung „{session}“ ist bereits beschlossen."""


class RecommendationIsDecided(Rejected):
    """Die Empfehlung „{recommendation}“ ist in dieser Sitzung schon zu Tagesordnungspunkt {item} angenommen."""


class OnlyPlenaryAdopts(Rejected):
    """Über die Empfehlung „{recommendation}“ beschließt nur die Konferenz selbst."""


class VotesDoNotAddUp(Rejected):
    """Ja, Nein und Enthaltungen sind zusammen {votes}; anwesend sind {present} Sitze. Beides muss gleich sein."""

    kind = Kind.INVALID


# decide


def decide(session: Session, command: DayCommand) -> Sequence[SessionEvent]:
    match command:
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


def _open(session: Session, open_: OpenSession) -> Sequence[SessionEvent]:
    if session.stage == "open":
        return _opened_before(session, open_)
    must_be(session, open_.session, "planned")
    invitation = must_be_invited(session, open_.session)
    opened_at = must_be_on_its_day(session, open_, open_.opened_at)
    return with_quorum(session, invitation, [SessionOpened(session=open_.session, opened_at=opened_at)])


def _opened_before(session: Session, open_: OpenSession) -> Sequence[SessionEvent]:
    if session.opened_at and open_.opened_at not in (None, session.opened_at):
        raise SessionOpenedDifferently(session=open_.session, opened=german_moment(session.opened_at))
    return []


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
    if votes != present:
        raise VotesDoNotAddUp(votes=votes, present=present)
    return [
        VoteRecorded(
            session=vote.session,
            item=vote.item,
            recommendation=vote.recommendation,
            yes=vote.yes,
            no=vote.no,
            abstentions=vote.abstentions,
            present=present,
            carried=has_majority(vote.yes, vote.no),
            title=item.title,
            public=item.public,
        )
    ]


def has_majority(yes: int, no: int) -> bool:
    """Abstentions count for neither."""
    return yes > no


def _close(session: Session, close: CloseSession) -> Sequence[SessionEvent]:
    if session.stage == "closed":
        return []
    must_be(session, close.session, "open")
    without_quorum = True if session.quorate is False else None
    return [SessionClosed(session=close.session, without_quorum=without_quorum, minutes_due=minutes_due(session))]


def _must_be_able_to_decide(session: Session, decision: RecordConsensus | RecordVote) -> AgendaItem:
    must_be(session, decision.session, "open")
    item = must_have_item(session, decision.session, decision.item)
    if decision.item in session.decided:
        raise AgendaItemDecided(session=decision.session, item=decision.item)
    if decision.recommendation and session.kind != "plenary":
        raise OnlyPlenaryAdopts(recommendation=decision.recommendation)
    must_not_contradict(session, decision.item, decision.recommendation)
    if session.quorate is False:
        needed = must_be_invited(session, decision.session).quorum
        raise QuorumIsMissing(session=decision.session, present=session.seats_present, needed=needed)
    if session.kind == "plenary" and not session.seats_present:
        raise NobodyIsPresent(session=decision.session)
    return item


def must_have_item(session: Session, name: Slug, number: int) -> AgendaItem:
    for item in session.agenda:
        if item.number == number:
            return item
    raise AgendaItemUnknown(session=name, item=number)


def must_not_contradict(session: Session, number: int, recommendation: Slug | None) -> None:
    """An adopted recommendation stays adopted, whatever another item of the same session says."""
    for item, before in session.decided.items():
        if recommendation and item != number and before.recommendation == recommendation and is_carried(before):
            raise RecommendationIsDecided(recommendation=recommendation, item=item)
