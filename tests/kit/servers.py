"""Real servers for tests: started once per session, for the first test that asks, on their own folders."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from deploy.embedded.program import Program
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.mongo import driver
from shared.runtime.mongo.driver import Database, connect

BOTH_DRIVERS = pytest.mark.parametrize("mongo_driver", ["motor", "pymongo"], indirect=True)
"""For suites that must hold on motor and on its successor."""


@pytest.fixture(scope="module")
def own_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Shared by a module's fixtures; gone with the module's last test, unless one of them failed."""
    failed = request.session.testsfailed
    folder = tmp_path_factory.mktemp(request.module.__name__.rpartition(".")[2])
    yield folder
    if request.session.testsfailed == failed:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    broker = Kafka(tmp_path_factory.mktemp("kafka"))
    with running(broker):
        yield broker


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    database = Mongod(tmp_path_factory.mktemp("mongod"))
    with running(database):
        yield database


@pytest.fixture
def mongo_driver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whose client ``connect`` and ``directly`` open: the product's, unless a suite is marked with ``BOTH_DRIVERS``."""
    name: str = getattr(request, "param", "motor")
    if name == "pymongo":
        monkeypatch.setattr(driver, "AsyncIOMotorClient", AsyncMongoClient)
    return name


@pytest.fixture(scope="module")
def planted_kafka(own_folder: Path) -> Iterator[Kafka]:
    """With our topics, and the module's own: what strange records are planted there, nobody else finds."""
    broker = Kafka(own_folder / "kafka")
    with running(broker):
        asyncio.run(apply_topics(broker.access))
        yield broker


@pytest.fixture
async def own_kafka(tmp_path: Path) -> AsyncIterator[Kafka]:
    """A broker of the test's own, to be stopped and started."""
    broker = Kafka(tmp_path / "kafka")
    await broker.start()
    await apply_topics(broker.access)
    yield broker
    await broker.stop()


@pytest.fixture
async def database(mongod: Mongod, mongo_driver: str) -> AsyncIterator[Database]:
    session = connect(mongod.uri, f"test_{mongo_driver}_{uuid4().hex[:12]}")
    yield session.database
    await session.close()


@contextmanager
def running(program: Program) -> Iterator[None]:
    """Its own event loop for start and stop, so that the fixtures fit tests on any loop."""
    asyncio.run(program.start())
    try:
        yield
    finally:
        asyncio.run(program.stop())
