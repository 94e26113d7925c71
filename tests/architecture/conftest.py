"""Each service as it is composed, with settings that lead nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
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


@pytest.fixture(params=SERVICES)
async def process(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Process]:
    app = import_module(f"services.{request.param}.app")
    process: Process = app.build(settings(request.param, tmp_path), "all")
    yield process
    await process.close()
