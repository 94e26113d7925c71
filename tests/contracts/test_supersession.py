"""What takes the place of something is itself in force: whatever is asked for, nobody is led in a circle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from services.meetings.domain.paper import PAPER, DraftPaper, IssuePaper
from services.meetings.domain.paper_state import PaperIsSuperseded
from services.meetings.domain.paper_writing import SupersedePaper
from services.meetings.domain.recommendation import (
    RECOMMENDATION,
    DraftRecommendation,
    SubmitRecommendation,
    SupersedeRecommendation,
)
from services.meetings.domain.recommendation_adoption import AdoptRecommendation
from services.meetings.domain.supersession import (
    SUPERSESSION,
    ClaimSupersession,
    ReleaseSupersession,
    SuccessorIsSuperseded,
)
from services.meetings.named import names
from services.meetings.service import SERVICE
from services.meetings.superseding import Superseding
from shared.contracts.meetings import RecommendationSuperseded, SupersessionClaimed, SupersessionReleased
from shared.kernel.decider import Command
from shared.kernel.identifiers import derived_id, stream_name
from shared.kernel.rejections import Rejected
from shared.runtime.commands.execute import Answer, Executor, Request
from shared.runtime.commands.facts import Facts
from shared.runtime.commands.journal import Journal
from shared.runtime.mongo.driver import Database
from tests.contracts.test_named import Remembered, as_store
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, NOW, edge
from tests.kit.world import World
from tests.meetings.stuttgart import tell

SOME = ("a", "b", "c", "d")
STEPS = st.lists(st.tuples(st.sampled_from(SOME), st.sampled_from(SOME)), max_size=12)


def papers(name: str) -> list[Command]:
    drafted = tell(DraftPaper, paper=name, reference=f"GRDrs {name}", title="Vorlage", kind="decision")
    return [drafted, tell(IssuePaper, paper=name, on=date(2023, 9, 13))]


def recommendations(name: str) -> list[Command]:
    about = {"recommendation": name}
    return [
        tell(DraftRecommendation, **about, working_group="ag-a", title="Empfehlung"),
        tell(SubmitRecommendation, **about, session="spring"),
        tell(AdoptRecommendation, **about, session="spring", how="consensus"),
    ]


@cache
def begun_once(begun: Callable[[str], list[Command]]) -> World:
    async def give() -> World:
        world = World()
        for command in (one for name in SOME for one in begun(name)):
            await world.give(SERVICE, command)
        return world

    return asyncio.run(give())


async def superseded(steps: list[tuple[str, str]], kind: type[Command], begun: World, key: str) -> World:
    world, projections = World(like=begun), Remembered()
    projections.known = {CONFERENCE}
    executor = world.executors["meetings"]
    facts = Facts({}, as_store(projections), names(executor, as_store(projections)))
    for one, other in steps:
        command = tell(kind, **{key: one, "successor": other, "reason": "Neufassung"})
        with suppress(Rejected):
            await facts.require(kind, command, {})
            await world.give(SERVICE, command)
    return world


def is_led_in_a_circle(successors: Mapping[str, str]) -> bool:
    for begin in successors:
        at, steps = begin, 0
        while at in successors and steps <= len(SOME):
            at, steps = successors[at], steps + 1
        if steps > len(SOME):
            return True
    return False


async def successors_of_papers(executor: Executor) -> dict[str, str]:
    states = {name: await executor.state(PAPER, stream_name(CONFERENCE, "paper", name)) for name in SOME}
    return {name: state.superseded.successor for name, state in states.items() if state.superseded}


async def successors_of_recommendations(executor: Executor) -> dict[str, str]:
    states = {
        name: await executor.state(RECOMMENDATION, stream_name(CONFERENCE, "recommendation", name)) for name in SOME
    }
    ended = {name: state.over for name, state in states.items()}
    return {name: over.successor for name, over in ended.items() if isinstance(over, RecommendationSuperseded)}


@examples(STEPS)
def test_papers_lead_to_one_in_force(steps: list[tuple[str, str]]) -> None:
    begun = begun_once(papers)

    async def play() -> dict[str, str]:
        world = await superseded(steps, SupersedePaper, begun, "paper")
        return await successors_of_papers(world.executors["meetings"])

    successors = asyncio.run(play())
    assert not is_led_in_a_circle(successors)
    assert bool(successors) == any(one != other for one, other in steps)


@examples(STEPS)
def test_recommendations_lead_to_one_in_force(steps: list[tuple[str, str]]) -> None:
    begun = begun_once(recommendations)

    async def play() -> dict[str, str]:
        world = await superseded(steps, SupersedeRecommendation, begun, "recommendation")
        return await successors_of_recommendations(world.executors["meetings"])

    successors = asyncio.run(play())
    assert not is_led_in_a_circle(successors)
    assert bool(successors) == any(one != other for one, other in steps)


# Two at the same instant: each has read the other as in force

given = given_of(SUPERSESSION)
MANY = st.lists(st.tuples(st.sampled_from(SOME), st.sampled_from(SOME)), min_size=2, max_size=8)


def told(one: str, other: str, number: int) -> dict[str, Any]:
    return {"kind": "paper", "claim": derived_id("try", str(number)), "superseded": one, "successor": other}


def claim(one: str, other: str, number: int = 1, at: datetime = NOW) -> ClaimSupersession:
    return ClaimSupersession(**edge(at=at), **told(one, other, number), attempt=Request(str(number)).first_event)


def claimed(one: str, other: str, number: int = 1) -> SupersessionClaimed:
    return SupersessionClaimed(**told(one, other, number), attempt=Request(str(number)).first_event, at=NOW)


def test_what_is_about_to_be_superseded_takes_no_place() -> None:
    given().when(claim("a", "b")).then(claimed("a", "b"))
    given(claimed("a", "b")).when(claim("a", "b")).then_nothing()
    given(claimed("a", "b")).when(claim("b", "a", 2)).rejected(
        SuccessorIsSuperseded, successor="a", by="b", since="seit 15.01.2024, 10:00 Uhr"
    )
    given(claimed("a", "b")).when(claim("b", "c", 2)).then(claimed("b", "c", 2))
    given(claimed("a", "b"), claimed("b", "c", 2)).when(claim("c", "a", 3)).rejected(SuccessorIsSuperseded)


def test_a_try_that_was_refused_binds_nothing_and_others_of_the_same_do() -> None:
    released = SupersessionReleased(**told("a", "b", 1))
    release = ReleaseSupersession(**edge(), **told("a", "b", 1))
    given(claimed("a", "b")).when(release).then(released)
    given(claimed("a", "b"), released).when(claim("b", "a", 2)).then(claimed("b", "a", 2))
    given(claimed("a", "b"), claimed("a", "b", 2), released).when(claim("b", "a", 3)).rejected(SuccessorIsSuperseded)
    given().when(release).then_nothing()


async def knowing(executor: Executor, steps: Sequence[tuple[str, str]]) -> list[Command]:
    """Those that may be done as far as each of them has seen: before any of them is."""
    projections, may = Remembered(), list[Command]()
    projections.known = {CONFERENCE}
    facts = Facts({}, as_store(projections), names(executor, as_store(projections)))
    for one, other in steps:
        command = tell(SupersedePaper, paper=one, successor=other, reason="Neufassung")
        with suppress(Rejected):
            await facts.require(SupersedePaper, command, {})
            may.append(command)
    return may


async def tried(superseding: Superseding, command: Command, key: str) -> type[Rejected] | None:
    try:
        await superseding.execute(command, Request(key))
    except Rejected as no:
        return type(no)
    return None


@settings(max_examples=50)
@examples(MANY)
def test_tries_that_have_all_seen_the_others_in_force_lead_to_one_in_force(steps: list[tuple[str, str]]) -> None:
    async def play() -> dict[str, str]:
        world = World()
        executor = world.executors["meetings"]
        for command in (one for name in SOME for one in papers(name)):
            await world.give(SERVICE, command)
        for number, command in enumerate(await knowing(executor, steps)):
            await tried(Superseding(executor), command, f"try-{number}")
        return await successors_of_papers(executor)

    assert not is_led_in_a_circle(asyncio.run(play()))


RINGS = (("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "a"))


@pytest.mark.infra
async def test_of_twenty_tries_in_two_processes_none_closes_a_circle(database: Database) -> None:
    journals = [Journal(database["journal"]) for _ in range(2)]
    await journals[0].prepare()
    executors = [Executor(journal, SERVICE.decided_by, lambda: None) for journal in journals]
    for number, command in enumerate(one for name in SOME for one in papers(name)):
        await executors[0].execute(command, Request(f"paper-{number}"))
    tries = await knowing(executors[0], RINGS * 4)
    assert len(tries) == 20, "each has seen the others in force"
    outcomes = await asyncio.gather(
        *(tried(Superseding(executors[at % 2]), one, f"try-{at}") for at, one in enumerate(tries))
    )
    successors = await successors_of_papers(executors[1])
    assert successors and not is_led_in_a_circle(successors)
    assert set(outcomes) <= {None, SuccessorIsSuperseded, PaperIsSuperseded}


@pytest.mark.infra
async def test_a_try_that_broke_off_goes_on_and_a_refused_one_is_free(database: Database) -> None:
    journal = Journal(database["journal"])
    await journal.prepare()
    executor = Executor(journal, SERVICE.decided_by, lambda: None)
    for number, command in enumerate(one for name in SOME for one in papers(name)):
        await executor.execute(command, Request(f"paper-{number}"))
    superseding, broken = Superseding(executor), Request("broken")
    first = tell(SupersedePaper, paper="a", successor="b", reason="Neufassung")
    back = tell(SupersedePaper, paper="b", successor="a", reason="Neufassung")
    await executor.execute(
        claim("a", "b").model_copy(update={"claim": broken.mark}), Request("the process ended after its claim")
    )
    assert await tried(superseding, back, "back") is SuccessorIsSuperseded
    assert await tried(superseding, first, "broken") is None
    assert await tried(superseding, first, "broken") is None, "repeated, it is answered as before"
    assert await tried(superseding, first, "once more") is None
    other = tell(SupersedePaper, paper="a", successor="c", reason="Neufassung")
    assert await tried(superseding, other, "late") is PaperIsSuperseded
    state = await executor.state(SUPERSESSION, claim("a", "b").stream)
    assert [(one.superseded, one.successor) for one in state.claims.values()] == [("a", "b")]


async def test_a_try_that_is_refused_in_its_own_stream_releases_its_claim() -> None:
    class Late(Executor):
        """Somebody else supersedes the paper between the claim and the decision."""

        async def execute(self, command: Command, request: Request) -> Answer:
            answer = await super().execute(command, request)
            if isinstance(command, ClaimSupersession):
                other = tell(SupersedePaper, paper=command.superseded, successor="d", reason="Eilig")
                await super().execute(other, Request("in between"))
            return answer

    world = World()
    for command in (one for name in SOME for one in papers(name)):
        await world.give(SERVICE, command)
    late = Late(world.executors["meetings"]._journal, SERVICE.decided_by, lambda: None)
    first = tell(SupersedePaper, paper="a", successor="b", reason="Neufassung")
    assert await tried(Superseding(late), first, "first") is PaperIsSuperseded
    assert (await late.state(SUPERSESSION, claim("a", "b").stream)).claims == {}
