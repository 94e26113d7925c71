"""Writes a recorded conference to a Kafka of your own, to test a reader with: replay.py conference.jsonl localhost:9092

A third word is put before the topics' names. Needs aiokafka. What is there twice, your reader takes once.
"""

import asyncio
import json
import sys
from pathlib import Path

from aiokafka import AIOKafkaProducer


async def replay(lines: list[str], bootstrap: str, prefix: str = "") -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        for record in map(json.loads, lines):
            told = record["value"]
            value = None if told is None else json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
            headers = [(name, text.encode()) for name, text in record["headers"].items()]
            await producer.send_and_wait(prefix + record["topic"], value, record["key"].encode(), headers=headers)


if __name__ == "__main__":
    asyncio.run(replay(Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")[:-1], *sys.argv[2:]))
