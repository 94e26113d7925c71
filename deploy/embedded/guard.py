"""Protects an embedded broker: its listeners, its certificates, its users and their rights.

Clients log in with a password. The broker, its controller and the program that starts them authenticate by
certificates: no password gives the rights of the broker itself.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

from deploy.embedded import certificates
from deploy.embedded.data_folder import Refused
from deploy.embedded.kafka_secrets import ca_file, login
from deploy.embedded.ports import free_port
from deploy.embedded.program import StartFailed
from deploy.rights import passwords
from deploy.rights.differences import apply
from deploy.rights.kafka import SUPER_USER
from shared.runtime.access import is_loopback
from shared.runtime.kafka.access import KafkaAccess, host_of
from shared.runtime.kafka.topics import BrokerRefuses
from shared.runtime.settings import KafkaProtocol

TRY_AGAIN_SECONDS = 0.2

SESSION_MS = 5 * 60 * 1000
"""A connection has to authenticate again within this time, so a removed user is out by then."""

CONNECTIONS = 500
"""The most connections of clients. Further ones wait; the broker itself and its operator are not affected, because they
use their own listener. A whole stack has about sixty.
"""

SETTINGS = """\
listeners=CLIENT://127.0.0.1:{port},INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=CLIENT:{protocol},INTERNAL:SSL,CONTROLLER:SSL
inter.broker.listener.name=INTERNAL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
connections.max.reauth.ms={session_ms}
max.connections={connections}

ssl.keystore.type=PEM
ssl.keystore.location={broker}
ssl.truststore.type=PEM
ssl.truststore.location={ca}
listener.name.internal.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required

authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{super_user}
"""

OPEN = "listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n"
"""Everybody has all rights: for tests and measurements."""


class Guard:
    def __init__(self, folder: Path, internal_port: int | None = None, tls: bool = False) -> None:
        """``folder`` is for its secrets; with ``tls`` clients too use TLS."""
        self.folder = folder
        self.internal_port = internal_port or free_port()
        self.protocol: KafkaProtocol = "SASL_SSL" if tls else "SASL_PLAINTEXT"

    def settings(self, port: int, controller_port: int) -> str:
        return SETTINGS.format(
            port=port,
            internal=self.internal_port,
            controller=controller_port,
            protocol=self.protocol,
            session_ms=SESSION_MS,
            connections=CONNECTIONS,
            broker=self._broker,
            ca=ca_file(self.folder),
            super_user=SUPER_USER,
        )

    def prepare(self) -> None:
        """Creates passwords and certificates, once."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificates.make(ca_file(self.folder), self._broker, SUPER_USER.removeprefix("CN="))
        passwords.make(self.folder)

    @property
    def own(self) -> KafkaAccess:
        """The broker's own login, with all rights."""
        return KafkaAccess(
            f"127.0.0.1:{self.internal_port}",
            "SSL",
            ca_file=ca_file(self.folder),
            certificate_file=self._broker,
            key_file=self._broker,
        )

    def access(self, bootstrap: str, user: str) -> KafkaAccess:
        return KafkaAccess(bootstrap, **self.login(user))

    def login(self, user: str) -> dict[str, Any]:
        return login(self.folder, user, self.protocol)

    async def apply(self, within: float) -> None:
        """Sets the users' passwords to those in the folder, and all rights to those of the table.

        Raises ``StartFailed`` if the broker does not do it in time.
        """
        ends = time.monotonic() + within
        while not await self._applied():
            if time.monotonic() > ends:
                raise StartFailed("kafka's users and rights could not be set")
            await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _applied(self) -> bool:
        try:
            await apply(self.own, passwords.in_folder(self.folder))
        except BrokerRefuses:
            return False
        return True

    @property
    def _broker(self) -> Path:
        return self.folder / "broker.pem"


def must_not_be_open(settings: str) -> None:
    """Raises ``Refused`` for a listener without TLS that other machines can reach."""
    told = dict(line.split("=", 1) for line in settings.splitlines() if "=" in line and not line.startswith("#"))
    protocols = dict(pair.split(":") for pair in told.get("listener.security.protocol.map", "").split(",") if pair)
    for listener in told["listeners"].split(","):
        name, _, address = listener.partition("://")
        if not is_loopback(host_of(address)) and not protocols.get(name, name).endswith("SSL"):
            raise Refused(f"kafka would listen at {address} without TLS: only 127.0.0.1 may be without")
