"""Checks whether a Kafka broker answers: an open port is not enough, the broker must know its cluster."""

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from shared.runtime.kafka.access import KafkaAccess


async def answers_metadata(kafka: KafkaAccess) -> bool:
    """One metadata request: true when the answer names a broker."""
    client = AIOKafkaClient(**kafka.options(), request_timeout_ms=2_000)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except KafkaError:
        return False
    finally:
        await client.close()
