"""A session as people were invited to it, and as it was held."""

from __future__ import annotations

from typing import Any

import pytest

from services.meetings import queries
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_recipients import AdjustInvitation
from services.meetings.domain.session_stage import InvitationMissing, SessionNotOpen
from services.office.desk.overview import unanswered
from shared.contracts.meetings import ArrivalRecorded, DeputyInvited, InvitationAnswered, Recipient, SessionRescheduled
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Event
from shared.kernel.time import days
from tests.kit.delivered import folded
from tests.kit.projected import Projected
from tests.kit.when import CONFERENCE, person
from tests.kit.world import World
from tests.meetings.stuttgart import (
    CLOSED,
    GUEST,
    INVITED,
    MOVED,
    NAME,
    OPEN,
    PLANNED,
    STARTS,
    STREAM,
    arrived,
    extended,
    invited,
    roster,
    seated,
    tell,
    withdrawn,
)


class Folded:
    """What a session's history makes of the projections."""

    def __init__(self, *history: Event) -> None:
        self._history = history

    async def get(self, projection: Projection, key: str) -> Document | None:
        return folded(projection, self._history, STREAM).get(key)

    async def find(self, projection: Projection, where: Document, sort: str) -> list[Document]:
        assert where == {"conference": CONFERENCE, "session": NAME}
        return sorted(folded(projection, self._history, STREAM).values(), key=lambda one: int(one[sort]))


DEPUTY = Recipient(person=person(13), seat="hospitals-3")
DEPUTIZED = DeputyInvited(**extended(DEPUTY).model_dump(exclude={"places"}))


def shown(*history: Event) -> Any:
    return Folded(*history)


async def test_every_issue_is_kept_as_it_was_issued_with_what_became_of_it() -> None:
    later = (extended(seated(4)), DEPUTIZED, withdrawn(seated(3)), invited(GUEST), invited(issue=2, voting_seats=5))
    first, second = await queries.invitations(shown(*INVITED, *later), CONFERENCE, NAME)
    assert (first["issue"], first["snapshot"], len(first["recipients"])) == (1, invited().snapshot, 3)
    assert [(one["what"], one["places"]) for one in first["changes"]] == [
        ("extended", [seated(4).model_dump()]),
        ("deputy", [DEPUTY.model_dump()]),
        ("withdrawn", [seated(3).model_dump()]),
        ("guest", [GUEST.model_dump()]),
    ]
    assert (second["issue"], second["voting_seats"], second["changes"]) == (2, 5, [])


async def test_nobody_was_invited_to_what_was_only_planned() -> None:
    with pytest.raises(InvitationMissing):
        await queries.invitations(shown(*PLANNED), CONFERENCE, NAME)


def answered(number: int, answer: Any) -> InvitationAnswered:
    return InvitationAnswered(session=NAME, person=person(number), seat=f"hospitals-{number}", answer=answer)


async def standings(*history: Event) -> list[str]:
    held = await queries.as_held(shown(*history), CONFERENCE, NAME)
    assert held is not None
    return [one["standing"] for one in held["seats"]]


@pytest.mark.parametrize(("answer", "standing"), [("decline", "excused"), ("deputy", "excused"), ("accept", "absent")])
async def test_who_did_not_come_was_excused_or_absent(answer: Any, standing: str) -> None:
    assert await standings(*INVITED, answered(3, answer), *OPEN[len(INVITED) :]) == ["present", "present", standing]
    assert await standings(*OPEN) == ["present", "present", "absent"]


async def test_whoever_changes_seats_stays_excused_and_is_asked_no_more() -> None:
    moved = Recipient(person=person(3), seat="hospitals-4")
    declined = (*INVITED, answered(3, "decline"))
    planned = SESSION.fold(declined)
    known = roster(recipients=(seated(1), seated(2), moved), edition=planned.edition)
    changed = (*declined, *SESSION.decide(planned, tell(AdjustInvitation, roster=known)))
    assert SESSION.fold(changed).stays_away(person(3))
    assert await standings(*changed, *OPEN[len(INVITED) :]) == ["present", "present", "excused"]
    held = await queries.session(shown(*changed), CONFERENCE, NAME)
    assert held is not None
    assert unanswered(held) == 2


async def test_a_seat_is_held_by_its_holder_and_may_be_represented_by_its_deputy() -> None:
    history = (*INVITED, answered(3, "decline"), DEPUTIZED, *OPEN[len(INVITED) :])
    came = ArrivalRecorded(session=NAME, person=DEPUTY.person, seat=DEPUTY.seat, arrived_at=STARTS)
    assert await standings(*history) == ["present", "present", "excused"]
    assert await standings(*history, came) == ["present", "present", "represented"]
    assert await standings(*history, came, arrived(3)) == ["present", "present", "present"]
    held = await queries.as_held(shown(*history, came), CONFERENCE, NAME)
    assert held is not None
    assert [one["deputy"] for one in held["seats"]] == [None, None, DEPUTY.person]
    assert held["seats"][2] == {**seated(3).model_dump(), "deputy": DEPUTY.person, "standing": "represented"}
    assert held["present"] == 3, "seats are counted"


async def test_an_answer_before_a_move_excuses_nobody() -> None:
    moved: SessionRescheduled = MOVED
    assert await standings(*INVITED, answered(3, "decline"), moved, *OPEN[len(INVITED) :]) == [
        "present",
        "present",
        "absent",
    ]


async def test_who_came_after_all_is_present() -> None:
    assert (await standings(*INVITED, answered(1, "decline"), *OPEN[len(INVITED) :]))[0] == "present"


async def test_only_what_was_opened_was_held() -> None:
    with pytest.raises(SessionNotOpen):
        await queries.as_held(shown(*INVITED), CONFERENCE, NAME)
    assert await queries.as_held(shown(), CONFERENCE, NAME) is None
    held = await queries.as_held(shown(*CLOSED), CONFERENCE, NAME)
    assert held is not None
    assert held["state"] == "closed"


async def test_a_session_is_not_over_until_its_last_day_has_passed() -> None:
    store: Any = Projected(World())
    store._of = lambda projection: [*folded(projection, INVITED, STREAM).values()]
    ends = invited().appointment.ends
    assert [one["session"] for one in await queries.not_over(store, ends)] == [NAME]
    assert await queries.not_over(store, ends + days(1)) == []


async def test_a_session_to_which_nobody_is_invited_is_not_looked_at() -> None:
    store: Any = Projected(World())
    store._of = lambda projection: [*folded(projection, PLANNED, STREAM).values()]
    assert await queries.not_over(store, invited().appointment.starts) == []


@pytest.mark.parametrize(("history", "found"), [(INVITED, [NAME]), (OPEN, [NAME]), (CLOSED, [])])
async def test_a_session_is_looked_at_until_it_is_closed(history: tuple[Event, ...], found: list[str]) -> None:
    store: Any = Projected(World())
    store._of = lambda projection: [*folded(projection, history, STREAM).values()]
    assert [one["session"] for one in await queries.not_over(store, STARTS)] == found
