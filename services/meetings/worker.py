"""What meetings listens to."""

from __future__ import annotations

from faststream.kafka import KafkaRouter

from services.meetings.service import SERVICE
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records


def subscribers(deliver: Deliver) -> KafkaRouter:
    router = KafkaRouter()

    @router.subscriber(*SERVICE.topics, group_id=SERVICE.name, title="meetings hears", **AT_LEAST_ONCE)
    async def hear(records: Records) -> None:
        """What members says tells whom to invite by which rules; its own events tell what the office looks at.

        What the plenary decides about a recommendation adopts it. Reminders fall due in the projection ``reminders``.
        """
        await deliver(records)

    return router
