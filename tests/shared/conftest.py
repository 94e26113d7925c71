"""A fresh database on the real mongod for each test, and the members service's own deciders to fill it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from deploy.embedded.mongod import Mongod
from shared.runtime.mongo import Database, connect


@pytest.fixture
async def database(mongod: Mongod) -> AsyncIterator[Database]:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    yield session.database
    session.close()
