"""Other systems of the city that read events, and how far each is behind, as the broker tells it at this moment."""

from __future__ import annotations

import asyncio

from shared.declarations.projection import Document
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.groups import OF_SUBSCRIBERS, lags
from shared.runtime.kafka.topics import BrokerRefuses

SECONDS = 2.0


class Subscribers:
    def __init__(self, kafka: KafkaAccess) -> None:
        self._kafka = kafka

    async def groups(self) -> list[Document] | None:
        """Of each ``system`` every ``group`` that has read something, and ``behind``, the records that it has not.

        None: the broker does not tell, or not within two seconds.
        """
        try:
            async with asyncio.timeout(SECONDS):
                found = await lags(self._kafka, OF_SUBSCRIBERS)
        except (BrokerRefuses, TimeoutError):
            return None
        return [{"system": name.partition(".")[0], "group": name, "behind": found[name]} for name in sorted(found)]
