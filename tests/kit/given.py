"""given(history).when(command).then(events), with three proofs in every ``then``.

It shows that the events survive JSON, that folding them gives the state that later decisions see, and that the same
command again yields nothing or a rejection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pytest

from shared.contracts.registry import decode, encode, type_name
from shared.kernel.decider import Command, Decider, Event
from shared.kernel.rejections import Rejected
from shared.kernel.replacing import ChangedMeanwhile
from shared.kernel.values import Value

S = TypeVar("S")


@dataclass(frozen=True)
class Given(Generic[S]):
    decider: Decider[S, Any, Any]
    history: Sequence[Event]

    def when(self, command: Command) -> When[S]:
        return When(self, command)


@dataclass(frozen=True)
class When(Generic[S]):
    given: Given[S]
    command: Command

    def then(self, *expected: Event) -> None:
        decided = self._decide(self.given.history)
        assert list(decided) == list(expected)
        _survive_json(decided)
        self._fold_to_one_state(decided)
        self._fall_silent(decided)

    def then_something(self) -> None:
        """For what a table of commands has to hold: other tests say what each of them comes to."""
        assert self._decide(self.given.history)

    def then_nothing(self) -> None:
        assert list(self._decide(self.given.history)) == []

    def rejected(self, rule: type[Rejected], **facts: object) -> None:
        with pytest.raises(rule) as no:
            self._decide(self.given.history)
        assert no.value.rule == rule.__name__
        assert "{" not in no.value.detail
        for name, fact in facts.items():
            assert no.value.facts[name] == fact

    def _decide(self, history: Sequence[Event]) -> Sequence[Event]:
        decider = self.given.decider
        return decider.decide(decider.fold(history), self.command)

    def _fold_to_one_state(self, decided: Sequence[Event]) -> None:
        decider = self.given.decider
        at_once = decider.fold([*self.given.history, *decided])
        step_by_step = decider.fold(decided, decider.fold(self.given.history))
        reread = decider.fold([_through_json(event) for event in (*self.given.history, *decided)])
        assert at_once == step_by_step == reread

    def _fall_silent(self, decided: Sequence[Event]) -> None:
        try:
            again = self._decide([*self.given.history, *decided])
        except Rejected:
            return
        assert list(again) == [], "the same command again must say nothing or be rejected"


def _through_json(event: Event) -> Event:
    return decode(type_name(event), encode(event))


def _survive_json(events: Sequence[Event]) -> None:
    for event in events:
        assert _through_json(event) == event


def given_of(decider: Decider[S, Any, Any]) -> Callable[..., Given[S]]:
    """``given = given_of(SEAT_GROUP)`` at the top of a test file reads as the sentence it is."""

    def given(*history: Event) -> Given[S]:
        return Given(decider, history)

    return given


def whoever_is_late_is_told(
    decider: Decider[Any, Any, Any],
    history: Sequence[Event],
    command: Callable[..., Command],
    seen: tuple[Value, Value],
    said: str,
) -> Sequence[Event]:
    """Of a command that ``replaces``: with what stands there it says what it says without, and the same again nothing;
    with what stood there once it is refused. ``seen`` are the two.
    """
    now, once = seen
    stale, given = command(replaces=once), given_of(decider)
    given(*history).when(stale).rejected(ChangedMeanwhile, now=said)
    done: Sequence[Event] = decider.decide(decider.fold(history), command(replaces=now))
    assert done
    given(*history).when(command()).then(*done)
    given(*history, *done).when(stale).then_nothing()
    return done
