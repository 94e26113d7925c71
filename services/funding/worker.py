"""What funding listens to."""

from __future__ import annotations

from faststream.kafka import KafkaRouter

from services.funding.service import SERVICE
from shared.runtime.delivery.subscription import AT_LEAST_ONCE, Deliver, Records


def subscribers(deliver: Deliver) -> KafkaRouter:
    router = KafkaRouter()

    @router.subscriber(*SERVICE.topics, group_id=SERVICE.name, title="funding hears", **AT_LEAST_ONCE)
    async def hear(records: Records) -> None:
        """Folds its own events into grants, budgets and expenses. No event leads to a command here.

        Members tells which conferences and seat groups exist, meetings what was held and recommended.
        """
        await deliver(records)

    return router
