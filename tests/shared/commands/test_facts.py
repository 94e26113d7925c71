"""Foreign facts are read after what a command depends on has arrived, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from shared.contracts.topics import Topic, events_of
from shared.kernel.decider import AsKnown
from shared.kernel.identifiers import StreamPosition
from shared.kernel.rejections import NotUpToDate
from shared.kernel.values import Supplied
from shared.runtime.commands.facts import Fact, Facts, Foreign, Own, Seen
from tests.kit.when import edge

SEEN = {"stuttgart/seat-group/hospitals": 4}


class Invite(AsKnown):
    roster: Supplied[str]
    session: Supplied[str]

    @property
    def stream(self) -> str:
        return f"{self.conference}/session/plenary"


class Waits:
    """Of what happens the order, and whether what is waited for comes."""

    def __init__(self, comes: bool) -> None:
        self.happened: list[object] = []
        self._comes = comes

    async def wait(self, topic: Topic, streams: Sequence[str], seen: Seen) -> None:
        self.happened.append((topic.name, [*streams], seen))
        if not self._comes:
            raise NotUpToDate

    async def known(self, streams: Sequence[str]) -> tuple[StreamPosition, ...]:
        return tuple(f"{stream}:1" for stream in streams)

    async def read(self, body: Any) -> str:
        self.happened.append("read")
        return f"what {body.conference} knows"


def facts_of(waits: Waits) -> Facts:
    supplies: dict[str, Fact] = {
        "roster": Foreign(events_of("members"), lambda body: [f"{body.conference}/seat-group/"], waits.read),
        "session": Own(waits.read),
    }
    return Facts({Invite: supplies}, waits)


def asks(as_known: bool = False) -> Any:
    return Invite.model_construct(**edge(as_known=as_known))


async def test_what_others_have_told_is_waited_for_before_it_is_read() -> None:
    waits = Waits(comes=True)
    supplied = await facts_of(waits).of(Invite, asks(), SEEN)
    assert supplied == {"known_up_to": None, **dict.fromkeys(("roster", "session"), "what stuttgart knows")}
    assert waits.happened == [("kpk.members.v1", ["stuttgart/seat-group/"], SEEN), "read", "read"]


async def test_what_does_not_come_is_no_default_and_only_whoever_asks_so_goes_on_without() -> None:
    waits = Waits(comes=False)
    with pytest.raises(NotUpToDate) as late:
        await facts_of(waits).of(Invite, asks(), SEEN)
    assert late.value.may_be_decided_as_known
    assert "read" not in waits.happened
    supplied = await facts_of(waits).of(Invite, asks(as_known=True), SEEN)
    assert supplied["known_up_to"] == ("stuttgart/seat-group/:1",)
