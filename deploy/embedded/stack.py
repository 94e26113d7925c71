"""The whole installation on one machine: starts and stops Kafka, mongod, a mail sink and our services in order.

Each process is in the state file before anybody waits for it, so that `kpk down` finds it after any crash.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path

from deploy.embedded import data_folder, process
from deploy.embedded.ending import Say, end_all
from deploy.embedded.guard import Guard
from deploy.embedded.kafka import Kafka
from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.mail_sink import MailSink
from deploy.embedded.mongo_guard import MongoGuard
from deploy.embedded.mongod import Mongod
from deploy.embedded.private_files import link_keys_file, make_link_keys
from deploy.embedded.program import Program, StartFailed
from deploy.embedded.service import SERVICES, Service, ServiceDescription
from deploy.embedded.state import SUPERVISOR, ProcessRecord, State, forget_state, read_state, write_state
from deploy.embedded.tokens import callers_file, make_tokens, tokens_file
from deploy.rights.mongo import worker_user
from shared.contracts.topics import SERVICES as SERVICE_NAMES
from shared.runtime.kafka import topics as kafka_admin
from shared.runtime.kafka.access import KafkaAccess

MAIL_FROM = "pflegekonferenz@stuttgart.example.org"
OFFICE_PHONE = "030 23125-100"
OFFICE_MAILBOX = "office-mailbox"
"""From the numbers reserved for fiction: no letter of the demo has a real person's number."""

TOPICS_AGAIN = 1.0
SERVER_PORTS = ["kafka", "kafka-controller", "kafka-internal", "mongod", "mail"]

ApplyTopics = Callable[[KafkaAccess], Awaitable[object]]


async def apply_topics(kafka: KafkaAccess) -> None:
    await kafka_admin.apply_topics(kafka)


