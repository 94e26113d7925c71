"""The servers under our services, made to be broken: three brokers, three mongods, bad lines and moods, small disks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.program import Program
from shared.runtime.kafka.access import KafkaAccess
from tests.campaign.single import SingleNodes
from tests.campaign.world.kafka_cluster import KafkaCluster
from tests.campaign.world.kafka_line import KafkaBehindLine
from tests.campaign.world.mongo_line import MongodBehindLine
from tests.campaign.world.mongo_set import MongoSet
from tests.campaign.world.proxy import Proxy
from tests.campaign.world.scripted_mail import ScriptedMail
from tests.campaign.world.small_disk import SmallDisk


class _Servers(SingleNodes):
    """Ends whatever servers it has."""

    async def stop(self) -> None:
        await asyncio.gather(*(server.stop() for server in self.servers.values()))


class ThreeBrokers(_Servers):
    """``kafka-1`` to ``kafka-3``; one mongod and a mail sink beside them."""

    replication = 3

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cluster = KafkaCluster(folder)
        self.servers: Mapping[str, Program] = {**self.cluster.nodes, "mongod": self.mongod, "mail": self.mail}

    @property
    def access(self) -> KafkaAccess:
        return KafkaAccess(self.cluster.bootstrap)

    def of_kafka(self, service: str) -> Mapping[str, str]:  # noqa: ARG002 - a cluster without rights: all are told the same
        return {"KPK_KAFKA_BOOTSTRAP": self.cluster.bootstrap}


class ThreeMongods(_Servers):
    """``mongod-1`` to ``mongod-3``; one broker and a mail sink beside them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.set = MongoSet(folder)
        self.servers: Mapping[str, Program] = {**self.set.members, "kafka": self.kafka, "mail": self.mail}

    @property
    def mongo_uri(self) -> str:
        return self.set.uri

    def of_mongo(self, service: str) -> Mapping[str, str]:  # noqa: ARG002 - a set without rights: all are told the same
        return {"KPK_MONGO_URI": self.set.uri}

    async def start(self) -> None:
        await super().start()
        await self.set.start()


class BadLines(_Servers):
    """Our services reach broker and mongod over lines that can be bad; the mail server has moods.

    Whoever looks from outside takes the straight way: ``access`` and ``mongo_uri``. Nobody logs in: some lines look
    into what goes over them for the moment at which they break.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.kafka: KafkaBehindLine = KafkaBehindLine(folder / "kafka")
        self.mongod: MongodBehindLine = MongodBehindLine(folder / "mongod")
        self.mail: ScriptedMail = ScriptedMail(folder / "mail")
        self.servers: Mapping[str, Program] = {"kafka": self.kafka, "mongod": self.mongod, "mail": self.mail}

    @property
    def lines(self) -> Mapping[str, Proxy]:
        return {"kafka": self.kafka.line, "mongod": self.mongod.line}

    def settings(self, service: str) -> Mapping[str, str]:
        far = {"KPK_MONGO_URI": self.mongod.far_uri, "KPK_KAFKA_BOOTSTRAP": self.kafka.far_bootstrap}
        return {**super().settings(service), **far}

    async def start(self) -> None:
        await super().start()
        for line in self.lines.values():
            await line.start()

    async def stop(self) -> None:
        for line in self.lines.values():
            await line.stop()
        await super().stop()


class SmallDisks(_Servers):
    """Broker and mongod have each a disk of its own for their data. Raises ``NoDisk`` where none can be had."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.disks = {
            "kafka": SmallDisk(folder / "kafka" / "data", 64),
            "mongod": SmallDisk(folder / "mongod" / "data", 512),
        }

    async def start(self) -> None:
        for disk in self.disks.values():
            disk.open()
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        for disk in self.disks.values():
            disk.close()
