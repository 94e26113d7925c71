"""What all public states are."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from shared.contracts.public.event import PublicEvent
from shared.kernel.values import Value


class PublicState(Value):
    """Of one object as its public events have left it. Gone is an object of which nothing is left to be said: a null.

    As of an event, within a version only optional fields are added.
    """

    version: ClassVar[int] = 1

    @classmethod
    def begun_by(cls, event: PublicEvent, **also: Any) -> Self:
        """The fields that both have, and what else is so from the beginning. What only the event has is passed over."""
        return cls(**cls._shared(event), **also)

    def after(self, event: PublicEvent) -> Self:
        """The fields that both have are as the event says."""
        return self.but(**self._shared(event))

    def but(self, **now: Any) -> Self:
        return self.model_copy(update=now)

    @classmethod
    def _shared(cls, event: PublicEvent) -> dict[str, Any]:
        return {name: told for name, told in event if name in cls.model_fields}