class Stack:
    def __init__(
        self,
        data: Path,
        services: Sequence[ServiceDescription] = SERVICES,
        settable_clock: bool = False,
        ports: Mapping[str, int] | None = None,
        topics: ApplyTopics = apply_topics,
        say: Say = print,
        joining: State | None = None,
        tls: bool = False,
    ) -> None:
        """The folder has to be claimed (`data_folder.claim`). `ports` by name; the others are free ones.

        ``joining`` is the state of a stack that runs there: this object then has its processes and ports. With ``tls``
        clients use TLS to Kafka, although it listens only on loopback.
        """
        self.data = data.resolve()
        self.say = say
        self.topics = topics
        self.clock = "settable" if settable_clock else "system"
        names = [*SERVER_PORTS, *(service.name for service in services)]
        self.ports = (
            data_folder.ports_in_use(self.data) if joining else data_folder.settled_ports(self.data, ports or {}, names)
        )
        self.guard = Guard(self.data / "secrets" / "kafka", self.ports["kafka-internal"], tls)
        self.kafka = Kafka(self.data / "kafka", self.ports["kafka"], self.ports["kafka-controller"], guard=self.guard)
        self.mongo_secrets = self.data / "secrets" / "mongo"
        self.mongod = Mongod(self.data / "mongod", self.ports["mongod"], guard=MongoGuard(self.mongo_secrets))
        self.mail = MailSink(self.data / "mail", self.ports["mail"])
        self.services = [self._service(description) for description in services]
        self.state = joining or self._state()
        for program in self.programs:
            program.on_launch = self._noting(program)
            program.on_waiting = self._waiting(program)
            if record := self.state.find(program.name):
                program.identity = record.identity

    @property
    def programs(self) -> list[Program]:
        return [self.mongod, self.kafka, self.mail, *self.services]

    async def start(self) -> None:
        """Returns when every service is ready; otherwise nothing stays running."""
        make_tokens(self.data)
        make_link_keys(link_keys_file(self.data))
        write_state(self.state.having(own_record()))
        try:
            await self._start_all()
        except BaseException:
            await self.stop()
            raise

    async def start_again(self, name: str) -> bool:
        """Restarts one dead process; False if it runs. Raises ``Refused``."""
        known = {program.name: program for program in self.programs}
        if name not in known:
            raise data_folder.Refused(f"there is no {name} in this stack: name one of {', '.join(known)}")
        if known[name].is_running:
            return False
        make_link_keys(link_keys_file(self.data))
        await self._bring_up(known[name])
        return True

    async def stop(self) -> None:
        """Also processes that another command has restarted. One that does not end stays in the state file."""
        left = await end_all(read_state(self.data) or self.state, self.say)
        for program in self.programs:
            if program.name not in left:
                await program.stop()
        if not left:
            forget_state(self.data)

    def leave(self) -> None:
        """Stops watching: the processes stay, and the state file tells `kpk down` about them."""
        with data_folder.noting(self.data):
            self.state = (read_state(self.data) or self.state).lacking(SUPERVISOR)
            write_state(self.state)

    async def _start_all(self) -> None:
        await all_or_first_failure(self._bring_up(server) for server in (self.mongod, self.kafka, self.mail))
        await self._apply_topics()
        await all_or_first_failure(self._bring_up(service) for service in self.services)

    async def _apply_topics(self) -> None:
        """A running broker may need long for it on a busy machine; each try continues where the last one ended."""
        began = time.monotonic()
        while True:
            try:
                await self.topics(self.kafka.access)
                break
            except kafka_admin.BrokerRefuses as refusal:
                if not self.kafka.is_running or time.monotonic() - began > self.kafka.ready_within:
                    raise StartFailed(f"the topics cannot be applied: {refusal}. See {self.kafka.log}") from None
                self.say(f"the topics are not there yet ({refusal})")
            await asyncio.sleep(TOPICS_AGAIN)
        self.say("topics applied")

    async def _bring_up(self, program: Program) -> None:
        began = time.monotonic()
        await program.start()
        self.say(f"{program.name} ready at 127.0.0.1:{program.ports[0]} ({time.monotonic() - began:.1f} s)")

    def _service(self, description: ServiceDescription) -> Service:
        mail = self._mail_settings() if description.sends_mail else {}
        others = self._addresses() if description.calls_others else {}
        links = self._link_settings() if description.has_links else {}
        log = self.data / "logs" / f"{description.name}.log"
        logins = {**self._kafka_login(description.name), **self._mongo_login(description.name)}
        settings = {**self._settings(), **logins, **mail, **others, **links}
        return Service(description, settings, log, self.ports[description.name])

    def _mongo_login(self, service: str) -> dict[str, str]:
        """One process of each service does everything, as its worker. Other programs have no user."""
        user = worker_user(service)
        if service not in SERVICE_NAMES:
            return {}
        file = password_file(self.mongo_secrets, user)
        return {"KPK_MONGO_USER": user, "KPK_MONGO_PASSWORD_FILE": str(file)}

    def _settings(self) -> dict[str, str]:
        return {
            "KPK_MONGO_URI": self.mongod.uri,
            "KPK_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "KPK_CALLERS_FILE": str(callers_file(self.data)),
            "KPK_CLOCK": self.clock,
            "KPK_DISK_FOLDER": str(self.data),
            "KPK_LOG_FORMAT": "json",
            "KPK_LOG_LEVEL": os.environ.get("KPK_LOG_LEVEL", "info"),
        }

    def _kafka_login(self, service: str) -> dict[str, str]:
        return {f"KPK_KAFKA_{name.upper()}": str(value) for name, value in self.guard.login(service).items()}

    def _addresses(self) -> dict[str, str]:
        names = set(SERVICE_NAMES) & self.ports.keys() - {"office"}
        return {f"KPK_URL_{name.upper()}": f"http://127.0.0.1:{self.ports[name]}" for name in names}

    def _link_settings(self) -> dict[str, str]:
        return {
            "KPK_ANSWERS_URL": f"http://127.0.0.1:{self.ports['meetings']}/answers",
            "KPK_ANSWERS_KEYS_FILE": str(link_keys_file(self.data)),
        }

    def _mail_settings(self) -> dict[str, str]:
        return {
            "KPK_SMTP_HOST": "127.0.0.1",
            "KPK_SMTP_PORT": str(self.mail.port),
            "KPK_SMTP_SECURITY": "none",
            "KPK_MAIL_FROM": MAIL_FROM,
            "KPK_OFFICE_PHONE": OFFICE_PHONE,
            "KPK_OFFICE_MAILDIR": str(self._office_mailbox()),
        }

    def _office_mailbox(self) -> Path:
        """Empty at first: the sink only accepts what is sent, and nobody answers."""
        mailbox = self.data / OFFICE_MAILBOX
        for folder in ("cur", "new", "tmp"):
            (mailbox / folder).mkdir(parents=True, exist_ok=True)
        return mailbox

    def _state(self) -> State:
        return State(
            data=str(self.data),
            mongo_uri=self.mongod.uri,
            mongo_secrets=str(self.mongo_secrets),
            kafka_bootstrap=self.kafka.bootstrap,
            smtp_port=self.mail.port,
            mail_folder=str(self.mail.folder),
            tokens_file=str(tokens_file(self.data)),
            services={service.name: service.url for service in self.services},
            clock=self.clock,
            kafka_protocol=self.guard.protocol,
            kafka_secrets=str(self.guard.folder),
        )

    def _noting(self, program: Program) -> Callable[[], None]:
        return lambda: self._note(record_of(program))

    def _waiting(self, program: Program) -> Callable[[float], None]:
        return lambda seconds: self.say(f"{program.name} is still starting ({seconds:.0f} s)")

    def _note(self, record: ProcessRecord) -> None:
        with data_folder.noting(self.data):
            self.state = (read_state(self.data) or self.state).having(record)
            write_state(self.state)


def record_of(program: Program) -> ProcessRecord:
    who = program.identity
    assert who
    return ProcessRecord(program.name, who.pid, who.started, program.ports, str(program.log))


def own_record() -> ProcessRecord:
    who = process.identity(os.getpid())
    assert who
    return ProcessRecord(SUPERVISOR, who.pid, who.started, [], "")


async def all_or_first_failure(starts: Iterable[Coroutine[None, None, None]]) -> None:
    """One failure cancels the others, and is raised unchanged."""
    try:
        async with asyncio.TaskGroup() as group:
            for start in starts:
                group.create_task(start)
    except* Exception as failures:  # noqa: BLE001 - the first one is raised again
        raise failures.exceptions[0] from None
