"""The members service on a database of its own, while Kafka is down: its app, and who may call it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from deploy.embedded.ports import free_port
from services.members.app import build
from services.members.domain.conference import EstablishConference
from shared.runtime.commands.execute import Request
from shared.runtime.process import Process
from shared.runtime.settings import ServiceSettings
from tests.kit.when import edge

ROLES = {"office": "office", "office-2": "office", "approver": "approver", "admin": "admin", "monitor": "monitor"}


ESTABLISHED = {"name": "Pflegekonferenz", "reference": "GRDrs", "office": "Amt", "committee": "Ausschuss"}


class Service:
    """The members service on one database; ``restart`` is a new process on it."""

    def __init__(self, mongo_uri: str, folder: Path, clock: Literal["system", "settable"]) -> None:
        self._settings = ServiceSettings(
            mongo_uri=SecretStr(mongo_uri),
            mongo_database=f"test_{uuid4().hex[:12]}",
            kafka_bootstrap=f"127.0.0.1:{free_port()}",
            http_port=0,
            callers_file=callers_file(folder),
            clock=clock,
        )
        self._open()

    def _open(self) -> None:
        self.process: Process = build(self._settings, "api")
        self.app: FastAPI = self.process.app
        transport = ASGITransport(self.app, raise_app_exceptions=False)
        self._client = AsyncClient(transport=transport, base_url="http://members")

    async def prepare(self) -> Service:
        await self.process.prepare()
        command = EstablishConference.model_validate(edge(**ESTABLISHED, by="test"))
        await self.process.executor.execute(command, Request("test:established"))
        return self

    async def restart(self) -> None:
        await self.close()
        self._open()
        await self.prepare()

    async def close(self) -> None:
        await self._client.aclose()
        await self.process.close()

    async def ask(self, path: str, caller: str | None = "office", method: str = "GET", **more: Any) -> Response:
        headers = {**bearer(caller), **more.pop("headers", {})}
        return await self._client.request(method, path, headers=headers, **more)

    async def give(
        self,
        body: Mapping[str, object] | bytes,
        command: str = "OpenSeatGroup",
        caller: str | None = "office",
        key: str | None = None,
        **headers: str,
    ) -> Response:
        """``headers`` are written with underscores; one that is empty is left out."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        told = {"content-type": "application/json", "idempotency-key": key or uuid4().hex, **named}
        sent = {name: value for name, value in told.items() if value}
        return await self.ask(f"/commands/{command}", caller, "POST", content=content, headers=sent)

    async def set_clock(self, moment: str, caller: str = "admin") -> Response:
        return await self.ask("/admin/clock", caller, "PUT", json={"now": moment})

    async def events(self) -> int:
        """Since the conference was established."""
        return await self.process.journal.size() - 1


def callers_file(folder: Path) -> Path:
    file = folder / "callers.json"
    accounts = [
        {"name": name, "role": role, "sha256": hashlib.sha256(name.encode()).hexdigest()}
        for name, role in ROLES.items()
    ]
    file.write_text(json.dumps(accounts))
    return file


def bearer(caller: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {caller}"} if caller else {}
