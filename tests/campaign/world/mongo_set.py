"""Three real mongods that elect a primary: a majority write survives the loss of any one of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from deploy.embedded import process
from deploy.embedded.mongod import REPLICA_SET, Mongod
from deploy.embedded.ports import free_port
from shared.runtime.mongo.driver import MongoUnavailable, OperationFailure, directly
from shared.runtime.mongo.replica_set import ALREADY_INITIALIZED
from tests.kit.eventually import eventually

NODES = (1, 2, 3)
ELECTION_MILLIS = 2_000
PRIMARY_WITHIN = 60.0


class Member(Mongod):
    """Ready when it answers: which of them is primary is the set's affair, not one member's."""

    async def is_ready(self) -> bool:
        return await process.port_is_open(self.port) and await self.hello() is not None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def hello(self) -> dict[str, object] | None:
        """What it says of itself; None when it does not answer."""
        async with directly(self.address) as client:
            try:
                return dict(await client.admin.command("hello"))
            except MongoUnavailable:
                return None

    async def is_primary(self) -> bool:
        told = await self.hello() if self.is_running else None
        return bool(told and told.get("isWritablePrimary"))


class MongoSet:
    """``mongod-1`` to ``mongod-3`` in ``members``: each is a `Program`, to be killed and started on its own."""

    def __init__(self, folder: Path) -> None:
        self.members: dict[str, Member] = {}
        for node, port in zip(NODES, (free_port() for _ in NODES), strict=True):
            made = Member(folder / f"mongod-{node}", port)
            made.name = f"mongod-{node}"
            self.members[made.name] = made

    @property
    def uri(self) -> str:
        addresses = ",".join(member.address for member in self.members.values())
        return f"mongodb://{addresses}/?replicaSet={REPLICA_SET}"

    async def start(self) -> None:
        """Returns when there is a primary."""
        await asyncio.gather(*(member.start() for member in self.members.values()))
        await self._form()
        await eventually(self.primary, "one of three mongods is primary", PRIMARY_WITHIN)

    async def stop(self) -> None:
        await asyncio.gather(*(member.stop() for member in self.members.values()))

    async def primary(self) -> str | None:
        """The member that calls itself so; just after a change there may be none. Asks them all at once."""
        claims = await asyncio.gather(*(member.is_primary() for member in self.members.values()))
        return next((name for name, claim in zip(self.members, claims, strict=True) if claim), None)

    async def _form(self) -> None:
        first, *_ = self.members.values()
        async with directly(first.address) as client:
            try:
                await client.admin.command("replSetInitiate", self._config())
            except OperationFailure as failure:
                if failure.code != ALREADY_INITIALIZED:
                    raise

    def _config(self) -> dict[str, object]:
        members = [{"_id": place, "host": member.address} for place, member in enumerate(self.members.values())]
        return {"_id": REPLICA_SET, "members": members, "settings": {"electionTimeoutMillis": ELECTION_MILLIS}}
