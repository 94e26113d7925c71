"""What a route could not ask of Kafka is no fault of the service: whoever asked may ask again."""

from __future__ import annotations

import pytest
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from structlog.typing import EventDict

from shared.runtime.http import problems
from shared.runtime.kafka.reader import KafkaUnreadable
from shared.runtime.kafka.topics import BrokerRefuses

NOT_NOW = [
    KafkaConnectionError(),
    CommitFailedError(),
    IllegalStateError("not assigned"),
    BrokerRefuses("kafka does not answer"),
    KafkaUnreadable("there is no topic"),
]


@pytest.mark.parametrize("error", NOT_NOW, ids=lambda error: type(error).__name__)
async def test_a_broker_that_is_not_ready_is_said_to_be(error: Exception, lines: list[EventDict]) -> None:
    app = FastAPI()
    problems.add_to(app)

    @app.post("/admin/read-again")
    async def read_again() -> None:
        raise error

    async with AsyncClient(transport=ASGITransport(app), base_url="http://members") as client:
        answer = await client.post("/admin/read-again")
    assert (answer.status_code, answer.json()["type"]) == (503, "KafkaNotReady")
    assert answer.headers["retry-after"] == "1"
    assert [(line["error"], line["route"]) for line in lines] == [(type(error).__name__, "POST /admin/read-again")]
