"""Each service as it is composed, with settings that lead nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.topics import SERVICES
from shared.runtime.process import Process
from shared.runtime.settings import ServiceSettings
from shared.runtime.start import settings_of

NOWHERE = "127.0.0.1:1"
THROW_AWAY: Mapping[str, Any] = {
    "mongo_uri": f"mongodb://{NOWHERE}",
    "kafka_bootstrap": NOWHERE,
    "http_port": 0,
    "smtp_host": "127.0.0.1",
    "smtp_port": 1,
    "mail_from": "office@example.org",
    **{f"url_{service}": f"http://{NOWHERE}" for service in SERVICES},
}


def settings(service: str, folder: Path) -> ServiceSettings:
    """Everything that the service demands, and nothing that leads anywhere."""
    model: type[ServiceSettings] = settings_of(import_module(f"services.{service}.app").build)
    callers = folder / "callers.json"
    callers.write_text("[]")
    told = {**THROW_AWAY, "callers_file": callers}
    return model.model_validate({name: told[name] for name, field in model.model_fields.items() if field.is_required()})


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Process]]:
    """Each service once: to write down what its routes take takes half a second."""
    every: list[Process] = []

    @cache
    def build(service: str) -> Process:
        app = import_module(f"services.{service}.app")
        every.append(app.build(settings(service, tmp_path_factory.mktemp(service)), "all"))
        return every[-1]

    yield build

    async def close() -> None:
        for process in every:
            await process.close()

    asyncio.run(close())


@pytest.fixture(params=SERVICES)
def process(request: pytest.FixtureRequest, built: Callable[[str], Process]) -> Iterator[Process]:
    """Whoever may call it is as it was when the test is over."""
    process = built(request.param)
    callers = process.app.state.callers
    yield process
    process.app.state.callers = callers
