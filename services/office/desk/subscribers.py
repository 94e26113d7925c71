"""Other systems of the city that read events, and how far each is behind, as the broker tells it at this moment."""

from __future__ import annotations

from shared.declarations.projection import Document
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.groups import OF_SUBSCRIBERS, lags_within

SECONDS = 2.0


class Subscribers:
    def __init__(self, kafka: KafkaAccess) -> None:
        self._kafka = kafka

    async def groups(self) -> list[Document] | None:
        """For each ``system`` every ``group`` that has read something, and ``behind``: its unread records.

        None if the broker does not answer within two seconds.
        """
        found = await lags_within(SECONDS, self._kafka, OF_SUBSCRIBERS)
        if found is None:
            return None
        return [{"system": name.partition(".")[0], "group": name, "behind": found[name]} for name in sorted(found)]
