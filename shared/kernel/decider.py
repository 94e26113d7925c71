"""A decider is an aggregate without a database: decide returns the events, evolve applies them to the state."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import ClassVar, Generic, Literal, TypeVar

from shared.kernel.annotations import classes_in
from shared.kernel.identifiers import CallerName, ConferenceSlug, StreamPosition
from shared.kernel.time import UtcTime
from shared.kernel.values import Supplied, Value


class Event(Value):
    """What happened, in the past tense.

    The first line of an event's docstring is its sentence for people: ``{field}`` stands for the field's value;
    ``german`` is the same in German.
    Events never carry names, addresses or free text about people.
    """

    version: ClassVar[int] = 1
    german: ClassVar[str]
    not_public: ClassVar[str | None] = None
    """Why named readers alone may have it. Without it anybody reads what the service's ``public.py`` tells of it."""
    gives_up: ClassVar[bool] = False
    """Whether it may be said in the place of what a request would have left, of which nobody knows what became."""


class Superseded(Event):
    """A version of an event that is no longer said, as ``<Event>V<version>``: journals and topics have it for ever."""

    superseded_on: ClassVar[date]
    """Since when the next version is said instead."""

    @abstractmethod
    def upcast(self) -> Event:
        """The same in the words of the next version; nothing else is folded, decided on or reacted to."""


GivenBy = Literal["office", "approver", "admin", "service"]
"""Which callers may give a command; ``service``: nobody, it follows from an event, a deadline or the sender."""


class Command(Value):
    """What somebody wants. The clock and the caller arrive in it, so that deciding needs nothing else."""

    given_by: ClassVar[GivenBy] = "office"
    begins_stream: ClassVar[bool] = False
    """Whether its stream is usually new: then it is decided on as such, and the insert shows if it was not."""
    conference: ConferenceSlug
    at: Supplied[UtcTime]
    by: Supplied[CallerName]

    @property
    @abstractmethod
    def stream(self) -> str:
        """Name of the one stream that decides this command."""

    @property
    def why(self) -> str | None:
        """For the operator's log, of what an admin alone may give: a word of ours, nothing that somebody has typed."""
        return None


class AsKnown(Command):
    """One that the office may have decided on what is known here, though more may be under way.

    ``known_up_to``: how far that was, where it was asked for; the event says so.
    """

    as_known: bool = False
    known_up_to: Supplied[tuple[StreamPosition, ...] | None] = None


S = TypeVar("S")
C = TypeVar("C", bound=Command)
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Decider(Generic[S, C, E]):
    """The rules of one kind of stream. Its commands and events are those in the annotations of its two functions.

    ``decide`` returns events, or nothing when there is nothing new to say, or raises ``Rejected``.
    ``evolve`` is total: every event that was ever decided can be folded.
    """

    kind: str
    initial: S
    evolve: Callable[[S, E], S]
    decide: Callable[[S, C], Sequence[E]]
    most_events: int = 10_000
    """In one stream: an event adds 1.4 KB at most, and a document that gathers them all fits 16 MB."""

    @property
    def commands(self) -> tuple[type[Command], ...]:
        return classes_in(self.decide, "command")

    @property
    def events(self) -> tuple[type[Event], ...]:
        return classes_in(self.evolve, "event")

    def fold(self, events: Iterable[E], state: S | None = None) -> S:
        return reduce(self.evolve, events, self.initial if state is None else state)
