"""What somebody would write in an afternoon: confluent-kafka and pymongo, both blocking, one loop."""

from __future__ import annotations

import time
from collections.abc import Sequence

import orjson
from confluent_kafka import Consumer, Message
from pymongo import MongoClient, ReplaceOne

from shared.runtime.delivery.subscription import FETCHED_BYTES
from shared.runtime.mongo.driver import Document
from tests.bench import data
from tests.bench.bare import POLLED
from tests.bench.catching_up import PROJECTION


async def consume(bootstrap: str, uri: str, name: str, events: int) -> float:
    """As ``bare.consume``, and as the child of the bench: a coroutine that awaits nothing. Seconds."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": name,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "max.partition.fetch.bytes": FETCHED_BYTES,
        }
    )
    with MongoClient[Document](uri, w="majority", journal=True) as client:
        began: list[float] = []
        consumer.subscribe([data.TOPIC], on_assign=lambda *_: began.append(time.monotonic()))
        seen, collection = 0, client[name][PROJECTION]
        while seen < events:
            if records := consumer.consume(POLLED, timeout=0.1):
                collection.bulk_write(_newest(records), ordered=False)
                consumer.commit(asynchronous=False)
                seen += len(records)
        seconds = time.monotonic() - began[0]
    consumer.close()
    return seconds


def _newest(records: Sequence[Message]) -> list[ReplaceOne[Document]]:
    documents = {record.key(): orjson.loads(record.value() or b"") for record in records}
    return [ReplaceOne({"_id": (key or b"").decode()}, found, upsert=True) for key, found in documents.items()]
