"""What has mails wait that have nothing wrong: a mail server that takes none, the office, a person's measure a day."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifications.domain.dispatch import Dispatch
from services.notifications.mailserver.pause import Pause
from shared.kernel.identifiers import PersonId

BELIEVED_SECONDS = 1.0
DAY = timedelta(days=1)

DispatchOf = Callable[[str], Awaitable[Dispatch]]
"""Of a conference, as the journal has it now."""


class Switch:
    """Whether a conference's mails may go out. It asks the journal at most once a second, so it works while Kafka is
    away. ``clock`` is the machine's, in seconds.
    """

    def __init__(self, dispatch_of: DispatchOf, clock: Callable[[], float]) -> None:
        self._dispatch_of = dispatch_of
        self._clock = clock
        self._known: dict[str, tuple[float, Dispatch]] = {}

    async def is_off(self, conference: str) -> bool:
        """Raises ``MongoUnavailable``."""
        asked, dispatch = self._known.get(conference, (None, Dispatch()))
        if asked is None or self._clock() - asked >= BELIEVED_SECONDS:
            began = self._clock()
            dispatch = await self._dispatch_of(conference)
            self._known[conference] = began, dispatch
        return dispatch.is_stopped


class Measure:
    """At most ``most`` mails to one person within 24 hours, from this process. A loop that writes mails must not harm
    its recipient. Mails under way count too.

    ``tell`` is called at every look: with the number of people whose mails wait, or None.
    """

    def __init__(self, most: int, tell: Callable[[int | None], None] = lambda _: None) -> None:
        self._most = most
        self._tell = tell
        self._sent: dict[PersonId, deque[datetime]] = {}

    def full(self, now: datetime) -> list[PersonId]:
        """The people who have had their mails."""
        full = [person for person in list(self._sent) if self.is_full(person, now)]
        self._tell(len(full) or None)
        return full

    def is_full(self, person: PersonId, now: datetime) -> bool:
        sent = self._sent.get(person, deque())
        while sent and sent[0] <= now - DAY:
            sent.popleft()
        if not sent:
            self._sent.pop(person, None)
        return len(sent) >= self._most

    def note(self, person: PersonId, now: datetime) -> None:
        """One more mail has gone out, or may have."""
        self._sent.setdefault(person, deque()).append(now)


@dataclass(frozen=True, slots=True)
class Bounds:
    """``pause`` is set by the mail server, ``switch`` by the office, ``measure`` by the installation."""

    pause: Pause
    switch: Switch
    measure: Measure
