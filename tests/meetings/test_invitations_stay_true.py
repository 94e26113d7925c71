"""Whatever becomes of seats, working groups and sessions, in whatever order: those told are those concerned.

Each hears of each thing once. Facts are sometimes read before something else happens and used after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.meetings import api, queries
from services.meetings.concerned import Concerned, Planned
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_answers import AnswerInvitation
from services.meetings.domain.session_invitation import IssueInvitation
from services.meetings.domain.session_planning import ChangeAgenda, RescheduleSession, ScheduleSession
from services.meetings.domain.session_recipients import AdjustInvitation, AdmitGuest
from services.meetings.domain.session_roster import Roster
from services.meetings.domain.session_stage import InvitationMissing
from services.meetings.domain.session_state import Session
from services.meetings.projections import GONE
from services.meetings.service import SERVICE as MEETINGS
from services.members.domain.conference import EstablishConference
from services.members.domain.mandates import AppointDeputy, EndMandate
from services.members.domain.person import ErasePerson
from services.members.domain.posts import ChangePostHolder
from services.members.domain.seat_group import OpenSeatGroup
from services.members.domain.working_group import EstablishWorkingGroup, JoinWorkingGroup, LeaveWorkingGroup
from services.members.service import SERVICE as MEMBERS
from services.notifications.projections import MAILS
from shared.contracts.meetings import AgendaItem, Recipient
from shared.contracts.registry import type_name
from shared.contracts.topics import Topic
from shared.declarations.open_points import PROJECTION
from shared.declarations.projection import Document
from shared.declarations.service import Service
from shared.kernel.decider import Command, Event
from shared.kernel.identifiers import StreamPosition, stream_name
from shared.kernel.rejections import Busy, Rejected
from shared.runtime.commands.execute import Answer, Executor, Request
from shared.runtime.commands.facts import Facts, Seen
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import SystemClock
from tests.kit.eventually import eventually
from tests.kit.projected import AwayAtFirst, Projected
from tests.kit.when import CONFERENCE, NOW, edge, person
from tests.kit.world import World

SEATS, PEOPLE = (1, 2, 3), (1, 2, 3, 4)
TODAY = NOW.date()
PLENARY, GROUP = "plenary", "staff-1"
STARTS = NOW + timedelta(days=60)
AGENDA = (AgendaItem(number=1, title="Begrüßung", public=True),)

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "hold",
                "hold",
                "end",
                "die",
                "erase",
                "join",
                "leave",
                "admit",
                "invite",
                "agenda",
                "move",
                "look",
                "read",
                "use",
                "deputize",
                "deputize",
                "answer",
                "answer",
            ],
        ),
        st.sampled_from(SEATS),
        st.sampled_from(PEOPLE),
    ),
    min_size=5,
    max_size=30,
)


class Telling(Executor):
    """Of meetings; all that follows is carried as far as it goes."""

    def __init__(self, world: World) -> None:
        self.state = world.executors["meetings"].state  # type: ignore[method-assign]
        self._world = world

    async def execute(self, command: Command, request: Request) -> Answer:
        del request  # a world numbers its commands
        decided = await self._world.give(MEETINGS, command)
        return Answer(command.stream, 0, tuple(Decided(event) for event in decided))  # type: ignore[misc]


@dataclass
class Decided:
    """As an answer has an event."""

    told: Event

    @property
    def type(self) -> str:
        return type_name(self.told)

    def event(self) -> Event:
        return self.told


class AllHere:
    """Nothing is under way."""

    async def wait(self, topic: Topic, streams: Sequence[str], seen: Seen) -> None:
        pass

    async def known(self, streams: Sequence[str]) -> tuple[StreamPosition, ...]:
        del streams
        return ()


@dataclass
class Conference:
    world: World = field(default_factory=World)
    read: list[AdjustInvitation | IssueInvitation] = field(default_factory=list)
    at: datetime = NOW
    day: date = TODAY
    """Whom a seat goes to, and when a mandate ends: always later, and always before the session."""
    moves: int = 0

    def __post_init__(self) -> None:
        self.projected = Projected(self.world)
        self.telling = Telling(self.world)
        self.facts = Facts(api.supplies(self.telling, self.projected, SystemClock()), AllHere())
        self.concerned = Concerned(self.projected, self.telling, self.facts, SystemClock())

    async def give(self, service: Service, command: type[Command], /, **fields: Any) -> None:
        """A rule may say no: then nothing happens."""
        with suppress(Rejected):
            await self.must(service, command, **fields)

    async def must(self, service: Service, command: type[Command], /, **fields: Any) -> None:
        await self.world.give(service, command.model_validate(edge(**{"at": self.at, **fields})))

    async def found(self) -> None:
        about = {"name": "K", "reference": "R", "office": "O", "committee": "C", "rules": {}}
        await self.must(MEMBERS, EstablishConference, **about)
        for group in ("posts", "houses"):
            opened: dict[str, Any] = {"group": group, "number": 1, "name": group, "kind": "ex_officio", "seats": 2}
            await self.must(MEMBERS, OpenSeatGroup, **opened)
        await self.must(MEMBERS, EstablishWorkingGroup, working_group="staff", name="AG", topics=())
        for name, kind, of in ((PLENARY, "plenary", None), (GROUP, "working_group", "staff")):
            when = {"starts": STARTS, "ends": STARTS + timedelta(hours=2), "place": "Rathaus", "title": name}
            await self.must(MEETINGS, ScheduleSession, session=name, kind=kind, working_group=of, **when)
            await self.must(MEETINGS, ChangeAgenda, session=name, agenda=AGENDA)

    async def step(self, what: str, seat: int, who: int) -> None:
        self.at += timedelta(minutes=1)
        self.day += timedelta(days=1)
        name = GROUP if seat == SEATS[0] else PLENARY
        steps: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "hold": lambda: self.hold(seat, who),
            "end": lambda: self.end(seat, "resigned"),
            "die": lambda: self.end(seat, "deceased"),
            "erase": lambda: self.give(MEMBERS, ErasePerson, person=person(who), belongs_elsewhere=False),
            "join": lambda: self.give(
                MEMBERS, JoinWorkingGroup, working_group="staff", person=person(who), seat=None, person_known=True
            ),
            "leave": lambda: self.give(MEMBERS, LeaveWorkingGroup, working_group="staff", person=person(who)),
            "admit": lambda: self.give(MEETINGS, AdmitGuest, session=name, person=person(who)),
            "invite": lambda: self.invite(name),
            "agenda": lambda: self.another_agenda(name, who),
            "move": lambda: self.move(name),
            "look": self.look,
            "read": lambda: self.read_roster(name),
            "use": self.use,
            "deputize": lambda: self.deputize(seat, who),
            "answer": lambda: self.answer(name, who),
        }
        await steps[what]()

    def seat(self, number: int) -> dict[str, str]:
        """The third is in a group of its own, so that one person may have two."""
        group = "posts" if number < SEATS[2] else "houses"
        return {"group": group, "seat": f"{group}-{1 if group == 'houses' else number}"}

    async def hold(self, seat: int, who: int) -> None:
        holds = {"person": person(who), "since": self.day, "person_known": True}
        await self.give(MEMBERS, ChangePostHolder, **self.seat(seat), **holds)

    async def end(self, seat: int, reason: str) -> None:
        await self.give(MEMBERS, EndMandate, **self.seat(seat), until=self.day, reason=reason)

    async def deputize(self, seat: int, who: int) -> None:
        names = {"person": person(who), "since": self.day, "person_known": True}
        await self.give(MEMBERS, AppointDeputy, **self.seat(seat), **names)

    async def answer(self, name: str, who: int) -> None:
        """Whoever has not declined declines, and comes after all the next time."""
        session = await self.telling.state(SESSION, stream_name(CONFERENCE, "session", name))
        says = "accept" if session.stays_away(person(who)) else "decline"
        await self.give(MEETINGS, AnswerInvitation, session=name, person=person(who), answer=says)

    async def invite(self, name: str) -> None:
        roster = (await self.facts.of(AdjustInvitation, Planned(CONFERENCE, name), {}))["roster"]
        await self.give(MEETINGS, IssueInvitation, session=name, reason=None, roster=roster)

    async def another_agenda(self, name: str, who: int) -> None:
        agenda = (AgendaItem(number=1, title=f"Punkt {who}", public=True),)
        await self.give(MEETINGS, ChangeAgenda, session=name, agenda=agenda)

    async def move(self, name: str) -> None:
        self.moves += 1
        starts = STARTS + timedelta(days=self.moves)
        when = {"starts": starts, "ends": starts + timedelta(hours=2), "place": "Rathaus"}
        await self.give(MEETINGS, RescheduleSession, session=name, **when)

    async def look(self) -> None:
        assert await self.concerned.look(self.at) == 0

    async def read_roster(self, name: str) -> None:
        """Two commands are under way: what they rest on is known, and they are not decided yet."""
        roster = (await self.facts.of(AdjustInvitation, Planned(CONFERENCE, name), {}))["roster"]
        about = {"session": name, "roster": roster, "at": self.at}
        self.read.append(AdjustInvitation.model_validate(edge(**about)))
        self.read.append(IssueInvitation.model_validate(edge(**about, reason=None)))

    async def use(self) -> None:
        """What was read before who is invited has changed says nothing any more."""
        for command in self.read:
            before = await self.telling.state(SESSION, command.stream)
            await self.give(MEETINGS, type(command), **command.model_dump(exclude={"conference", "by"}))
            after = await self.telling.state(SESSION, command.stream)
            assert before == after or command.roster.edition == before.edition
        self.read.clear()

    def points(self) -> list[Document]:
        """What the office has to see to."""
        found = self.world.documents["meetings"].items()
        return [one for key, one in found if key.projection == PROJECTION]

    def mails(self, session: str, who: int) -> list[Document]:
        found = [one for key, one in self.world.documents["notifications"].items() if key.projection == MAILS.name]
        mine = [one for one in found if (one["session"], one["person"]) == (session, person(who))]
        return sorted(mine, key=lambda one: str(one["queued_at"]))


async def played(steps: Sequence[Step]) -> Conference:
    conference = Conference()
    await conference.found()
    for what, seat, who in steps:
        await conference.step(what, seat, who)
    await conference.step("use", 1, 1)
    await conference.step("look", 1, 1)
    return conference


STALE: list[Step] = [
    ("hold", 2, 1),
    ("invite", 2, 1),
    ("read", 2, 1),
    ("hold", 3, 2),
    ("look", 1, 1),
    ("use", 1, 1),
]
DIES: list[Step] = [("hold", 1, 1), ("invite", 2, 1), ("die", 1, 1)]
GUEST_BETWEEN: list[Step] = [
    ("hold", 2, 1),
    ("admit", 2, 1),
    ("invite", 2, 1),
    ("hold", 2, 2),
    ("look", 1, 1),
    ("hold", 1, 1),
]
DEPUTY: list[Step] = [
    ("hold", 2, 1),
    ("deputize", 2, 2),
    ("invite", 2, 1),
    ("answer", 2, 1),
    ("look", 1, 1),
    ("answer", 2, 1),
]
DEPUTY_FOLLOWS: list[Step] = [*DEPUTY[:5], ("end", 2, 1), ("hold", 2, 2)]
NO_DEPUTY: list[Step] = [("hold", 2, 1), ("invite", 2, 1), ("answer", 2, 1)]
NOT_COVERED: list[Step] = [
    ("hold", 2, 1),
    ("hold", 3, 2),
    ("deputize", 3, 3),
    ("invite", 2, 1),
    ("answer", 2, 1),
]
TWO_SEATS: list[Step] = [("hold", 2, 1), ("invite", 2, 1), ("hold", 3, 1)]


@example(STALE)
@example(TWO_SEATS)
@example(DIES)
@example(DEPUTY)
@example(DEPUTY_FOLLOWS)
@example(NO_DEPUTY)
@example(NOT_COVERED)
@example(GUEST_BETWEEN)
@given(STEPS)
@settings(max_examples=60)
def test_those_told_are_those_concerned(steps: list[Step]) -> None:
    stay_true(steps)


class Standing(SystemClock):
    def now(self) -> datetime:
        return NOW + timedelta(days=9)


async def test_who_is_concerned_is_looked_for_again_when_mongodb_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.meetings.concerned.AGAIN_SECONDS", 0.01)
    conference = await played([("hold", 2, 1), ("invite", 2, 1)])
    await conference.hold(3, 2)
    away = AwayAtFirst(conference.world, [MongoUnavailable("away")])
    with capture_logs() as logs:
        looking = Concerned(away, conference.telling, conference.facts, Standing()).run(Nudge())
        running = asyncio.create_task(looking)
        await eventually(lambda: _is_told(conference.mails(PLENARY, 2)), "the new holder is invited")
        running.cancel()
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["invitations wait"]


async def test_a_seat_for_which_nobody_comes_is_pointed_out_once() -> None:
    conference = await played(NOT_COVERED)
    [point] = conference.points()
    assert (point["rule"], point["about"]) == ("SeatNotCovered", session_stream(PLENARY))
    await conference.look()
    assert conference.points() == [point]


async def test_who_is_missing_is_not_pointed_out_any_more_when_the_session_has_begun() -> None:
    conference = await played(NOT_COVERED[:-1])
    await conference.answer(PLENARY, 1)
    assert await conference.concerned.look(STARTS) == 0 and not conference.points()
    assert await conference.concerned.look(STARTS - timedelta(seconds=1)) == 0 and len(conference.points()) == 1


@pytest.mark.parametrize(
    ("why", "level", "again"), [(InvitationMissing(session=PLENARY), "warning", 0), (Busy(), "info", 1)]
)
async def test_a_session_that_cannot_be_seen_to_is_told_and_looked_at_again_if_it_was_busy(
    why: Exception, level: str, again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = await played(NOT_COVERED)

    async def see_to(*_: object) -> None:
        raise why

    monkeypatch.setattr(Concerned, "_see_to", see_to)
    sessions = len(await queries.not_over(conference.projected, NOW))
    with capture_logs() as logs:
        assert await conference.concerned.look(NOW) == again * sessions > again - 1
    assert [line["log_level"] for line in logs] == [level] * sessions


@pytest.mark.long
@pytest.mark.timeout(600)
@given(STEPS)
@settings(max_examples=1500)
def test_those_told_are_those_concerned_for_long(steps: list[Step]) -> None:
    stay_true(steps)


def stay_true(steps: Sequence[Step]) -> None:
    with capture_logs():
        asyncio.run(_stays_true(steps))


async def _stays_true(steps: Sequence[Step]) -> None:
    conference = await played(steps)
    gone = {one["person"] for one in await conference.projected.find(GONE, {})}
    for name in (PLENARY, GROUP):
        session = await conference.telling.state(SESSION, stream_name(CONFERENCE, "session", name))
        if session.invitation is None:
            continue
        roster = await queries.roster_for(conference.projected, session, CONFERENCE)
        deputies = _deputies(session, roster)
        guests = {Recipient(person=one, seat=None) for one in session.guests if one not in roster.gone}
        listed = {place.person for place in (*roster.recipients, *deputies)}
        concerned = {*roster.recipients, *deputies, *(guest for guest in guests if guest.person not in listed)}
        assert set(session.invited) == concerned
        assert set(session.deputies) == set(deputies)
        assert len(session.invited) == len(concerned)
        assert await queries.left_out(conference.projected, session, CONFERENCE, name) == []
        shown = await queries.session(conference.projected, CONFERENCE, name)
        assert shown is not None
        assert {Recipient(**one) for one in shown["recipients"]} == concerned
        assert {Recipient(**one) for one in shown["deputies"]} == set(deputies)
        left = queries.not_covered(session, await queries.roster_for(conference.projected, session, CONFERENCE))
        points = [one for one in conference.points() if one["about"] == session_stream(name)]
        assert bool(points) >= bool(left), "a seat for which nobody comes is an open point"
        for who in PEOPLE:
            _hears_each_thing_once(conference.mails(name, who), gone=person(who) in gone)
            is_told = _is_told(conference.mails(name, who))
            assert is_told == (person(who) in {one.person for one in concerned}) or person(who) in gone


def _deputies(session: Session, roster: Roster) -> list[Recipient]:
    """Of each seat whose holder declined, unless they have a seat themselves; for one seat only."""
    away = [one.seat for one in roster.recipients if session.answers.get(one.person) == "decline"]
    holders = {one.person for one in roster.recipients}
    free = [one for one in roster.deputies if one.seat in away and one.person not in {*holders, *roster.gone}]
    asked = [one for one in free if one in session.deputies]
    return asked + [one for one in free if one.person not in {of.person for of in asked}]


def session_stream(name: str) -> str:
    return stream_name(CONFERENCE, "session", name)


def _is_told(mails: Sequence[Document]) -> bool:
    return bool(mails) and mails[-1]["kind"] != "withdrawal"


def _hears_each_thing_once(mails: Sequence[Document], gone: bool) -> None:
    """Invited, told of changes, and taken back, in turn. Whoever comes as a guest now, and for a seat now, is told."""
    told: set[tuple[str, str, str]] = set()
    for mail in mails:
        if mail["kind"] == "withdrawal":
            assert told, "nothing is taken back that was not told"
            told.clear()
            continue
        content = mail["content"]
        standing = f"deputy of {mail['seat']}" if content.get("as_deputy") else str(mail["seat"] is None)
        thing = (mail["kind"], standing, f"{content.get('issue')} {content['appointment']['revision']}")
        if mail["kind"] == "update":
            assert told or gone, "a change is told to whom the rest was told"
        assert thing not in told or gone, f"told twice: {thing}"
        told = {thing, *(one for one in told if one[1] == thing[1])}
