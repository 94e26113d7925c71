"""The world of most faults: one broker, one mongod, one mail sink, as `kpk up` has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.kafka import Kafka
from deploy.embedded.mail_sink import MailSink
from deploy.embedded.mongod import Mongod
from deploy.embedded.program import Program
from deploy.embedded.stack import MAIL_FROM, all_or_first_failure


class SingleNodes:
    replication = 1

    def __init__(self, folder: Path) -> None:
        self.kafka = Kafka(folder / "kafka")
        self.mongod = Mongod(folder / "mongod")
        self.mail = MailSink(folder / "mail")
        self.servers: Mapping[str, Program] = {"kafka": self.kafka, "mongod": self.mongod, "mail": self.mail}

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap

    @property
    def mongo_uri(self) -> str:
        return self.mongod.uri

    @property
    def mailbox(self) -> Path:
        return self.mail.folder

    def settings(self, service: str) -> Mapping[str, str]:  # noqa: ARG002 - all are told the same here
        return {
            "KPK_MONGO_URI": self.mongo_uri,
            "KPK_KAFKA_BOOTSTRAP": self.bootstrap,
            "KPK_SMTP_HOST": "127.0.0.1",
            "KPK_SMTP_PORT": str(self.mail.port),
            "KPK_SMTP_SECURITY": "none",
            "KPK_MAIL_FROM": MAIL_FROM,
        }

    async def start(self) -> None:
        await all_or_first_failure(server.start() for server in self.servers.values())

    async def stop(self) -> None:
        for name in ("mail", "kafka", "mongod"):
            await self.servers[name].stop()
