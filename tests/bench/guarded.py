"""Servers with rights: the product logs in, and what it asks for is looked up. Who measures comes by a door of their
own, as on servers without rights: so both are measured by the same means.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.guard import Guard
from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.mongo_guard import MongoGuard, with_key
from deploy.embedded.ports import free_port
from deploy.embedded.private_files import write_whole
from deploy.embedded.tokens import make_tokens
from deploy.rights.kafka import SUPER_USER
from deploy.rights.mongo_users import MECHANISM
from shared.runtime.kafka.rights import Grant, change
from shared.runtime.kafka.topics import administering, apply_topics
from shared.runtime.mongo.driver import directly
from tests.bench.servers import PatientKafka, RoomyMongod, Servers, running

USER = "members"
GROUPS = Grant(USER, "group", "p10-", "read", "prefixed")
"""A measurement is a group and a database of its own, which the table of rights does not know."""


class KafkaWithDoor(PatientKafka):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Guard(folder.with_name("kafka-secrets")))
        self.door = free_port()
        self.ports.append(self.door)

    async def prepare(self) -> None:
        await super().prepare()
        settings = self.folder / "server.properties"
        text = settings.read_text()
        told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
        door = {
            "listeners": f"{told['listeners']},DOOR://127.0.0.1:{self.door}",
            "listener.security.protocol.map": f"{told['listener.security.protocol.map']},DOOR:PLAINTEXT",
            "super.users": f"User:{SUPER_USER};User:ANONYMOUS",
        }
        settings.write_text(text + "".join(f"{name}={value}\n" for name, value in door.items()))


@dataclass(frozen=True, slots=True)
class GuardedServers(Servers):
    door: int
    mongo_secrets: Path

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.door}"

    @property
    def uri(self) -> str:
        return with_key(self.mongod.uri, self.mongo_secrets)

    @property
    def kafka_login(self) -> dict[str, str]:
        assert self.kafka.guard
        login = {name: str(value) for name, value in self.kafka.guard.login(USER).items()}
        return {"bootstrap": self.kafka.bootstrap, **login}

    @property
    def settings(self) -> dict[str, str]:
        return {
            **self.of_everybody,
            **{f"KPK_KAFKA_{name.upper()}": value for name, value in self.kafka_login.items()},
            "KPK_MONGO_URI": self.mongod.uri,
            "KPK_MONGO_USER": USER,
            "KPK_MONGO_PASSWORD_FILE": str(password_file(self.mongo_secrets, USER)),
        }


@asynccontextmanager
async def guarded_servers(folder: Path) -> AsyncIterator[GuardedServers]:
    secrets_of_mongo = folder / "mongo-secrets"
    kafka = KafkaWithDoor(folder / "kafka")
    mongod = RoomyMongod(folder / "mongod", guard=MongoGuard(secrets_of_mongo))
    ours = GuardedServers(folder, kafka, mongod, kafka.door, secrets_of_mongo)
    async with running(mongod), running(kafka):
        make_tokens(folder)
        await apply_topics(kafka.access)
        async with administering(kafka.access) as admin:
            await change(admin, [GROUPS], [])
        await _admit(ours)
        yield ours


async def _admit(ours: GuardedServers) -> None:
    """Into every database: what is measured is that the server asks, not what the answer is."""
    password, guard = secrets.token_urlsafe(32), ours.mongod.guard
    assert guard
    write_whole(password_file(ours.mongo_secrets, USER), password.encode())
    async with directly(f"127.0.0.1:{ours.mongod.port}", login=guard.own) as client:
        await client.admin.command("createUser", USER, pwd=password, roles=["root"], mechanisms=[MECHANISM])
