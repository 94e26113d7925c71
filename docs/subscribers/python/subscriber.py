"""Reads events of the care conference from Kafka with FastStream: each once, in order, and nothing is missed unseen.

Settings are what `kpk subscriber add` prints.
"""

import asyncio
import logging
import os
import ssl
from pathlib import Path
from typing import Any

from events import Events, Record, must_be_set, say
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.security import SASLScram512

TOLD = os.environ


def connected() -> KafkaBroker:
    has_tls = TOLD["SUBSCRIBER_PROTOCOL"] == "SASL_SSL"
    tls = ssl.create_default_context(cafile=TOLD.get("SUBSCRIBER_CA_FILE")) if has_tls else None
    password = Path(TOLD["SUBSCRIBER_PASSWORD_FILE"]).read_text().strip()
    login = SASLScram512(TOLD["SUBSCRIBER_USER"], password, ssl_context=tls, use_ssl=has_tls)
    return KafkaBroker(
        TOLD["SUBSCRIBER_BOOTSTRAP"].split(","),
        security=login,
        allow_auto_create_topics=False,
        log_level=logging.DEBUG,  # two lines a batch, beside its errors
    )


def read(broker: KafkaBroker, events: Events) -> None:
    """Of a header that is no text FastStream's own parser would lose the whole batch: records are taken as they are."""

    async def as_they_are(records: Any) -> KafkaAckableMessage:
        return KafkaAckableMessage(raw_message=records, body=records, consumer=subscriber.consumer)

    async def undecoded(message: KafkaAckableMessage) -> KafkaAckableMessage:
        return message

    subscriber = broker.subscriber(
        *TOLD["SUBSCRIBER_TOPICS"].split(","),
        group_id=TOLD["SUBSCRIBER_GROUP"],
        batch=True,
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        parser=as_they_are,
        decoder=undecoded,
    )

    @subscriber
    async def take(message: Any) -> None:
        try:
            events.take(map(told, message.raw_message))
        except Exception as error:
            say(f"ended: {type(error).__name__}: {error}")
            os._exit(1)  # at once: what was not done must not be committed with what comes next
        await message.ack()


def told(record: Any) -> Record:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    return record.topic, headers, (record.value or b"").decode(errors="replace")


def main() -> None:
    types = [name for name in TOLD.get("SUBSCRIBER_TYPES", "").split(",") if name]
    file = Path(TOLD.get("SUBSCRIBER_FILE", "events.tsv"))
    must_be_set(*(f"SUBSCRIBER_{one}" for one in ("PROTOCOL", "BOOTSTRAP", "USER", "PASSWORD_FILE", "TOPICS", "GROUP")))
    broker = connected()
    read(broker, Events(file, types, TOLD.get("SUBSCRIBER_CONFERENCE", "")))
    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    main()
