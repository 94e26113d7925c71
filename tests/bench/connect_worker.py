"""A standalone worker of Kafka Connect 4.3.1 with one connector's jars, driven over its REST interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from deploy.embedded import parts
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program
from tests.bench.connect_jars import Jars

LOG_SETTINGS = Path(__file__).with_name("connect-log4j2.properties")

SETTINGS = """\
bootstrap.servers={bootstrap}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename={folder}/offsets
listeners=http://127.0.0.1:{port}
plugin.path={plugins}
# The sink has no service manifest.
plugin.discovery=hybrid_warn
connector.client.config.override.policy=All
"""


class Refused(Exception):
    """Kafka Connect does not do what it was asked; the message is its own."""


class Connect(Program):
    """Ready when its REST resources are in."""

    name = "connect"
    ready_within = 60.0

    def __init__(self, bootstrap: str, jars: Jars, folder: Path) -> None:
        self._bootstrap = bootstrap
        self._jars = jars
        self._folder = folder
        self._port = free_port()
        super().__init__(folder / "connect.log", [self._port])

    async def prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        told = {"bootstrap": self._bootstrap, "folder": self._folder, "port": self._port, "plugins": self._jars.plugins}
        self._settings.write_text(SETTINGS.format(**told))

    def command(self) -> Sequence[str | Path]:
        class_path = ":".join(str(jar) for jar in self._jars.runtime)
        options = ("-Xmx1g", "-Xlog:disable", "-Xlog:all=error", f"-Dlog4j2.configurationFile={LOG_SETTINGS}")
        main = ("org.apache.kafka.connect.cli.ConnectStandalone", self._settings)
        return [parts.java(), *options, "-cp", class_path, *main]

    async def is_ready(self) -> bool:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            try:
                return (await client.get(f"{self._url}/connectors")).is_success
            except httpx.TransportError:
                return False

    async def deploy(self, name: str, config: Mapping[str, str]) -> None:
        await self._asked("POST", "", {"name": name, "config": config})

    async def remove(self, name: str) -> None:
        await self._asked("DELETE", f"/{name}")

    async def halt(self, name: str) -> None:
        """Its tasks end, and what they have read is written down."""
        await self._asked("PUT", f"/{name}/stop")

    async def resume(self, name: str) -> None:
        await self._asked("PUT", f"/{name}/resume")

    async def has_tasks(self, name: str) -> bool:
        """Raises ``Refused`` when one of them has failed. Of one just made nothing is told yet."""
        answer = await self._called("GET", f"/{name}/status")
        tasks = answer.json()["tasks"] if answer.is_success else []
        if failed := [task["trace"] for task in tasks if task["state"] == "FAILED"]:
            raise Refused(failed[0][:500])
        return bool(tasks)

    async def _asked(self, method: str, path: str, body: Any = None) -> None:
        answer = await self._called(method, path, body)
        if not answer.is_success:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")

    async def _called(self, method: str, path: str, body: Any = None) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return await client.request(method, f"{self._url}/connectors{path}", json=body)

    @property
    def _settings(self) -> Path:
        return self._folder / "worker.properties"

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._port}"
