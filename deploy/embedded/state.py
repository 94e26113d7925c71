"""The processes on a data folder, written down before anything else happens: enough to stop them after any crash."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from deploy.embedded import process
from deploy.embedded.kafka_secrets import ADMIN, login, password_file
from deploy.embedded.private_files import write_private
from deploy.embedded.process import Identity
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.mongo.access import signed_in
from shared.runtime.settings import KafkaProtocol

SUPERVISOR = "supervisor"
# The order of ending: a program ends before the server that it uses.
SERVERS = ("mail", "kafka", "mongod")


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    name: str
    pid: int
    started: str
    ports: list[int]
    log: str

    @property
    def identity(self) -> Identity:
        return Identity(self.pid, self.started)

    @property
    def is_alive(self) -> bool:
        return process.is_alive(self.identity)

    @property
    def is_service(self) -> bool:
        return self.name not in (SUPERVISOR, *SERVERS)


class Where(Protocol):
    """What a tool needs from an installation: the services' base URLs, the servers, and a caller's token."""

    @property
    def services(self) -> Mapping[str, str]: ...
    @property
    def kafka(self) -> KafkaAccess: ...
    def mongo_as(self, user: str) -> str: ...
    @property
    def tokens_file(self) -> str: ...


@dataclass(frozen=True, slots=True)
class State:
    """The state of the embedded stack, as started."""

    data: str
    mongo_uri: str
    kafka_bootstrap: str
    smtp_port: int
    mail_folder: str
    tokens_file: str
    services: dict[str, str]
    clock: str = "system"
    kafka_protocol: KafkaProtocol = "PLAINTEXT"
    kafka_secrets: str | None = None
    """The folder of its users' passwords; None if everybody has all rights."""
    mongo_secrets: str | None = None
    """As ``kafka_secrets``."""
    processes: list[ProcessRecord] = field(default_factory=list)

    def mongo_as(self, user: str) -> str:
        """Its address with a user's login, for the driver alone."""
        if self.mongo_secrets is None:
            return self.mongo_uri
        return signed_in(self.mongo_uri, user, password_file(Path(self.mongo_secrets), user))

    @property
    def kafka(self) -> KafkaAccess:
        return KafkaAccess(self.kafka_bootstrap, **self.kafka_login)

    @property
    def kafka_has_tls(self) -> bool:
        return self.kafka_protocol == "SASL_SSL"

    @property
    def kafka_login(self) -> dict[str, Any]:
        return login(Path(self.kafka_secrets), ADMIN, self.kafka_protocol) if self.kafka_secrets else {}

    @property
    def alive(self) -> list[ProcessRecord]:
        return [record for record in self.processes if record.is_alive]

    def find(self, name: str) -> ProcessRecord | None:
        return next((record for record in self.processes if record.name == name), None)

    def having(self, record: ProcessRecord) -> "State":
        """A process that was restarted replaces its old entry."""
        others = [other for other in self.processes if other.name != record.name]
        return replace(self, processes=[*others, record])

    def lacking(self, name: str) -> "State":
        return replace(self, processes=[record for record in self.processes if record.name != name])


def state_file(data: Path) -> Path:
    return data / "state.json"


def read_state(data: Path) -> State | None:
    try:
        told: dict[str, Any] = json.loads(state_file(data).read_text())
    except FileNotFoundError:
        return None
    processes = [ProcessRecord(**row) for row in told.pop("processes")]
    return State(**told, processes=processes)


def write_state(state: State) -> None:
    write_private(state_file(Path(state.data)), asdict(state))


def forget_state(data: Path) -> None:
    state_file(data).unlink(missing_ok=True)
