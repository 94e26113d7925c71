"""What the office's pages listen to."""

from __future__ import annotations

from faststream.kafka import KafkaRouter

from services.office.service import SERVICE
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records


def subscribers(deliver: Deliver) -> KafkaRouter:
    router = KafkaRouter()

    @router.subscriber(*SERVICE.topics, group_id=SERVICE.name, title="office hears", **AT_LEAST_ONCE)
    async def hear(records: Records) -> None:
        """Folds every service's events into the search and the links from cause to effect. None leads to a command.

        It does not read names and addresses.
        """
        await deliver(records)

    return router
