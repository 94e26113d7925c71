"""Somebody on the same machine, without a password, beside a running stack: what they find open, and what they hear."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from deploy.embedded.tokens import read_tokens
from shared.contracts.topics import PEOPLE, TOPICS
from shared.runtime.mongo.driver import UNAUTHORIZED
from tests.journeys.stack import RunningStack

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

LISTENING = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}
"""As the kernel writes 127.0.0.1, ::1, and 127.0.0.1 in a socket of IPv6."""

SEVERAL = 5_000
NOT_HERE = 73
"""A database that takes no users, or no removal at all: said before anybody's rights are looked at."""


def listening(pid: int) -> Iterator[tuple[str, int]]:
    """Address, as the kernel writes it, and port of each socket at which this process waits for others."""
    own = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            own.add(link.readlink().name)
        except FileNotFoundError:
            continue
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = row.split()
            if columns[3] == LISTENING and f"socket:[{columns[9]}]" in own:
                address, _, port = columns[1].partition(":")
                yield address, int(port, 16)


def test_nobody_is_listened_to_from_another_machine(stack: RunningStack) -> None:
    found = {one.name: set(listening(one.pid)) for one in stack.state.processes}
    assert {name for name, places in found.items() if not places} <= {"supervisor"}
    assert not [(name, port) for name, places in found.items() for address, port in places if address not in LOOPBACK]


def test_no_secret_is_on_a_command_line_or_in_a_log_or_readable_by_others(stack: RunningStack) -> None:
    secrets = stack.folder / "secrets"
    files = [file for file in secrets.rglob("*") if file.is_file()]
    assert not [file.name for file in files if file.stat().st_mode & 0o077]
    assert stack.folder.joinpath("secrets", "kafka").stat().st_mode & 0o077 == 0
    words = {file.read_text().strip() for file in files if file.suffix in (".password", ".key")}
    words |= set(read_tokens(stack.folder).values())
    told = [Path(f"/proc/{one.pid}/cmdline").read_bytes().decode() for one in stack.state.processes]
    told += [log.read_text(errors="replace") for log in stack.folder.rglob("*.log")]
    assert len(words) > len(TOPICS) and len(told) > len(stack.state.processes)
    assert not [number for number, text in enumerate(told) if any(word in text for word in words)]


async def test_kafka_tells_and_takes_nothing(stack: RunningStack) -> None:
    for port in stack.record("kafka").ports:
        at = {"bootstrap_servers": f"127.0.0.1:{port}", "request_timeout_ms": SEVERAL}
        for client in (AIOKafkaProducer(**at), AIOKafkaConsumer(PEOPLE.name, **at)):
            with pytest.raises((KafkaError, TimeoutError)):
                await asyncio.wait_for(client.start(), SEVERAL / 500)
            await client.stop()


async def test_mongodb_tells_and_takes_nothing(stack: RunningStack) -> None:
    tried = (
        {"find": "people"},
        {"listCollections": 1},
        {"insert": "journal", "documents": [{"_id": "forged:1"}]},
        {"createUser": "me", "pwd": "me", "roles": ["root"]},
        {"dropDatabase": 1},
        {"replSetGetStatus": 1},
    )
    async with AsyncMongoClient[dict[str, object]](stack.state.mongo_uri, timeoutMS=SEVERAL) as client:
        for command in tried:
            for database in ("kpk_members", "admin", "local"):
                with pytest.raises(OperationFailure) as refused:
                    await client[database].command(dict(command))
                assert refused.value.code in (UNAUTHORIZED, NOT_HERE), (database, command)


def test_a_question_of_mongodb_s_own_language_is_a_word_like_any_other(stack: RunningStack) -> None:
    """Operators in queries, and in what a body says an id is."""
    office = {"Authorization": f"Bearer {read_tokens(stack.folder)['office']}", "Idempotency-Key": "attack"}
    with httpx.Client(base_url=stack.state.services["members"], trust_env=False, timeout=30, headers=office) as client:
        for query in ({"conference": '{"$ne":""}'}, {"conference[$ne]": "x"}, {"conference": "$where"}):
            assert client.get("/roster", params=query).status_code == 422, query
        body = {"conference": "stuttgart", "organisation": {"$ne": ""}, "name": "x", "group": "x"}
        assert client.post("/commands/RegisterOrganisation", json=body).status_code == 422
        told = client.get("/roster", params={"conference": "../../etc/passwd"})
        assert told.status_code == 422 and "Traceback" not in told.text and os.sep + "home" not in told.text
