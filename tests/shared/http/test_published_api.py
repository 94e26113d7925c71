"""Every service keeps what its OpenAPI page says: Schemathesis asks real servers whatever the page allows, and more."""

from __future__ import annotations

import asyncio
import importlib
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from deploy.embedded.ports import free_port
from services.notifications.settings import NotificationsSettings
from services.office.settings import OfficeSettings
from shared.contracts.topics import SERVICES
from shared.declarations.service import Service
from shared.runtime.commands import facts
from shared.runtime.http import access, requests
from shared.runtime.http.server import Server
from shared.runtime.kafka.topics import apply_topics
from shared.runtime.process import Process
from tests.kit.eventually import eventually
from tests.shared.members_service import callers_file

pytestmark = [pytest.mark.infra, pytest.mark.timeout(1200)]

FEW, MANY = "1", "4"
"""Examples of each operation. Every one of them costs some ten seconds over all services."""

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.parametrize("service", SERVICES)
async def test_the_api_keeps_what_its_page_says(service: str, mongod: Mongod, kafka: Kafka, tmp_path: Path) -> None:
    await asked(service, mongod, kafka, tmp_path, "--phases", "examples,fuzzing", "--max-examples", FEW)


@pytest.mark.long
@pytest.mark.parametrize("service", SERVICES)
async def test_the_api_keeps_what_its_page_says_at_length(
    service: str, mongod: Mongod, kafka: Kafka, tmp_path: Path
) -> None:
    await asked(service, mongod, kafka, tmp_path, "--phases", "examples,fuzzing", "--max-examples", MANY)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Positions that are made up are never reached, and conferences that are made up are never established."""
    monkeypatch.setattr(requests, "SEEN_WITHIN", 0.05)
    monkeypatch.setattr(facts, "PATIENCE", 0.0)


@pytest.fixture(autouse=True)
def often_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each operation is asked with a wrong token, too: all of them by one who knows none."""
    monkeypatch.setattr(access, "WRONG_TOKENS", 1_000)


async def asked(service: str, mongod: Mongod, kafka: Kafka, folder: Path, *words: str) -> None:
    await apply_topics(kafka.access)
    declared: Service = importlib.import_module(f"services.{service}.service").SERVICE
    configuration = folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.read_text() + "".join(_tokens(declared)))
    async with serving(service, mongod, kafka, folder) as port:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
        page = f"http://127.0.0.1:{port}/openapi.json"
        more = ["--checks", "all", "--seed", "1", "--no-color", "--request-timeout", "30", *words]
        told = await asyncio.to_thread(_run, [*command, page, *more])
    assert told.returncode == 0, told.stdout + told.stderr
    assert re.search(r"\d+ passed", told.stdout), told.stdout


@asynccontextmanager
async def serving(service: str, mongod: Mongod, kafka: Kafka, folder: Path) -> AsyncIterator[int]:
    """The service's only process, listening to commands and to Kafka; its port."""
    process: Process = importlib.import_module(f"services.{service}.app").build(_settings(mongod, kafka, folder), "all")
    server = Server(process.app, "127.0.0.1", 0)
    tasks = [asyncio.create_task(process.work()), asyncio.create_task(server.serve())]
    await eventually(lambda: server.started and process.listener.connected, "it serves and listens", 30)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await process.close()


class _Settings(NotificationsSettings, OfficeSettings):
    """What any service asks for."""


def _settings(mongod: Mongod, kafka: Kafka, folder: Path) -> _Settings:
    """Nobody takes mails: none is due. Of the other services none is there."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    return _Settings(
        url_members=nowhere,
        url_meetings=nowhere,
        url_funding=nowhere,
        url_notifications=nowhere,
        mongo_uri=SecretStr(mongod.uri),
        mongo_database=f"test_{uuid4().hex[:12]}",
        kafka_bootstrap=kafka.bootstrap,
        http_port=0,
        callers_file=callers_file(folder),
        smtp_host="127.0.0.1",
        smtp_port=free_port(),
        mail_from="office@stuttgart.de",
    )


def _tokens(service: Service) -> list[str]:
    """Each operation is asked by a caller who may; a check of its own leaves the token out."""
    paths = {f"^/commands/{name}$": str(command.given_by) for name, command in service.given.items()}
    paths |= {"^/(admin|status|metrics)": "admin", "^/(?!admin|status|metrics|commands|health)": "office"}
    return [
        f"\n[[operations]]\ninclude-path-regex = '{path}'\nheaders = {{ Authorization = 'Bearer {role}' }}\n"
        for path, role in paths.items()
    ]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
