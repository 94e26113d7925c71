"""The world of most faults: one broker, one mongod, one mail sink, as `kpk up` has them, with the same rights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.guard import Guard
from deploy.embedded.kafka import Kafka
from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.mail_sink import MailSink
from deploy.embedded.mongo_guard import MongoGuard, with_key
from deploy.embedded.mongod import Mongod
from deploy.embedded.program import Program
from deploy.embedded.stack import MAIL_FROM, all_or_first_failure
from deploy.rights.mongo import worker_user
from shared.runtime.kafka.access import KafkaAccess
from tests.kit.confluent import settings_of

SESSION_SECONDS = 30
"""Not five minutes: under each fault many sessions end and are renewed."""


class SingleNodes:
    replication = 1

    def __init__(self, folder: Path) -> None:
        short = {"connections.max.reauth.ms": str(SESSION_SECONDS * 1000)}
        guard, mongo_guard = Guard(folder / "secrets" / "kafka"), MongoGuard(folder / "secrets" / "mongo")
        self.kafka = Kafka(folder / "kafka", settings=short, guard=guard)
        self.mongod = Mongod(folder / "mongod", guard=mongo_guard)
        self.mail = MailSink(folder / "mail")
        self.servers: Mapping[str, Program] = {"kafka": self.kafka, "mongod": self.mongod, "mail": self.mail}

    @property
    def access(self) -> KafkaAccess:
        return self.kafka.access

    @property
    def at(self) -> Mapping[str, str]:
        return settings_of(self.access)

    @property
    def mongo_uri(self) -> str:
        guard = self.mongod.guard
        return with_key(self.mongod.uri, guard.folder) if guard else self.mongod.uri

    @property
    def mailbox(self) -> Path:
        return self.mail.folder

    def settings(self, service: str) -> Mapping[str, str]:
        return {
            **self.of_kafka(service),
            **self.of_mongo(service),
            "KPK_SMTP_HOST": "127.0.0.1",
            "KPK_SMTP_PORT": str(self.mail.port),
            "KPK_SMTP_SECURITY": "none",
            "KPK_MAIL_FROM": MAIL_FROM,
            "KPK_MAILS_PER_PERSON_AND_DAY": "1000000",  # a year in minutes
        }

    def of_kafka(self, service: str) -> Mapping[str, str]:
        guard = self.kafka.guard
        login = guard.login(service) if guard else {}
        told = {f"KPK_KAFKA_{name.upper()}": str(value) for name, value in login.items()}
        return {**told, "KPK_KAFKA_BOOTSTRAP": self.kafka.bootstrap}

    def of_mongo(self, service: str) -> Mapping[str, str]:
        guard, user, told = self.mongod.guard, worker_user(service), {"KPK_MONGO_URI": self.mongod.uri}
        if guard is None:
            return told
        return {
            **told,
            "KPK_MONGO_USER": user,
            "KPK_MONGO_PASSWORD_FILE": str(password_file(guard.folder, user)),
        }

    async def start(self) -> None:
        await all_or_first_failure(server.start() for server in self.servers.values())

    async def stop(self) -> None:
        for name in ("mail", "kafka", "mongod"):
            await self.servers[name].stop()


def single_nodes(world: object) -> SingleNodes:
    """For faults that need one broker, one mongod, and what belongs to them."""
    assert isinstance(world, SingleNodes)
    return world
