"""What meetings listens to."""

from __future__ import annotations

from faststream.kafka import KafkaRouter

from services.meetings.service import SERVICE
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records


def subscribers(deliver: Deliver) -> KafkaRouter:
    router = KafkaRouter()

    @router.subscriber(*SERVICE.topics, group_id=SERVICE.name, title="meetings hears", **AT_LEAST_ONCE)
    async def hear(records: Records) -> None:
        """Events of members say whom to invite and by which rules; its own events become what the office reads.

        A decision of the plenary on a recommendation adopts it. Reminders fall due in the projection ``reminders``.
        """
        await deliver(records)

    return router
