"""A request to supersede has its one answer for ever, and leaves no claim that binds others when it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from services.meetings.domain.paper_state import PaperIsSuperseded
from services.meetings.domain.paper_writing import SupersedePaper
from services.meetings.domain.recommendation import SupersedeRecommendation
from services.meetings.domain.session_planning import ScheduleSession
from services.meetings.domain.supersession import SUPERSESSION, SuccessorIsSuperseded
from services.meetings.service import SERVICE
from services.meetings.superseding import Superseding
from shared.kernel.decider import Command
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Busy
from shared.runtime.commands.execute import Answer, CommandIdReused, Executor, Request
from tests.contracts.test_claims import Kept
from tests.contracts.test_supersession import papers, recommendations
from tests.kit.when import CONFERENCE
from tests.meetings.stuttgart import WHEN, tell

ABOUT: dict[str, Any] = {"reason": "Neufassung"}
OF: dict[str, tuple[Any, Any, str]] = {
    "paper": (papers, SupersedePaper, "paper"),
    "recommendation": (recommendations, SupersedeRecommendation, "recommendation"),
}


async def begun(kind: str, journal: Kept) -> Executor:
    executor = Executor(journal, SERVICE.decided_by, lambda: None)
    commands = [command for name in ("a", "b", "c") for command in OF[kind][0](name)]
    for number, command in enumerate(commands):
        await executor.execute(command, Request(f"{kind}-{number}"))
    return executor


def supersede(kind: str, one: str, successor: str) -> Any:
    _, command, key = OF[kind]
    return tell(command, **{key: one, "successor": successor, **ABOUT})


async def claims(executor: Executor, kind: str) -> list[tuple[str, str, str, str]]:
    state = await executor.state(SUPERSESSION, stream_name(CONFERENCE, "supersession", kind))
    return [(one.kind, one.claim, one.superseded, one.successor) for one in state.claims.values()]


@pytest.mark.parametrize("kind", OF)
async def test_a_request_has_its_first_answer_again_and_another_one_is_refused(kind: str) -> None:
    executor = await begun(kind, Kept())
    superseding, request = Superseding(executor), Request("try")
    first = await superseding.execute(supersede(kind, "a", "b"), request)
    again = await superseding.execute(supersede(kind, "a", "b"), request)
    assert len(first.events) == 1
    assert (again.events, again.replayed) == (first.events, True)
    assert (await superseding.execute(supersede(kind, "a", "b"), Request("the same"))).events == ()
    await superseding.execute(supersede(kind, "b", "c"), Request("next"))
    changed = await superseding.execute(supersede(kind, "a", "b"), request)
    assert changed.events == first.events
    assert await claims(executor, kind) == [
        (kind, request.mark, "a", "b"),
        (kind, Request("next").mark, "b", "c"),
    ]
    with pytest.raises(SuccessorIsSuperseded):
        await superseding.execute(supersede(kind, "c", "a"), Request("circle"))


async def test_what_supersedes_nothing_claims_nothing() -> None:
    executor = await begun("paper", Kept())
    about = WHEN.model_dump(exclude={"revision"})
    scheduled = tell(ScheduleSession, kind="plenary", working_group=None, **about)
    assert len((await Superseding(executor).execute(scheduled, Request("session"))).events) == 1
    await Superseding(executor).execute(supersede("paper", "a", "b"), Request("try"))
    with pytest.raises(PaperIsSuperseded):
        await Superseding(executor).execute(supersede("paper", "a", "c"), Request("late"))
    assert [claim[2:] for claim in await claims(executor, "paper")] == [("a", "b")]


async def test_a_claim_stays_where_nobody_knows_what_became_of_its_request() -> None:
    class Contended(Executor):
        async def execute(self, command: Command, request: Request) -> Answer:
            if isinstance(command, SupersedePaper):
                raise Busy
            return await super().execute(command, request)

    journal = Kept()
    executor = await begun("paper", journal)
    with pytest.raises(Busy):
        await Superseding(Contended(journal, SERVICE.decided_by, lambda: None)).execute(
            supersede("paper", "a", "b"), Request("try")
        )
    assert [claim[2:] for claim in await claims(executor, "paper")] == [("a", "b")]


async def test_a_key_that_was_used_for_something_else_is_told_so() -> None:
    superseding = Superseding(await begun("paper", Kept()))
    await superseding.execute(supersede("paper", "a", "b"), Request("try", "one"))
    with pytest.raises(CommandIdReused):
        await superseding.execute(supersede("paper", "a", "c"), Request("try", "another"))
