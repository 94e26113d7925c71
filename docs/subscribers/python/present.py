"""Keeps what is so now of the care conference in a file, from the first second on: a line for each public object.

Settings are what `kpk subscriber add` prints. Needs aiokafka, which is there where FastStream is. It has no group: each
start reads the state topics from their beginning, which compaction keeps short, then goes on with what changes.
"""

import asyncio
import json
import os
import ssl
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from events import must_be_set

TOLD = os.environ
FILE = Path(TOLD.get("SUBSCRIBER_FILE", "present.jsonl"))

Known = dict[str, tuple[int, Any]]
"""By stream the number of the last public event that is in it, and what is so; None: it is gone."""


def connected() -> AIOKafkaConsumer:
    has_tls = TOLD["SUBSCRIBER_PROTOCOL"] == "SASL_SSL"
    return AIOKafkaConsumer(
        *TOLD["SUBSCRIBER_STATE_TOPICS"].split(","),
        bootstrap_servers=TOLD["SUBSCRIBER_BOOTSTRAP"].split(","),
        security_protocol=TOLD["SUBSCRIBER_PROTOCOL"],
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=TOLD["SUBSCRIBER_USER"],
        sasl_plain_password=Path(TOLD["SUBSCRIBER_PASSWORD_FILE"]).read_text().strip(),
        ssl_context=ssl.create_default_context(cafile=TOLD.get("SUBSCRIBER_CA_FILE")) if has_tls else None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )


def take(known: Known, record: Any) -> None:
    """The highest number counts, in whatever order they come. What has no headers of ours is passed over."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    conference = TOLD.get("SUBSCRIBER_CONFERENCE", "")
    try:
        stream, number = headers["ce_subject"], int(headers["ce_sequence"])
        state = record.value and {"type": headers["ce_type"], **json.loads(record.value)}
    except (KeyError, TypeError, ValueError):
        return
    if conference in ("", headers.get("ce_conference")) and number >= known.get(stream, (0, None))[0]:
        known[stream] = number, state


def write(known: Known) -> None:
    """All of it at once, so that nobody ever reads a half."""
    lines = (
        json.dumps({"stream": stream, "sequence": number, "state": state}, ensure_ascii=False) + "\n"
        for stream, (number, state) in sorted(known.items())
        if state
    )
    draft = FILE.with_suffix(".new")
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(FILE)


async def main() -> None:
    must_be_set(*(f"SUBSCRIBER_{one}" for one in ("PROTOCOL", "BOOTSTRAP", "USER", "PASSWORD_FILE", "STATE_TOPICS")))
    known: Known = {}
    async with connected() as consumer:
        behind = dict(await consumer.end_offsets(consumer.assignment()))
        while True:
            found = await consumer.getmany(timeout_ms=1000)
            for records in found.values():
                for record in records:
                    take(known, record)
            is_new = bool(found or behind)
            behind = {place: end for place, end in behind.items() if await consumer.position(place) < end}
            if is_new and not behind:  # never what is only half read
                write(known)


if __name__ == "__main__":
    asyncio.run(main())
