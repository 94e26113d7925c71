"""What takes the place of something is itself in force: whatever is asked for, nobody is led in a circle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache

from hypothesis import given as examples
from hypothesis import strategies as st

from services.meetings.domain.paper import PAPER, DraftPaper, IssuePaper
from services.meetings.domain.paper_writing import SupersedePaper
from services.meetings.domain.recommendation import (
    RECOMMENDATION,
    AdoptRecommendation,
    DraftRecommendation,
    SubmitRecommendation,
    SupersedeRecommendation,
)
from services.meetings.named import names
from services.meetings.service import SERVICE
from shared.contracts.meetings import RecommendationSuperseded
from shared.kernel.decider import Command
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Rejected
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.facts import Facts
from tests.contracts.test_named import Remembered, as_store
from tests.kit.when import CONFERENCE
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
