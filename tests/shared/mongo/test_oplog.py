"""MongoDB's oplog keeps what was erased for a bounded time, by its size and by how little is ever written."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from deploy.embedded.mongod import Mongod
from shared.runtime.mongo.driver import UNAUTHORIZED, Database, Document, OperationFailure, as_stored, connect
from shared.runtime.mongo.oplog import (
    MEGABYTES,
    NOTE_BYTES,
    NOTE_SECONDS,
    REACHES_DAYS,
    age_of_oldest,
    status_of,
)
from tests.kit.eventually import eventually

A_TENTH_MORE = 1.1
COMPOSE = Path(__file__).resolve().parents[3] / "docker-compose.yml"


def test_its_size_and_its_notes_keep_the_bound() -> None:
    bytes_a_day = 24 * 3600 / NOTE_SECONDS * NOTE_BYTES
    assert MEGABYTES * 2**20 * A_TENTH_MORE / bytes_a_day <= REACHES_DAYS


def test_containers_have_the_same_size_and_notes(tmp_path: Path) -> None:
    command = yaml.safe_load(COMPOSE.read_text())["services"]["mongo"]["command"]
    assert f"--oplogSize={MEGABYTES}" in command
    assert f"periodicNoopIntervalSecs={NOTE_SECONDS}" in " ".join(command)


@pytest.mark.infra
async def test_a_server_that_has_nothing_to_do_writes_its_notes(mongod: Mongod) -> None:
    session = connect(mongod.uri, "local")

    async def noted() -> list[int]:
        entries = [entry async for entry in as_stored(session.database["oplog.rs"]) if entry["op"] == "n"]
        return [len(bytes(entry.raw)) for entry in entries if entry["o"].get("msg") == "periodic noop"]

    try:
        assert min(await eventually(noted, "a note is written", 30)) >= NOTE_BYTES
        assert 0 <= age_of_oldest(await status_of(session.database), datetime.now(UTC)) < 24 * 3600
    finally:
        await session.close()


class Forbidden:
    """A server that this account may not ask."""

    def __getitem__(self, _: str) -> Forbidden:
        return self

    async def command(self, *_: str, **_options: Any) -> Document:
        raise OperationFailure("not authorized", UNAUTHORIZED)

    @property
    def client(self) -> Forbidden:
        return self


async def test_what_nobody_can_see_counts_as_endless() -> None:
    assert age_of_oldest(await status_of(cast("Database", Forbidden())), datetime.now(UTC)) == inf
